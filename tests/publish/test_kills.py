"""A publish that is killed anywhere, run twice, or run in parallel: one version, whole."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from done_jobs import done_job, job_spec, output_spec, staged, visible
from sqlalchemy import func, select

from shotmill.pipeline.publish.faults import POINTS
from shotmill.pipeline.publish.verify import verify_folder, version_folders
from shotmill.pipeline.store import Database
from shotmill.schema.states import VersionState
from shotmill.schema.tables import Delivery, Event, Product, Version

pytestmark = [pytest.mark.kill, pytest.mark.slow]
KILLED = Path(__file__).with_name("killed.py")
PROCESSES, TURNS = 8, 20


class Farm:
    """A home and a database in which publishes run as processes of their own."""

    def __init__(self, home: Path, url: str, jobs: Path, server: subprocess.Popen[str]) -> None:
        self.home, self.url, self.jobs, self.server = home, url, jobs, server

    def job(self, name: str, *, product: str = "comp", size: int = 2000) -> Path:
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


def serve() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, str(KILLED)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def server() -> Iterator[subprocess.Popen[str]]:
    with serve() as process:
        yield process
        process.stdin.close()  # type: ignore[union-attr]


@pytest.fixture
def farm(tmp_path: Path, database: Database, database_url: str, server: subprocess.Popen[str]) -> Farm:
    assert database.place
    return Farm(tmp_path / "home", database_url, tmp_path / "jobs", server)


@pytest.mark.parametrize("point", POINTS)
def test_fact_4_killed_at_a_named_point_and_run_again_it_is_one_version(
    point: str, farm: Farm, database: Database
) -> None:
    job = farm.job("job")
    code, said = farm.run(job, point)
    assert code == -9, said
    assert all(
        verify_folder(folder).problems == ()
        for folder in version_folders(farm.home / "projects")
        if ".staging" not in folder.parts
    )
    assert farm.run(job) == (0, "published v001")
    farm.check(database, 1)


def test_killed_at_random_moments_it_is_one_version_a_job(farm: Farm, database: Database) -> None:
    dice = random.Random(20261121)
    jobs = [farm.job(f"job{number}") for number in range(15)]
    for job in jobs:
        for _ in range(3):
            farm.run(job, dice.choice(POINTS), dice.randint(1, 3))
        assert farm.run(job)[0] == 0
    farm.check(database, len(jobs))


def test_killed_by_the_clock_it_is_one_version_a_job(farm: Farm, database: Database) -> None:
    dice = random.Random(7)
    jobs = [farm.job(f"job{number}", size=200_000) for number in range(10)]
    for job in jobs:
        for _ in range(3):
            farm.run(job, seconds=dice.uniform(0.005, 0.15))
        assert farm.run(job)[0] == 0
    farm.check(database, len(jobs))


def test_the_same_publish_in_parallel_is_one_version(farm: Farm, database: Database) -> None:
    job = farm.job("job", size=50_000)
    argv = [sys.executable, str(KILLED.with_name("many.py")), str(farm.home), farm.url, str(job)]
    processes = [subprocess.Popen(argv, stderr=subprocess.PIPE) for _ in range(PROCESSES)]
    complaints = [process.communicate(timeout=120)[1].decode()[-500:] for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES, complaints
    farm.check(database, 1)


def test_fact_5_many_publishing_one_product_at_once_get_consecutive_versions(farm: Farm, database: Database) -> None:
    jobs = [farm.job(f"job{number}", size=10) for number in range(PROCESSES * TURNS)]
    script = KILLED.with_name("many.py")
    parts = [jobs[start::PROCESSES] for start in range(PROCESSES)]
    argv = [[sys.executable, str(script), str(farm.home), farm.url, *map(str, part)] for part in parts]
    processes = [subprocess.Popen(one, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for one in argv]
    complaints = [process.communicate(timeout=120)[1].decode()[-500:] for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES, complaints
    farm.check(database, PROCESSES * TURNS)
