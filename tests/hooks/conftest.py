"""A studio with code of its own on its Python path."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import write_frames
from studio_code import StudioCode


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StudioCode]:
    """Modules that are written by the test, forgotten when it ends."""
    before = set(sys.modules)
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    yield StudioCode(site, tmp_path / "home" / "hooks.toml")
    for name in set(sys.modules) - before:
        if name.startswith("studio"):
            del sys.modules[name]


@pytest.fixture
def plate(tmp_path: Path) -> str:
    """A plate of one frame."""
    return str(write_frames(tmp_path / "plates", 1))
