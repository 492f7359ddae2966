"""What a publish leaves on a ShotGrid site: on Mockgun, through the tracker's own code."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from letters import noted_letter, publication, published_letter, reviewed_letter, sequence, still
from shotgrid_production import ID_FIELD, SITE, counts, production, rows
from shotgun_api3.lib.mockgun import Shotgun as Mockgun

from shotmill.pipeline.outbox.letter import FactKind, Publication, PublishedForm, Source
from shotmill.pipeline.trackers.shotgrid import ShotGrid, ShotGridSection
from shotmill.pipeline.trackers.shotgrid.client import Translator
from shotmill.pipeline.trackers.shotgrid.site import Site
from shotmill.schema.errors import TargetRefusedError
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import EntityKind, EntityRef


@pytest.fixture
def base(tmp_path: Path) -> Mockgun:
    return production(tmp_path)


def tracker(base: Mockgun, **settings: Any) -> ShotGrid:
    section = ShotGridSection(server=SITE, script="shotmill", key="env:KEY", **settings)
    return ShotGrid("shotgrid", section, Site(base, SITE, Translator(SITE)))


def told(folder: Path, **more: Any) -> Publication:
    return publication(still(folder), sequence(folder), **more)


def movie(folder: Path) -> PublishedForm:
    file = folder / "sh010_thumbnail_v001.mp4"
    file.write_bytes(b"frames")
    one = still(folder)
    return PublishedForm("mp4", file.name, folder, (file,), None, None, 6, None, None, None, None, one.facts)


def test_publish_fact_16_a_version_with_its_files_links_and_task_status_is_told_once(
    base: Mockgun, tmp_path: Path
) -> None:
    first = told(tmp_path, task="comp")
    kept: list[str] = []
    number = tracker(base).ensure(published_letter(first, "shotgrid", keep=kept.append))
    second = told(tmp_path, task="comp", number=2, sources=(Source(first.id, first.address, number),))
    tracker(base).ensure(published_letter(second, "shotgrid"))
    once = counts(base)

    tracker(base).ensure(published_letter(first, "shotgrid", attempts=1, remote_id=number))
    tracker(base).ensure(published_letter(second, "shotgrid", attempts=1))

    assert counts(base) == once
    assert (once["Version"], once["PublishedFile"], kept) == (2, 4, ["1"])
    files = rows(base, "PublishedFile")
    assert [len(file["upstream_published_files"]) for file in files] == [0, 0, 2, 2]
    assert {file["version"]["id"] for file in files} == {1, 2}
    assert rows(base, "Task")[0]["sg_status_list"] == "rev"


def test_a_version_says_whose_it_is_and_where_its_frames_are(base: Mockgun, tmp_path: Path) -> None:
    one = told(tmp_path, task="comp")
    tracker(base).ensure(published_letter(one, "shotgrid"))

    version = rows(base, "Version")[0]

    assert version[ID_FIELD] == str(one.id)
    assert (version["code"], version["description"]) == ("sh010_thumbnail_v001", "first look")
    assert (version["entity"]["type"], version["sg_task"]["id"], version["user"]["id"]) == ("Shot", 1, 1)
    assert version["sg_path_to_frames"] == str(tmp_path / "sh010_plate_v001.####.exr")
    assert (version["sg_first_frame"], version["sg_last_frame"]) == (1001, 1003)
    assert (version["frame_range"], version["frame_count"], version["sg_status_list"]) == ("1001-1003", 3, "rev")


def test_each_representation_is_a_published_file_of_its_type(base: Mockgun, tmp_path: Path) -> None:
    one = told(tmp_path)
    tracker(base).ensure(published_letter(one, "shotgrid"))

    files = {row["code"]: row for row in rows(base, "PublishedFile")}
    types = {row["id"]: row["code"] for row in rows(base, "PublishedFileType")}
    exr = files["sh010_plate_v001.####.exr"]

    assert exr["path"]["local_path"] == str(tmp_path / "sh010_plate_v001.####.exr")
    assert (exr["version_number"], exr["name"], exr[ID_FIELD]) == (1, "sh010_thumbnail_exr", f"{one.id}/exr")
    assert types[exr["published_file_type"]["id"]] == "Rendered Image"
    assert types[files["sh010_thumbnail_v001.png"]["published_file_type"]["id"]] == "Image"


def test_the_movie_is_uploaded_and_else_the_picture(base: Mockgun, tmp_path: Path) -> None:
    tracker(base).ensure(published_letter(told(tmp_path), "shotgrid"))
    with_movie = publication(still(tmp_path), movie(tmp_path), number=2)
    tracker(base).ensure(published_letter(with_movie, "shotgrid"))

    pictured, played = rows(base, "Version")

    assert pictured["image"]
    assert pictured["sg_uploaded_movie"] is None
    assert played["sg_uploaded_movie"]["name"] == "sh010_thumbnail_v001.mp4"
    assert played["sg_path_to_movie"] == str(tmp_path / "sh010_thumbnail_v001.mp4")


def test_somebody_whom_the_site_does_not_know_stands_in_the_description(base: Mockgun, tmp_path: Path) -> None:
    unknown = told(tmp_path)
    stranger = Publication(**{**fields(unknown), "author": "zoe", "holes": FrameSet.parse("1002")})
    tracker(base).ensure(published_letter(stranger, "shotgrid"))

    version = rows(base, "Version")[0]

    assert version["user"] is None
    assert version["description"] == "first look\nby zoe\nmissing frames: 1002"


def fields(one: Publication) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}


def test_what_a_pull_has_said_is_not_asked_again(base: Mockgun, tmp_path: Path) -> None:
    elsewhere = EntityRef(kind=EntityKind.SHOT, project="renamed", parent="sq010", name="renamed")
    remote = {"project": "1", "entity": "1", "task": "2", "author": "1"}
    tracker(base).ensure(published_letter(told(tmp_path, entity=elsewhere, remote=remote), "shotgrid"))

    version = rows(base, "Version")[0]

    assert (version["project"]["id"], version["entity"]["id"], version["sg_task"]["id"]) == (1, 1, 2)


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        pytest.param(("shot", "sq010", "sh999"), "has no shot sq010/sh999 in project demo", id="shot"),
        pytest.param(("shot", "sq999", "sh010"), "has no shot sq999/sh010 in project demo", id="other sequence"),
        pytest.param(("asset", "Prop", "hero"), "has no asset Prop/hero in project demo", id="asset"),
        pytest.param(("sequence", "", "sq020"), "has no sequence sq020 in project demo", id="sequence"),
    ],
)
def test_an_unknown_entity_is_refused_with_what_to_do(
    entity: tuple[str, str, str], words: str, base: Mockgun, tmp_path: Path
) -> None:
    kind, parent, name = entity
    unknown = EntityRef(kind=EntityKind(kind), project="demo", parent=parent, name=name)
    with pytest.raises(TargetRefusedError, match=words) as refused:
        tracker(base).ensure(published_letter(told(tmp_path, entity=unknown), "shotgrid"))
    assert refused.value.hint == "make it there, then: shotmill outbox retry"
    assert counts(base)["Version"] == 0


def test_an_unknown_task_is_refused_and_the_known_ones_are_named(base: Mockgun, tmp_path: Path) -> None:
    with pytest.raises(TargetRefusedError, match="no task 'paint' of demo/sq010/sh010; it has comp, roto"):
        tracker(base).ensure(published_letter(told(tmp_path, task="paint"), "shotgrid"))


def test_an_unknown_project_is_refused_and_the_known_ones_are_named(base: Mockgun, tmp_path: Path) -> None:
    other = EntityRef(kind=EntityKind.SHOT, project="dmeo", parent="sq010", name="sh010")
    with pytest.raises(TargetRefusedError, match="no project whose name is 'dmeo'; it shows demo"):
        tracker(base).ensure(published_letter(told(tmp_path, entity=other), "shotgrid"))


def test_nothing_is_told_to_a_site_without_our_field(tmp_path: Path) -> None:
    base = production(tmp_path, without=("Version", "Note"))
    with pytest.raises(TargetRefusedError, match=r"has no sg_shotmill_id on Version, Note") as refused:
        tracker(base).ensure(published_letter(told(tmp_path), "shotgrid"))
    assert "sg.schema_field_create('Version', 'text', 'Shotmill Id')" in refused.value.hint
    assert 'find_by = "code"' in refused.value.hint
    assert counts(base)["Version"] == 0


def test_a_field_that_is_made_meanwhile_is_seen(tmp_path: Path) -> None:
    base = production(tmp_path, without=("Version",))
    waiting = tracker(base)
    with pytest.raises(TargetRefusedError, match="on Version"):
        waiting.ensure(published_letter(told(tmp_path), "shotgrid"))
    base._schema["Version"][ID_FIELD] = base._schema["Note"][ID_FIELD]
    assert waiting.ensure(published_letter(told(tmp_path), "shotgrid", attempts=1)) == "1"


def test_without_our_field_codes_find_what_was_told_if_the_section_says_so(tmp_path: Path) -> None:
    base = production(tmp_path, without=("Version", "PublishedFile", "Note"))
    one = told(tmp_path, task="comp")
    by_code = tracker(base, find_by="code", report_note=True)
    for _try in range(2):
        number = by_code.ensure(published_letter(Publication(**{**fields(one), "report": tmp_path / "r.html"}), "x"))
        by_code.ensure(noted_letter(one, "shotgrid", "soft", remote_version=number))
        by_code.ensure(noted_letter(one, "shotgrid", "late", remote_version=number))
    found = counts(base)
    assert (found["Version"], found["PublishedFile"], found["Note"]) == (1, 2, 3)


def test_a_note_is_written_once_on_the_version(base: Mockgun, tmp_path: Path) -> None:
    one = told(tmp_path, task="comp")
    number = tracker(base).ensure(published_letter(one, "shotgrid"))
    letter = noted_letter(one, "shotgrid", "matte is soft", remote_version=number, frame=1002)

    assert tracker(base).ensure(letter) == tracker(base).ensure(letter)

    (note,) = rows(base, "Note")
    assert (note["content"], note["subject"]) == ("matte is soft", "rosa on sh010_thumbnail_v001, frame 1002")
    assert [link["type"] for link in note["note_links"] + note["tasks"]] == ["Version", "Task"]


def test_a_review_moves_the_version_and_the_task_where_the_section_says_so(base: Mockgun, tmp_path: Path) -> None:
    one = told(tmp_path, task="comp")
    number = tracker(base).ensure(published_letter(one, "shotgrid"))

    tracker(base).ensure(reviewed_letter(one, "shotgrid", "rejected", remote_version=number))
    before = (rows(base, "Version")[0]["sg_status_list"], rows(base, "Task")[0]["sg_status_list"])
    mapped = tracker(base, task_status={"approved": "fin"})
    mapped.ensure(reviewed_letter(one, "shotgrid", "approved", remote_version=number))
    after = (rows(base, "Version")[0]["sg_status_list"], rows(base, "Task")[0]["sg_status_list"])

    assert (before, after) == (("rej", "rev"), ("apr", "fin"))


def test_what_people_changed_since_stays(base: Mockgun, tmp_path: Path) -> None:
    one = told(tmp_path, task="comp")
    number = tracker(base).ensure(published_letter(one, "shotgrid"))
    base.update("Version", int(number), {"sg_status_list": "apr", "code": "renamed", "description": "hero take"})
    base.update("Task", 1, {"sg_status_list": "fin"})

    assert tracker(base).ensure(published_letter(one, "shotgrid", attempts=1)) == number

    version = rows(base, "Version")[0]
    assert (version["sg_status_list"], version["code"], version["description"]) == ("apr", "renamed", "hero take")
    assert rows(base, "Task")[0]["sg_status_list"] == "fin"


def test_a_note_on_a_version_that_is_gone_is_refused(base: Mockgun, tmp_path: Path) -> None:
    letter = noted_letter(told(tmp_path), "shotgrid", "soft", remote_version="77")
    with pytest.raises(TargetRefusedError, match="no version demo:sq010/sh010/thumbnail@v001"):
        tracker(base).ensure(letter)


def test_a_report_is_told_in_a_note_if_wanted(base: Mockgun, tmp_path: Path) -> None:
    reported = Publication(**{**fields(told(tmp_path, task="comp")), "report": tmp_path / "report.html"})
    tracker(base).ensure(published_letter(reported, "shotgrid"))
    assert counts(base)["Note"] == 0

    for _try in range(2):
        tracker(base, report_note=True).ensure(published_letter(reported, "shotgrid"))
    (note,) = rows(base, "Note")
    assert note["content"] == f"What was checked and found: {tmp_path / 'report.html'}"


def test_a_source_that_was_told_by_somebody_else_is_found_by_our_id(base: Mockgun, tmp_path: Path) -> None:
    first = told(tmp_path)
    tracker(base).ensure(published_letter(first, "shotgrid"))
    untold = Source(uuid.UUID(int=9), "demo:sq010/sh010/plate@v001", None)
    second = told(tmp_path, number=2, sources=(Source(first.id, first.address, None), untold))
    tracker(base).ensure(published_letter(second, "shotgrid"))
    assert [len(file["upstream_published_files"]) for file in rows(base, "PublishedFile")] == [0, 0, 2, 2]


def test_a_farms_job_is_none_of_its_business(base: Mockgun) -> None:
    assert tracker(base).takes == {FactKind.PUBLISHED, FactKind.NOTED, FactKind.REVIEWED}
