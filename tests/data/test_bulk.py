"""Many rows at once: what SQLite's INSERT and PostgreSQL's COPY store is the same, whatever it is."""

from __future__ import annotations

import math
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DataError, IntegrityError
from timelines import clip, movie, timeline, track, write

from shotmill.pipeline.ingest import ingest
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.bulk import copy_text, insert_content, insert_many
from shotmill.pipeline.store.entities import ensure_project, ensure_sequence
from shotmill.pipeline.store.migrate import upgrade
from shotmill.schema.errors import DatabaseError
from shotmill.schema.ids import uuid7
from shotmill.schema.tables import Blob, Cut, CutClip, CutVersion, Event, MediaState, Project, Shot
from shotmill.schema.tables import Sequence as SequenceRow

Row = dict[str, Any]
HOSTILE = [
    *("", " ", "\\", "\\N", "\\.", "\\\\N", "\\t", "\t", "\n", "\r", "\r\n", "a\tb\nc\rd\\", "\b\f\v\x01\x1b\x7f"),
    *("NULL", "null", "'", '"', "''; DROP TABLE clip; --", "%s %(a)s %%", ":name", "{}", "[]", "\\x00", "\u2028"),
    *("ümläut", "ß", "日本語", "🎬", "e\u0301", "\u202e", "\ufeff", "\U0010ffff"),
]


def clip_row(version: uuid.UUID, position: int, name: str = "", **more: Any) -> Row:
    known: Row = {
        "id": uuid.UUID(int=(7 << 76) | (2 << 62) | position),
        "cut_version_id": version,
        "position": position,
        "shot_id": None,
        "name": name,
        "track": name,
        "path": [name, "", name],
        "media": name or None,
        "media_state": MediaState.MISSING,
        "source_in": -(2**31),
        "source_out": 2**31 - 1,
        "record_in": 0,
        "record_out": -1,
        "available_in": None,
        "available_out": 0,
        "handle_in": 0,
        "handle_out": 8,
        "rate_num": 24000,
        "rate_den": 1001,
        "speed": -0.1,
        "transition_in": None,
        "transition_out": {"type": name, "before": 1, "after": None},
        "enabled": position % 2 == 0,
        "facts": {name: [name, 1, 2.5, True, None, {}]},
    }
    return known | more


def shot_row(project: uuid.UUID, sequence: uuid.UUID, code: str, **more: Any) -> Row:
    span: Row = dict.fromkeys(("cut_in", "cut_out", "rate_num", "rate_den"))
    known: Row = {"id": uuid7(), "project_id": project, "sequence_id": sequence, "code": code}
    return known | span | {"handle_in": 0, "handle_out": 0, "colour": {}, "remote": {}} | more


@pytest.fixture
def version(database: Database) -> uuid.UUID:
    """A cut's version, to hang clips on; its id is the same on both databases."""
    return make_version(database)


def make_version(database: Database) -> uuid.UUID:
    found = uuid.UUID(int=7)
    values = {"number": 1, "checksum": "0" * 64, "source": "", "rate_num": 24, "rate_den": 1}
    with database.write() as connection:
        project = ensure_project(connection, "demo")
        connection.execute(insert(Cut).values(id=found, project_id=project, name="main"))
        connection.execute(insert(CutVersion).values(id=found, cut_id=found, **values))
    return found


@pytest.fixture
def both(tmp_path: Path, postgres_url: str) -> Iterator[tuple[Database, Database]]:
    """SQLite and PostgreSQL."""
    found = Database(f"sqlite:///{tmp_path / 'one.db'}"), Database(postgres_url)
    for database in found:
        upgrade(database)
    yield found
    for database in found:
        database.dispose()


def stored(database: Database, table: Any = CutClip, order: str = "position") -> list[Row]:
    with database.read() as connection:
        rows = connection.execute(select(*table.__table__.columns).order_by(order))
        return [dict(row._mapping) for row in rows]


def test_hostile_text_comes_back_as_it_was(database: Database, version: uuid.UUID) -> None:
    rows = [clip_row(version, position, name) for position, name in enumerate(HOSTILE, start=1)]
    with database.write() as connection:
        insert_many(connection, CutClip, rows)
    assert stored(database) == rows


@settings(max_examples=60, deadline=None)
@given(
    name=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=256),
    speed=st.floats(allow_nan=False) | st.just(math.inf),
    facts=st.dictionaries(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.integers()),
)
def test_any_text_is_written_on_one_line_that_says_it(name: str, speed: float, facts: Row) -> None:
    line = "\t".join(copy_text(value) for value in (name, speed, str(facts), None))
    assert "\n" not in line
    assert "\r" not in line
    first, second, third, fourth = (unescaped(field) for field in line.split("\t"))
    assert (first, float(second or "nan"), third, fourth) == (name, speed, str(facts), None)


def unescaped(field: str) -> str | None:
    """What PostgreSQL's manual says a field of COPY's text format means."""
    if field == "\\N":
        return None
    found, chars = "", iter(field)
    for char in chars:
        after = next(chars) if char == "\\" else ""
        found += {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}[after] if after else char
    return found


