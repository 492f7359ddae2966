"""What stands in a letter: what the database says when it is carried."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from mail import SHOT, Mail
from sqlalchemy import insert, update

from shotmill.pipeline.outbox.letter import Letter
from shotmill.pipeline.outbox.post import Post
from shotmill.pipeline.store import outbox
from shotmill.pipeline.store.catalog import version_by_id
from shotmill.pipeline.store.outbox import Claimed, Holder
from shotmill.pipeline.store.reviews import review
from shotmill.schema.errors import NotFoundError
from shotmill.schema.ids import uuid7
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.states import ReviewState, State, VersionState
from shotmill.schema.tables import Delivery, Person, Product, ProductionTask, Project, Shot, Version

HOLDER = Holder(uuid.uuid4())
TASKS = {"thumbnail": "comp", "image": "lighting"}


def claimed(mail: Mail) -> Claimed:
    found = outbox.claim(mail.database, "wire", HOLDER, moment=mail.clock.now())
    assert found is not None
    return found


def letter(mail: Mail, row: Claimed | None = None) -> Letter:
    made, _told = post(mail).letter(row or claimed(mail), lambda _remote_id: None)
    return made


def post(mail: Mail) -> Post:
    return Post(mail.database, mail.settings.projects_folder, TASKS)


def told(mail: Mail, remote_id: str) -> None:
    row = claimed(mail)
    outbox.done(mail.database, row, HOLDER, moment=mail.clock.now(), remote_id=remote_id, told={})


def call_it(mail: Mail, table: Any, which: Any, remote: Mapping[str, str]) -> None:
    with mail.database.write() as connection:
        connection.execute(update(table).where(which).values(remote=dict(remote)))


def test_a_version_comes_with_its_paths_on_this_machine(mail: Mail) -> None:
    version = mail.publish(3)
    made = letter(mail)
    assert made.publication is not None
    folder = mail.settings.projects_folder / "demo" / "publish" / "v001"
    assert (made.fact, made.attempts, made.thread) == (f"version:{version}", 0, None)
    assert made.publication.entity == SHOT
    assert made.publication.address == "demo:sq010/sh010/p003@v001"
    assert made.publication.forms[0].files == (folder / "sh010.png",)
    assert made.publication.thumbnail == folder / "sh010.png"
    assert made.publication.movie is None
    assert made.publication.task == "lighting"


def test_a_movie_is_what_a_browser_plays(mail: Mail) -> None:
    mail.publish(file="sh010.mov")
    found = letter(mail).publication
    assert found is not None
    assert (found.thumbnail, found.movie and found.movie.name) == (None, "sh010.mov")


def test_a_version_comes_with_what_the_target_calls_its_surroundings(mail: Mail) -> None:
    mail.publish()
    with mail.database.write() as connection:
        shot = connection.execute(Shot.__table__.select()).one().id
        connection.execute(
            insert(ProductionTask).values(id=uuid7(), shot_id=shot, code="lighting", remote={"wire": "task-1"})
        )
        connection.execute(insert(Person).values(id=uuid7(), login="maya", remote={"wire": 7, "other": "x"}))
    call_it(mail, Project, Project.code == "demo", {"wire": "project-1"})
    call_it(mail, Shot, Shot.code == "sh010", {"wire": "shot-1", "other": "no"})
    found = letter(mail).publication
    assert found is not None
    assert found.remote == {"project": "project-1", "entity": "shot-1", "task": "task-1", "author": "7"}


@pytest.mark.parametrize(
    "entity",
    [
        pytest.param(EntityRef(project="demo", kind=EntityKind.ASSET, parent="prop", name="cup"), id="asset"),
        pytest.param(EntityRef(project="demo", kind=EntityKind.SEQUENCE, name="sq010"), id="sequence"),
    ],
)
def test_assets_and_sequences_are_told_as_such(entity: EntityRef, mail: Mail) -> None:
    mail.publish(entity=entity)
    found = letter(mail).publication
    assert found is not None
    assert (found.entity, found.remote) == (entity, {})


def test_the_type_of_the_job_says_the_task_before_the_kind_of_product(mail: Mail) -> None:
    job = mail.job(targets=())
    mail.publish(job=job)
    found = letter(mail).publication
    assert found is not None
    assert (found.task, found.job_type, found.report) == ("comp", "thumbnail", None)


def test_the_page_about_the_publish_is_told_where_there_is_one(mail: Mail) -> None:
    job = mail.job(targets=())
    mail.publish(job=job)
    page = mail.settings.home / "jobs" / "J-1" / "publish" / "report-1-x.html"
    page.parent.mkdir(parents=True)
    page.with_suffix(".json").write_text("{}")
    page.write_text("<p>fine</p>")
    found = letter(mail).publication
    assert found is not None
    assert found.report == page


def test_sources_come_with_what_the_target_calls_them(mail: Mail) -> None:
    plate = mail.publish(1)
    told(mail, "remote-plate")
    other = mail.publish(2, targets=())
    mail.publish(3, sources=(plate, other))
    found = letter(mail).publication
    assert found is not None
    assert {source.address: source.remote_id for source in found.sources} == {
        "demo:sq010/sh010/p001@v001": "remote-plate",
        "demo:sq010/sh010/p002@v001": None,
    }


def test_a_review_says_what_was_decided_then(mail: Mail) -> None:
    version = mail.publish()
    told(mail, "remote-1")
    with mail.database.read() as connection:
        row = version_by_id(connection, version)
    review(mail.database, row, ReviewState.APPROVED, by="kim")
    review(mail.database, row, ReviewState.REJECTED, by="lee")
    mail.clock.wait(mail.worker().stopping, 5)
    made = letter(mail)
    assert made.review is not None
    assert (made.review.status, made.review.by, made.remote_version) == ("approved", "kim", "remote-1")


@pytest.mark.parametrize(
    ("became", "said"),
    [
        (ReviewState.OMITTED, "omitted by rosa"),
        (ReviewState.REJECTED, "rejected by rosa"),
        (ReviewState.APPROVED, ""),
        (VersionState.RETIRED, "retired"),
    ],
)
def test_what_became_of_a_version_while_its_letter_waited_is_told(
    became: ReviewState | VersionState, said: str, mail: Mail
) -> None:
    version = mail.publish()
    with mail.database.read() as connection:
        row = version_by_id(connection, version)
    if isinstance(became, ReviewState):
        review(mail.database, row, became, by="rosa")
    else:
        with mail.database.write() as connection:
            connection.execute(update(Version).where(Version.id == version).values(state=became))
    found = letter(mail).publication
    assert found is not None
    assert (found.since, found.remark) == (said, f"Since then it was {said}." if said else "")


def test_a_note_says_its_text(mail: Mail) -> None:
    version = mail.publish()
    told(mail, "remote-1")
    mail.note(version, "darker")
    made = letter(mail)
    assert made.note is not None
    assert (made.note.text, made.note.author, made.remote_version) == ("darker", "kim", "remote-1")


def test_a_job_says_where_it_stands_and_what_it_published(mail: Mail) -> None:
    job = mail.job()
    mail.publish(job=job, targets=())
    mail.publish(2, job=job, targets=(), file="plate.exr")
    mail.move(job, State.FAILED, done=3, failure="E205 frame 1002 is cut off")
    mail.worker().once()
    with mail.database.write() as connection:
        connection.execute(update(Delivery).values(state="pending"))
    seen = letter(mail).job
    assert seen is not None
    assert (seen.name, seen.state, seen.tasks_done, seen.tasks) == ("thumbs", State.FAILED, 3, 4)
    assert seen.line.startswith("E205 frame 1002 is cut off; shotmill explain J-")
    assert seen.versions == ("demo:sq010/sh010/p001@v001", "demo:sq010/sh010/p002@v001")
    assert [path.name for path in seen.pictures] == ["sh010.png"]


@pytest.mark.parametrize("kind", ["version-published", "job-state", "note-written", "version-reviewed"])
def test_what_is_not_there_any_more_cannot_be_told(kind: str, mail: Mail) -> None:
    version = mail.publish()
    row = claimed(mail)
    gone = {"version_id": None} if kind in {"version-published", "job-state"} else {"version_id": version}
    fields = {name: getattr(row, name) for name in Claimed.__slots__}
    lost = Claimed(**{**fields, **gone, "kind": kind, "fact": f"note:{uuid.uuid4()}"})
    with pytest.raises(NotFoundError):
        letter(mail, lost)


def test_a_version_that_is_not_published_cannot_be_told(mail: Mail) -> None:
    version = mail.publish()
    with mail.database.write() as connection:
        product = connection.execute(Product.__table__.select()).one().id
        reserved = uuid7()
        values = {"id": reserved, "product_id": product, "number": 2, "key": "k2", "author": "a", "folder": "f"}
        connection.execute(insert(Version).values(**values, lineage={}))
        connection.execute(update(Delivery).where(Delivery.version_id == version).values(version_id=reserved))
    with pytest.raises(NotFoundError, match="is not published"):
        letter(mail)


def test_a_letter_about_nothing_is_dead(mail: Mail) -> None:
    version = mail.publish()
    with mail.database.write() as connection:
        connection.execute(
            update(Delivery).where(Delivery.version_id == version).values(kind="note-written", fact=f"note:{uuid7()}")
        )
    mail.worker().once()
    assert mail.row().state == "dead"
    assert "is not there any more" in mail.row().last_error


def test_ids_at_targets_are_the_same_on_each_try(mail: Mail) -> None:
    mail.publish()
    made = letter(mail)
    assert made.remote_uuid("asset") == made.remote_uuid("asset") != made.remote_uuid("task")
    assert Path(str(made.about)).name == "p001@v001"
