"""Fixtures of the tests of ``shotmill rpc``: a home, a plate, and a host that asks in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rpc_host
from command_line import write_frames
from in_process import home
from rpc_host import Answered

__all__ = ["home"]
Ask = Callable[..., Answered]


@pytest.fixture
def ask(home: Path) -> Ask:
    """Ask in this process."""

    def asked(op: str, args: dict[str, Any] | None = None, **more: Any) -> Answered:
        return rpc_host.ask(home, op, args, **more)

    return asked


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """A sequence of three frames, 1001 to 1003."""
    return write_frames(tmp_path / "media", 1001, 1002, 1003)


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs stay queued: nobody starts the local engine."""
    monkeypatch.setattr("shotmill.farm_plugins.local.engine.ensure_engine_running", lambda *_given, **_more: False)
