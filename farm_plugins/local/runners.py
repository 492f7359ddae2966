"""Runs batches of tasks on threads: each in a warm worker, or in a process of its own."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from ...pipeline.store.queue import Claimed
from ...schema.errors import ShotmillError, TaskCancelledError, TaskFailedError
from ..task import Attempted
from .batches import Batch, Relay
from .cold import ColdRunner
from .processes import bury
from .warm import WarmWorker
from .work import Assignment, failed

log = logging.getLogger(__name__)

BATCH_S = 0.25  # quick tasks of one step are handed over together, for about this long
COLD_BATCH_S = 1.0  # the same for tasks with a process of their own, which costs this much already
MAX_BATCH = 256
RING_S = 0.1
PUSHERS = 8
KEPT_STEPS = 200
IDLE_WORKER_S = 60.0


@dataclass(frozen=True)
class Ended:
    """The end of one task of a batch; ``attempted`` is None when it was never begun."""

    batch: Batch
    work: Assignment
    attempted: Attempted | None


class Runners:
    """All that run tasks in one engine.

    Args:
        environment: of the engine.
        folder: for the sessions of tasks with a process of their own; it has the engine's name.
        threads: how many batches run at once.
        grace_s: seconds a cancelled task gets to end by itself.
        ring: called when there is something to collect.
    """

    def __init__(
        self, environment: Mapping[str, str], folder: Path, *, threads: int, grace_s: float, ring: Callable[[], None]
    ) -> None:
        self._environment = environment
        self._folder = folder
        self._engine = folder.name
        self._grace_s = grace_s
        self._ring = ring
        self._cold_now = 0
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="runner")
        self._pushers = ThreadPoolExecutor(PUSHERS, thread_name_prefix="pusher")
        self._ended: SimpleQueue[Ended] = SimpleQueue()
        self._lock = threading.Lock()
        self._warm: list[WarmWorker] = []
        self._busy: list[WarmWorker] = []
        self._task_s: OrderedDict[tuple[uuid.UUID, str], float] = OrderedDict()
        self._rung = 0.0
        self.stopping = False

    def share(self, job_id: uuid.UUID, step: str, *, warm: bool) -> int:
        """How many tasks of a step one runner should get at once: one while it is not known how long they take."""
        known = self._task_s.get((job_id, step))
        batch_s = BATCH_S if warm else COLD_BATCH_S
        return 1 if known is None else max(1, min(MAX_BATCH, int(batch_s / max(known, 1e-4))))

    def start(self, batch: Batch) -> None:
        """Run a batch on a thread, and its heirs; their ends are collected later."""
        self._pool.submit(self._run_all, batch)

    def collect(self, *, timeout_s: float | None = None) -> list[Ended]:
        """All ends that there are; with a timeout, waits for the first."""
        found = []
        try:
            if timeout_s is not None:
                found.append(self._ended.get(timeout=timeout_s))
            while True:
                found.append(self._ended.get_nowait())
        except Empty:
            return found

    def tidy(self) -> None:
        """Let workers go that nobody needs any more, and wait for orphans that have ended."""
        with self._lock:
            old = [worker for worker in self._warm if time.monotonic() - worker.used > IDLE_WORKER_S]
            self._warm = [worker for worker in self._warm if worker not in old]
            if self._cold_now == 0 and not self._busy:  # under the lock, so that no task begins meanwhile
                bury({worker.pid for worker in (*self._warm, *old)})
        for worker in old:
            worker.retire()

    def close(self) -> None:
        """End all workers and all that they started."""
        with self._lock:
            idle, self._warm = self._warm, []
        for worker in idle:
            worker.retire()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pushers.shutdown(wait=False)

    def _run_all(self, first: Batch) -> None:
        relay = Relay(first)
        self._run(relay)
        while relay.go_on():
            if self.stopping:
                for work in list(relay.left):
                    self._tell(relay, work, None)
                self._ring()
            else:
                self._run(relay)

    def _run(self, relay: Relay) -> None:
        first = relay.left[0].task
        try:
            if warm := [work for work in relay.left if _is_warm(work.task)]:
                self._run_warm(relay, warm)
            self._run_cold(relay)
        except ShotmillError as error:
            for work in list(relay.left):
                self._tell(relay, work, failed(work, error))
        except Exception as error:
            log.exception("step %s of job %s", first.step, first.job_id)
            for work in list(relay.left):
                wrapped = TaskFailedError(f"the engine could not run it: {type(error).__name__}: {error}")
                self._tell(relay, work, failed(work, wrapped))
        self._remember(first, relay)
        self._ring()

    def _run_warm(self, relay: Relay, works: list[Assignment]) -> None:
        worker = self._hire(relay.batch.gpus)

        def more() -> list[Assignment]:
            if relay.batch.heir is None or not (worker.is_fit and worker.is_current):
                return []
            self._remember(works[0].task, relay)
            return [work for work in relay.adopt() if _is_warm(work.task)]

        try:
            not_begun = worker.run(
                works, cancelled=relay.batch.cancelled, more=more, done=lambda work, end: self._tell(relay, work, end)
            )
        finally:
            self._dismiss(worker)
        for work in not_begun:
            self._tell(relay, work, None)

    def _run_cold(self, relay: Relay) -> None:
        if not relay.left:
            return
        with ColdRunner(self._environment, self._folder, grace_s=self._grace_s) as cold:
            while relay.left:
                work = relay.left[0]
                if relay.batch.cancelled.is_set():
                    attempted = failed(work, TaskCancelledError("the job was cancelled"))
                else:
                    attempted = self._run_one_cold(cold, work, relay)
                # The engine hears of it when the next process runs: what it does with it would only keep that back.
                self._tell(relay, work, attempted, rings=False)

    def _run_one_cold(self, cold: ColdRunner, work: Assignment, relay: Relay) -> Attempted:
        def following() -> Assignment | None:
            heir = relay.batch.heir
            if len(relay.left) == 1 and heir is not None and not any(_is_warm(one.task) for one in heir.works):
                self._remember(work.task, relay)
                relay.adopt()
            return relay.left[1] if len(relay.left) > 1 else None

        self._make_room(relay.batch.gpus)
        with self._lock:
            self._cold_now += 1
        try:
            return cold.run(work, cancelled=relay.batch.cancelled, begun=self._ring, following=following)
        finally:
            with self._lock:
                self._cold_now -= 1

    def _tell(self, relay: Relay, work: Assignment, attempted: Attempted | None, *, rings: bool = True) -> None:
        self._ended.put(Ended(relay.told(work), work, attempted))
        if rings and time.monotonic() - self._rung > RING_S:
            self._rung = time.monotonic()
            self._ring()

    def _hire(self, gpus: tuple[str, ...]) -> WarmWorker:
        while (worker := self._waiting(gpus)) is not None:
            if worker.is_current:
                return worker
            self._dismiss(worker, keep=False)
        self._make_room(gpus)
        worker = WarmWorker(
            self._environment, engine=self._engine, gpus=gpus, grace_s=self._grace_s, pushers=self._pushers
        )
        with self._lock:
            self._busy.append(worker)
        return worker

    def _make_room(self, gpus: tuple[str, ...]) -> None:
        """Let idle workers go that may hold memory of these GPUs."""
        with self._lock:
            holders = [worker for worker in self._warm if set(worker.gpus) & set(gpus)]
            self._warm = [worker for worker in self._warm if worker not in holders]
        for worker in holders:
            worker.retire()

    def _waiting(self, gpus: tuple[str, ...]) -> WarmWorker | None:
        """A worker that has nothing to do; it counts as busy from here on."""
        with self._lock:
            # The one that worked last: it has what the step keeps, and the others are idle long enough to go.
            worker = next((one for one in reversed(self._warm) if one.gpus == gpus and one.is_fit), None)
            if worker is not None:
                self._warm.remove(worker)
                self._busy.append(worker)
            return worker

    def _dismiss(self, worker: WarmWorker, *, keep: bool = True) -> None:
        keep = keep and worker.is_fit and not self.stopping
        try:
            if not keep:
                worker.retire()
        finally:
            with self._lock:
                self._busy.remove(worker)
                if keep:
                    self._warm.append(worker)

    def _remember(self, task: Claimed, relay: Relay) -> None:
        """How long a task of its step takes, those of this batch being the newest that are known."""
        seconds = relay.seconds_each()
        if seconds is None:
            return
        self._task_s[task.job_id, task.step] = seconds
        while len(self._task_s) > KEPT_STEPS:
            self._task_s.popitem(last=False)


def _is_warm(task: Claimed) -> bool:
    """Whether a running worker may do it; a second attempt gets a process of its own."""
    return task.warm and task.attempt == 1
