"""The delivery worker: carries rows of the outbox to their targets, one letter for each at a time, until all are told.

::

    claim under a lease -> make the letter -> target.ensure(letter) -> write down what the target calls it

Killed anywhere in between, the row comes back when its lease ends, and the letter says that it was tried before. What
is wrong with one target keeps no other waiting.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ...schema.errors import (
    ConfigError,
    DatabaseError,
    DeliveryError,
    NotFoundError,
    ShotmillError,
    StorageError,
    TargetBusyError,
    TargetRefusedError,
    TargetUnreachableError,
)
from ...schema.names import plain_text
from ..points import pass_point
from ..store import Database, outbox
from ..store.doubt import doubt_letters, went_back
from ..store.following import arm_jobs, follow_jobs
from ..store.outbox import Claimed, Holder
from .letter import FactKind
from .line import Line
from .mark import Marks
from .pace import Clock, pause_s
from .post import Post
from .secrets import Secrets
from .target import Target
from .targetsfile import TargetsFile

_log = logging.getLogger(__name__)

POLL_S = 2.0  # how often a database is asked in which nothing is due, and jobs are looked at
DATABASE_PAUSE_S = 1.0
PATIENCE_S = 10.0
SET_BACK_S = 60.0  # a clock that goes back by more was wrong; by less, other machines' clocks differ, too
MAX_REMOTE_ID = 255  # Delivery.remote_id


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of one letter.

    Attributes:
        state: ``delivered``, ``failed`` (it is tried again), ``dead``, or ``lost`` (another carries it by now);
            ``pulled`` where the target told us.
        about: what it was about, for people.
        said: what stood in the way.
    """

    target: str
    about: str
    state: str
    said: str = ""
    next_attempt: datetime | None = None


@dataclass(frozen=True)
class Studio:
    """What the worker works with.

    Attributes:
        read_targets: reads the targets file.
        marks: what was told last, as this machine remembers.
        wanted: targets that the settings name: they are looked after even when nothing waits for them.
        say: hears of each letter.
        worry: hears what keeps a worker that watches from all work, each time that it tries again.
    """

    database: Database
    post: Callable[[TargetsFile], Post]
    read_targets: Callable[[], TargetsFile]
    secrets: Secrets
    clock: Clock
    dice: random.Random
    marks: Marks
    wanted: tuple[str, ...] = ()
    say: Callable[[Carried], None] = field(default=lambda _carried: None)
    worry: Callable[[ShotmillError], None] = field(default=lambda _error: None)


