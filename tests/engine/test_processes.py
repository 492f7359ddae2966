"""Processes of the local engine: whom they see, when they end, what they share, and what they leave behind."""

from __future__ import annotations

import os
import shutil
import signal
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from sqlalchemy import select, update

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.store.jobs import attempts_of
from shotmill.schema.errors import MachineError
from shotmill.schema.states import State
from shotmill.schema.tables import TaskRun

if TYPE_CHECKING:
    from engine_studio import Studio

pytestmark = pytest.mark.slow
WARM_AND_COLD = pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])


def signal_all(studio: Studio, number: int) -> None:
    for process in studio.processes():
        process.send_signal(number)


def family_of_engine(studio: Studio) -> list[psutil.Process]:
    """The guard, the engine, and what works for it."""
    [engine] = studio.engine_pids()
    guard = psutil.Process(engine).parent()
    assert guard is not None
    return [guard, *guard.children(recursive=True)]


@WARM_AND_COLD
def test_a_task_dies_with_its_engine_although_nobody_is_left_to_end_it(
    warm: bool, embedded: Studio, tmp_path: Path
) -> None:
    embedded.submit(action="hang", trace=str(tmp_path / "trace"), warm=warm)
    embedded.until((tmp_path / "trace").exists)
    for process in family_of_engine(embedded)[:2]:
        process.kill()
    embedded.until(lambda: not embedded.processes())


@pytest.mark.measured
def test_an_engine_whose_guard_was_killed_ends_and_the_next_goes_on(embedded: Studio, tmp_path: Path) -> None:
    studio, trace = embedded.tuned(idle_s=600.0), tmp_path / "trace"
    made = studio.submit(action="gate", trace=str(trace))
    studio.until(trace.exists)
    family_of_engine(studio)[0].kill()
    studio.until(lambda: not studio.processes())
    Path(f"{trace}.open").touch()
    studio.engine.wake()
    assert studio.wait(made).state is State.SUCCEEDED


@WARM_AND_COLD
def test_the_next_engine_ends_what_a_dead_one_left(warm: bool, embedded: Studio, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    made = embedded.submit(action="stubborn", trace=str(trace), warm=warm)
    embedded.until(Path(f"{trace}.child").exists)
    orphan = psutil.Process(int(Path(f"{trace}.child").read_text().split()[0]))
    for process in family_of_engine(embedded)[:3]:
        process.kill()
    embedded.until(lambda: not embedded.engine_pids())
    assert orphan.is_running()
    embedded.engine.cancel(made.job.id)
    embedded.until(lambda: not orphan.is_running())


def test_a_secret_of_the_submitter_is_written_nowhere(
    embedded: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "FTRACK_API_KEY", "SLACK_TOKEN", "PGPASSWORD", "SECRET"):
        monkeypatch.setenv(name, "canary-4711")
    for warm in (True, False):
        made = embedded.submit(action="print-environment", warm=warm, publish=warm, text=str(warm))
        assert embedded.wait(made).state is State.SUCCEEDED
        assert "PATH=" in embedded.engine.logs(made.job.id, step="work", frames="1")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if b"canary-4711" in path.read_bytes()] == []
    assert embedded.settings.home / "shotmill.db" in files


