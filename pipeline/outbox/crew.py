"""The delivery of this machine: a worker for each target, so that one which hangs keeps no other waiting.

Each has a name, leases and sessions of its own; what keeps order and makes once of twice is the claim in the database,
as between machines.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol, TypeVar

from ...schema.errors import ConfigError, ShotmillError, StorageError
from ...schema.ids import uuid7
from ..store import outbox
from ..store.outbox import LEASE_S, Holder
from .puller import Puller
from .worker import PATIENCE_S, POLL_S, Studio, Worker

MOST = 64  # targets that are served at the same time
T = TypeVar("T")


class Hand(Protocol):
    """Somebody who works at one target until told to stop."""

    stopping: threading.Event

    def watch(self) -> None:
        """Work."""
        ...


class Crew:
    """Serves all targets.

    Args:
        studio: what workers work with.
        only: the one target that is served; empty: all.
        lease_s: seconds of silence after which another may have what a worker carries.
    """

    def __init__(self, studio: Studio, *, only: str = "", lease_s: float = LEASE_S) -> None:
        self.stopping = threading.Event()
        lock = threading.Lock()
        self._studio = replace(studio, say=_in_turn(studio.say, lock), worry=_in_turn(studio.worry, lock))
        self._only = only
        self._lease_s = lease_s
        self._workers: dict[str, Worker] = {}
        self._hands: dict[str, list[tuple[Hand, threading.Thread]]] = {}
        self._fault: BaseException | None = None

    @property
    def problems(self) -> dict[str, ShotmillError]:
        """What keeps targets from being told anything at all, until a person mends it."""
        return {name: wrong for _, one in sorted(self._workers.items()) for name, wrong in one.problems.items()}

    @property
    def down(self) -> list[str]:
        """Targets that did not answer when they were last asked."""
        return [name for _, one in sorted(self._workers.items()) for name in one.down]

    def once(self, patience_s: float = PATIENCE_S) -> None:
        """Carry all that is due, and what becomes due within some seconds; see ``Worker.once``.

        Raises:
            ConfigError: the targets file cannot be read.
            StorageError: the database cannot be reached or refused.
        """
        self._studio.read_targets()
        served: set[str] = set()
        with ThreadPoolExecutor(MOST, thread_name_prefix="deliver") as threads:
            while new := sorted(self._names() - served):
                served.update(new)
                self._workers |= {name: self._worker(name) for name in new if name not in self._workers}
                for ended in [threads.submit(self._workers[name].once, patience_s) for name in new]:
                    ended.result()

    def watch(self) -> None:
        """Carry letters, and pull where the targets file says so, until somebody says stop."""
        try:
            while not self.stopping.is_set():
                self._staff()
                self._studio.clock.wait(self.stopping, POLL_S)
        finally:
            self._end(set(self._hands))
        if self._fault is not None:
            raise self._fault

    def _names(self) -> AbstractSet[str]:
        if self._only:
            return {self._only}
        return {*outbox.waiting_targets(self._studio.database), *self._studio.wanted}

    def _worker(self, name: str) -> Worker:
        return Worker(self._studio, Holder(uuid7(), self._lease_s), only=name)

    def _staff(self) -> None:
        """Bring those who work in line with who is to be told."""
        try:
            names = self._names()
        except (StorageError, ConfigError) as error:
            self._studio.worry(error)
            return
        if len(names) > MOST:
            what = f"{len(names)} targets are to be told, and {MOST} are served at once"
            self._studio.worry(ConfigError(what, hint="serve others with shotmill deliver --watch --target NAME"))
            names = set(sorted(names)[:MOST])
        self._end(self._hands.keys() - names)
        for name in sorted(names - self._hands.keys()):
            self._hands[name] = [self._begin(hand) for hand in (self._worker(name), Puller(self._studio, name))]

    def _begin(self, hand: Hand) -> tuple[Hand, threading.Thread]:
        def work() -> None:
            try:
                hand.watch()
            except BaseException as error:  # noqa: BLE001 - it is raised where people see it
                self._fault = error
                self.stopping.set()

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return hand, thread

    def _end(self, names: AbstractSet[str]) -> None:
        """Let go of targets; a letter that is under way is carried to its end."""
        ended = [pair for name in sorted(names) for pair in self._hands.pop(name)]
        for hand, _ in ended:
            hand.stopping.set()
        for _, thread in ended:
            thread.join()


def _in_turn(say: Callable[[T], None], lock: threading.Lock) -> Callable[[T], None]:
    """Say one thing after another, whoever says it."""

    def said(what: T) -> None:
        with lock:
            say(what)

    return said
