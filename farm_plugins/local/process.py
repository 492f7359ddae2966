"""The engine process: claims tasks, hands them to runners within the machine's means, and stores how they ended.

It may be killed at any moment. What it owned is taken over: at once by the next engine on this machine, which sees that
the process is gone, and elsewhere when the lease ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

from ... import __version__
from ...pipeline.settings import Settings, load_settings
from ...pipeline.store import Database, queue
from ...pipeline.store import engines as engine_rows
from ...pipeline.store.migrate import ensure_schema
from ...schema.errors import (
    EXIT_DONE,
    MachineError,
    ShotmillError,
    StorageError,
    TaskCancelledError,
    TaskFailedError,
)
from ...schema.job import Needs
from ...schema.states import State
from ..task import Attempted
from ..task.runner import host_name
from .cold import run_cold
from .environment import child_environment
from .slots import Slots, capacity_of
from .warm import WarmWorker
from .work import Assignment, failed, outcome

log = logging.getLogger(__name__)

POLL_S = 0.2
BUSY_POLL_S = 0.005
PREFETCH_PER_CORE = 16  # tasks claimed ahead, so that trivial ones do not wait for the database each
BATCH_S = 0.25  # quick tasks of one step are handed over together, for about this long
MAX_BATCH = 64
PROGRESS_EVERY_S = 1.0
STOP_WITHIN_S = 5.0

__all__ = ["EngineProcess", "main", "serve"]


@dataclass(eq=False)
class _Batch:
    """Tasks of one step that one runner does one after another; quick ones share a batch."""

    works: list[Assignment]
    needs: Needs
    gpus: tuple[int, ...]
    cancelled: threading.Event = field(default_factory=threading.Event)


class EngineProcess:
    """The loop of one engine.

    Args:
        settings: of this machine.
        database: whose schema is current.
        idle_s: seconds without work after which it ends; None: never.
    """

    def __init__(self, settings: Settings, database: Database, *, idle_s: float | None) -> None:
        self.settings = settings
        self.database = database
        self.idle_s = idle_s
        self.slots = Slots(capacity_of(settings))
        self.stop = threading.Event()
        self._waiting: deque[queue.Claimed] = deque()
        self._batches: list[_Batch] = []
        self._ended: SimpleQueue[tuple[_Batch, Assignment, Attempted]] = SimpleQueue()
        self._wake = threading.Event()
        self._task_s: dict[tuple[uuid.UUID, str], float] = {}
        self._progress: dict[uuid.UUID, tuple[float, str]] = {}
        self._warm: list[WarmWorker] = []
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(self.slots.capacity.cpu)
        self._id = uuid.UUID(int=0)
        self._renewed = self._told = self._busy = time.monotonic()

    def run(self) -> None:
        """Work until it is stopped, or idle for too long."""
        capacity = self.slots.capacity
        facts = {"cpu": capacity.cpu, "memory_mib": capacity.memory_mib, "gpus": len(capacity.gpus)}
        self._id = engine_rows.enter(self.database, version=__version__, slots=facts)
        log.info("engine %s on %s: %s", self._id, host_name(), facts)
        try:
            while not self.stop.is_set():
                try:
                    if not self._turn():
                        break
                except StorageError as error:  # the database is away for a while; leases outlast a short absence
                    log.warning("%s", error.line())
                    self.stop.wait(1.0)
        finally:
            self._leave()

    def _turn(self) -> bool:
        """One round; False when it is time to end."""
        self._wake.clear()
        self._collect()
        self._keep_alive()
        started = self._hand_out()
        if self._batches or started:
            self._busy = time.monotonic()
            self._wake.wait(POLL_S)
            return True
        if self.idle_s is not None and time.monotonic() - self._busy > self.idle_s and self._may_end():
            return False
        self.stop.wait(POLL_S)
        return True

    def _hand_out(self) -> bool:
        """Give waiting tasks to runners while they fit; claim more when none is left."""
        if not self._waiting and self.slots.cpu > 0:
            limit = PREFETCH_PER_CORE * self.slots.capacity.cpu
            claimed = queue.claim(self.database, self._id, host=host_name(), limit=limit, lease_s=self.settings.lease_s)
            self._waiting.extend(claimed)
        started = False
        for _ in range(len(self._waiting)):
            if not self._waiting or self.slots.cpu == 0:
                break
            task = self._waiting.popleft()
            lacking = self.slots.capacity.lacks(task.needs)
            if lacking:
                self._refuse(task, lacking)
                continue
            gpus = self.slots.take(task.needs)
            if gpus is None:
                self._waiting.append(task)  # others may be smaller
                continue
            self._start(task, gpus)
            started = True
        return started

    def _refuse(self, task: queue.Claimed, lacking: str) -> None:
        error = MachineError(
            f"step {task.step!r} needs {lacking}",
            hint="run it on a larger machine, or lower the step's needs",
        )
        queue.block(self.database, task.job_id, task.step, error.line(step=task.step, host=host_name()))
        self._waiting = deque(one for one in self._waiting if (one.job_id, one.step) != (task.job_id, task.step))

    def _start(self, task: queue.Claimed, gpus: tuple[int, ...]) -> None:
        """Start a batch: this task, and others of its step when they are quick."""
        step = (task.job_id, task.step)
        known = self._task_s.get(step)
        share = 1 if known is None or not _is_warm(task) else max(1, min(MAX_BATCH, int(BATCH_S / max(known, 1e-4))))
        fair = -(-(len(self._waiting) + 1) // self.slots.capacity.cpu)
        tasks = [task]
        while self._waiting and len(tasks) < min(share, fair):
            following = self._waiting[0]
            if (following.job_id, following.step) != step or not _is_warm(following):
                break
            tasks.append(self._waiting.popleft())
        batch = _Batch([self._assignment(one, gpus) for one in tasks], task.needs, gpus)
        self._batches.append(batch)
        self._pool.submit(self._run_batch, batch)

    def _assignment(self, task: queue.Claimed, gpus: tuple[int, ...]) -> Assignment:
        def tell(fraction: float, message: str) -> None:
            self._progress[task.task_id] = (fraction, message)

        return Assignment(task, gpus, tell)

    def _run_batch(self, batch: _Batch) -> None:
        for work in list(batch.works):  # the list shrinks as ends are stored
            if batch.cancelled.is_set():
                attempted = failed(work, TaskCancelledError("the job was cancelled"))
            else:
                attempted = self._run_one(work, batch.cancelled)
            self._ended.put((batch, work, attempted))
            self._wake.set()

    def _run_one(self, work: Assignment, cancelled: threading.Event) -> Attempted:
        """Run one task warm or cold; whatever goes wrong is the end of this attempt, not of the engine."""
        started = time.monotonic()
        try:
            if not _is_warm(work.task):
                return run_cold(work, cancelled=cancelled, grace_s=self.settings.grace_s)
            worker = self._warm_worker(work.gpus)
            attempted = worker.run(work, cancelled=cancelled)
            self._keep_warm(worker)
        except ShotmillError as error:
            return failed(work, error)
        except Exception as error:
            log.exception("task %s", work.task.task_id)
            return failed(work, TaskFailedError(f"the engine could not run it: {type(error).__name__}: {error}"))
        self._task_s[work.task.job_id, work.task.step] = time.monotonic() - started
        return attempted

    def _warm_worker(self, gpus: tuple[int, ...]) -> WarmWorker:
        with self._lock:
            for worker in self._warm:
                if worker.gpus == gpus:
                    self._warm.remove(worker)
                    return worker
        return WarmWorker(gpus=gpus, grace_s=self.settings.grace_s)

    def _keep_warm(self, worker: WarmWorker) -> None:
        if worker.is_fit and not self.stop.is_set():
            with self._lock:
                self._warm.append(worker)
        else:
            worker.close()

    def _collect(self) -> None:
        """Store the ends of attempts, all that there are in one transaction."""
        ended = []
        while True:
            try:
                ended.append(self._ended.get_nowait())
            except Empty:
                break
        if not ended:
            return
        queue.finish(self.database, self._id, [outcome(work, attempted) for _batch, work, attempted in ended])
        for batch, work, _attempted in ended:
            batch.works.remove(work)
            self._progress.pop(work.task.task_id, None)
            if not batch.works:
                self._batches.remove(batch)
                self.slots.give_back(batch.needs, batch.gpus)

    def _keep_alive(self) -> None:
        """Renew leases, tell progress, hear of cancellations, take over what others left."""
        moment = time.monotonic()
        if moment - self._told >= PROGRESS_EVERY_S:
            self._told = moment
            told, self._progress = self._progress, {}
            if told:
                queue.report_progress(self.database, self._id, told)
            self._cancel(queue.cancelled_tasks(self.database, self._id) if self._batches or self._waiting else set())
            self._take_over()
        if moment - self._renewed >= self.settings.lease_s / 3:
            self._renewed = moment
            queue.renew(self.database, self._id, lease_s=self.settings.lease_s)
            if engine_rows.breathe(self.database, self._id):
                self.stop.set()

    def _cancel(self, tasks: set[uuid.UUID]) -> None:
        waiting = [task for task in self._waiting if task.task_id in tasks]
        if waiting:
            self._waiting = deque(task for task in self._waiting if task.task_id not in tasks)
            ended = [queue.Finished(task.task_id, task.job_id, task.attempt, State.CANCELLED) for task in waiting]
            queue.finish(self.database, self._id, ended)
        for batch in self._batches:
            if any(work.task.task_id in tasks for work in batch.works):
                batch.cancelled.set()

    def _take_over(self) -> None:
        dead = engine_rows.dead_engines(self.database)
        count = queue.take_over(self.database, dead=[engine.id for engine in dead])
        if count:
            log.info("took over %d tasks", count)
        for engine in dead:
            engine_rows.leave(self.database, engine.id)

    def _may_end(self) -> bool:
        """Say that no work is taken any more, then look once more: a submit may have come in between."""
        engine_rows.set_stopping(self.database, self._id, stopping=True)
        if not queue.has_open_work(self.database):
            return True
        engine_rows.set_stopping(self.database, self._id, stopping=False)
        self._busy = time.monotonic()
        return False

    def _leave(self) -> None:
        """End what runs, give back what was claimed, and go."""
        deadline = time.monotonic() + STOP_WITHIN_S
        for batch in self._batches:
            batch.cancelled.set()
        kept: list[queue.Finished] = []
        unfinished = {work.task.task_id for batch in self._batches for work in batch.works}
        ended: set[uuid.UUID] = set()
        while ended != unfinished and time.monotonic() < deadline:
            try:
                _batch, work, attempted = self._ended.get(timeout=BUSY_POLL_S)
            except Empty:
                continue
            ended.add(work.task.task_id)
            if attempted.exit_code == EXIT_DONE:
                kept.append(outcome(work, attempted))
        unfinished -= {one.task_id for one in kept}
        with self._lock:
            workers, self._warm = self._warm, []
        for worker in workers:
            worker.close()
        with contextlib.suppress(StorageError):
            queue.finish(self.database, self._id, kept)
            queue.release(self.database, self._id, [*unfinished, *(task.task_id for task in self._waiting)])
            engine_rows.leave(self.database, self._id)
        self._pool.shutdown(wait=False, cancel_futures=True)
        log.info("engine %s left", self._id)


def _is_warm(task: queue.Claimed) -> bool:
    """Whether a running worker may do it; a second attempt gets a process of its own."""
    return task.warm and task.attempt == 1


@contextlib.contextmanager
def only_one(home: Path) -> Iterator[bool]:
    """Hold the lock that lets one started-by-itself engine run on a home; False when another holds it."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "engine.lock").open("w") as lock:
        for _ in range(50):  # one that is just leaving may need a moment
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.1)
            else:
                yield True
                return
        yield False


def serve(settings: Settings, *, idle_s: float | None) -> None:
    """Run an engine in this process until it is told to stop or has been idle for too long."""
    database = Database(settings.database_url, durable=False)
    ensure_schema(database)
    engine = EngineProcess(settings, database, idle_s=idle_s)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: engine.stop.set())
    try:
        engine.run()
    finally:
        database.dispose()


def main() -> int:
    """The entry of a detached engine: ``python -m shotmill.farm_plugins.local.process``."""
    kept = child_environment(os.environ)
    os.environ.clear()  # sessions hand their parent's whole environment on; nothing may be in it that is not allowed
    os.environ.update(kept)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = load_settings().settings
    os.chdir("/")  # it may outlive the folder it was started from
    with only_one(settings.home) as mine:
        if mine:
            serve(settings, idle_s=settings.idle_s)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
