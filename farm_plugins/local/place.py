"""Where engines keep what is theirs: several databases may share a home, and each has engines of its own."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ...pipeline.settings import Settings

LOCK = "lock"
SESSIONS = "sessions"


def engine_place(settings: Settings) -> Path:
    """The folder of the engines of this home and this database: their lock, their bell, the sessions of their tasks."""
    return settings.home / f"engine-{hashlib.sha256(settings.database_url.encode()).hexdigest()[:8]}"
