"""Publishes that run, and die, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from done_jobs import done_job, job_spec, output_spec, staged, visible
from sqlalchemy import func, select

from shotmill.pipeline.publish.verify import verify_folder, version_folders
from shotmill.pipeline.store import Database
from shotmill.schema.states import VersionState
from shotmill.schema.tables import Delivery, Event, Product, Version


class Farm:
    """A home and a database in which publishes run as processes of their own."""

    def __init__(self, home: Path, url: str, jobs: Path, server: subprocess.Popen[str]) -> None:
        self.home, self.url, self.jobs, self.server = home, url, jobs, server

    def job(self, name: str, *, product: str = "comp", size: int = 2000) -> Path:
        """The folder of a job whose work is done."""
        spec = job_spec(output_spec(product=product))
        content: dict[int | None, bytes] = {frame: f"{name} {frame} ".encode() * size for frame in (1001, 1002, 1003)}
        return done_job(self.jobs / name, spec, content).root

    def run(self, job: Path, point: str = "-", nth: int = 1, seconds: float = 0) -> tuple[int, str]:
        """Publish in a process of its own; its exit code and last words."""
        asked = [str(self.home), self.url, str(job), point, nth, seconds]
        self.server.stdin.write(json.dumps(asked) + "\n")  # type: ignore[union-attr]
        self.server.stdin.flush()  # type: ignore[union-attr]
        code, said = json.loads(self.server.stdout.readline())  # type: ignore[union-attr]
        return code, said

    def check(self, database: Database, versions: int, *, products: int = 1) -> None:
        """Consecutive versions, each whole, each told and audited once, and nothing in staging."""
        projects = self.home / "projects"
        with database.read() as connection:
            rows = connection.execute(select(Version.number, Version.state).order_by(Version.number)).all()
            told = connection.execute(select(func.count()).select_from(Delivery)).scalar_one()
            audited = connection.execute(select(func.count()).select_from(Event)).scalar_one()
            counters = connection.scalars(select(Product.next_version)).all()
        assert {row.state for row in rows} == {VersionState.PUBLISHED}
        if products == 1:
            assert [row.number for row in rows] == list(range(1, versions + 1))
            assert counters == [versions + 1]
        assert (len(rows), told, audited) == (versions, versions, versions)
        assert len(visible(projects)) == versions
        assert staged(projects) == []
        assert [verify_folder(folder).problems for folder in version_folders(projects)] == [()] * versions


@contextmanager
def publish_server() -> Iterator[subprocess.Popen[str]]:
    """A server of publishes, see ``killed``; it ends at the end."""
    argv = [sys.executable, str(Path(__file__).with_name("killed.py"))]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()  # type: ignore[union-attr]
