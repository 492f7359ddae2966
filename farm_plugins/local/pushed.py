"""Receipts of warm tasks: pushed to the disk while the worker runs on, and many at once, which costs like one."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from ...pipeline.files import storage_error
from ...pipeline.receipts import sync_receipt
from ...schema.errors import ShotmillError
from ..task import Attempted
from .work import Assignment

CROWD_S = 0.1  # each push makes a file system write its journal, and whoever makes files meanwhile waits
Done = Callable[[Assignment, Attempted], None]


class Crowd:
    """Ends of attempts that are told together, once their receipts are on the disk.

    Args:
        pool: on whose threads receipts are pushed.
        done: told of each end.
    """

    def __init__(self, pool: ThreadPoolExecutor, done: Done) -> None:
        self._pool = pool
        self._done = done
        self._ends: list[tuple[Assignment, Attempted]] = []
        self._pushing: list[tuple[Assignment, Future[Attempted]]] = []
        self._told = 0.0

    def __bool__(self) -> bool:
        return bool(self._ends or self._pushing)

    def add(self, work: Assignment, attempted: Attempted) -> None:
        """An attempt has ended."""
        self._ends.append((work, attempted))

    def tell(self, *, at_once: bool) -> None:
        """Tell of all that ended and lie on the disk; nobody waits for the disk, unless it has to be at once.

        Args:
            at_once: even if others were told of a moment ago.
        """
        while self._ends or self._pushing:
            if self._pushing and (at_once or all(end.done() for _work, end in self._pushing)):
                pushed, self._pushing = self._pushing, []
                for work, end in pushed:
                    self._done(work, end.result())
            if self._pushing or not self._ends or not (at_once or time.monotonic() - self._told > CROWD_S):
                return
            ends, self._ends = self._ends, []
            if at_once and len(ends) == 1:  # as all tasks are that come one by one
                self._done(ends[0][0], _pushed(ends[0][1]))
                return
            self._pushing = [(work, self._pool.submit(_pushed, ended)) for work, ended in ends]
            self._told = time.monotonic()


def _pushed(ended: Attempted) -> Attempted:
    """The same end, its receipt on the disk; where that fails, so does the attempt."""
    if not ended.receipt:
        return ended
    try:
        sync_receipt(Path(ended.receipt))
    except OSError as error:
        failure: ShotmillError = storage_error(Path(ended.receipt), error)
        return Attempted(
            exit_code=failure.exit_code,
            log=ended.log,
            failure_code=failure.code,
            failure=failure.line(),
            retryable=failure.retryable,
            message=failure.message,
        )
    return replace(ended, receipt="")
