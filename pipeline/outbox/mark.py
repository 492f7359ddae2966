"""What this machine told last, kept outside the database: by it a database that was put back is known."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

TOLD = "told"  # folder in the home, where marks are kept
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """The letter that was told last, and when."""

    letter: uuid.UUID
    told: datetime


class Marks:
    """The marks of one database, one for each target.

    Args:
        folder: where they are kept.
        place: of the database, without its password.
    """

    def __init__(self, folder: Path, place: str) -> None:
        self._folder = folder / hashlib.sha256(place.encode()).hexdigest()[:16]
        self._known: dict[str, Mark | None] = {}

    def last(self, target: str) -> Mark | None:
        """What a target was told last by this machine; None: nothing, or nobody knows."""
        if target not in self._known:
            self._known[target] = self._read(target)
        return self._known[target]

    def keep(self, target: str, letter: uuid.UUID, told: datetime) -> None:
        """Remember what a target was told. Where that cannot be kept, letters are carried all the same."""
        self._known[target] = Mark(letter, told)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._folder / f".{target}-{os.getpid()}-{threading.get_ident()}"
            part.write_text(json.dumps({"letter": str(letter), "told": told.isoformat()}))
            part.replace(self._path(target))
        except OSError as error:
            _log.warning("what was told last cannot be kept in %s: %s", self._folder, error.strerror)

    def forget(self) -> None:
        """Know nothing of any target."""
        for path in self._folder.glob("*.json"):
            path.unlink(missing_ok=True)
        self._known.clear()

    def _read(self, target: str) -> Mark | None:
        try:
            found = json.loads(self._path(target).read_bytes())
            return Mark(uuid.UUID(found["letter"]), datetime.fromisoformat(found["told"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _path(self, target: str) -> Path:
        return self._folder / f"{target}.json"
