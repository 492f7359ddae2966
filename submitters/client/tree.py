"""Ending a child with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

GRACE_S = 2.0  # that a child has to end by itself


def own_group() -> int:
    """Flags of ``Popen`` with which a child leads a group of its own on Windows; elsewhere it has a session."""
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return 0


def end_tree(pid: int, *, grace_s: float = GRACE_S) -> None:
    """End a process that leads its own group, and its children; returns at once. What was detached goes on.

    Args:
        pid: of the process that asks Shotmill; it makes itself the leader of a group.
        grace_s: seconds until those are killed that did not end by themselves.
    """
    if sys.platform == "win32":
        taskkill = ["taskkill", "/F", "/T", "/PID", str(pid)]
        subprocess.Popen(taskkill, creationflags=subprocess.CREATE_NO_WINDOW)
        return
    _signal(pid, signal.SIGTERM)
    later = threading.Timer(grace_s, _signal, (pid, signal.SIGKILL))
    later.daemon = True
    later.start()


def _signal(pid: int, number: int) -> None:
    if sys.platform == "win32":
        return
    try:
        os.killpg(pid, number)
    except ProcessLookupError:  # it has no group yet, or is gone
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
