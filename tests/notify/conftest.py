"""Chats to tell, and what is told to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from letters import publication, still

from shotmill.pipeline.notify import slack
from shotmill.pipeline.outbox.letter import Publication


@pytest.fixture(autouse=True)
def _no_proxy_and_no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(slack, "SHOWN_AFTER_S", (0.0, 0.0))


@pytest.fixture
def told_of(tmp_path: Path) -> Publication:
    """A version with a thumbnail."""
    return publication(still(tmp_path / "published"))
