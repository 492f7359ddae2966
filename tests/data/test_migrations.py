"""The tables' history: up, down, up again, on both databases, with nothing lost and nothing left half."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import uuid
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from done_jobs import SHOT
from sqlalchemy import insert, inspect, select, text

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.entities import ensure_product
from shotmill.pipeline.store.health import drift
from shotmill.pipeline.store.migrate import downgrade, ensure_schema, revision, upgrade
from shotmill.schema.errors import BadRequestError, DatabaseError, SchemaVersionError
from shotmill.schema.migrations import FOLDER, HEAD, REVISIONS
from shotmill.schema.tables import Delivery, Project, Table, Version

ENSURE = (
    "import sys\n"
    "from shotmill.pipeline.store import Database\n"
    "from shotmill.pipeline.store.migrate import ensure_schema\n"
    "ensure_schema(Database(sys.argv[1]))\n"
    "print('alembic' in sys.modules)\n"
)


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    """A database without tables, on both kinds."""
    found = Database(database_url)
    yield found
    found.dispose()


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_the_shipped_head_is_the_head_of_the_tree() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    tree = ScriptDirectory.from_config(config)
    assert tuple(reversed([one.revision for one in tree.walk_revisions()])) == REVISIONS
    assert tree.get_heads() == [HEAD]


def test_upgraded_tables_are_the_programs_tables(empty: Database) -> None:
    assert upgrade(empty) == REVISIONS
    assert tables(empty) == set(Table.metadata.tables)
    assert drift(empty) == []


def test_migrated_sqlite_tables_read_like_made_ones(tmp_path: Path, opened: Callable[[str], Database]) -> None:
    made, migrated = (opened(f"sqlite:///{tmp_path / name}") for name in ("made.db", "migrated.db"))
    Table.metadata.create_all(made.engine)
    upgrade(migrated)
    assert ddl(migrated) == ddl(made)


def ddl(database: Database) -> dict[str, list[str]]:
    """Each table's columns and constraints, sorted: checks too, which Alembic does not compare."""
    query = "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
    with database.read() as connection:
        rows = connection.execute(text(query)).all()
    plain = {name: re.sub(r"\s+", " ", sql).replace("( ", "(").replace('"', "") for name, sql in rows}
    return {
        name: sorted(part.strip(" ,)") for part in re.split(r", (?=[a-z_A-Z]+ )", sql.partition("(")[2]))
        for name, sql in plain.items()
        if name not in {"alembic_version", "sqlite_sequence"}
    }


def test_publish_fact_19_down_to_nothing_and_up_again_drifts_nowhere(empty: Database) -> None:
    upgrade(empty)
    assert downgrade(empty, steps=len(REVISIONS)) == tuple(reversed(REVISIONS))
    assert tables(empty) == set()
    upgrade(empty)
    assert drift(empty) == []


@pytest.mark.parametrize("target", REVISIONS[:-1])
def test_publish_fact_19_each_step_down_and_up_keeps_older_rows(empty: Database, target: str) -> None:
    upgrade(empty)
    with empty.write() as connection:
        connection.execute(insert(Project).values(code="kept", settings={"a": [1]}, remote={}))
    downgrade(empty, steps=len(REVISIONS) - REVISIONS.index(target) - 1)
    assert revision(empty) == target
    upgrade(empty)
    with empty.read() as connection:
        assert connection.execute(select(Project.code, Project.settings)).all() == [("kept", {"a": [1]})]
    assert drift(empty) == []


def test_an_embedded_database_makes_itself(tmp_path: Path, opened: Callable[[str], Database]) -> None:
    database = opened(f"sqlite:///{tmp_path / 'new' / 'x.db'}")
    ensure_schema(database)
    assert revision(database) == HEAD


def test_an_embedded_database_upgrades_itself_and_keeps_its_rows(
    tmp_path: Path, opened: Callable[[str], Database]
) -> None:
    database = opened(f"sqlite:///{tmp_path / 'x.db'}")
    upgrade(database, REVISIONS[0])
    with database.write() as connection:
        connection.execute(insert(Project).values(code="kept", settings={}, remote={}))
    ensure_schema(database)
    with database.read() as connection:
        assert connection.execute(select(Project.code)).scalars().all() == ["kept"]
    assert revision(database) == HEAD


def test_a_server_is_upgraded_by_command_only(postgres_url: str, opened: Callable[[str], Database]) -> None:
    database = opened(postgres_url)
    with pytest.raises(SchemaVersionError, match="has no tables yet") as caught:
        ensure_schema(database)
    assert caught.value.hint == "shotmill db upgrade"
    upgrade(database, REVISIONS[0])
    with pytest.raises(SchemaVersionError, match=f"is at revision {REVISIONS[0]}; this program needs revision {HEAD}"):
        ensure_schema(database)
    upgrade(database)
    ensure_schema(database)


