"""Batches of quick tasks, and the relay of batches that one runner does without a break."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from ...schema.job import Needs
from .work import Assignment


@dataclass(eq=False)
class Batch:
    """Tasks of one step that one runner does one after another; quick ones share a batch.

    Attributes:
        heir: the batch that gets its place in the machine, and its runner: more tasks of the step, claimed while this
            one still ran, so that the runner never waits for the database.
    """

    works: list[Assignment]
    needs: Needs
    gpus: tuple[str, ...]
    cancelled: threading.Event = field(default_factory=threading.Event)
    heir: Batch | None = None
    _is_over: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def leave_to(self, works: list[Assignment]) -> tuple[Batch, bool]:
        """Make an heir of these tasks; and whether the runner will go on with it, or is gone already."""
        heir = Batch(works, self.needs, self.gpus, self.cancelled)
        with self._lock:
            self.heir = heir
            return heir, not self._is_over

    def end(self) -> Batch | None:
        """Called by the runner that is about to go; the heir that it must not leave behind."""
        with self._lock:
            self._is_over = self.heir is None
            return self.heir


class Relay:
    """A batch and its heirs, as one runner does them.

    Attributes:
        batch: the last one that it took over.
        left: tasks whose end was not told yet, in order.
    """

    def __init__(self, first: Batch) -> None:
        self.batch = first
        self.left = list(first.works)  # whoever collects the ends takes them out of the batch meanwhile
        self._owners = dict.fromkeys(self._ids(self.left), first)
        self._began = time.monotonic()
        self._told = 0

    def adopt(self) -> list[Assignment]:
        """The tasks of the heir, which are its own from now on; none where there is no heir yet."""
        heir = self.batch.heir
        if heir is None:
            return []
        works = list(heir.works)
        self.batch = heir
        self.left += works
        self._owners |= dict.fromkeys(self._ids(works), heir)
        return works

    def go_on(self) -> bool:
        """Take over the heir; False when there is none, and the runner is free."""
        return self.batch.end() is not None and bool(self.adopt())

    def told(self, work: Assignment) -> Batch:
        """A task has ended; the batch that it belongs to."""
        self.left.remove(work)
        self._told += 1
        return self._owners.pop(id(work))

    def seconds_each(self) -> float | None:
        """What each task took since this was asked last; None: there was no task."""
        began, self._began = self._began, time.monotonic()
        told, self._told = self._told, 0
        return (self._began - began) / told if told else None

    @staticmethod
    def _ids(works: list[Assignment]) -> list[int]:
        return [id(work) for work in works]
