"""Processes of a studio that kill themselves at named points: each armed point takes one process, once.

A ``sitecustomize`` on the studio's PYTHONPATH listens for the points that engines, tasks and publishes pass. Whoever
removes the file of an armed point dies there by SIGKILL.
"""

from __future__ import annotations

from pathlib import Path

LISTENER = """
from __future__ import annotations

import os
import signal
import sys

ARMED = os.path.join(os.path.dirname(__file__), "armed")
ROLES = {"shotmill.farm_plugins.task.worker": "warm", "task": "cold"}


def listen(event: str, *facts: object) -> None:
    if event == "shotmill.point":
        role = next((ROLES[word] for word in sys.orig_argv if word in ROLES), "engine")
        try:
            os.unlink(os.path.join(ARMED, f"{role}@{facts[0]}"))
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGKILL)


sys.audit = listen  # an audit hook would hinder threads that start while coverage measures them
"""


class Deaths:
    """Where processes of a studio shall die.

    Args:
        site: a folder of its PYTHONPATH.
    """

    def __init__(self, site: Path) -> None:
        (site / "sitecustomize.py").write_text(LISTENER)
        self._armed = site / "armed"
        self._armed.mkdir()

    def arm(self, role: str, *points: str) -> None:
        """Let one process of a role (``engine``, ``warm``, ``cold``) die at each of these points."""
        for point in points:
            (self._armed / f"{role}@{point}").touch()

    @property
    def left(self) -> list[str]:
        """Armed points that took nobody yet."""
        return sorted(path.name for path in self._armed.iterdir())
