"""The ``####`` pattern of a published sequence is the name that its files have, whatever the path templates say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from done_jobs import done_job, job_spec, output_spec
from sqlalchemy import select

from shotmill.pipeline.media import find_medium
from shotmill.pipeline.paths import BUILT_IN
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import path_of
from shotmill.schema.address import Address
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec
from shotmill.schema.tables import Representation

NAMES = {
    "{entity}_v{version:03}.{frame:04}.{ext}": ("sh010_v001.####.bin", 4),
    "{entity}_v{version:03}.{frame:06}.{ext}": ("sh010_v001.######.bin", 6),
    "{entity}_v{version:03}.{frame:03}.{ext}": ("sh010_v001.###.bin", 3),
    "{entity}_v{version:03}.{frame}.{ext}": ("sh010_v001.#.bin", 1),
    "{frame:05}_v{version:03}.{ext}": ("#####_v001.bin", 5),
}


class Studio:
    """A studio with path templates of its own."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self.settings, self.database, self.folder = settings, database, folder

    def name_frames(self, template: str) -> None:
        own = self.folder / "paths.toml"
        own.write_text(re.sub(r"(?m)^frame = .*$", lambda _: f'frame = "{template}"', BUILT_IN.read_text()))
        self.settings = self.settings.model_copy(update={"paths": str(own)})

    def publish(self, spec: JobSpec) -> Path:
        report = run_publish(done_job(self.folder / "job", spec), spec, self.settings, self.database)
        return Path(report.versions[0].folder)

    def pattern(self) -> tuple[str, int]:
        """As the database has it."""
        with self.database.read() as connection:
            return tuple(connection.execute(select(Representation.pattern, Representation.padding)).one())  # type: ignore[return-value]


@pytest.fixture
def studio(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Studio:
    return Studio(settings, sqlite_database, tmp_path)


@pytest.mark.parametrize("template", NAMES)
@pytest.mark.parametrize("frames", ["1001-1003", "1001", "-3--1", "998-1002"])
def test_a_pattern_finds_the_files_it_stands_for(template: str, frames: str, studio: Studio) -> None:
    studio.name_frames(template)
    folder = studio.publish(job_spec(output_spec(frames=frames)))
    assert studio.pattern() == NAMES[template]
    medium = find_medium(str(folder / studio.pattern()[0]))
    assert medium.frames == FrameSet.parse(frames)


@pytest.mark.parametrize("product", ["comp", "one1001", "a0001.b0001"])
def test_one_file_is_its_own_pattern_even_when_it_shows_a_frame(product: str, studio: Studio) -> None:
    spec = job_spec(output_spec(frames=None, product=product))
    files: dict[int | None, bytes] = {1001: b"still"}
    report = run_publish(done_job(studio.folder / "job", spec, files), spec, studio.settings, studio.database)
    assert studio.pattern() == (f"sh010_{product}_v001.bin", 0)
    assert (Path(report.versions[0].folder) / studio.pattern()[0]).read_bytes() == b"still"


def test_the_manifest_and_the_address_give_the_same_pattern(studio: Studio) -> None:
    studio.name_frames("{product}.{frame:06}.{ext}")
    folder = studio.publish(job_spec(output_spec(frames="-3--1")))
    [form] = json.loads((folder / "manifest.json").read_text())["representations"]
    assert (form["pattern"], form["padding"]) == ("comp.######.bin", 6)
    address = Address.parse("sq010/sh010/comp@v001", project="demo")
    found = path_of(studio.database, address, projects=studio.settings.projects_folder, representation="bin")
    assert found == folder / "comp.######.bin"
    assert (folder / "comp.-000003.bin").is_file()
