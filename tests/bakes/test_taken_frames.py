"""A bake of a longer shot takes the frames that its newest version has, and bakes the others alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shows import Show

from shotmill.farm_plugins.inputs import job_key
from shotmill.farm_plugins.submission import SubmitRequest, plan, submit
from shotmill.farm_plugins.taking import told_taken
from shotmill.jobs import find_job_type
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.images import write_image
from shotmill.pipeline.publish.register import read_manifest
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import VersionRow, versions_of_job

WORDS = {"colourspace": "sRGB - Texture", "space": "ACEScg", "format": "exr"}


class Bakes(Show):
    """A show with one plate, which grows."""

    def shoot(self, first: int, last: int, *, brighter: int = 0) -> None:
        (self.folder / "plate").mkdir(exist_ok=True)
        for frame in range(first, last + 1):
            pixels = np.full((36, 64, 3), frame % 100 + brighter, np.uint8)
            write_image(self.folder / "plate" / f"plate.{frame}.png", pixels)

    def asked(self, *, force: bool = False, **params: Any) -> SubmitRequest:
        plates = [str(self.folder / "plate" / "plate.####.png")]
        return SubmitRequest("ocio_bake", plates=plates, params={**WORDS, **params}, project="show", force=force)

    def taken(self, **asked: Any) -> list[str]:
        spec = plan(self.asked(**asked), self.settings, self.database).spec
        return [f"{one.frames} of {one.address}" for one in spec.taken]

    def bake(self, **asked: Any) -> tuple[VersionRow, list[str], list[str]]:
        """The version, what the submitter was told, and what its tasks noted."""
        made = submit(self.asked(**asked), settings=self.settings, database=self.database, engine=self.engine)
        self.engine.run(made.job.id)
        [version] = versions_of_job(self.database, made.job.id)
        receipts = read_receipts(JobFolder(Path(made.job.folder)), "bake")
        return version, list(made.warnings), [note for receipt in receipts for note in receipt.notes]

    def frames(self, version: VersionRow) -> dict[int | None, bytes]:
        [form] = read_manifest(self.of(version)).representations
        return {file.frame: (self.of(version) / file.path).read_bytes() for file in form.files}

    def of(self, version: VersionRow) -> Path:
        return self.settings.projects_folder / version.project / version.folder


@pytest.fixture
def show(tmp_path: Path, settings: Settings, sqlite_database: Database) -> Bakes:
    made = Bakes(tmp_path, settings, sqlite_database)
    made.shoot(1005, 1010)
    return made


def test_a_longer_head_is_baked_alone_and_the_version_is_whole(show: Bakes) -> None:
    first, *_words = show.bake()
    show.shoot(1001, 1004)
    second, told, noted = show.bake()
    assert told == [
        f"frames 1005-1010 are taken from {first.address}, as nothing of them is another; 4 are made",
    ]
    assert noted == [f"plate: frames 1005-1010 are those of {first.address}"]
    anew, _told, none = show.bake(force=True)
    assert (second.number, anew.number, none) == (2, 3, [])
    assert show.frames(second) == show.frames(anew)
    assert sorted(show.frames(second)) == list(range(1001, 1011))  # type: ignore[type-var]


def test_the_same_frames_in_other_chunks_are_the_same_job(show: Bakes) -> None:
    jobs = [plan(show.asked(chunk_frames=chunk), show.settings).spec for chunk in (1, 3, 10)]
    assert [len(list(job.steps[0].chunks())) for job in jobs] == [6, 2, 1]
    assert len({job.key for job in jobs}) == 1


def test_a_job_that_says_nothing_of_chunks_keeps_the_key_that_it_always_had(show: Bakes) -> None:
    params = plan(show.asked(), show.settings).spec.params
    job_type = find_job_type("ocio_bake")
    always = job_key(replace(job_type, frame_by_frame=None), params, (), None)
    assert job_key(job_type, params, (), None) == always
    assert job_key(job_type, {**params, "chunk_frames": 3}, (), None) == always


def test_of_many_shots_it_is_told_how_many_they_are(show: Bakes) -> None:
    show.bake()
    show.shoot(1011, 1011)
    spec = plan(show.asked(), show.settings, show.database).spec
    told = told_taken(spec.model_copy(update={"taken": spec.taken * 4}))
    assert list(told) == ["24 frames of 4 shots are taken from their newest versions; 4 are made"]


def test_frames_of_which_anything_is_another_are_not_taken(show: Bakes) -> None:
    show.bake()
    show.shoot(1011, 1012)
    assert [one.split()[0] for one in show.taken(chunk_frames=2)] == ["1005-1010"]
    assert show.taken(force=True) == []
    for other in ({"space": "ACEScct"}, {"depth": "float"}, {"format": "tif"}, {"colourspace": "ACEScg"}):
        assert show.taken(**other) == [], other
    show.shoot(1007, 1007, brighter=1)
    assert show.taken() == []
    show.shoot(1007, 1007)
    assert len(show.taken()) == 1
    (show.folder / "plate" / "plate.1005.png").unlink()
    assert show.taken() == []


def test_a_frame_that_is_not_as_it_was_published_is_baked(show: Bakes) -> None:
    first, *_words = show.bake()
    whole = show.frames(first)
    file = next(one for one in show.of(first).iterdir() if "1007" in one.name)
    file.chmod(0o600)
    file.write_bytes(b"damaged")
    show.shoot(1011, 1011)
    second, _told, noted = show.bake()
    assert noted == [f"plate: frames 1005-1006,1008-1010 are those of {first.address}"]
    assert {**show.frames(second), 1011: None} == {**whole, 1011: None}
    for gone in show.of(first).iterdir():
        gone.unlink()
    show.shoot(1012, 1012)
    assert len(show.taken()) == 1  # of the second
