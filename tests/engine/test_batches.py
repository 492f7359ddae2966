"""Batches of tasks that one warm worker does: requests and answers share two pipes of limited size."""

from __future__ import annotations

import os
import signal
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from farm_bundles import trial_bundle

from shotmill.farm_plugins.local.batches import Batch, Relay
from shotmill.farm_plugins.local.engine import settings_environment
from shotmill.farm_plugins.local.runners import MAX_BATCH
from shotmill.farm_plugins.local.warm import WarmWorker
from shotmill.farm_plugins.local.work import Assignment
from shotmill.farm_plugins.task import Attempted
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store.queue import Claimed
from shotmill.schema.errors import EXIT_DONE, WorkerLostError
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import Needs

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("trial")]
PIPE = 65_536  # bytes, see pipe(7)
PATIENCE_S = 60.0


@pytest.fixture
def worker(settings: Settings) -> Iterator[WarmWorker]:
    environment = {**os.environ, **settings_environment(settings)}
    with ThreadPoolExecutor(2) as pushers:
        made = WarmWorker(environment, engine="e", gpus=(), grace_s=1.0, pushers=pushers)
        yield made
        made.close()


def test_more_words_than_pipes_hold_stop_nobody(worker: WarmWorker, settings: Settings, tmp_path: Path) -> None:
    deep = settings.model_copy(update={"jobs_root": str(tmp_path.joinpath(*["d" * 200] * 3))})
    bundle = trial_bundle(deep, frames=f"1-{MAX_BATCH}")
    works = [_work(bundle.parent, FrameSet((frame,))) for frame in range(1, MAX_BATCH + 1)]
    assert len(str(bundle)) * MAX_BATCH > 2 * PIPE
    ended: list[Attempted] = []

    def run() -> None:
        worker.run(works, cancelled=threading.Event(), more=list, done=lambda _work, end: ended.append(end))

    runner = threading.Thread(target=run, daemon=True)
    runner.start()
    runner.join(PATIENCE_S)
    assert not runner.is_alive()
    assert [one.message.split()[1] for one in ended] == [f"{work.task.frames}," for work in works]


@pytest.mark.measured
def test_a_worker_goes_on_with_what_comes_meanwhile(worker: WarmWorker, settings: Settings) -> None:
    bundle = trial_bundle(settings, frames="1-9")
    works = [_work(bundle.parent, FrameSet((frame,))) for frame in range(1, 10)]
    further, ended = [works[3:6], works[6:]], []
    not_begun = worker.run(
        works[:3],
        cancelled=threading.Event(),
        more=lambda: further.pop(0) if further else [],
        done=lambda work, end: ended.append((work.task.frames, end.exit_code)),
    )
    assert (not_begun, ended) == ([], [(str(frame), EXIT_DONE) for frame in range(1, 10)])


def test_what_came_meanwhile_is_given_back_by_a_worker_that_is_lost(worker: WarmWorker, settings: Settings) -> None:
    bundle = trial_bundle(settings, frames="1-9")
    works = [_work(bundle.parent, FrameSet((frame,))) for frame in range(1, 10)]
    further, ended = [works[3:]], []

    def more() -> list[Assignment]:
        os.kill(worker.pid, signal.SIGKILL)
        return further.pop() if further else []

    not_begun = worker.run(
        works[:3], cancelled=threading.Event(), more=more, done=lambda work, end: ended.append((work, end.failure_code))
    )
    assert [work for work, _code in ended] + not_begun == works
    assert ended[-1][1] == WorkerLostError.code


def test_a_runner_takes_over_the_heir_of_its_batch() -> None:
    first, second = _batch(1, 2), _batch(3)
    relay = Relay(first)
    heir, is_expected = first.leave_to(second.works)
    assert is_expected
    assert [relay.told(work) for work in first.works] == [first, first]
    assert relay.go_on()
    assert [relay.told(work) for work in second.works] == [heir]
    assert not relay.go_on()


def test_an_heir_that_comes_too_late_needs_a_runner_of_its_own() -> None:
    first = _batch(1)
    relay = Relay(first)
    assert not relay.go_on()
    assert first.leave_to(_batch(2).works)[1] is False


def test_whoever_cancels_a_batch_cancels_its_heir() -> None:
    first = _batch(1)
    heir, _is_expected = first.leave_to(_batch(2).works)
    heir.cancelled.set()
    assert first.cancelled.is_set()


def _batch(*frames: int) -> Batch:
    return Batch([_work(Path("/nowhere"), FrameSet((frame,))) for frame in frames], Needs(), ())


def _work(folder: Path, frames: FrameSet) -> Assignment:
    claimed = Claimed(
        task_id=uuid.uuid4(), job_id=uuid.uuid4(), step="work", frames=str(frames), attempt=1, tried=1, needs=Needs(),
        warm=True, retries=0, timeout_s=100, folder=str(folder),
    )  # fmt: skip
    return Assignment(claimed, (), lambda _fraction, _message: None)