@pytest.mark.parametrize(
    ("value", "line"),
    [
        pytest.param(None, "\\N", id="nothing"),
        pytest.param("\\N", "\\\\N", id="text that looks like nothing"),
        pytest.param("\\.", "\\\\.", id="text that looks like the end"),
        pytest.param("a\tb\\n", "a\\tb\\\\n", id="a tab, and a backslash before n"),
        pytest.param(True, "True", id="truth"),
        pytest.param(0.1, "0.1", id="a float in its shortest form"),
        pytest.param(Decimal("1.10"), "1.10", id="a decimal"),
        pytest.param(uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001", id="an id"),
        pytest.param(
            datetime(2026, 11, 21, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
            "2026-11-21 01:02:03.000004-03:30",
            id="a moment in Newfoundland",
        ),
    ],
)
def test_a_value_is_written_as_the_manual_says(value: object, line: str) -> None:
    assert copy_text(value) == line


def test_a_copied_row_is_the_row_of_an_insert(postgres_url: str, opened: Callable[[str], Database]) -> None:
    database = opened(postgres_url)
    upgrade(database)
    version = make_version(database)
    rows = [clip_row(version, position, name) for position, name in enumerate(HOSTILE, start=1)]
    texts = []
    for copied in (True, False):
        with database.write() as connection:
            if copied:
                insert_many(connection, CutClip, rows)
            else:
                connection.execute(insert(CutClip), rows)
            texts.append(connection.execute(text("SELECT clip::text FROM clip ORDER BY position")).scalars().all())
            connection.execute(text("DELETE FROM clip"))
    assert texts[0] == texts[1]  # a NULL is a NULL, and JSON's null is JSON's null


def test_a_moment_keeps_its_microseconds(database: Database) -> None:
    moments = [datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), datetime(2300, 2, 28, 1, 2, 3, 4, tzinfo=UTC)]
    rows = [
        {"number": n, "at": at, "actor": "a", "host": "", "verb": "v", "subject": "s", "facts": {}}
        for n, at in enumerate(moments, start=1)
    ]
    with database.write() as connection:
        insert_many(connection, Event, rows)
    assert [row["at"] for row in stored(database, Event, "number")] == moments


@pytest.fixture
def place(database: Database) -> tuple[uuid.UUID, uuid.UUID]:
    """A project and a sequence."""
    with database.write() as connection:
        project = ensure_project(connection, "demo")
        return project, ensure_sequence(connection, project, "sq010")


def test_rows_that_are_there_are_left_as_they_are(database: Database, place: tuple[uuid.UUID, uuid.UUID]) -> None:
    rows = [shot_row(*place, f"sh{n:03d}") for n in range(600)]
    with database.write() as connection:
        insert_many(connection, Shot, rows[300:400], ignore=True)
    changed = [row | {"id": uuid7(), "handle_in": 9} for row in rows]
    with database.write() as connection:
        insert_many(connection, Shot, changed, ignore=True)
    found = stored(database, Shot, "code")
    assert found == [*changed[:300], *rows[300:400], *changed[400:]]


def test_rows_that_must_be_new_are_refused_when_they_are_not(
    database: Database, place: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with database.write() as connection:
        insert_many(connection, Shot, [shot_row(*place, "sh010")])
    with pytest.raises(IntegrityError), database.write() as connection:
        insert_many(connection, Shot, [shot_row(*place, "sh020"), shot_row(*place, "sh010")])
    assert [row["code"] for row in stored(database, Shot, "code")] == ["sh010"]


def test_a_row_that_points_at_nothing_is_refused_though_doubles_are_ignored(
    database: Database, place: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with pytest.raises(IntegrityError), database.write() as connection:
        insert_many(connection, Shot, [shot_row(place[0], uuid7(), "sh010")], ignore=True)
    assert not stored(database, Shot, "code")


def test_a_row_must_name_every_column(database: Database, place: tuple[uuid.UUID, uuid.UUID]) -> None:
    row = shot_row(*place, "sh010")
    del row["remote"]
    with pytest.raises(ValueError, match="rows for shot name"), database.write() as connection:
        insert_many(connection, Shot, [row])


def test_no_rows_are_no_statement(database: Database) -> None:
    with database.write() as connection:
        insert_many(connection, Shot, [])
    assert not stored(database, Shot, "code")


def test_what_fails_while_rows_are_written_is_raised_as_it_is(
    postgres_url: str, opened: Callable[[str], Database]
) -> None:
    database = opened(postgres_url)
    upgrade(database)
    version = make_version(database)
    rows = [clip_row(version, position) for position in range(1, 999)]
    for wrong, error in ((object(), TypeError), (b"\\", TypeError), ("x" * 257, DataError), ("a\0b", DataError)):
        rows[900]["name"] = wrong
        with pytest.raises(error), database.write() as connection:
            insert_many(connection, CutClip, rows)
        assert not stored(database)


def test_a_server_that_is_gone_is_a_database_error(postgres_url: str, opened: Callable[[str], Database]) -> None:
    database, other = opened(postgres_url), opened(postgres_url)
    upgrade(database)
    version = make_version(database)
    with pytest.raises(DatabaseError), database.write() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with other.write() as admin:
            admin.execute(text(f"SELECT pg_terminate_backend({pid}, 5000)"))
        insert_many(connection, CutClip, [clip_row(version, 1)])
    assert not stored(database)  # on a new connection


def test_content_is_kept_to_the_bit_and_once(database: Database) -> None:
    content = bytes(range(256)) * 5000
    for again in (content, b"not looked at"):
        with database.write() as connection:
            insert_content(connection, "ab" * 32, "otio_json", again)
    (row,) = stored(database, Blob, "checksum")
    assert (bytes(row["content"]), row["media_type"]) == (content, "otio_json")
    assert abs(datetime.now(UTC) - row["created"]) < timedelta(minutes=5)


def test_content_that_two_bring_at_once_is_kept_once(postgres_url: str, opened: Callable[[str], Database]) -> None:
    database, arrived = opened(postgres_url), threading.Event()
    upgrade(database)

    def second() -> None:
        with database.write() as connection:
            arrived.set()
            insert_content(connection, "ab" * 32, "otio_json", b"first")

    with ThreadPoolExecutor(1) as pool:
        with database.write() as connection:
            insert_content(connection, "ab" * 32, "otio_json", b"first")
            waiting = pool.submit(second)
            assert arrived.wait(10)
            while not waiting_for_locks(database):
                time.sleep(0.02)
        waiting.result(timeout=10)
    assert [bytes(row["content"]) for row in stored(database, Blob, "checksum")] == [b"first"]


def waiting_for_locks(database: Database) -> int:
    with database.read() as connection:
        wanted = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return int(connection.execute(text(wanted)).scalar_one())


def hostile_cut() -> list[Row]:
    """Clips of names, reels, markers and media that try to be more than text."""
    found = []
    for number, bait in enumerate(HOSTILE):
        marker: Row = {"OTIO_SCHEMA": "Marker.2", "name": bait, "color": "RED", "metadata": {}, "marked_range": None}
        found.append(
            clip(
                f"sq{number % 3:03d}_sh{number:03d} {bait}",
                (10, 20),
                movie(f"/plates/{bait}.mov", (0, 100)),
                metadata={"cmx_3600": {"reel": bait}, "shotmill": {"colourspace": bait}},
                markers=[marker | {"marked_range": clip()["source_range"]}],
            )
        )
    return found


def test_both_databases_hold_equal_rows_of_a_hostile_cut(both: tuple[Database, Database], tmp_path: Path) -> None:
    path = write(tmp_path / "edit.otio", timeline(track(*hostile_cut())))
    reports = [ingest(database, path, project="demo", cut="main") for database in both]
    assert reports[0] == reports[1]
    assert reports[0].clips == len(HOSTILE)
    one, other = (
        [told(database, table) for table in (Project, SequenceRow, Shot, CutVersion, CutClip)] for database in both
    )
    assert one == other
    assert any("日本語" in row["name"] for row in one[-1])
    assert [ingest(database, path, project="demo", cut="main").added for database in both] == [False, False]
    assert [told(database, CutClip) for database in both] == [one[-1], one[-1]]


def told(database: Database, table: Any) -> list[Row]:
    """The rows without ids and times, each id replaced by the code of its row."""
    order = "position" if table is CutClip else "number" if table is CutVersion else "code"
    codes = {
        row["id"]: row["code"] for known in (Project, SequenceRow, Shot) for row in stored(database, known, "code")
    }
    rows = stored(database, table, order)
    left_out = {"id", "created", "cut_id", "cut_version_id"}
    return [
        {
            name: codes.get(value, value) if name.endswith("_id") else value
            for name, value in row.items()
            if name not in left_out
        }
        for row in rows
    ]


def test_two_cuts_that_name_the_same_shots_backwards_wait_for_each_other(
    postgres_url: str, opened: Callable[[str], Database], tmp_path: Path
) -> None:
    database, names = opened(postgres_url), [f"sq010_sh{n:03d}" for n in range(100)]
    upgrade(database)
    paths = [
        write(tmp_path / "onwards.otio", timeline(track(*[clip(name) for name in names]))),
        write(tmp_path / "backwards.otio", timeline(track(*[clip(name) for name in reversed(names)]))),
    ]
    with database.write() as connection:
        project = ensure_project(connection, "demo")
        sequence = ensure_sequence(connection, project, "sq010")
    with ThreadPoolExecutor(2) as pool:
        with database.engine.begin() as connection:  # whoever comes to the shot in the middle waits for this one
            insert_many(connection, Shot, [shot_row(project, sequence, "sh050")])
            ingests = [pool.submit(ingest, database, path, project="demo", cut=path.stem) for path in paths]
            while waiting_for_locks(database) < len(ingests):
                time.sleep(0.02)
            connection.rollback()
        assert [one.result(timeout=30).clips for one in ingests] == [100, 100]
    shots = {row["id"] for row in stored(database, Shot, "code")}
    assert len(shots) == 100
    assert {row["shot_id"] for row in stored(database, CutClip, "id")} == shots
