"""What a frame lacks on an OpenCue host: GPUs of its own, a word now and then, and an end that OpenCue reads right.

RQD wraps a frame in ``time``, which ends with 137 when what it runs is killed; OpenCue takes that and 33 for a lack of
memory, and runs the frame again without end. So a process that does nothing else watches over the one that works.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ...schema.errors import EXIT_TASK_ERROR, EXIT_TRY_AGAIN, MachineError, WorkerLostError

if TYPE_CHECKING:
    from ...pipeline.settings import Settings
    from ..local.slots import Slots

FRAME = "CUE_FRAME_ID"  # set by Cuebot for every frame
GPU_CORES = "CUE_GPU_CORES"  # set by the RQD in Python: which GPUs are the frame's
GPUS = "CUE_GPUS"  # set by Cuebot: how many are
DEVICES = "CUDA_VISIBLE_DEVICES"
MISREAD = frozenset({33, 137})
HEARTBEAT_S = 20.0  # CueGUI shows the log's age, and sites end frames that are silent for minutes
LOOK_S = 0.5


def on_host(environ: Mapping[str, str]) -> bool:
    """Whether this process is a frame of OpenCue's."""
    return FRAME in environ


def watch(say: Callable[[str], None], *, every_s: float = HEARTBEAT_S) -> int | None:
    """Let a child do the work, and wait for it.

    Args:
        say: told a line every ``every_s`` seconds.
        every_s: how often.

    Returns:
        None in the child, which goes on. Else how the child ended: its exit code, or its signal as a negative number.
    """
    from ..task.children import die_with_parent  # noqa: PLC0415 - only frames of OpenCue's need it

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # until there is somebody to pass it on to
    here = os.getpid()
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        die_with_parent()
        if os.getppid() != here:  # it died before the kernel was asked to tell of it
            os._exit(EXIT_TRY_AGAIN)
        return None
    signal.signal(signal.SIGTERM, lambda number, _frame: os.kill(child, number))
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    began, ended = time.monotonic(), threading.Event()

    def beat() -> None:
        while not ended.wait(every_s):
            say(f"shotmill: at work for {time.monotonic() - began:.0f} s")

    heart = threading.Thread(target=beat, daemon=True)
    heart.start()
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # there is nobody to pass it on to, and the end is yet to be told
    _pid, status = os.waitpid(child, 0)
    ended.set()
    heart.join()
    return os.waitstatus_to_exitcode(status)


def code_of(ended: int) -> int:
    """The exit code for OpenCue of a child that ended so: nothing that it takes for a lack of memory."""
    if ended < 0:
        return EXIT_TRY_AGAIN
    return EXIT_TASK_ERROR if ended in MISREAD else ended


def record_killed(bundle: Path, step: str, frames: str, *, number: int, started: datetime) -> str:
    """Write down that a task was killed, since it could not do so itself; the one line.

    Args:
        bundle: of the job.
        step: of the task.
        frames: same.
        number: of the signal.
        started: when the task was begun.
    """
    from ...schema.frames import FrameSet  # noqa: PLC0415 - rare
    from ..task.attempted import TaskRequest  # noqa: PLC0415 - same
    from ..task.record import next_attempt, record_lost  # noqa: PLC0415 - same

    chunk = FrameSet.parse(frames)
    error = WorkerLostError(
        f"the task was killed by signal {number}", hint="if it was short of memory, give the step more memory_mib"
    )
    request = TaskRequest(bundle, step, chunk, next_attempt(bundle, step, chunk))
    return record_lost(request, error, started=started).failure or error.line()


@dataclass(frozen=True)
class Gpus:
    """The GPUs that a frame may use.

    Attributes:
        visible: as ``CUDA_VISIBLE_DEVICES`` names them; empty: none.
        slots: holds their locks until ``close``, and no longer than the process lives.
    """

    visible: str
    slots: Slots | None = None

    def close(self) -> None:
        """Let others have them."""
        if self.slots is not None:
            from ...schema.job import Needs  # noqa: PLC0415 - only frames with GPUs

            taken = tuple(self.visible.split(","))
            self.slots.give_back(Needs(gpu=len(taken)), taken)


def gpus_of(environ: Mapping[str, str], settings: Settings, asked: Callable[[], int]) -> Gpus:
    """The GPUs of a frame: those that RQD chose, else free ones of this host, under our own lock.

    Args:
        environ: of the frame.
        settings: of this host.
        asked: how many the step needs, where OpenCue says nothing of them.

    Raises:
        MachineError: the host has not as many.
    """
    if cores := environ.get(GPU_CORES):
        return Gpus(cores)
    told = environ.get(GPUS, "")
    count = int(told) if told.isdigit() else asked()
    if count == 0:
        return Gpus("")
    return _locked(environ, settings, count)


def _locked(environ: Mapping[str, str], settings: Settings, count: int) -> Gpus:
    from ...schema.job import Needs  # noqa: PLC0415 - only frames with GPUs
    from ..local.slots import Slots, capacity_of  # noqa: PLC0415 - same
    from ..task.attempted import host_name  # noqa: PLC0415 - same

    capacity = capacity_of(settings, visible=environ.get(DEVICES))
    if count > len(capacity.gpus):
        raise MachineError(
            f"the frame was given {count} GPUs, and this host has {len(capacity.gpus)}",
            hint="shotmill doctor, on this host",
        )
    slots = Slots(capacity, settings.home / "slots" / host_name())  # a home may be shared by hosts
    needs = Needs(gpu=count, memory_mib=16)
    taken = slots.take(needs)
    while taken is None:
        time.sleep(LOOK_S)
        taken = slots.take(needs)
    return Gpus(",".join(taken), slots)
