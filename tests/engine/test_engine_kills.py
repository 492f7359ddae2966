"""Engines, workers, tasks and publishes that are killed anywhere: every task once, every version once, nothing left."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deaths import Deaths
from done_jobs import staged, visible
from sqlalchemy import select

from shotmill.farm_plugins.submission import Submitted
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.publish.verify import verify_folder, version_folders
from shotmill.pipeline.receipts import read_receipts, sound_receipt
from shotmill.pipeline.store.jobs import attempts_of
from shotmill.schema.states import State, VersionState
from shotmill.schema.tables import Product, Version

if TYPE_CHECKING:
    from engine_studio import Studio

pytestmark = [pytest.mark.kill, pytest.mark.slow]
ENGINE_POINTS = ("engine:took-over", "engine:claimed", "engine:started", "engine:ended", "engine:stored")
TASK_POINTS = ("task:begun", "task:worked", "task:hashed", "task:kept")
PUBLISH_POINTS = ("stage:copying", "reserve:done", "rename:after")  # tests/publish passes all of them


@pytest.fixture
def deaths(trial: Path) -> Deaths:
    return Deaths(trial)


def work(studio: Studio, frames: str, **params: object) -> Submitted:
    return studio.submit(frames=frames, publish=True, retries=20, **params)


def check_whole(studio: Studio, jobs: Sequence[Submitted]) -> None:
    """Each job is done, each task once, each version once and without gaps, and nothing else is left."""
    for made in jobs:
        assert studio.wait(made).state is State.SUCCEEDED, studio.log()
        check_tasks(studio, made)
    check_versions(studio, len(jobs))
    studio.stop_engines()
    studio.until(lambda: not studio.processes())
    assert not list(studio.settings.home.glob("engine-*/sessions/*"))


def check_tasks(studio: Studio, made: Submitted) -> None:
    folder = JobFolder(Path(made.job.folder))
    receipts = read_receipts(folder, "work")
    wanted = sorted(task.frames for task in studio.tasks(made) if task.step == "work")
    assert sorted(str(receipt.frames) for receipt in receipts) == wanted
    assert all(sound_receipt(folder, "work", receipt.frames) for receipt in receipts)
    assert all(len(list(chunk.glob("*/"))) == 1 for chunk in (folder.root / "attempts" / "work").iterdir())
    succeeded = [row for row in attempts_of(studio.database, made.job.id) if row.state is State.SUCCEEDED]
    assert len(succeeded) == len(wanted) + 1


def check_versions(studio: Studio, count: int) -> None:
    projects = studio.settings.projects_folder
    with studio.database.read() as connection:
        rows = connection.execute(select(Version.number, Version.state).order_by(Version.number)).all()
        counters = connection.scalars(select(Product.next_version)).all()
    assert [(row.number, row.state) for row in rows] == [(n, VersionState.PUBLISHED) for n in range(1, count + 1)]
    assert counters == [count + 1]
    assert len(visible(projects)) == count
    assert staged(projects) == []
    assert [verify_folder(folder).problems for folder in version_folders(projects)] == [()] * count


def test_an_engine_killed_at_each_of_its_points_loses_and_doubles_nothing(studio: Studio, deaths: Deaths) -> None:
    deaths.arm("engine", *ENGINE_POINTS)
    made = work(studio, "1-6")
    studio.until(lambda: not deaths.left)  # nobody asks again: another goes on by itself
    check_whole(studio, [made])


def test_an_engine_killed_as_it_leaves_does_not_keep_the_next_job_waiting(studio: Studio, deaths: Deaths) -> None:
    studio = studio.tuned(idle_s=0.1)
    deaths.arm("engine", "engine:leaving")
    first = work(studio, "1")
    studio.until(lambda: not deaths.left)
    check_whole(studio, [first, work(studio, "2")])


def test_engines_killed_at_random_moments_lose_and_double_nothing(studio: Studio) -> None:
    dice = random.Random(20261121)
    made = work(studio, "1-6")
    for _ in range(4):
        studio.until(lambda: bool(studio.engine_pids()) or studio.job(made).state.is_final)
        time.sleep(dice.uniform(0.0, 0.8))
        studio.kill_engines()
    check_whole(studio, [made])


def test_warm_workers_killed_at_each_point_lose_and_double_nothing(studio: Studio, deaths: Deaths) -> None:
    deaths.arm("warm", *TASK_POINTS, "worker:answers")
    made = work(studio, "1-6")
    studio.wait(made)
    assert deaths.left == []
    check_whole(studio, [made])


def test_cold_tasks_killed_at_each_point_lose_and_double_nothing(studio: Studio, deaths: Deaths) -> None:
    deaths.arm("cold", *TASK_POINTS)
    made = work(studio, "1-2", warm=False)
    studio.wait(made)
    assert deaths.left == []
    check_whole(studio, [made])


def test_a_publish_killed_at_each_point_makes_one_version(studio: Studio, deaths: Deaths) -> None:
    deaths.arm("cold", *PUBLISH_POINTS)
    made = work(studio, "1")
    while deaths.left:
        studio.wait(made)
        studio.engine.retry(made.job.id)
    check_whole(studio, [made])


def test_any_process_killed_at_random_moments_loses_and_doubles_nothing(studio: Studio) -> None:
    dice = random.Random(4711)
    jobs = [work(studio, "1-6", action="slow", text=str(number), warm=number % 2 == 0) for number in range(2)]
    for _ in range(8):
        studio.engine.wake()
        studio.until(lambda: bool(studio.processes()))
        time.sleep(dice.uniform(0.1, 0.6))
        kill_one(studio, dice)
    studio.until(lambda: all(woken(studio, made) for made in jobs))
    check_whole(studio, jobs)


def woken(studio: Studio, made: Submitted) -> bool:
    """Whether a job has ended; wakes engines as `shotmill watch` does, since one whose guard died may yet go."""
    studio.engine.wake()
    time.sleep(1.0)
    return studio.job(made).state.is_final


def kill_one(studio: Studio, dice: random.Random) -> None:
    found = studio.processes()
    if found:
        os.kill(dice.choice(found).pid, signal.SIGKILL)
