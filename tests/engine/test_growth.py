"""What an engine costs: memory with many tasks, and whether it grows from job to job."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from shotmill.farm_plugins.local.place import engine_place
from shotmill.schema.states import State

if TYPE_CHECKING:
    from engine_studio import Studio

pytestmark = pytest.mark.slow
MIB = 1024 * 1024
TASKS, WARM_UP, JOBS = 10_000, 60, 200


@dataclass(frozen=True)
class Cost:
    """What a process holds, as the kernel tells; not counted are the two pipes to each worker that waits for tasks."""

    rss_kib: int
    peak_kib: int
    threads: int
    files: int

    @classmethod
    def of(cls, studio: Studio) -> Cost:
        [pid] = studio.engine_pids()
        status = Path(f"/proc/{pid}/status").read_text()
        rss, peak, threads = (int(status.split(f"{name}:")[1].split()[0]) for name in ("VmRSS", "VmHWM", "Threads"))
        pipes = 2 * len(psutil.Process(pid).children())
        return cls(rss, peak, threads, files=len(list(Path(f"/proc/{pid}/fd").iterdir())) - pipes)


def test_ten_thousand_queued_tasks_take_less_than_200_mib(studio: Studio) -> None:
    tuned = studio.tuned(idle_s=60.0)
    made = tuned.submit(frames=f"1-{TASKS}")
    tuned.until(lambda: tuned.engine.status(made.job.id).steps[0].done > 500)
    assert tuned.engine.status(made.job.id).steps[0].tasks == TASKS
    assert Cost.of(tuned).peak_kib * 1024 < 200 * MIB


def test_two_hundred_jobs_leave_an_engine_as_it_was(embedded: Studio) -> None:
    studio = embedded.tuned(idle_s=60.0)
    run_jobs(studio, range(WARM_UP))
    before = Cost.of(studio)
    run_jobs(studio, range(WARM_UP, JOBS))
    after = Cost.of(studio)
    assert (after.threads, after.files) == (before.threads, before.files)
    assert after.rss_kib - before.rss_kib < 5 * 1024
    place = engine_place(studio.settings)
    beside = {path.name for path in (*studio.settings.home.iterdir(), *place.iterdir())}
    assert sorted(beside - KNOWN - {place.name}) == []
    assert not list(place.glob("sessions/*/*"))


KNOWN = {
    *("bell", "engine.log", "jobs", "lock", "projects", "sessions", "slots"),
    *("shotmill.db", "shotmill.db-wal", "shotmill.db-shm"),
}


def run_jobs(studio: Studio, numbers: range) -> None:
    jobs = [studio.submit(text=str(number), warm=number % 20 != 0) for number in numbers]
    for made in jobs:
        assert studio.wait(made).state is State.SUCCEEDED
