"""Batches of tasks that one warm worker does: requests and answers share two pipes of limited size."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from farm_bundles import trial_bundle

from shotmill.farm_plugins.local.engine import settings_environment
from shotmill.farm_plugins.local.runners import MAX_BATCH
from shotmill.farm_plugins.local.warm import WarmWorker
from shotmill.farm_plugins.local.work import Assignment
from shotmill.farm_plugins.task import Attempted
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store.queue import Claimed
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
        worker.run(works, cancelled=threading.Event(), done=lambda _work, attempted: ended.append(attempted))

    runner = threading.Thread(target=run, daemon=True)
    runner.start()
    runner.join(PATIENCE_S)
    assert not runner.is_alive()
    assert [one.message.split()[1] for one in ended] == [f"{work.task.frames}," for work in works]


def _work(folder: Path, frames: FrameSet) -> Assignment:
    claimed = Claimed(
        task_id=uuid.uuid4(), job_id=uuid.uuid4(), step="work", frames=str(frames), attempt=1, tried=1, needs=Needs(),
        warm=True, retries=0, timeout_s=100, folder=str(folder),
    )  # fmt: skip
    return Assignment(claimed, (), lambda _fraction, _message: None)
