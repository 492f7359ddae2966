"""Children of the process that does a task: none of them outlives it."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36
LOOK_S = 0.01


def adopt_orphans() -> None:
    """Let grandchildren whose parent died become this process's children; Linux only."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies; Linux only, elsewhere the end of input tells."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_unheard(speech: int) -> None:
    """From now on, end this process and its children as soon as nobody is left to hear it.

    Args:
        speech: a pipe that this process writes; another process holds its other end.
    """
    ear = select.poll()
    ear.register(speech, 0)  # errors are always told, and a pipe without a reader is one

    def wait() -> None:
        ear.poll()
        end_children(frozenset())
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def children() -> frozenset[int]:
    """Processes that this one has to wait for; costs a microsecond when there are none."""
    if not _has_children():
        return frozenset()
    listed = Path(f"/proc/{os.getpid()}/task")
    found: set[int] = set()
    for thread in listed.iterdir() if listed.is_dir() else ():
        try:
            found.update(int(pid) for pid in (thread / "children").read_text(encoding="ascii").split())
        except FileNotFoundError:
            continue  # the thread has just ended
    return frozenset(found)


def end_children(kept: frozenset[int]) -> int:
    """Kill all children of this process but those kept, and what becomes its children by that; how many."""
    ended: set[int] = set()
    while left := children() - kept:
        for pid in left:
            ended.add(pid)
            _kill(pid)
        time.sleep(0.0 if children() <= kept else LOOK_S)
    return len(ended)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        return  # it is gone, and somebody else has waited for it
