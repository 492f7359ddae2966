"""Processes and their whole families: started apart, ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable

import psutil


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
    _signal_group(process.pid, signal.SIGTERM)
    _signal_each(members, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline:
        if process.poll() is not None and not any(_is_alive(member) for member in members):
            return
        time.sleep(0.02)
        members += [member for member in family(process.pid) if member not in members]
    _signal_group(process.pid, signal.SIGKILL)
    _signal_each(members, signal.SIGKILL)
    process.wait()


def is_running(pid: int) -> bool:
    """Whether a process of this number runs on this machine (a zombie does not)."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_alive(member: psutil.Process) -> bool:
    try:
        return bool(member.is_running() and member.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return  # it is gone, or it was no group's leader: its members are signalled one by one


def _signal_each(members: Iterable[psutil.Process], number: int) -> None:
    for member in members:
        try:
            member.send_signal(number)
        except psutil.NoSuchProcess:
            continue
