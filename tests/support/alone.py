"""Tests that leave something behind in their process for good run in one of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

IS_ALONE = "PYTEST_IS_ALONE"  # in the environment of such a process
PASSED = "1 passed"


class Alone(pytest.Item):
    """A test that is marked ``alone``: passes where it does so in a process of its own."""

    def __init__(self, *, of: pytest.Item, **names: Any) -> None:
        super().__init__(**names)
        self.own_markers = of.own_markers
        self.keywords.update(of.keywords)
        self._where = of.location

    def runtest(self) -> None:
        """Run it there, unmeasured."""
        config = self.config
        with tempfile.TemporaryDirectory() as place:
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:cov"]
            command += ["--rootdir", str(config.rootpath), "-c", str(config.inipath)]
            command += ["--basetemp", str(Path(place, "tests")), f"{self.path}::{self.name}"]
            ran = subprocess.run(
                command, cwd=config.rootpath, env=_environment(), capture_output=True, text=True, check=False
            )
        if ran.returncode or PASSED not in ran.stdout:
            pytest.fail(f"in a process of its own:\n{ran.stdout}{ran.stderr}", pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the test is written."""
        return self.path, self._where[1], self._where[2]


def set_apart(items: list[pytest.Item]) -> None:
    """Let the tests that are marked run in processes of their own, unless this is one of these."""
    if IS_ALONE in os.environ:
        return
    for number, item in enumerate(items):
        if item.get_closest_marker("alone") and item.parent is not None:
            items[number] = Alone.from_parent(item.parent, name=item.name, of=item)


def _environment() -> dict[str, str]:
    """Without what pytest's own plug-ins tell the processes that they start."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))}
    return {**kept, IS_ALONE: "1"}
