"""Pictures read ahead: one thread reads the next ones while the model works on this one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .backend import Picture, Pictures

AHEAD = 2  # pictures in memory besides the current one


class Ahead:
    """Hands out pictures of a plate, and has the next ones read meanwhile.

    Pictures are asked for by one thread alone, so what reads them need not be made for several. Nothing is read
    before the first is taken, nor after ``close``.

    Args:
        pictures: of the plate.
        ahead: how many pictures are read ahead; 0: none, and no thread is started.
    """

    def __init__(self, pictures: Pictures, *, ahead: int = AHEAD) -> None:
        self._pictures, self._ahead = pictures, ahead
        self._coming: dict[int, Future[Picture]] = {}
        self._reader: ThreadPoolExecutor | None = None

    def take(self, frame: int, coming: Sequence[int] = (), *, run: Any = None) -> Picture:
        """The picture of a frame.

        Args:
            frame: whose picture is needed now.
            coming: the frames after it, in the order of the walk.
            run: has the next pictures early, too, where it has ``prepare(frame, picture)``.

        Raises:
            whatever reading this picture raises; what reading a later one raises comes when that is taken.
        """
        if not self._ahead:
            return self._pictures[frame]
        wanted = (frame, *coming[: self._ahead])
        for each in [each for each in self._coming if each not in wanted]:
            self._coming.pop(each).cancel()
        if self._reader is None:
            self._reader = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        prepare = getattr(run, "prepare", None)
        for each in wanted:
            if each not in self._coming:
                self._coming[each] = self._reader.submit(self._read, each, prepare)
        return self._coming.pop(frame).result()

    def close(self) -> None:
        """Let go of what was read, and of the thread; a picture may still be taken afterwards, with a new one."""
        if self._reader is not None:
            self._reader.shutdown(wait=True, cancel_futures=True)
        self._reader = None
        self._coming.clear()

    def _read(self, frame: int, prepare: Callable[[int, Picture], None] | None) -> Picture:
        picture = self._pictures[frame]
        if prepare is not None:
            prepare(frame, picture)
        return picture
