"""Processes and their whole families: started apart, ended together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import psutil

from .delivering import is_delivery
from .environment import ATTEMPT

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36
ENDING = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})  # who sends one of these wants an engine to end
LOOK_S = 0.02


def adopt_orphans() -> None:
    """Let processes whose parent died become this one's children, so that it can end them; Linux only."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def family(pid: int) -> list[psutil.Process]:
    """A process and everything it started, as far as it still hangs together."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def end_family(process: subprocess.Popen[bytes], *, grace_s: float) -> None:
    """Ask a process and its children to end, and kill what is left after the grace period."""
    members = family(process.pid)
    _signal_each(members, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline:
        if process.poll() is not None and not any(_is_alive(member) for member in members):
            return
        time.sleep(LOOK_S)
        members += [member for member in family(process.pid) if member not in members]
    _signal_each(members, signal.SIGKILL)
    process.wait()


def end_left_behind(attempt: str) -> int:
    """Kill what an attempt left: orphans that this process adopted; how many."""
    left = [child for child in _children() if _mark_of(child) == attempt]
    members = [member for child in left for member in family(child.pid)]
    _signal_each(members, signal.SIGKILL)
    _reap(left)
    return len(members)


def end_orphans_of(engine: str) -> int:
    """Kill what a dead engine of this machine left behind and nobody ended; how many."""
    left = [one for one in psutil.process_iter() if _mark_of(one).startswith(f"{engine}-")]
    _signal_each(left, signal.SIGKILL)
    return len(left)


def guard(work: Callable[[], int]) -> int:
    """Run ``work`` in a child process; when that ends, however it ends, everything it started is ended too.

    The child is asked to end when its guard dies: nobody would clean up behind it.

    Returns:
        In the child what ``work`` returns; in the parent the child's exit code, negative for a signal.
    """
    if sys.platform != "linux":
        return work()
    adopt_orphans()
    here = os.getpid()
    child = os.fork()
    if child == 0:
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        return work() if os.getppid() == here else 0
    for number in ENDING:
        signal.signal(number, lambda number, _frame: _pass_on(child, number))
    _pid, status = os.waitpid(child, 0)
    while left := [one for one in psutil.Process().children() if not is_delivery(one)]:
        _signal_each([member for one in left for member in family(one.pid)], signal.SIGKILL)
        _reap(left)
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)
    return os.waitstatus_to_exitcode(status)


def is_running(pid: int) -> bool:
    """Whether a process of this number runs on this machine (a zombie does not)."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _pass_on(child: int, number: int) -> None:
    try:
        os.kill(child, number)
    except ProcessLookupError:
        return  # it has just ended by itself


def bury(known: Collection[int]) -> None:
    """Wait for adopted orphans that have ended by themselves, so that their numbers become free.

    Args:
        known: processes that somebody else waits for.
    """
    for child in psutil.Process().children():
        try:
            dead = child.pid not in known and child.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            continue
        if dead:
            _reap([child])


def _children() -> list[psutil.Process]:
    """Children of this process; where the kernel lists them, without a look at every process of the machine."""
    lists = [*Path(f"/proc/{os.getpid()}/task").glob("*/children")] * 2  # the kernel may leave one out while others end
    if not lists:
        return psutil.Process().children()
    found = []
    for pid in {pid for one in lists for pid in _listed(one)}:
        try:
            found.append(psutil.Process(pid))
        except psutil.NoSuchProcess:
            continue  # it has just ended
    return found


def _listed(place: Path) -> list[int]:
    try:
        return [int(pid) for pid in place.read_text(encoding="ascii").split()]
    except (FileNotFoundError, ProcessLookupError):
        return []  # the thread has just ended


def _mark_of(process: psutil.Process) -> str:
    """Whose work a process does; empty when it is none of ours."""
    try:
        return str(process.environ().get(ATTEMPT, ""))
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""


def _reap(children: Iterable[psutil.Process]) -> None:
    for child in children:
        try:
            os.waitpid(child.pid, 0)
        except ChildProcessError:
            continue  # somebody else waited for it


def _is_alive(member: psutil.Process) -> bool:
    try:
        return bool(member.is_running() and member.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _signal_each(members: Iterable[psutil.Process], number: int) -> None:
    for member in members:
        try:
            member.send_signal(number)
        except psutil.NoSuchProcess:
            continue
