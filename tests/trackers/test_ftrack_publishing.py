"""Published versions on ftrack: its real client, and a server that keeps what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ftrack_server import USER
from ftrack_studio import FtrackStudio, ftrack_studio
from letters import SHOT, job_letter, noted_letter, reviewed_letter, sequence, still

from shotmill.pipeline.outbox.letter import FactKind, Source
from shotmill.schema.errors import TargetRefusedError
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.states import State

UNMANAGED = "cb268ecc-8809-11e3-a7e2-20c9d081909b"  # ftrack's documentation: the location of files left in place
FULL: dict[str, Any] = {"task_status": "Pending Review", "version_status": "In progress", "review_session": "Dailies"}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[FtrackStudio]:
    with ftrack_studio(tmp_path) as found:
        yield found


def test_publish_fact_14_everything_is_there_once_and_a_second_run_adds_nothing(studio: FtrackStudio) -> None:
    target, letter, world = studio.target(**FULL), studio.full_letter(), studio.server.world
    before = world.counts()
    remote = target.ensure(letter)
    after = world.counts()
    assert {kind: after[kind] - before.get(kind, 0) for kind in after if after[kind] != before.get(kind)} == {
        "Asset": 1,
        "AssetVersion": 1,
        "SequenceComponent": 1,
        "FileComponent": 6,  # a still, two frames, a movie, the thumbnail, and what ftrack encodes of the movie
        "ComponentLocation": 6,  # a still, a sequence and its two frames, a movie, the thumbnail
        "Job": 1,
        "Note": 1,
        "ReviewSessionObject": 1,
    }
    statuses = {row["id"]: row["name"] for row in world.rows("Status")}
    assert statuses[world.one("Task")["status_id"]] == "Pending Review"
    assert target.ensure(replace(letter, attempts=1, remote_id=remote)) == remote
    assert world.counts() == after


def test_a_version_says_what_we_say(studio: FtrackStudio) -> None:
    letter = studio.full_letter()
    remote = studio.target(**FULL).ensure(letter)
    world = studio.server.world
    version = world.one("AssetVersion")
    assert studio.kept == [remote] == [version["id"]]
    assert (version["version"], version["comment"], version["is_published"]) == (1, "first look", True)
    assert version["task_id"] == world.one("Task")["id"]
    assert version["user_id"] == world.one("User", username="maya")["id"]
    assert version["status_id"] == world.one("Status", name="In progress")["id"]
    asset = world.one("Asset")
    assert (asset["name"], asset["context_id"]) == ("thumbnail", world.one("Shot")["id"])
    assert asset["type_id"] == world.one("AssetType", name="Upload")["id"]


def test_components_say_where_the_files_lie(studio: FtrackStudio) -> None:
    studio.target().ensure(studio.full_letter())
    world, folder = studio.server.world, studio.folder
    places = [row["resource_identifier"] for row in world.rows("ComponentLocation") if row["location_id"] == UNMANAGED]
    assert sorted(places) == [
        f"{folder}/sh010_plate_v001.%04d.exr",
        f"{folder}/sh010_plate_v001.1001.exr",
        f"{folder}/sh010_plate_v001.1002.exr",
        f"{folder}/sh010_thumbnail_v001.mp4",
        f"{folder}/sh010_thumbnail_v001.png",
    ]
    whole = world.one("SequenceComponent")
    assert (whole["name"], whole["padding"], whole["file_type"]) == ("exr", 4, ".exr")
    members = [row["name"] for row in world.rows("FileComponent") if row["container_id"] == whole["id"]]
    assert members == ["1001", "1002"]


def test_the_thumbnail_is_on_the_servers_own_disks(studio: FtrackStudio) -> None:
    studio.target().ensure(studio.letter())
    world = studio.server.world
    thumbnail = world.one("AssetVersion")["thumbnail_id"]
    assert world.uploads[thumbnail] == (studio.folder / "sh010_thumbnail_v001.png").read_bytes()


def test_a_movie_becomes_review_media(studio: FtrackStudio) -> None:
    remote = studio.target().ensure(studio.full_letter())
    world = studio.server.world
    assert world.one("FileComponent", name="ftrackreview-mp4")["version_id"] == remote
    assert b"a movie" in world.uploads.values()


def test_a_movie_that_ftrack_failed_to_encode_is_encoded_again(studio: FtrackStudio) -> None:
    world, letter = studio.server.world, studio.full_letter()
    failed = f'{{"source_component_id": "{letter.remote_uuid("upload", "sh010_thumbnail_v001")}"}}'
    world.add("Job", type="encode_media", status="failed", data=failed)
    studio.target().ensure(letter)
    assert sorted(row["status"] for row in world.rows("Job")) == ["done", "failed"]


def test_a_note_names_the_report_and_the_frames_that_lack(studio: FtrackStudio) -> None:
    told = replace(studio.told(), report=studio.folder / "report.html", holes=FrameSet.parse("1005-1006"))
    remote = studio.target().ensure(studio.letter(told))
    note = studio.server.world.one("Note")
    assert (note["parent_id"], note["parent_type"]) == (remote, "asset_version")
    assert note["content"].splitlines() == [
        "demo:sq010/sh010/thumbnail@v001",
        f"Report: {studio.folder}/report.html",
        "Lacks frames 1005-1006",
    ]


def test_a_version_knows_those_that_it_was_made_from(studio: FtrackStudio) -> None:
    target = studio.target()
    first = target.ensure(studio.letter(studio.told(number=1)))
    sources = tuple(Source(studio.told().id, "demo:sq010/sh010/plate@v001", remote) for remote in (first, None))
    second = target.ensure(studio.letter(studio.told(number=2, sources=sources)))
    assert studio.server.world.one("AssetVersion", id=second)["uses_versions"] == [first]


def test_versions_of_a_product_share_its_asset_whoever_made_it(studio: FtrackStudio) -> None:
    world = studio.server.world
    theirs = world.add("Asset", name="thumbnail", context_id=world.one("Shot")["id"])
    studio.target().ensure(studio.letter(studio.told(number=3)))
    assert world.one("Asset")["id"] == theirs
    assert world.one("AssetVersion")["version"] == 3


def test_the_section_says_the_type_of_an_asset(studio: FtrackStudio) -> None:
    studio.target(asset_type={"image": "Image Sequence"}).ensure(studio.letter())
    world = studio.server.world
    assert world.one("Asset")["type_id"] == world.one("AssetType", name="Image Sequence")["id"]


@pytest.mark.parametrize(
    ("entity", "kind"),
    [
        pytest.param(EntityRef(project="demo", kind=EntityKind.SEQUENCE, name="sq010"), "Sequence", id="a sequence"),
        pytest.param(
            EntityRef(project="demo", kind=EntityKind.ASSET, parent="prop", name="lamp"), "AssetBuild", id="an asset"
        ),
        pytest.param(
            EntityRef(project="Demo", kind=EntityKind.SHOT, parent="sq010", name="sh010"), "Shot", id="in other case"
        ),
    ],
)
def test_a_version_belongs_to(studio: FtrackStudio, entity: EntityRef, kind: str) -> None:
    studio.target().ensure(studio.letter(studio.told(entity=entity)))
    world = studio.server.world
    assert world.one("Asset")["context_id"] == world.one(kind)["id"]


def test_remote_ids_win_over_names(studio: FtrackStudio) -> None:
    world = studio.server.world
    shot = world.one("Shot")
    shot["name"] = "renamed"
    remote = {
        "entity": shot["id"],
        "task": world.one("Task")["id"],
        "author": world.one("User", email="maya@studio.example")["id"],
    }
    told = replace(studio.told(remote=remote), author="m.lind")
    studio.target().ensure(studio.letter(told))
    version = world.one("AssetVersion")
    assert world.one("Asset")["context_id"] == shot["id"]
    assert (version["task_id"], version["user_id"]) == (remote["task"], remote["author"])


def test_a_remote_id_that_is_gone_falls_back_on_names(studio: FtrackStudio) -> None:
    gone = {"entity": "gone", "task": "gone", "author": "gone"}
    studio.target().ensure(studio.letter(studio.told(remote=gone, task="comp")))
    world = studio.server.world
    assert world.one("AssetVersion")["task_id"] == world.one("Task")["id"]


@pytest.mark.parametrize(
    ("changes", "section", "said"),
    [
        pytest.param({"project": "other"}, {}, "has no project 'other'", id="unknown project"),
        pytest.param({"name": "sh999"}, {}, "has no shot 'sq010/sh999' in project 'demo'", id="unknown shot"),
        pytest.param({}, {"version_status": "Nice"}, "no Status 'Nice'; there is Approved, In", id="unknown status"),
        pytest.param({}, {"task_status": "Nice"}, "no Status 'Nice'", id="unknown task status"),
        pytest.param({}, {"asset_type": {"*": "Art"}}, "no AssetType 'Art'; there is Image", id="unknown asset type"),
        pytest.param({}, {"review_session": "Friday"}, "no ReviewSession 'Friday'; there is D", id="unknown session"),
    ],
)
def test_what_ftrack_does_not_know_is_refused(
    studio: FtrackStudio, changes: dict[str, str], section: dict[str, Any], said: str
) -> None:
    entity = SHOT.model_copy(update=changes)
    with pytest.raises(TargetRefusedError, match=said) as refused:
        studio.target(**section).ensure(studio.letter(studio.told(entity=entity, task="comp")))
    assert "shotmill outbox retry" in refused.value.hint


def test_a_version_is_not_shown_before_it_is_whole(studio: FtrackStudio) -> None:
    with pytest.raises(TargetRefusedError):
        studio.target(review_session="Friday").ensure(studio.letter())
    assert studio.server.world.one("AssetVersion")["is_published"] is False


def test_a_number_that_somebody_else_has_is_refused(studio: FtrackStudio) -> None:
    world = studio.server.world
    asset = world.add("Asset", name="thumbnail", context_id=world.one("Shot")["id"])
    world.add("AssetVersion", asset_id=asset, version=1, user_id=world.one("User", username="maya")["id"])
    with pytest.raises(TargetRefusedError, match="has a v001 of demo/sq010/sh010/thumbnail already, by maya"):
        studio.target().ensure(studio.letter())
    assert len(world.rows("AssetVersion")) == 1


def test_a_server_that_numbers_by_itself_is_found_out(studio: FtrackStudio) -> None:
    studio.server.world.numbers_itself = True
    with pytest.raises(TargetRefusedError, match=r"made v001 of .*@v005; it numbers versions by itself"):
        studio.target().ensure(studio.letter(studio.told(number=5)))


def test_two_shots_of_one_name_are_refused(studio: FtrackStudio) -> None:
    world = studio.server.world
    world.add("Shot", name="sh010", parent_id=world.one("Sequence")["id"], project_id=world.one("Project")["id"])
    with pytest.raises(TargetRefusedError, match="has 2 shots demo/sq010/sh010"):
        studio.target().ensure(studio.letter())


def test_a_sequence_of_many_frames_travels_in_several_requests(studio: FtrackStudio) -> None:
    form = sequence(studio.folder, 1001, 1001)
    frames = [studio.folder / f"sh010_plate_v001.{frame}.exr" for frame in range(1001, 1301)]
    studio.target().ensure(studio.letter(studio.told(replace(form, files=tuple(frames)))))
    world = studio.server.world
    assert len([row for row in world.rows("FileComponent") if row["container_id"]]) == 300
    assert max(line.count("create") for line in studio.server.log) == 500


def test_a_note_is_put_on_its_version_once(studio: FtrackStudio) -> None:
    target, told = studio.target(), studio.told()
    letter = noted_letter(told, "tracker", "the edge boils", remote_version=target.ensure(studio.letter()), frame=1042)
    assert target.ensure(letter) == target.ensure(replace(letter, attempts=1))
    world = studio.server.world
    note = world.one("Note")
    assert note["content"] == "Frame 1042: the edge boils"
    assert note["user_id"] == world.one("User", username="rosa@studio.example")["id"]
    assert [(row["parent_id"], row["key"], row["value"]) for row in world.rows("Metadata")] == [
        (note["id"], "frame", "1042")
    ]


def test_a_note_by_somebody_unknown_to_ftrack_names_them(studio: FtrackStudio) -> None:
    world = studio.server.world
    world.one("User", username="rosa@studio.example")["username"] = "somebody.else"
    remote = studio.target().ensure(studio.letter())
    studio.target().ensure(noted_letter(studio.told(), "tracker", "good", remote_version=remote))
    assert world.one("Note")["content"] == "rosa: good"


def test_a_standing_moves_the_version_and_its_task(studio: FtrackStudio) -> None:
    target = studio.target(review_statuses={"approved": "Approved"}, review_task_statuses={"approved": "In progress"})
    told = studio.told(task="comp")
    remote = target.ensure(studio.letter(told))
    assert target.ensure(reviewed_letter(told, "tracker", "approved", remote_version=remote)) == remote
    world = studio.server.world
    assert world.one("AssetVersion")["status_id"] == world.one("Status", name="Approved")["id"]
    assert world.one("Task")["status_id"] == world.one("Status", name="In progress")["id"]


def test_a_standing_that_the_section_does_not_name_changes_nothing(studio: FtrackStudio) -> None:
    target, told = studio.target(review_statuses={"approved": "Approved"}), studio.told()
    remote = target.ensure(studio.letter(told))
    target.ensure(reviewed_letter(told, "tracker", "rejected", remote_version=remote))
    assert studio.server.world.one("AssetVersion")["status_id"] is None


def test_a_note_on_a_version_that_is_gone_is_refused(studio: FtrackStudio) -> None:
    with pytest.raises(TargetRefusedError, match="has no version demo:sq010/sh010/thumbnail@v001"):
        studio.target().ensure(noted_letter(studio.told(still(studio.folder)), "tracker", "hm", remote_version="gone"))


def test_a_job_is_none_of_its_business(studio: FtrackStudio) -> None:
    assert FactKind.JOB not in studio.target().takes
    with pytest.raises(TargetRefusedError, match="not told of job-state"):
        studio.target().ensure(job_letter("tracker", State.SUCCEEDED))


def test_a_user_that_ftrack_hides_from_itself_is_named(studio: FtrackStudio) -> None:
    ours = studio.server.world.one("User", username=USER)
    ours["username"] = "hidden"
    with pytest.raises(TargetRefusedError, match=f"lets {USER} in, but shows no such user"):
        studio.target().ensure(studio.full_letter())


def test_standings_are_taken_where_the_section_names_statuses(studio: FtrackStudio) -> None:
    assert studio.target().takes == {FactKind.PUBLISHED, FactKind.NOTED}
    assert FactKind.REVIEWED in studio.target(review_statuses={"approved": "Approved"}).takes
