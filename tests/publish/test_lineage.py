"""What a version says it was made from: its own plate, and the versions that its plate belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shows import Show

from shotmill.farm_plugins.submission import SubmitRequest, submit
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import lineage, made_from, versions_of_job
from shotmill.pipeline.store.migrate import ensure_schema
from shotmill.pipeline.store.origins import versions_of_files


@pytest.fixture
def show(tmp_path: Path, settings: Settings) -> Iterator[Show]:
    database = Database(settings.database_url)
    ensure_schema(database)
    yield Show(tmp_path, settings, database)
    database.dispose()


def inputs(show: Show, version: Any) -> list[str]:
    return [mark["path"] for mark in made_from(show.database, version.id)["inputs"]]


def test_each_version_of_a_job_knows_its_own_plate(show: Show) -> None:
    plates = {name: show.plate(name) for name in ("forest", "sea", "town")}
    for version in show.run("thumbnail", *plates.values()):
        plate = plates[version.entity.removeprefix("plate/")]
        assert inputs(show, version) == [str(plate)]
        assert [clip["media"] for clip in made_from(show.database, version.id)["params"]["clips"]] == [str(plate)]


def test_a_sheet_knows_all_its_plates(show: Show) -> None:
    plates = [show.plate(name) for name in ("forest", "sea")]
    [sheet] = show.run("contactsheet", *plates)
    assert inputs(show, sheet) == [str(plate) for plate in plates]


def test_a_version_of_a_published_plate_is_linked_to_it(show: Show) -> None:
    [source] = show.run("publish", show.plate("forest"), product="comp")
    [file] = (show.settings.projects_folder / source.project / source.folder).glob("*.png")
    [thumbnail] = show.run("thumbnail", file)
    assert [link.version.address for link in lineage(show.database, thumbnail.id)] == [source.address]
    assert made_from(show.database, thumbnail.id)["sources"] == [str(source.id)]


def test_files_of_no_version_have_none(show: Show) -> None:
    [source] = show.run("publish", show.plate("forest"), product="comp")
    projects = show.settings.projects_folder
    folder = projects / source.project / source.folder
    asked = [show.folder / "forest.png", projects, projects / "nobody" / "x.png", folder.parent / "x.png"]
    assert versions_of_files(show.database, projects, asked) == []
    assert versions_of_files(show.database, projects, [folder / "a.png", folder / "b" / "c.png"]) == [source.id]


def test_shots_of_one_plate_know_their_own_frames(show: Show) -> None:
    for frame in (1, 2, 3):
        show.plate(f"sea.{frame:04d}")
    media = str(show.folder / "sea.####.png")
    clips = [{"name": name, "media": media, "frames": frames} for name, frames in (("head", "1"), ("tail", "2-3"))]
    request = SubmitRequest("thumbnail", params={"clips": clips}, project="show")
    made = submit(request, settings=show.settings, database=show.database, engine=show.engine)
    show.engine.run(made.job.id)
    marks = [made_from(show.database, one.id)["inputs"] for one in versions_of_job(show.database, made.job.id)]
    assert sorted(mark["files"] for [mark] in marks) == [1, 2]
