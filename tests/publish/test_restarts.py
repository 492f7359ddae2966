"""PostgreSQL that is restarted, and crashes, while many publish: nothing is lost, and all go on at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from done_jobs import staged, visible
from postgres import LastingPostgres, lasting_postgres
from sqlalchemy import func, select

from shotmill.pipeline.publish.verify import verify_folder, version_folders
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import upgrade
from shotmill.schema.states import VersionState
from shotmill.schema.tables import Delivery, Event, Product, PublishedFile, Version

# In full: SHOTMILL_TEST_RESTARTS=20 pytest -s tests/publish/test_restarts.py; read before fixtures take it away.
RESTARTS = int(os.environ.get("SHOTMILL_TEST_RESTARTS", "4"))
CLIENTS = 20
VERSIONS = 2000 if RESTARTS >= 20 else 200
PATIENCE_S = 30.0
MODES = ("fast", "immediate")

pytestmark = [pytest.mark.kill, pytest.mark.slow]


@dataclass
class Story:
    """What the clients said, and when the server was away: from, until."""

    done: list[tuple[int, int, float]] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    away: list[tuple[float, float]] = field(default_factory=list)

    def hear(self, line: str) -> None:
        what, client, said, moment = json.loads(line)
        if what == "done":
            self.done.append((client, said, moment))
        else:
            (self.again if what == "again" else self.dead).append(said)

    def silences(self) -> list[tuple[float, float]]:
        """For each restart: seconds from the server's return to the first version, and to that of the last client."""
        found = []
        for _, back in self.away:
            first: dict[int, float] = {}
            for client, _, moment in sorted(self.done, key=lambda one: one[2]):
                if moment > back:
                    first.setdefault(client, moment - back)
            found.append((min(first.values()), max(first.values())))
        return found


@pytest.fixture
def server() -> Iterator[LastingPostgres]:
    with lasting_postgres() as made:
        yield made


def test_a_database_that_is_restarted_again_and_again_loses_no_publish(server: LastingPostgres, tmp_path: Path) -> None:
    database = Database(server.url)
    upgrade(database)
    database.dispose()
    began = time.monotonic()
    story = publish_through_restarts(server, tmp_path)
    took_s = time.monotonic() - began
    assert story.dead == []
    assert len(story.away) == RESTARTS
    silences = story.silences()
    line = (
        f"{RESTARTS} restarts of PostgreSQL (each second a crash) during {len(story.done)} publishes by {CLIENTS} "
        f"clients in {took_s:.1f} s: {len(story.again)} tries again, "
        f"first client back after at most {max(first for first, _ in silences):.2f} s, "
        f"last after {max(last for _, last in silences):.2f} s"
    )
    print(line)  # noqa: T201 - the figure of the restarts
    assert max(first for first, _ in silences) < PATIENCE_S
    assert len(story.again) >= RESTARTS, Counter(story.again)
    check_all(database, tmp_path / "projects")
    assert sorted(number for _, number, _ in story.done) == list(range(1, VERSIONS + 1))
    database.dispose()


def publish_through_restarts(server: LastingPostgres, home: Path) -> Story:
    story = Story()
    script = Path(__file__).with_name("restarted.py")
    argv = [sys.executable, str(script), server.url, str(home), str(CLIENTS), str(VERSIONS // CLIENTS)]
    paths = os.pathsep.join([str(Path(__file__).parents[1] / "support"), *sys.path])
    environment = {**os.environ, "PYTHONPATH": paths}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            story.hear(line)
            if len(story.away) < RESTARTS and len(story.done) > len(story.away) * VERSIONS // (RESTARTS + 1) + 5:
                down = time.monotonic()
                server.restart(MODES[len(story.away) % 2])
                story.away.append((down, time.monotonic()))
    return story


def check_all(database: Database, projects: Path) -> None:
    """Consecutive versions, each whole, each told and audited once, and nothing in staging."""

    def each(column: Any) -> list[Any]:
        """How often each version is named."""
        return sorted(Counter(connection.scalars(select(column))).values())

    with database.read() as connection:
        rows = connection.execute(select(Version.number, Version.state).order_by(Version.number)).all()
        assert [row.number for row in rows] == list(range(1, VERSIONS + 1))
        assert {row.state for row in rows} == {VersionState.PUBLISHED}
        assert connection.scalars(select(Product.next_version)).all() == [VERSIONS + 1]
        assert each(Delivery.version_id) == [1] * VERSIONS
        assert each(Event.subject) == [1] * VERSIONS
        assert connection.execute(select(func.count()).select_from(PublishedFile)).scalar_one() == VERSIONS
    assert len(visible(projects)) == VERSIONS
    assert staged(projects) == []
    assert [verify_folder(folder).problems for folder in version_folders(projects)] == [()] * VERSIONS
