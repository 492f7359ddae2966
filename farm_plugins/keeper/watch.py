"""Whether those who started a session still live: a keeper must not outlive them."""

from __future__ import annotations

import os
from pathlib import Path


class Watch:
    """The ancestors of this process; whoever stays after its parent left is the session's own process.

    Where the kernel has no ``/proc``, nobody is watched.
    """

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._ancestors = _ancestors(self._parent)
        self._watched: tuple[int, str] | None = None

    def is_over(self) -> bool:
        """Whether the process that runs the session has gone."""
        if os.getppid() == self._parent or not self._ancestors:
            return False  # the command that started us has not ended yet
        if self._watched is None:
            living = [one for one in self._ancestors if _start_of(one[0]) == one[1]]
            self._watched = living[0] if living else (0, "")
        return _start_of(self._watched[0]) != self._watched[1]


def _ancestors(pid: int) -> list[tuple[int, str]]:
    """Parent, grandparent and so on of a process, each with its start, so that a number used again is told apart."""
    found = []
    while pid > 1 and (facts := _stat(pid)):
        pid = int(facts[1])
        if start := _start_of(pid):
            found.append((pid, start))
    return found


def _start_of(pid: int) -> str:
    facts = _stat(pid)
    return facts[19] if facts and facts[0] != "Z" else ""


def _stat(pid: int) -> list[str]:
    """Fields of ``/proc/<pid>/stat`` from the third on, see proc(5); empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