class Worker:
    """Carries letters.

    Args:
        studio: what it works with.
        holder: who it is.
        only: the one target that it serves; empty: all.
    """

    def __init__(self, studio: Studio, holder: Holder, *, only: str = "") -> None:
        self.stopping = threading.Event()
        self._studio = studio
        self._holder = holder
        self._only = only
        self._lines: dict[str, Line] = {}
        self._nameless: dict[str, ConfigError] = {}
        self._looked: datetime | None = None
        self._file: TargetsFile | None = None

    @property
    def problems(self) -> dict[str, ShotmillError]:
        """What keeps targets from being told anything at all, until a person mends it."""
        wrong = {name: line.problem for name, line in self._lines.items() if line.problem is not None}
        return {**self._nameless, **wrong}

    @property
    def down(self) -> list[str]:
        """Targets that did not answer when they were last asked."""
        return sorted(name for name, line in self._lines.items() if line.gate.is_down)

    def once(self, patience_s: float = PATIENCE_S) -> None:
        """Carry all that is due, and what becomes due within some seconds in which nothing else is carried.

        Raises:
            ConfigError: the targets file cannot be read.
            StorageError: the database cannot be reached or refused.
        """
        left_s = patience_s
        try:
            while not self.stopping.is_set():
                if self._step():
                    left_s = patience_s
                    continue
                pause = self._pause()
                if pause is None or pause > left_s:
                    return
                left_s -= pause
                self._studio.clock.wait(self.stopping, pause)
        finally:
            self.close()

    def watch(self) -> None:
        """Carry letters until somebody says stop; a database that is away, or a file that is wrong, is waited for."""
        try:
            while not self.stopping.is_set():
                try:
                    pause = 0.0 if self._step() else min(POLL_S, self._pause() or POLL_S)
                except (StorageError, ConfigError) as error:
                    self._studio.worry(error)
                    pause = POLL_S
                self._studio.clock.wait(self.stopping, pause)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of all sessions."""
        for line in self._lines.values():
            line.close()

    def _step(self) -> bool:
        """Carry one letter of each target that has one due and may be called; whether any was told."""
        self._look()
        told = [self._carry_next(line) for line in list(self._lines.values()) if not self.stopping.is_set()]
        return any(told)

    def _look(self) -> None:
        """Bring the lines in line with the file and with what waits."""
        moment = self._studio.clock.now()
        if self._looked is not None and moment < self._looked - timedelta(seconds=SET_BACK_S):
            self.close()
            self._lines.clear()  # what they wait for lies in a future that was none
        elif self._looked is not None and self._looked <= moment < self._looked + timedelta(seconds=POLL_S):
            return
        self._looked = moment
        self._file = self._studio.read_targets()
        chosen = {self._only} if self._only else self._all()
        self._nameless = {}
        for name in sorted(chosen):
            try:
                entry = self._file.entry(name)
            except ConfigError as error:
                self._nameless[name] = error
                continue
            if name not in self._lines or self._lines[name].entry != entry:
                self._drop(name)
                self._lines[name] = Line(entry, self._studio.secrets, moment)
        for name in self._lines.keys() - (chosen - self._nameless.keys()):
            self._drop(name)

    def _all(self) -> set[str]:
        return {*outbox.waiting_targets(self._studio.database), *self._studio.wanted}

    def _drop(self, name: str) -> None:
        if name in self._lines:
            self._lines.pop(name).close()

    def _pause(self) -> float | None:
        """Seconds until something may be carried; None: nothing waits that could be."""
        moment = self._studio.clock.now()
        found = []
        for name, line in self._lines.items():
            due = outbox.next_due(self._studio.database, name)
            if due is not None:
                found.append((max(due, line.gate.opens) - moment).total_seconds())
        return max(0.0, min(found)) if found else None

    def _carry_next(self, line: Line) -> bool:
        studio, moment = self._studio, self._studio.clock.now()
        if moment < line.gate.opens:
            return False
        if line.takes is None and line.open(moment) is None:
            return False
        self._follow_jobs(line, moment)
        due = outbox.next_due(studio.database, line.entry.name)
        if due is None or due > moment:
            line.close()
            return False
        self._doubt(line.entry.name, moment)
        target = line.open(moment)
        row = outbox.claim(studio.database, line.entry.name, self._holder, moment=moment) if target else None
        if target is None or row is None:
            return False
        line.gate.called(moment)
        carried = self._carry(line, target, row)
        studio.say(carried)
        return carried.state != "failed"

    def _doubt(self, name: str, moment: datetime) -> None:
        """Notice a database that was put back: what it has to tell may have been told since."""
        studio = self._studio
        mark = studio.marks.last(name)
        if mark is not None and went_back(studio.database, mark.letter, mark.told):
            why = f"it does not know that {name} was told at {mark.told:%Y-%m-%d %H:%M:%S} UTC"
            count = doubt_letters(studio.database, moment=moment, by="shotmill", why=why)
            studio.marks.forget()
            _log.warning("the database was put back: %s; %d letters are looked for before they are told", why, count)

    def _follow_jobs(self, line: Line, moment: datetime) -> None:
        if FactKind.JOB not in (line.takes or ()) or (line.jobs_at is not None and moment < line.jobs_at):
            return
        database, name = self._studio.database, line.entry.name
        line.jobs_after = follow_jobs(database, name, moment=moment, after=line.jobs_after)
        arm_jobs(database, name, moment=moment)
        line.jobs_at = moment + timedelta(seconds=POLL_S)

    def _carry(self, line: Line, target: Target, row: Claimed) -> Carried:
        about = _in_one_line(str(row.payload.get("subject", row.fact)))
        told: Mapping[str, Any] = {}
        remote_id: str | None = None
        try:
            if FactKind(row.kind) in target.takes:
                letter, told = self._studio.post(self._targets_file).letter(row, self._keeper(row))
                pass_point("outbox:lettered")
                with self._renewing(row):
                    remote_id = _storable(target.ensure(letter))
                pass_point("outbox:answered")
                line.gate.answered()
        except StorageError:
            raise  # the lease brings the row back
        except Exception as error:  # noqa: BLE001 - a studio's own kind of target may have any fault
            line.close()
            return self._put_back(line, row, about, error)
        moment = self._studio.clock.now()
        done = self._settled(
            lambda: outbox.done(self._studio.database, row, self._holder, moment=moment, remote_id=remote_id, told=told)
        )
        pass_point("outbox:settled")
        if done:
            self._studio.marks.keep(row.target, row.id, moment)
        return Carried(row.target, about, "delivered" if done else "lost")

    @property
    def _targets_file(self) -> TargetsFile:
        return self._file if self._file is not None else self._studio.read_targets()

    def _keeper(self, row: Claimed) -> Callable[[str], None]:
        def keep(remote_id: str) -> None:
            _storable(remote_id)
            if not self._settled(lambda: outbox.keep(self._studio.database, row, self._holder, remote_id)):
                raise TargetUnreachableError(f"{row.target}: another worker carries this letter by now")

        return keep

    def _put_back(self, line: Line, row: Claimed, about: str, error: Exception) -> Carried:
        """A letter that was not taken: when it is tried again, if it is."""
        moment = self._studio.clock.now()
        said = _in_one_line(self._studio.secrets.hide(_said(error, line)))
        tries, most = row.attempts + 1, line.entry.pace.tries
        pause = timedelta(seconds=pause_s(row.attempts, self._studio.dice))
        if isinstance(error, TargetRefusedError | NotFoundError):
            line.gate.answered()
            return self._bury(row, about, said)
        if isinstance(error, TargetBusyError):
            pause = line.gate.busy(moment, error.wait_s)
        elif tries >= most:
            return self._bury(row, about, f"given up after {tries} tries: {said}")
        elif isinstance(error, TargetUnreachableError):
            line.gate.silent(moment)
        again = moment + pause
        kept = self._settled(
            lambda: outbox.failed(self._studio.database, row, self._holder, next_attempt=again, error=said)
        )
        return Carried(row.target, about, "failed" if kept else "lost", said, again)

    def _bury(self, row: Claimed, about: str, said: str) -> Carried:
        kept = self._settled(lambda: outbox.dead(self._studio.database, row, self._holder, error=said))
        return Carried(row.target, about, "dead" if kept else "lost", said)

    def _settled(self, write: Callable[[], bool]) -> bool:
        """Write down what became of a letter; a database that is away is waited for while the lease lasts."""
        clock = self._studio.clock
        until = clock.now() + timedelta(seconds=self._holder.lease_s)
        while True:
            try:
                return write()
            except DatabaseError:
                if clock.now() >= until:
                    raise
                clock.wait(threading.Event(), DATABASE_PAUSE_S)

    @contextmanager
    def _renewing(self, row: Claimed) -> Iterator[None]:
        """Keep the lease while a target takes its time, such as with a long movie."""
        over = threading.Event()
        clock = self._studio.clock

        def renew() -> None:
            while not clock.wait(over, self._holder.lease_s / 3):
                try:
                    outbox.renew(self._studio.database, row, self._holder, moment=clock.now())
                except StorageError:
                    continue

        thread = threading.Thread(target=renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _storable(remote_id: object) -> str | None:
    """What a target calls it, as a text that can be stored; a studio's own kind may give a number, or nothing.

    Raises:
        TargetRefusedError: it cannot, and will not be another the next time.
    """
    text = None if remote_id is None else str(remote_id)
    if text is not None and (len(text) > MAX_REMOTE_ID or not text.isprintable()):
        raise TargetRefusedError(
            f"what it was told of has an id there that cannot be stored: {text[:40]!a}",
            hint=f"ids have {MAX_REMOTE_ID} characters at most; look at the server, then shotmill outbox retry",
        )
    return text


def _in_one_line(text: str) -> str:
    """What a server said, as databases and terminals can have it: no controls, which may be commands to a terminal."""
    plain = "".join(
        char if char.isprintable() or char.isspace() else f"\\x{ord(char):02x}" for char in plain_text(text)
    )
    return " ".join(plain.split())


def _said(error: Exception, line: Line) -> str:
    """What went wrong, for a wrangler; of a fault that nobody foresaw only its kind: its text may hold anything."""
    if isinstance(error, DeliveryError | NotFoundError):
        return f"{error.message}; {error.hint}" if error.hint else error.message
    if isinstance(error, ShotmillError):
        return f"{error.code} {error.message}"
    return f"a fault of target kind {line.entry.kind!r}: {type(error).__name__}; tell who maintains it"
