"""The loop of an engine: claims tasks, hands them to runners within the machine's means, and stores how they ended.

It may be killed at any moment. What it owned is taken over: at once by the next engine on this machine, which sees that
the process is gone, and elsewhere when the lease ends.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from ... import __version__
from ...pipeline.points import pass_point
from ...pipeline.settings import Settings
from ...pipeline.store import Database, endings, interventions, queue
from ...pipeline.store import engines as engine_rows
from ...schema.errors import EXIT_DONE, MachineError, StorageError, TaskFailedError
from ...schema.job import PUBLISH_STEP, Needs
from ...schema.names import plain_text
from ..task import host_name
from . import journal
from .batches import Batch
from .bell import Bell
from .delivering import deliver_soon
from .environment import DEVICES
from .place import SESSIONS, engine_place
from .processes import end_orphans_of
from .runners import Ended, Runners
from .slots import Capacity, Slots, capacity_of
from .work import Assignment, failed, outcome

log = logging.getLogger(__name__)

IDLE_S = 1.0  # how often it looks for work that nobody rang for
BUSY_S = 0.25
CANCEL_S = 0.1  # how often it looks whether somebody who did not ring wants a job to end
TELL_S = 1.0
TIDY_S = 5.0
STOP_WITHIN_S = 5.0
Lease = tuple[uuid.UUID, datetime]


class EngineProcess:
    """One engine.

    Args:
        settings: of this machine.
        database: whose schema is current.
        environment: of this process; children get what is allowed of it.
        idle_s: seconds without work after which it ends; None: never.
    """

    def __init__(
        self, settings: Settings, database: Database, environment: Mapping[str, str], *, idle_s: float | None
    ) -> None:
        self.settings = settings
        self.database = database
        self.idle_s = idle_s
        self._place = engine_place(settings)
        self._place.mkdir(parents=True, exist_ok=True)
        self.slots = Slots(capacity_of(settings, visible=environment.get(DEVICES)), settings.home / "slots")
        self.stop = threading.Event()
        self._environment = environment
        self._bell = Bell(self._place)
        self._batches: list[Batch] = []
        self._ended: list[Ended] = []
        self._progress: dict[uuid.UUID, tuple[float, str]] = {}
        self._id = uuid.UUID(int=0)
        self._busy = time.monotonic()
        self._suspects: dict[Lease, float] = {}
        self._called = True
        self._due: dict[str, float] = {}
        self._sessions = self._place / SESSIONS
        self._runners: Runners

    def ring(self) -> None:
        """Wake the engine: something has changed."""
        self._bell.ring()

    def run(self) -> None:
        """Work until it is stopped, or idle for too long."""
        capacity = self.slots.capacity
        facts = {**capacity.as_facts(), "home": str(self.settings.home), "bell": str(self._place)}
        self._id = engine_rows.enter(self.database, version=__version__, slots=facts)
        log.info("engine %s on %s: %s", self._id, host_name(), facts)
        self._sweep_sessions()
        self._runners = Runners(
            self._environment,
            self._sessions / str(self._id),
            threads=capacity.cpu,
            grace_s=self.settings.grace_s,
            ring=self._bell.ring,
        )
        with self._bell:
            try:
                self._take_over()
                interventions.unblock(self.database, lambda needs: not capacity.lacks(needs))
                while not self.stop.is_set() and self._guarded_turn():
                    continue
            finally:
                self._leave()

    def _guarded_turn(self) -> bool:
        if self._is_due("home", TIDY_S):
            if not self.settings.home.is_dir():
                log.warning("%s is gone; the engine ends", self.settings.home)  # its files only seem to be written
                return False
            with contextlib.suppress(OSError):  # an engine in a terminal has none, and no log is worth an engine
                journal.keep_small(self.settings.home / journal.NAME)
        try:
            return self._turn()
        except StorageError as error:  # the database is away for a while; leases outlast a short absence
            log.warning("%s", error.line())
            self.stop.wait(IDLE_S)
            return True

    def _turn(self) -> bool:
        """One round; False when it is time to end."""
        self._collect()
        self._keep_alive()
        if self._may_give() or self._is_due("look", IDLE_S):
            self._hand_out()
        if self._batches:
            self._busy = time.monotonic()
            self._called = self._bell.wait(BUSY_S)
            return True
        if self.idle_s is not None and time.monotonic() - self._busy > self.idle_s and self._may_end():
            return False
        self._called = self._bell.wait(IDLE_S if self.idle_s is None else min(IDLE_S, max(self.idle_s / 4, 0.05)))
        return True

    def _may_give(self) -> bool:
        """Whether there is room for any task; if not, nobody needs to ask the database for one."""
        return self.slots.cpu > 0 or any(_runs_out(batch, self._share_of(batch)) for batch in self._batches)

    def _share_of(self, batch: Batch) -> int:
        task = batch.works[0].task
        return self._runners.share(task.job_id, task.step, warm=task.warm)

    def _hand_out(self) -> None:
        """Claim tasks and give them to runners, while there is room."""
        too_large: list[queue.ReadyStep] = []
        elders: dict[uuid.UUID, list[Batch]] = {}  # of steps whose tasks go on where others end

        def room(step: queue.ReadyStep) -> int | None:
            if self.slots.capacity.lacks(step.needs):
                too_large.append(step)
                return 0
            fit = self.slots.fit(step.needs)
            share = self._runners.share(step.job_id, step.name, warm=step.warm)
            if fit == 0 and (found := self._running_out(step, share)):
                elders[step.step_id] = found
                return share * len(found)
            if fit == 0:  # a task that waits for a GPU lets others pass; one that waits for cores does not starve
                return 0 if self.slots.waits_for_gpu(step.needs) else None
            return fit * share

        lease_s = self.settings.lease_s
        claims = queue.claim(self.database, self._id, host=host_name(), lease_s=lease_s, room=room)
        with contextlib.closing(claims):
            for step, tasks in claims:
                pass_point("engine:claimed")
                if step.step_id in elders:
                    self._follow(elders[step.step_id], tasks)
                else:
                    self._start(step, tasks)
                pass_point("engine:started")
        for step in too_large:
            self._refuse(step)

    def _start(self, step: queue.ReadyStep, tasks: list[queue.Claimed]) -> None:
        """Start batches: all tasks of a step at once when each gets a runner, else a few for each runner."""
        size = -(-len(tasks) // self.slots.fit(step.needs))
        left = iter(tasks)
        while works := list(islice(left, size)):
            gpus = self.slots.take(step.needs)
            if gpus is None:  # another engine of this machine took the GPU first
                endings.release(self.database, self._id, [task.task_id for task in (*works, *left)])
                return
            batch = Batch([self._assignment(task, gpus) for task in works], step.needs, gpus)
            self._batches.append(batch)
            self._runners.start(batch)

    def _running_out(self, step: queue.ReadyStep, share: int) -> list[Batch]:
        """Batches of a step that may have an heir."""
        return [
            batch
            for batch in self._batches
            if _runs_out(batch, share)
            and (batch.works[0].task.job_id, batch.works[0].task.step) == (step.job_id, step.name)
        ]

    def _follow(self, elders: list[Batch], tasks: list[queue.Claimed]) -> None:
        """Give tasks to the runners of batches that run out: each goes on with its share."""
        size = -(-len(tasks) // len(elders))
        left = iter(tasks)
        for elder in elders:
            if works := list(islice(left, size)):
                heir, is_expected = elder.leave_to([self._assignment(task, elder.gpus) for task in works])
                self._batches.append(heir)
                if not is_expected:
                    self._runners.start(heir)

    def _assignment(self, task: queue.Claimed, gpus: tuple[str, ...]) -> Assignment:
        def tell(fraction: float, message: str) -> None:
            self._progress[task.task_id] = (fraction, plain_text(message))

        return Assignment(task, gpus, tell)

    def _refuse(self, step: queue.ReadyStep) -> None:
        """Say that a step is too large for this machine, unless another engine that lives can do it."""
        if self._fits_others(step.needs):
            return
        error = MachineError(
            f"step {step.name!r} needs {self.slots.capacity.lacks(step.needs)}",
            hint="run it on a larger machine, or lower the step's needs",
        )
        interventions.block(self.database, step, error.line(step=step.name, host=host_name()))
        if self._fits_others(step.needs):  # one began meanwhile, and looked for what is blocked before this was
            interventions.unblock(self.database, self._fits_others)

    def _fits_others(self, needs: Needs) -> bool:
        others = [engine for engine in engine_rows.engines(self.database) if engine.id != self._id and engine.is_alive]
        return any(not Capacity.from_facts(engine.slots).lacks(needs) for engine in others)

    def _collect(self) -> None:
        """Store the ends of attempts, all that there are in one transaction; kept until they are stored."""
        self._ended += self._runners.collect()
        if not self._ended:
            return
        pass_point("engine:ended")
        self._store_or_fail(self._ended)
        pass_point("engine:stored")
        if any(one.work.task.step == PUBLISH_STEP and one.attempted is not None for one in self._ended):
            deliver_soon(self.settings, self.database, self._environment)
        for one in self._ended:
            one.batch.works.remove(one.work)
            self._progress.pop(one.work.task.task_id, None)
            if not one.batch.works:
                self._batches.remove(one.batch)
                if one.batch.heir is None:
                    self.slots.give_back(one.batch.needs, one.batch.gpus)
        self._ended = []

    def _store_or_fail(self, ended: list[Ended]) -> None:
        """Store ends; one that the database will never take fails its own task, and no other."""
        try:
            self._store(ended)
        except StorageError:
            raise
        except Exception:
            log.exception("%d ends could not be stored", len(ended))
            for one in ended:
                self._store_alone(one)

    def _store_alone(self, one: Ended) -> None:
        try:
            self._store([one])
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - the caller has logged it
            refused = TaskFailedError(
                f"what it said at its end cannot be stored: {type(error).__name__}", hint="see the engine's log"
            )
            self._store([replace(one, attempted=failed(one.work, refused))])

    def _store(self, ended: list[Ended]) -> None:
        done = [
            outcome(one.work, one.attempted, cancelled=one.batch.cancelled.is_set())
            for one in ended
            if one.attempted is not None
        ]
        kept = endings.finish(self.database, self._id, done)
        for one in done:
            if one.task_id not in kept:
                log.warning("task %s had been taken over; its end here does not count", one.task_id)
        endings.release(self.database, self._id, [one.work.task.task_id for one in ended if one.attempted is None])

    def _keep_alive(self) -> None:
        """Renew leases, tell progress, hear of cancellations, take over what others left."""
        if self._is_due("renew", self.settings.lease_s / 3):
            queue.renew(self.database, self._id, lease_s=self.settings.lease_s)
            if engine_rows.breathe(self.database, self._id):
                self.stop.set()
        if self._batches:
            if self._called or self._is_due("cancel", CANCEL_S):
                self._cancel(queue.cancelled_tasks(self.database, self._id))
            if self._progress and self._is_due("tell", TELL_S):
                told = dict(self._progress)
                queue.report_progress(self.database, self._id, told)
                for task_id, said in told.items():
                    if self._progress.get(task_id) == said:
                        self._progress.pop(task_id, None)
        if self._is_due("tidy", min(TIDY_S, self.settings.lease_s / 4)):
            self._take_over()
            self._give_back()
            self._runners.tidy()

    def _is_due(self, what: str, every_s: float) -> bool:
        moment = time.monotonic()
        if moment - self._due.get(what, 0.0) < every_s:
            return False
        self._due[what] = moment
        return True

    def _cancel(self, tasks: set[uuid.UUID]) -> None:
        for batch in self._batches:
            if any(work.task.task_id in tasks for work in batch.works):
                batch.cancelled.set()

    def _take_over(self) -> None:
        dead = engine_rows.dead_engines(self.database)
        for engine in dead:
            if count := end_orphans_of(str(engine.id)):
                log.info("ended %d processes of engine %s", count, engine.id)
        count = endings.take_over(self.database, dead=[engine.id for engine in dead], lost=self._lost())
        pass_point("engine:took-over")
        if count:
            log.info("took over %d tasks", count)
        for engine in dead:
            engine_rows.leave(self.database, engine.id)

    def _give_back(self) -> None:
        """Give back what is ours and nobody works on: the database went away while it was claimed or given back."""
        begun = {work.task.task_id for batch in self._batches for work in batch.works}
        if left := queue.owned_tasks(self.database, self._id) - begun:
            endings.release(self.database, self._id, left)
            log.info("gave back %d tasks that were claimed and never begun", len(left))

    def _lost(self) -> list[Lease]:
        """Leases of others that ended and stayed so for a while: when a clock jumps, all seem to end at once."""
        moment = time.monotonic()
        self._suspects = {
            lease: self._suspects.get(lease, moment) for lease in endings.expired(self.database, besides=self._id)
        }
        return [lease for lease, seen in self._suspects.items() if moment - seen > self.settings.lease_s / 2]

    def _may_end(self) -> bool:
        """Say that no work is taken any more, then look once more: a submit may have come in between."""
        engine_rows.set_stopping(self.database, self._id, stopping=True)
        pass_point("engine:leaving")
        if not queue.has_open_work(self.database):
            return True
        engine_rows.set_stopping(self.database, self._id, stopping=False)
        self._busy = time.monotonic()
        return False

    def _leave(self) -> None:
        """End what runs, give back what was claimed, and go."""
        with contextlib.suppress(StorageError):
            engine_rows.set_stopping(self.database, self._id, stopping=True)
        self._runners.stopping = True
        deadline = time.monotonic() + STOP_WITHIN_S
        for batch in self._batches:
            batch.cancelled.set()
        unfinished = {work.task.task_id for batch in self._batches for work in batch.works}
        waiting = unfinished - {one.work.task.task_id for one in self._ended}
        while waiting and (left_s := deadline - time.monotonic()) > 0:
            ended = self._runners.collect(timeout_s=left_s)
            waiting -= {one.work.task.task_id for one in ended}
            self._ended += ended
        done = [
            outcome(one.work, one.attempted, cancelled=True)
            for one in self._ended
            if one.attempted is not None and one.attempted.exit_code == EXIT_DONE
        ]
        self._runners.close()
        with contextlib.suppress(StorageError):
            endings.finish(self.database, self._id, done)
            endings.release(self.database, self._id, unfinished - {one.task_id for one in done})
            engine_rows.leave(self.database, self._id)
        shutil.rmtree(self._sessions / str(self._id), ignore_errors=True)
        log.info("engine %s left", self._id)

    def _sweep_sessions(self) -> None:
        """Remove the working folders that sessions of killed engines left."""
        folders = _folders(self._sessions)  # first: an engine enters before it makes its own
        known = {str(engine.id) for engine in engine_rows.engines(self.database) if engine.is_alive}
        for folder in [one for one in folders if one.name not in known]:
            shutil.rmtree(folder, ignore_errors=True)


def _runs_out(batch: Batch, share: int) -> bool:
    """Whether a batch may have an heir: half done, or of tasks so quick that storing them takes as long."""
    most = share if batch.works[0].task.warm else share // 2
    return share > 1 and batch.heir is None and len(batch.works) <= most


def _folders(place: Path) -> list[Path]:
    return [folder for folder in place.iterdir() if folder.is_dir()] if place.is_dir() else []