def test_a_frozen_engine_loses_its_work_and_does_no_harm_when_it_wakes(
    studio: Studio, rival: Studio, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    hasty, successor = studio.tuned(lease_s=1.0), rival.tuned(lease_s=1.0)
    made = hasty.submit(action="gate", trace=str(trace), publish=True)
    hasty.until(trace.exists)
    signal_all(hasty, signal.SIGSTOP)
    successor.start_engine()
    successor.until(lambda: len(attempts_of(studio.database, made.job.id)) == 2)
    Path(f"{trace}.open").touch()
    assert studio.wait(made).state is State.SUCCEEDED, successor.log()
    signal_all(hasty, signal.SIGCONT)
    hasty.until(lambda: "its end here does not count" in hasty.log())
    ended = [(row.number, row.state) for row in attempts_of(studio.database, made.job.id) if row.step == "work"]
    assert ended == [(1, State.FAILED), (2, State.SUCCEEDED)]
    assert "were done by another attempt meanwhile" in hasty.engine.logs(
        made.job.id, step="work", frames="1", attempt=1
    )
    assert len(read_receipts(JobFolder(Path(made.job.folder)), "work")) == 1
    assert len(list(Path(made.job.folder).glob("attempts/*/1/*/"))) == 1
    assert studio.job(made).state is State.SUCCEEDED
    successor.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_that_jumps_runs_nothing_twice(
    hours: int, studio: Studio, rival: Studio, trial: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    (trial / "sitecustomize.py").write_text(JUMPING_CLOCK)
    first, second = studio.tuned(lease_s=2.0), rival.tuned(lease_s=2.0)
    made = first.submit(action="gate", trace=str(trace))
    first.until(trace.exists)
    second.start_engine()
    for jumps in (1, 2, 3, 4):
        (trial / "hours").write_text(str(hours * jumps))
        first.until(partial(is_away, first, hours * jumps))
    Path(f"{trace}.open").touch()
    assert first.wait(made).state is State.SUCCEEDED
    assert trace.read_text().count("\n") == 1
    second.close()


# Engines live ahead by as many hours as stand in a file; tasks do not.
JUMPING_CLOCK = """
import datetime
import sys
from pathlib import Path

HOURS = Path(__file__).with_name("hours")


class Jumping(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        text = HOURS.read_text() if HOURS.exists() else ""
        return super().now(tz) + datetime.timedelta(hours=float(text or 0))


if "shotmill.farm_plugins.local.process" in sys.orig_argv:
    datetime.datetime = Jumping
"""


def is_away(studio: Studio, hours: int) -> bool:
    """Whether the lease of what runs was renewed by a clock that is off by so much."""
    with studio.database.read() as connection:
        found = connection.scalars(select(TaskRun.lease_until).where(TaskRun.lease_until.is_not(None))).one()
    assert found is not None
    return abs(found - datetime.now(UTC) - timedelta(hours=hours)) < timedelta(hours=1)


def test_a_clock_that_is_set_back_lets_no_retry_wait_for_hours(embedded: Studio) -> None:
    embedded.engine.autostart = False
    made = embedded.submit()
    with embedded.database.write() as connection:
        connection.execute(update(TaskRun).values(not_before=datetime.now(UTC) + timedelta(hours=5)))
    embedded.start_engine()
    assert embedded.wait(made).state is State.SUCCEEDED


def test_running_tasks_never_need_more_than_there_is(embedded: Studio, tmp_path: Path) -> None:
    studio = embedded.tuned(cpu_slots=4, memory_mib=1000)
    needs = [{"cpu": 2, "memory_mib": 100}, {"cpu": 1, "memory_mib": 600}, {"cpu": 3, "memory_mib": 300}]
    trace = str(tmp_path / "trace")
    jobs = [
        studio.submit(frames="1-4", action="span", trace=trace, text=str(n), **need) for n, need in enumerate(needs)
    ]
    assert [studio.wait(made).state for made in jobs] == [State.SUCCEEDED] * len(jobs)
    spans = [tuple(map(float, line.split())) for line in Path(f"{trace}.spans").read_text().splitlines()]
    assert len(spans) == 12
    for moment, *_rest in spans:
        running = [span for span in spans if span[0] <= moment < span[1]]
        assert sum(span[2] for span in running) <= 4
        assert sum(span[3] for span in running) <= 1000


@pytest.mark.parametrize(
    ("need", "said"),
    [
        pytest.param({"cpu": 64}, "64 cores, and this machine offers 2", id="cores"),
        pytest.param({"memory_mib": 4000}, "4000 MiB of memory, and this machine offers 1000", id="memory"),
        pytest.param({"gpu": 1}, "1 GPUs, and this machine offers 0", id="GPUs"),
    ],
)
def test_a_job_that_can_never_fit_is_refused_at_submit(need: dict[str, int], said: str, embedded: Studio) -> None:
    studio = embedded.tuned(gpus=0, memory_mib=1000)
    with pytest.raises(MachineError, match=f"step 'work' needs {said}"):
        studio.submit(**need)
    assert not studio.settings.jobs_folder.exists()


@WARM_AND_COLD
def test_a_log_is_read_while_its_task_runs(warm: bool, embedded: Studio, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    made = embedded.submit(action="gate", trace=str(trace), warm=warm)
    embedded.until(trace.exists)
    embedded.until(lambda: "a child speaks" in embedded.engine.logs(made.job.id, step="work", frames="1"))
    Path(f"{trace}.open").touch()
    embedded.wait(made)
    log = embedded.engine.logs(made.job.id, step="work", frames="1")
    places = [log.index(text) for text in ("before the gate", "a child speaks", "behind the gate", "done: frames 1")]
    assert places == sorted(places)


@WARM_AND_COLD
def test_a_long_log_is_whole(warm: bool, embedded: Studio) -> None:
    made = embedded.submit(action="chatter", warm=warm)
    embedded.wait(made)
    log = embedded.engine.logs(made.job.id, step="work", frames="1")
    assert [line for line in log.splitlines() if line.startswith("line ")] == [f"line {n}" for n in range(5000)]


def remove_folder(folder: JobFolder) -> None:
    shutil.rmtree(folder.root)


def remove_job(folder: JobFolder) -> None:
    folder.job.unlink()


def cut_job(folder: JobFolder) -> None:
    os.truncate(folder.job, 100)


def cut_template(folder: JobFolder) -> None:
    os.truncate(folder.template, 100)


@pytest.mark.parametrize(
    ("damage", "warm", "said"),
    [
        pytest.param(remove_folder, True, "E204 input-missing", id="no folder, warm"),
        pytest.param(remove_folder, False, "E204 input-missing", id="no folder, cold"),
        pytest.param(remove_job, True, "E204 input-missing", id="no job.json"),
        pytest.param(cut_job, True, "E205 input-corrupt", id="half a job.json"),
        pytest.param(cut_template, False, "E205 input-corrupt", id="half a template"),
    ],
)
def test_a_damaged_bundle_fails_clearly_and_other_jobs_go_on(
    damage: object, warm: bool, said: str, embedded: Studio
) -> None:
    embedded.engine.autostart = False
    bad, good = embedded.submit(warm=warm, text="bad"), embedded.submit(text="good")
    assert callable(damage)
    damage(JobFolder(Path(bad.job.folder)))
    embedded.start_engine()
    assert embedded.wait(good).state is State.SUCCEEDED
    assert said in (embedded.wait(bad).failure or "")


@pytest.mark.measured
def test_an_engine_whose_home_was_removed_ends(embedded: Studio) -> None:
    studio = embedded.tuned(idle_s=600.0, lease_s=1.5)
    studio.wait(studio.submit(action="touch"))
    shutil.rmtree(studio.settings.home)
    studio.until(lambda: not studio.processes())
