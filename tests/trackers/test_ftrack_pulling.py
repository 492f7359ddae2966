"""What ftrack knows of productions, whom it knows us as, and what its section may hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ftrack_server import USER, Fault, attribute
from ftrack_studio import FtrackStudio, ftrack_studio
from letters import reviewed_letter

from shotmill.pipeline.outbox.pulled import (
    Pulled,
    PulledAsset,
    PulledNote,
    PulledPerson,
    PulledProject,
    PulledReview,
    PulledSequence,
    PulledShot,
    PulledTask,
    Said,
)
from shotmill.pipeline.outbox.target import Tracker
from shotmill.schema.errors import ConfigError, TargetRefusedError, TargetUnreachableError
from shotmill.schema.media import Rate
from shotmill.schema.states import ReviewState


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[FtrackStudio]:
    with ftrack_studio(tmp_path) as found:
        yield found


def pull(studio: FtrackStudio, project: str | None = "demo", **section: Any) -> list[Pulled]:
    return list(studio.target(**section).pull(project))


def the_shot(studio: FtrackStudio, **section: Any) -> PulledShot:
    """The only shot that is pulled."""
    (found,) = [one for one in pull(studio, **section) if isinstance(one, PulledShot)]
    return found


def test_a_production_is_pulled_with_ftracks_own_ids(studio: FtrackStudio) -> None:
    world = studio.server.world
    shot, task = world.one("Shot")["id"], world.one("Task")["id"]
    assert pull(studio) == [
        PulledPerson(world.one("User", username=USER)["id"], "shotmill", "Shot Mill"),
        PulledPerson(world.one("User", username="maya")["id"], "maya", "Maya Lind", "maya@studio.example"),
        PulledPerson(world.one("User", first_name="Rosa")["id"], "rosa", "Rosa Roth"),
        PulledProject(world.one("Project")["id"], "demo", "Demo Show"),
        PulledSequence(world.one("Sequence")["id"], "demo", "sq010"),
        PulledShot(shot, "demo", "sq010", "sh010"),
        PulledAsset(world.one("AssetBuild")["id"], "demo", "prop", "lamp"),
        PulledTask(task, "demo", "shot", "sq010/sh010", "comp", "Not started", "maya"),
    ]


def test_a_shot_has_the_frames_and_the_rate_of_its_custom_attributes(studio: FtrackStudio) -> None:
    world = studio.server.world
    for key, value in (("fstart", 1001.0), ("fend", "1096"), ("handles", 8)):
        attribute(world, world.one("Shot")["id"], key, value)
    attribute(world, world.one("Project")["id"], "fps", 23.976)
    shot = the_shot(studio)
    assert (shot.cut_in, shot.cut_out, shot.handle_in, shot.handle_out) == (1001, 1096, 8, 8)
    assert shot.rate == Rate(24000, 1001)


def test_the_section_says_which_attributes_hold_the_frames(studio: FtrackStudio) -> None:
    world = studio.server.world
    for key, value in (("frameStart", 1001), ("fstart", 7), ("handleEnd", 4)):
        attribute(world, world.one("Shot")["id"], key, value)
    shot = the_shot(studio, attributes={"cut_in": "frameStart", "handle_out": "handleEnd"})
    assert (shot.cut_in, shot.handle_in, shot.handle_out) == (1001, None, 4)


@pytest.mark.parametrize("value", ["", "tbd", 0, -25, "1e400", None])
def test_an_attribute_that_is_no_rate_says_nothing(studio: FtrackStudio, value: object) -> None:
    attribute(studio.server.world, studio.server.world.one("Shot")["id"], "fps", value)
    assert the_shot(studio).rate is None


@pytest.mark.parametrize("value", ["", "tbd", 1001.5, "inf", "1e400"])
def test_an_attribute_that_is_no_frame_says_nothing(studio: FtrackStudio, value: object) -> None:
    attribute(studio.server.world, studio.server.world.one("Shot")["id"], "fstart", value)
    assert the_shot(studio).cut_in is None


def test_shots_of_an_episode_have_it_as_their_sequence(studio: FtrackStudio) -> None:
    world = studio.server.world
    project = world.one("Project")["id"]
    episode = world.add("Episode", name="ep01", parent_id=project, project_id=project)
    world.one("Shot")["parent_id"] = episode
    assert PulledSequence(episode, "demo", "ep01") in pull(studio)
    assert the_shot(studio).sequence == "ep01"


def test_a_shot_outside_of_sequences_is_left_out_and_said(
    studio: FtrackStudio, caplog: pytest.LogCaptureFixture
) -> None:
    world = studio.server.world
    world.one("Shot")["parent_id"] = world.one("Project")["id"]
    assert not [one for one in pull(studio) if isinstance(one, PulledShot | PulledTask)]
    assert "shot sh010 of demo lies in no sequence" in caplog.text


def test_what_supervisors_say_there_comes_with_the_production(studio: FtrackStudio) -> None:
    target = studio.target(version_status="Pending Review", review_statuses={"approved": "Approved"})
    remote, world = target.ensure(studio.full_letter()), studio.server.world
    rosa = world.one("User", first_name="Rosa")["id"]
    version = world.one("AssetVersion")
    assert [one for one in target.pull("demo") if isinstance(one, Said)] == [PulledReview(remote, ReviewState.PENDING)]
    version["status_id"] = status = world.one("Status", name="Approved")["id"]
    note = world.add(
        "Note", parent_id=remote, parent_type="asset_version", content="nice", user_id=rosa, date=world.now()
    )
    world.add("AssetVersionStatusChange", parent_id=remote, status_id=status, user_id=rosa, date=world.now())
    assert [one for one in target.pull("demo") if isinstance(one, Said)] == [
        PulledNote(note, remote, "rosa", "nice", created=datetime(2026, 11, 21, 20, 1, tzinfo=UTC)),
        PulledReview(remote, ReviewState.APPROVED, "rosa", datetime(2026, 11, 21, 20, 2, tzinfo=UTC)),
    ]


def test_what_is_said_of_other_peoples_versions_is_none_of_ours(studio: FtrackStudio) -> None:
    world = studio.server.world
    asset = world.add("Asset", name="edit", context_id=world.one("Shot")["id"])
    theirs = world.add("AssetVersion", asset_id=asset, status_id=world.one("Status", name="Approved")["id"])
    world.add(
        "Note",
        parent_id=theirs,
        parent_type="asset_version",
        content="hm",
        user_id=world.one("User", username="maya")["id"],
    )
    assert not [one for one in pull(studio, review_statuses={"approved": "Approved"}) if isinstance(one, Said)]


def test_the_status_that_we_gave_is_heard_with_its_time(studio: FtrackStudio) -> None:
    target = studio.target(review_statuses={"rejected": "Revise"})
    remote = target.ensure(studio.letter())
    target.ensure(reviewed_letter(studio.told(), "tracker", "rejected", remote_version=remote))
    when = datetime(2026, 11, 21, 20, 1, tzinfo=UTC)
    assert PulledReview(remote, ReviewState.REJECTED, None, when) in list(target.pull("demo"))


def test_all_active_projects_are_pulled_kind_by_kind(studio: FtrackStudio) -> None:
    world = studio.server.world
    other = world.add("Project", name="other")
    world.add("Project", name="old", status="hidden")
    world.add("Sequence", name="sq900", parent_id=other, project_id=other)
    found = [one for one in pull(studio, None) if isinstance(one, PulledProject | PulledSequence)]
    assert [one.code for one in found] == ["demo", "other", "sq010", "sq900"]


def test_more_than_a_page_of_shots_is_pulled(studio: FtrackStudio) -> None:
    world = studio.server.world
    within = {"parent_id": world.one("Sequence")["id"], "project_id": world.one("Project")["id"]}
    for number in range(600):  # the client asks for 500 at a time
        world.add("Shot", name=f"sh{number:04d}", **within)
    assert len([one for one in pull(studio) if isinstance(one, PulledShot)]) == 601


def test_an_unknown_project_is_refused_with_those_there_are(studio: FtrackStudio) -> None:
    with pytest.raises(TargetRefusedError, match="no active project 'nope'; there is demo"):
        pull(studio, "nope")


def test_a_server_that_breaks_off_says_so(studio: FtrackStudio) -> None:
    studio.server.fail_next(Fault("half"), after=4)
    with pytest.raises(TargetUnreachableError):
        pull(studio)


def test_ftrack_is_a_tracker(studio: FtrackStudio) -> None:
    assert isinstance(studio.target(), Tracker)


def test_a_check_says_who_we_are_and_what_lacks(studio: FtrackStudio) -> None:
    before = studio.server.world.counts()
    checked = studio.target(version_status="Pending Review", task_status="Nice").check()
    assert (checked.server, checked.who) == (studio.server.url, f"{USER} (Shot Mill)")
    assert checked.lines == (
        "server version dev",
        "shows us 1 active project",
        "Status 'Nice': NOT THERE",
        "Status 'Pending Review': there",
        "AssetType 'Upload': there",
    )
    assert studio.server.world.counts() == before


@pytest.mark.parametrize(
    ("section", "said"),
    [
        pytest.param({"server": "studio.ftrackapp.com"}, "server: write the server's address as", id="no scheme"),
        pytest.param({"server": "https://me:pw@x.y"}, "server: the address holds a name or a pass", id="a password"),
        pytest.param({"key": "0123-the-key"}, "key: a secret never stands in this file", id="the key itself"),
        pytest.param({"user": ""}, "user: ", id="no user"),
        pytest.param({"review_statuses": {"nice": "Nice"}}, "review_statuses.nice", id="unknown standing"),
        pytest.param({"version_stats": "x"}, "did you mean: version_status", id="a typing error"),
    ],
)
def test_a_wrong_section_names_its_key(studio: FtrackStudio, section: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as wrong:
        studio.target(**section)
    assert "0123-the-key" not in wrong.value.line()