def test_a_current_database_is_looked_at_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    answers = [subprocess.run([sys.executable, "-c", ENSURE, url], capture_output=True, text=True, check=True).stdout]
    answers += [subprocess.run([sys.executable, "-c", ENSURE, url], capture_output=True, text=True, check=True).stdout]
    assert answers == ["True\n", "False\n"]


def test_eight_processes_may_make_one_database_at_once(tmp_path: Path, opened: Callable[[str], Database]) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    started = [
        subprocess.Popen([sys.executable, "-c", ENSURE, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(8)
    ]
    complaints = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0] * 8, complaints
    assert drift(opened(url)) == []


def test_a_database_of_a_newer_program_is_left_alone(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (ensure_schema, upgrade, downgrade):
        with pytest.raises(SchemaVersionError, match=f"at revision 9999, made by a newer .* up to {HEAD}"):
            attempt(database)


def test_tables_of_unknown_make_are_left_alone(empty: Database) -> None:
    Table.metadata.create_all(empty.engine)
    with pytest.raises(SchemaVersionError, match="does not say of which revision"):
        ensure_schema(empty)


def test_an_upgrade_that_fails_leaves_nothing_half(empty: Database) -> None:
    with empty.write() as connection:
        connection.execute(text("CREATE TABLE delivery (id INTEGER)"))  # the last revision makes one too
    with pytest.raises(DatabaseError, match="delivery"):
        upgrade(empty)
    assert tables(empty) == {"delivery"}
    assert revision(empty) is None


def test_a_change_that_would_leave_rows_pointing_at_nothing_is_undone(sqlite_database: Database) -> None:
    with (
        pytest.raises(DatabaseError, match="1 rows of cut would point at nothing"),
        sqlite_database.reshape() as connection,
    ):
        row = {"id": "a" * 32, "project": "b" * 32}
        connection.execute(text("INSERT INTO cut (id, project_id, name) VALUES (:id, :project, 'x')"), row)
    with sqlite_database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM cut")).scalar() == 0
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize("steps", [0, -1, len(REVISIONS) + 1])
def test_no_more_can_be_taken_back_than_there_is(database: Database, steps: int) -> None:
    with pytest.raises(BadRequestError, match=f"has {len(REVISIONS)} revisions"):
        downgrade(database, steps)


def test_a_revision_that_is_not_there_or_lies_below_is_refused(database: Database) -> None:
    with pytest.raises(BadRequestError, match="known: 0001"):
        upgrade(database, "0815")
    with pytest.raises(BadRequestError, match="above 0001") as caught:
        upgrade(database, REVISIONS[0])
    assert caught.value.hint == f"shotmill db downgrade --steps {len(REVISIONS) - 1}"


def test_a_percent_sign_in_a_path_is_no_trouble(tmp_path: Path, opened: Callable[[str], Database]) -> None:
    database = opened(f"sqlite:///{tmp_path / 'a%20b.db'}")
    assert upgrade(database) == REVISIONS


def test_a_new_revision_can_be_written_and_run(tmp_path: Path, opened: Callable[[str], Database]) -> None:
    """As a developer does it; the trap: types of the program's own, which a revision must not import."""
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    url = f"sqlite:///{tmp_path / 'x.db'}"
    database = opened(url)
    upgrade(database)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE note DROP COLUMN drawing"))
        connection.execute(text("ALTER TABLE review DROP COLUMN moved"))
    config = Config(cmd_opts=Namespace(x=[f"url={url}"]))
    config.set_main_option("script_location", str(folder))
    command.revision(config, "put both columns back", autogenerate=True)
    command.upgrade(config, "head")
    assert drift(database) == []


def test_what_an_older_program_told_keeps_its_row_under_its_name(empty: Database) -> None:
    upgrade(empty, "0007")
    version = uuid.UUID("01234567-89ab-7cde-8f01-23456789abcd")
    told = "INSERT INTO delivery (id, version_id, target, kind, payload, state, attempts, created)"
    with empty.write() as connection:
        product = ensure_product(connection, SHOT, "comp", "image")
        made = {"id": version, "product_id": product, "number": 1, "key": "k", "author": "maya", "folder": "v001"}
        connection.execute(insert(Version).values(**made, lineage={}))
        row = "SELECT id, id, 'slack', 'version-published', '{}', 'pending', 0, created FROM version"
        connection.execute(text(f"{told} {row}"))
    upgrade(empty)
    with empty.read() as connection:
        assert connection.execute(select(Delivery.fact, Delivery.told)).all() == [(f"version:{version}", {})]
    downgrade(empty)
    upgrade(empty)
    with empty.read() as connection:
        assert connection.scalars(select(Delivery.fact)).all() == [f"version:{version}"]
