"""A tracker over HTTP, and a studio that tells it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mail import Hours, Mail
from wire_tracker import TOKEN, Tracker, install_wire, wire_tracker

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database


@pytest.fixture
def tracker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tracker]:
    """A tracker, whose kind of target is installed."""
    monkeypatch.syspath_prepend(install_wire(tmp_path / "site"))
    monkeypatch.setenv("WIRE_TOKEN", TOKEN)
    with wire_tracker() as found:
        yield found


@pytest.fixture
def mail(settings: Settings, database: Database, tracker: Tracker) -> Mail:
    """An outbox on either database, and a targets file that names the tracker."""
    made = Mail(settings.model_copy(update={"targets": ("wire",)}), database, Hours())
    made.section(tracker.server)
    return made
