"""A publish that is killed at every point, run twice, or run in parallel: one version, whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from publish_farm import Farm

from shotmill.pipeline.publish.faults import POINTS
from shotmill.pipeline.publish.verify import verify_folder, version_folders
from shotmill.pipeline.store import Database

pytestmark = [pytest.mark.kill, pytest.mark.slow]
MANY = Path(__file__).with_name("many.py")
PROCESSES, TURNS = 8, 20


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


def test_the_same_publish_in_parallel_is_one_version(farm: Farm, database: Database) -> None:
    job = farm.job("job", size=50_000)
    argv = [sys.executable, str(MANY), str(farm.home), farm.url, str(job)]
    processes = [subprocess.Popen(argv, stderr=subprocess.PIPE) for _ in range(PROCESSES)]
    complaints = [process.communicate(timeout=120)[1].decode()[-500:] for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES, complaints
    farm.check(database, 1)


def test_fact_5_many_publishing_one_product_at_once_get_consecutive_versions(farm: Farm, database: Database) -> None:
    jobs = [farm.job(f"job{number}", size=10) for number in range(PROCESSES * TURNS)]
    parts = [jobs[start::PROCESSES] for start in range(PROCESSES)]
    argv = [[sys.executable, str(MANY), str(farm.home), farm.url, *map(str, part)] for part in parts]
    processes = [subprocess.Popen(one, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for one in argv]
    complaints = [process.communicate(timeout=120)[1].decode()[-500:] for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES, complaints
    farm.check(database, PROCESSES * TURNS)
