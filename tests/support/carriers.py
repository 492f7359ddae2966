"""Delivery workers in processes of their own, which die where and when a test tells them to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POINTS = (
    "outbox:following",
    "outbox:claiming",
    "outbox:claimed",
    "outbox:lettered",
    "outbox:keeping",
    "outbox:kept",
    "outbox:answered",
    "outbox:settling",
    "outbox:settled",
)
LEASE_S = 3600.0
PATIENCE_S = 120.0


class Carriers:
    """Workers in processes of their own.

    Args:
        site: where their kind of target is installed.
    """

    def __init__(self, site: Path) -> None:
        script = Path(__file__).with_name("carrier.py")
        paths = os.pathsep.join([str(site), str(script.parent), *sys.path])
        self.process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )

    def ask(self, *words: object) -> int | None:
        """Say a line to the server of workers, see ``carrier``; how the worker ended, None while it runs."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        code: int | None = json.loads(self.process.stdout.readline())[1]
        return code

    def end_of(self, name: str) -> int:
        """How a worker ended; waits for it."""
        deadline = time.monotonic() + PATIENCE_S
        while (code := self.ask(name)) is None:
            assert time.monotonic() < deadline, "a worker does not end"
            time.sleep(0.01)
        return code


@contextmanager
def serving(site: Path) -> Iterator[Carriers]:
    """A server of workers, which ends at the end."""
    made = Carriers(site)
    try:
        yield made
    finally:
        assert made.process.stdin is not None
        assert made.process.stdout is not None
        made.process.stdin.close()
        made.process.wait(PATIENCE_S)
        made.process.stdout.close()
