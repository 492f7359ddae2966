"""Fixtures of RV's tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from in_process import home, shotmill
from rv_host import FAKE, Parrot, Rv, install, on_path

from shotmill.submitters.rv.package import build_package

__all__ = ["home", "shotmill"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python folder of an RV in which the package is installed."""
    folder = tmp_path_factory.mktemp("rv")
    return install(build_package(folder), folder / "support")


@pytest.fixture
def rv(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rv]:
    """RV with the mode loaded; Shotmill is the tests' own environment."""
    monkeypatch.setenv("SHOTMILL_PYTHON", sys.executable)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with on_path(FAKE, installed):
        found = Rv()
        try:
            yield found
        finally:
            found.close()


@pytest.fixture
def parrot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rv: Rv) -> Parrot:
    """A Shotmill that answers what it was told to."""
    del rv
    found = Parrot(tmp_path / "parrot")
    monkeypatch.setenv("SHOTMILL_PYTHON", str(found.python))
    return found
