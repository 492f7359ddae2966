"""Fixtures that several folders share: a home of the test's own, and commands run in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Ran, Shotmill, stop_engines

from shotmill.submitters.cli.root import invoke

__all__ = ["home", "shotmill"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of this test; no engine outlives it."""
    monkeypatch.setenv("SHOTMILL_IDLE_S", "5")
    yield tmp_path / "home"
    stop_engines(tmp_path / "home")


@pytest.fixture
def shotmill(home: Path, capfd: pytest.CaptureFixture[str]) -> Shotmill:
    """Run a command in this process."""
    del home

    def run(*arguments: object) -> Ran:
        capfd.readouterr()
        code = invoke([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run
