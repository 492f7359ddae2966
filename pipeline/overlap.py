"""Work on many things at once, handed out in order, with never more than so many of them in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Overlap(Generic[T, R]):
    """Hands out what ``work`` makes of each item, in the order of the items, while workers go ahead.

    Args:
        work: called by several threads at once.
        workers: how many threads.
        ahead: items that are worked on, or wait to be taken, at most; the one that was handed out last counts no more.

    Attributes:
        most: items that were in memory at once, so far; never more than ``ahead``.
    """

    def __init__(self, work: Callable[[T], R], *, workers: int, ahead: int) -> None:
        self._work, self._workers, self._ahead = work, workers, max(ahead, 1)
        self.most = 0

    def run(self, items: Iterable[T]) -> Iterator[R]:
        """Each result in turn; what one item raises is raised where its result would come, and ends all work."""
        waiting: deque[Future[R]] = deque()
        source = iter(items)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="frames") as pool:
            try:
                while True:
                    self._fill(waiting, source, pool)
                    if not waiting:
                        return
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _fill(self, waiting: deque[Future[R]], source: Iterator[T], pool: ThreadPoolExecutor) -> None:
        for item in source if len(waiting) < self._ahead else ():
            waiting.append(pool.submit(self._work, item))
            self.most = max(self.most, len(waiting))
            if len(waiting) == self._ahead:
                return
