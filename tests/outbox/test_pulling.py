"""Pulling a production: again and again, without duplicates, and nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from mail import publish
from sqlalchemy import func, insert, select, update

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
)
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.pulling import Brought, bring
from shotmill.schema.ids import uuid7
from shotmill.schema.media import Rate
from shotmill.schema.states import ReviewState
from shotmill.schema.tables import (
    Asset,
    Cut,
    CutClip,
    CutVersion,
    Delivery,
    Note,
    Person,
    ProductionTask,
    Project,
    Review,
    Shot,
)
from shotmill.schema.tables import (
    Sequence as SequenceTable,
)

PEOPLE: list[Pulled] = [PulledPerson("u1", "maya", "Maya M.", "maya@studio")]
SHOTS: list[Pulled] = [
    PulledProject("p1", "demo", "The demo"),
    PulledSequence("s1", "demo", "sq010"),
    PulledShot("h1", "demo", "sq010", "sh010", 1001, 1048, 8, 8, Rate(24)),
    PulledAsset("a1", "demo", "prop", "cup"),
]
WORK: list[Pulled] = [
    PulledTask("t1", "demo", "shot", "sq010/sh010", "comp", "wip", "maya"),
    PulledTask("t2", "demo", "asset", "prop/cup", "model", "ready"),
    PulledTask("t3", "demo", "sequence", "sq010", "layout"),
]
ALL = [*SHOTS, *PEOPLE, *WORK]
TABLES = (Person, Project, SequenceTable, Shot, Asset, ProductionTask)


def again(database: Database, *pulled: Pulled, target: str = "ftrack") -> Brought:
    return bring(database, target, pulled)


def counts(database: Database) -> list[int]:
    with database.read() as connection:
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES]


def one(database: Database, table: Any) -> Any:
    with database.read() as connection:
        return connection.execute(select(table)).one()


def test_what_a_tracker_knows_is_there_after_a_pull(database: Database) -> None:
    brought = again(database, *ALL)
    assert brought.made == {"person": 1, "project": 1, "sequence": 1, "shot": 1, "asset": 1, "task": 3}
    shot = one(database, Shot)
    assert (shot.cut_in, shot.cut_out, shot.handle_in, shot.rate_num, shot.rate_den) == (1001, 1048, 8, 24, 1)
    assert (shot.remote, one(database, Project).remote) == ({"ftrack": "h1"}, {"ftrack": "p1"})
    with database.read() as connection:
        rows = connection.execute(select(ProductionTask.code, ProductionTask.status).order_by(ProductionTask.code))
        assert rows.all() == [("comp", "wip"), ("layout", None), ("model", "ready")]
        assigned = select(Person.login).join(ProductionTask, ProductionTask.assignee_id == Person.id)
        assert connection.scalars(assigned).all() == ["maya"]


def test_a_second_pull_adds_and_changes_nothing(database: Database) -> None:
    again(database, *ALL)
    before = counts(database)
    brought = again(database, *ALL)
    assert counts(database) == before == [1, 1, 1, 1, 1, 3]
    assert (brought.made, brought.changed, sum(brought.same.values())) == ({}, {}, 8)


def test_two_trackers_meet_in_one_row(database: Database) -> None:
    again(database, *SHOTS)
    again(database, PulledProject("77", "demo"), target="kitsu")
    assert one(database, Project).remote == {"ftrack": "p1", "kitsu": "77"}
    assert one(database, Project).name == "The demo"


def test_what_changed_there_changes_here(database: Database) -> None:
    again(database, *ALL)
    brought = again(database, *SHOTS[:2], PulledShot("h1", "demo", "sq010", "sh010", 1001, 1100))
    assert (brought.changed, one(database, Shot).cut_out, one(database, Shot).handle_in) == ({"shot": 1}, 1100, 8)


def test_what_is_called_otherwise_now_keeps_our_name(database: Database) -> None:
    again(database, *ALL)
    renamed = PulledShot("h1", "demo", "sq010", "sh015")
    brought = again(database, *SHOTS[:2], renamed, PulledTask("t1", "demo", "shot", "sq010/sh015", "comp", "done"))
    assert brought.remarks == ["kept: shot sh010, which ftrack now calls sh015"]
    assert one(database, Shot).code == "sh010"
    assert brought.changed == {"task": 1}


def test_what_was_published_before_is_found_and_told_apart(database: Database) -> None:
    publish(database, targets=())
    brought = again(database, *SHOTS)
    assert brought.made == {"asset": 1}
    assert brought.changed == {"project": 1, "sequence": 1, "shot": 1}


def test_frames_of_a_shot_in_a_cut_are_the_cut_s(database: Database) -> None:
    again(database, *SHOTS)
    with database.write() as connection:
        project, shot = one(database, Project).id, one(database, Shot).id
        cut, version = uuid7(), uuid7()
        connection.execute(insert(Cut).values(id=cut, project_id=project, name="main"))
        connection.execute(
            insert(CutVersion).values(
                id=version, cut_id=cut, number=1, checksum="0", source="x", rate_num=24, rate_den=1, facts={}
            )
        )
        made = {"cut_version_id": version, "position": 0, "shot_id": shot, "name": "sh010", "track": "V1"}
        frames = {"source_in": 1, "source_out": 2, "record_in": 0, "record_out": 1, "rate_num": 24, "rate_den": 1}
        connection.execute(insert(CutClip).values(**made, **frames, media_state="online"))
        connection.execute(update(Shot).values(cut_out=1050))
    again(database, *SHOTS)
    assert one(database, Shot).cut_out == 1050


@pytest.mark.parametrize(
    ("pulled", "said"),
    [
        ([PulledSequence("s", "nope", "sq")], "left out: sequence sq: there is no project nope"),
        ([PulledAsset("s", "nope", "prop", "cup")], "left out: asset cup: there is no project nope"),
        ([PulledShot("s", "nope", "sq", "sh")], "left out: shot sh: there is no project nope"),
        ([SHOTS[0], PulledShot("s", "demo", "sq", "sh")], "left out: shot sh: there is no sequence demo:sq"),
        ([PulledTask("s", "nope", "shot", "sq/sh", "comp")], "left out: task comp of sq/sh: there is no project nope"),
        (
            [SHOTS[0], PulledTask("s", "demo", "shot", "sq/sh", "comp")],
            "left out: task comp of sq/sh: there is no shot",
        ),
        ([SHOTS[0], PulledSequence("s", "demo", "sq 010")], "left out: sequence 'sq 010' may hold letters"),
    ],
)
def test_what_does_not_fit_is_left_out_and_told(pulled: Sequence[Pulled], said: str, database: Database) -> None:
    assert again(database, *pulled).remarks[0].startswith(said)


def test_what_a_tracker_says_of_our_versions_is_applied_once(database: Database) -> None:
    version = publish(database, targets=("ftrack",))
    with database.write() as connection:
        connection.execute(update(Delivery).values(state="delivered", remote_id="v1"))
    said: list[Pulled] = [PulledReview("v1", ReviewState.APPROVED, "kim"), PulledNote("n1", "v1", "kim", "lovely")]
    assert again(database, *said).made == {"note": 1}
    assert again(database, *said).made == {}
    assert one(database, Review).status is ReviewState.APPROVED
    assert (one(database, Note).version_id, one(database, Note).text) == (version, "lovely")
