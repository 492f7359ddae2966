"""Who may do what: every operation by every role, by real logins on PostgreSQL and by the setting on SQLite."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from published_rows import deliver, publish_row
from specs import spec, step
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from timelines import clip, movie, timeline, track, write

from shotmill.pipeline.ingest import IngestOptions, ingest
from shotmill.pipeline.outbox.pulled import PulledReview
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.audit import audit_of_subject
from shotmill.pipeline.store.catalog import VersionRow, versions
from shotmill.pipeline.store.colours import ColourPlace, change_colour
from shotmill.pipeline.store.endings import Finished, finish
from shotmill.pipeline.store.engines import enter, leave
from shotmill.pipeline.store.health import check_database
from shotmill.pipeline.store.interventions import request_cancel, retry
from shotmill.pipeline.store.jobs import put_job, set_engine_job, tasks_of
from shotmill.pipeline.store.migrate import downgrade, ensure_schema
from shotmill.pipeline.store.queue import claim
from shotmill.pipeline.store.reviews import Word, review, write_note
from shotmill.pipeline.store.roles import apply_roles, has_roles, roles_sql
from shotmill.pipeline.store.runs import record_run
from shotmill.pipeline.store.said import apply_said
from shotmill.schema.colour import ColourSetup
from shotmill.schema.errors import BadRequestError, DatabaseError, NotAllowedError
from shotmill.schema.ids import uuid7
from shotmill.schema.publishing import PublishReport
from shotmill.schema.roles import OPERATIONS, Role, grants, role_for
from shotmill.schema.states import ReviewState, State
from shotmill.schema.tables import Table, now

# By hand: the weakest role that may.
WEAKEST = {
    "read": "viewer",
    "note": "artist",
    "submit": "artist",
    "work": "artist",
    "publish": "artist",
    "ingest": "artist",
    "review": "supervisor",
    "colour": "supervisor",
    "deliver": "admin",
    "pull": "admin",
}
ROLES = ["viewer", "artist", "supervisor", "admin"]
ON_SERVER = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@dataclass(frozen=True)
class Shop:
    """A database with one version, which Kitsu calls K1; ``folder`` is for files."""

    owner: Database
    version: VersionRow
    folder: Path
    roles: dict[str, Database]


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Iterator[Shop]:
    version = publish_row(database, targets=["kitsu"])
    deliver(database, version, "kitsu", "K1")
    with ExitStack() as opened:
        roles = {}
        if not database.is_sqlite:
            apply_roles(database)
            apply_roles(database)  # again, which changes nothing
        for role in Role:
            if database.is_sqlite:
                roles[role.value] = Database(str(database.url), role=role)
            else:
                url = database.url.set(username=login(database, role)).render_as_string(hide_password=False)
                roles[role.value] = Database(url)
            opened.callback(roles[role.value].dispose)
        yield Shop(database, version, tmp_path, roles)


def login(database: Database, role: Role) -> str:
    """A login of the server that was granted the role."""
    name = f"trial_{role.value}"
    made = f"CREATE ROLE {name} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL"
    with database.write() as connection:
        connection.execute(text(f"DO $$ BEGIN {made}; END $$"))
        connection.execute(text(f"GRANT {role.name_on_server} TO {name}"))
    return name


def read(database: Database, shop: Shop) -> None:
    ensure_schema(database)
    assert versions(database, "demo")[-1].id == shop.version.id
    assert audit_of_subject(database, shop.version.address)
    with database.read() as connection:
        for table in Table.metadata.tables:
            connection.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - our own names


def note(database: Database, shop: Shop) -> None:
    write_note(database, shop.version, Word("edges", "x"))


def submit(database: Database, _shop: Shop) -> None:
    job, _is_new = put_job(
        database, spec(step(), id=str(uuid7()), key=uuid.uuid4().hex * 2), engine="local", folder="x"
    )
    set_engine_job(database, job.id, "1")
    request_cancel(database, job.id)
    assert retry(database, job.id, tasks=[task.id for task in tasks_of(database, job.id)]) == 1


def work(database: Database, shop: Shop) -> None:
    submit(shop.owner, shop)
    engine = enter(database, version="1", slots={})
    claims = [
        one for _step, some in claim(database, engine, host="h", lease_s=60, room=lambda _step: 1) for one in some
    ]
    ended = [Finished(one.task_id, one.job_id, one.attempt, State.SUCCEEDED) for one in claims]
    assert len(finish(database, engine, ended)) == len(claims) > 0
    leave(database, engine)


def publish(database: Database, shop: Shop) -> None:
    publish_row(database, targets=["kitsu"], sources=[shop.version], product=f"p{uuid.uuid4().hex[:8]}")
    report = PublishReport(job=str(uuid7()), outcome="published", started=now(), finished=now())
    record_run(database, report)


def ingesting(database: Database, shop: Shop) -> None:
    number = uuid.uuid4().int % 10**6
    path = write(
        shop.folder / f"{number}.otio", timeline(track(clip(f"sq010_sh{number}", (0, 9), movie("a.mov"))), start=None)
    )
    assert ingest(database, path, project="demo", cut="main", options=IngestOptions(user="ed")).added


def reviewing(database: Database, shop: Shop) -> None:
    for status in (ReviewState.APPROVED, ReviewState.PENDING):
        review(database, shop.version, status, by="x", word=Word("so", "x"))


def colouring(database: Database, _shop: Shop) -> None:
    for look in ("warm", None):
        setup = ColourSetup(look=look)
        assert change_colour(database, ColourPlace("demo"), lambda _old: setup, by="x")[1] == setup  # noqa: B023 - at once


def delivering(database: Database, _shop: Shop) -> None:
    change_by_hand(database, "UPDATE delivery SET attempts = attempts + 1")
    change_by_hand(database, "DELETE FROM delivery WHERE kind = 'none'")


def pull(database: Database, _shop: Shop) -> None:
    change_by_hand(database, "UPDATE person SET name = 'x' WHERE login = 'nobody'")
    for status in (ReviewState.REJECTED, ReviewState.PENDING):
        assert apply_said(database, "kitsu", [PulledReview("K1", status)]).refused == []


DOING: dict[str, Callable[[Database, Shop], None]] = {
    "read": read,
    "note": note,
    "submit": submit,
    "work": work,
    "publish": publish,
    "ingest": ingesting,
    "review": reviewing,
    "colour": colouring,
    "deliver": delivering,
    "pull": pull,
}


def test_every_operation_is_tried() -> None:
    assert set(DOING) == set(WEAKEST) == set(OPERATIONS)


@pytest.mark.parametrize("operation", DOING)
def test_an_operation_is_for_its_roles_and_refused_to_all_others(operation: str, shop: Shop) -> None:
    for role in ROLES:
        if ROLES.index(role) >= ROLES.index(WEAKEST[operation]):
            DOING[operation](shop.roles[role], shop)
            continue
        with pytest.raises(NotAllowedError, match="may not") as refused:
            DOING[operation](shop.roles[role], shop)
        assert (refused.value.code, refused.value.retryable) == ("E304", False)
        needed = refused.value.fields["role"]
        assert ROLES.index(role) < ROLES.index(needed) <= ROLES.index(WEAKEST[operation])
        assert f"needs the role {needed}" in refused.value.message


def test_what_happened_is_changed_by_nobody(shop: Shop) -> None:
    for role in ROLES:
        for change in ("UPDATE event SET actor = 'x'", "DELETE FROM event", "DELETE FROM version", "DELETE FROM file"):
            with pytest.raises((DatabaseError, IntegrityError), match=r"nobody may|never changed"):
                change_by_hand(shop.roles[role], change)


def change_by_hand(database: Database, statement: str) -> int:
    with database.write() as connection:
        return connection.execute(text(statement)).rowcount


def test_the_tables_are_changed_by_their_owner_alone(shop: Shop) -> None:
    others = [role for role in ROLES if not (shop.owner.is_sqlite and role == "admin")]  # who is alone on this machine
    for role in others:
        with pytest.raises(DatabaseError, match="only the owner"):
            downgrade(shop.roles[role])
        assert check_database(shop.roles[role]).problems == ()


@ON_SERVER
def test_who_publishes_does_not_approve_behind_our_back(shop: Shop) -> None:
    review(shop.owner, shop.version, ReviewState.APPROVED, by="sue")
    artist = shop.roles["artist"]
    assert change_by_hand(artist, "UPDATE pointer SET moved = moved WHERE name = 'approved'") == 0
    assert change_by_hand(artist, "UPDATE pointer SET moved = moved WHERE name = 'latest'") == 1
    with pytest.raises(DatabaseError, match="needs the role supervisor"):
        change_by_hand(artist, "INSERT INTO pointer SELECT product_id, 'approved', version_id, moved FROM pointer")


@ON_SERVER
def test_the_server_grants_what_the_table_says_and_nothing_more(shop: Shop) -> None:
    assert has_roles(shop.owner)
    asked = text("SELECT has_table_privilege(:role, :name, :verb)")
    with shop.owner.read() as connection:
        for role in Role:
            for table in Table.metadata.tables:
                for verb in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                    given = {"role": role.name_on_server, "name": table, "verb": verb}
                    assert connection.execute(asked, given).scalar() == (verb in grants(role).get(table, ())), given


@ON_SERVER
def test_a_login_may_work_as_less_than_it_may(shop: Shop) -> None:
    url = shop.roles["admin"].url.render_as_string(hide_password=False)
    less = Database(url, role=Role.VIEWER)
    with pytest.raises(DatabaseError, match="the role viewer may not add to 'note'"):
        write_note(less, shop.version, Word("x", "x"))
    less.dispose()
    more = Database(shop.roles["viewer"].url.render_as_string(hide_password=False), role=Role.ADMIN)
    with pytest.raises(DatabaseError, match="not given to this login"):
        versions(more, "demo")
    more.dispose()


def test_sqlite_has_no_roles_to_be_told_of(sqlite_database: Database) -> None:
    with pytest.raises(BadRequestError, match="serves one person"):
        apply_roles(sqlite_database)
    assert not has_roles(sqlite_database)


def test_each_role_may_what_weaker_ones_may() -> None:
    for weaker, stronger in zip(Role, list(Role)[1:], strict=False):
        assert all(verbs <= grants(stronger)[table] for table, verbs in grants(weaker).items())
    assert role_for("UPDATE", "event") is None
    assert set(grants(Role.ADMIN)) <= set(Table.metadata.tables)


def test_what_is_printed_is_plain_sql() -> None:
    assert roles_sql().count("CREATE ROLE") == len(Role)
    assert "GRANT INSERT, UPDATE ON public.review TO shotmill_supervisor;" in roles_sql()
