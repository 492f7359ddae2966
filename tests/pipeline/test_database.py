"""Connections: errors in our words, durable writes, no password in sight."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.exc import StatementError

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import revision, upgrade
from shotmill.schema.errors import ConfigError, DatabaseError
from shotmill.schema.migrations import HEAD
from shotmill.schema.tables import Project


@pytest.mark.parametrize("url", ["nonsense", "mysql://db/farm", "postgresql+psycopg://db/farm"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"sqlite|SQLite|postgresql"):
        Database(url)


def test_an_unreachable_server_is_one_error_of_ours() -> None:
    database = Database("postgresql+psycopg2://artist:secret@127.0.0.1:1/none")
    with pytest.raises(DatabaseError) as caught, database.read():
        pass
    assert "secret" not in caught.value.line()
    assert caught.value.retryable


def test_who_freezes_in_a_transaction_keeps_nobody_waiting(
    postgres_url: str, opened: Callable[[str], Database]
) -> None:
    database, frozen = opened(postgres_url), Database(postgres_url, max_pause_s=0.5)
    upgrade(database)
    with pytest.raises(DatabaseError), frozen.write() as connection:
        connection.execute(insert(Project).values(code="demo", name="demo"))
        with database.write() as other:  # waits for the same name until the first is ended
            other.execute(insert(Project).values(code="demo", name="demo"))
    frozen.dispose()


def test_the_place_never_shows_a_password() -> None:
    assert "secret" not in Database("postgresql+psycopg2://artist:secret@db/farm").place


def test_sqlite_commits_survive_a_power_cut(tmp_path: Path, opened: Callable[[str], Database]) -> None:
    with opened(f"sqlite:///{tmp_path / 'x.db'}").read() as connection:
        modes = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert modes == ["wal", 2]  # 2 is FULL: sqlite.org/pragma.html#pragma_synchronous


def test_whoever_makes_a_database_waits_for_another_who_does(tmp_path: Path, opened: Callable[[str], Database]) -> None:
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    ends = threading.Timer(0.3, other.commit)
    ends.start()
    with opened(f"sqlite:///{tmp_path / 'x.db'}").read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    ends.join()
    other.close()


def test_a_server_whose_tables_are_made_meanwhile_has_them(
    postgres_url: str, opened: Callable[[str], Database]
) -> None:
    database, others = opened(postgres_url), [opened(postgres_url)]

    def made(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "to_regclass" in statement and others:
            upgrade(others.pop())

    event.listen(database.engine, "after_cursor_execute", made)
    assert revision(database) in {None, HEAD}
    assert revision(database) == HEAD


def test_a_raise_rolls_everything_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute(insert(Project).values(code="demo", settings={}, remote={}))
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.execute(select(Project)).all() == []


def test_moments_come_back_in_utc(database: Database) -> None:
    noon_in_tokyo = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=9)))
    with database.write() as connection:
        connection.execute(insert(Project).values(code="demo", settings={}, remote={}, created=noon_in_tokyo))
        found = connection.execute(select(Project.created)).scalar_one()
    assert found == noon_in_tokyo
    assert found.tzinfo is UTC


def test_a_naive_moment_is_refused(database: Database) -> None:
    naive = datetime.fromisoformat("2026-11-21T12:00")
    with pytest.raises(StatementError, match="naive"), database.write() as connection:
        connection.execute(insert(Project).values(code="demo", settings={}, remote={}, created=naive))
