"""Walking a run through a plate: the next pictures are read while the model works on this one."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .backend import Hint, Mask, Picture, Pictures, Run

AHEAD = 2  # pictures in memory besides the current one


def walk(
    run: Run, pictures: Pictures, hints: Mapping[int, Mapping[str, Hint]], frames: Sequence[int], *, ahead: int = AHEAD
) -> Generator[tuple[int, dict[str, Mask]]]:
    """Step through frames; each with its masks, in the order given.

    The run stands on the frame that was yielded last, so a snapshot taken then belongs to it. A run that has
    ``prepare(frame, picture)`` gets each picture early, too. Pictures are read by one thread, which is no longer there
    when the walk has ended or was closed.

    Args:
        run: at its start, or resumed.
        pictures: asked for one frame at a time, never by two threads at once.
        hints: by frame and object; frames without any may be left out.
        frames: in the order of the walk; each a neighbour of the one before.
        ahead: how many pictures are read ahead.

    Raises:
        whatever reading a picture or the step of its frame raises, when that frame's turn has come.
    """
    prepare = getattr(run, "prepare", None)

    def read(frame: int) -> Picture:
        picture = pictures[frame]
        if prepare is not None:
            prepare(frame, picture)
        return picture

    reader = ThreadPoolExecutor(1, thread_name_prefix="pictures")
    coming: deque[Future[Picture]] = deque()
    try:
        for number, frame in enumerate(frames):
            while len(coming) <= ahead and number + len(coming) < len(frames):
                coming.append(reader.submit(read, frames[number + len(coming)]))
            yield frame, run.step(frame, coming.popleft().result(), hints.get(frame, {}))
    finally:
        reader.shutdown(wait=True, cancel_futures=True)
