"""The processor's cores that a process may use."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """How many there are: a farm may give a process fewer than its machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
