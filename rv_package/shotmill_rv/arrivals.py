"""Mattes of jobs that are at work: shown over their plates as frames arrive, until a published version has them all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from . import results
from .host import Plate

MOST = 400  # sources of one job in RV; of a job of more tasks, the others are seen when it is published
MATTE = "matte"


class Arrivals:
    """What arrived, and what of it lies in RV.

    RV makes and removes one source a step: a hundred at once would be felt.

    Args:
        plate_of: the open source that frames, or a version, were made from; None: it is not open.
        wanted: whether mattes are to be shown.
    """

    def __init__(self, plate_of: Callable[[dict[str, Any]], Plate | None], wanted: Callable[[], bool]) -> None:
        self._plate_of = plate_of
        self._wanted = wanted
        self._waiting: deque[dict[str, Any]] = deque()
        self._leaving: deque[str] = deque()
        self._lying: dict[str, dict[str, str]] = {}  # job -> path -> node

    @property
    def busy(self) -> bool:
        """Whether there is something to do."""
        return bool(self._waiting or self._leaving)

    def take(self, piece: dict[str, Any]) -> None:
        """Frames arrived, as ``watch`` tells them; those that lie in RV are told again when it watches anew."""
        if piece["kind"] == MATTE and piece["path"] not in self._lying.get(piece["job"], ()):
            self._waiting.append(piece)

    def end(self, job: str) -> None:
        """A job's frames are published, or not wanted any more: they go away."""
        self._waiting = deque(piece for piece in self._waiting if piece["job"] != job)
        self._leaving.extend(self._lying.pop(job, {}).values())

    def step(self) -> None:
        """Do one thing: take one source away, or put one over its plate."""
        if self._leaving:
            results.lift(self._leaving.popleft())
        elif self._waiting:
            self._show(self._waiting.popleft())

    def clear(self) -> None:
        """The session ends, and all of its sources with it."""
        self._waiting.clear()
        self._leaving.clear()
        self._lying.clear()

    def _show(self, piece: dict[str, Any]) -> None:
        lying = self._lying.setdefault(piece["job"], {})
        plate = self._plate_of(piece) if self._wanted() and len(lying) < MOST else None
        if plate is not None and piece["path"] not in lying:
            lying[piece["path"]] = results.lay(plate, piece)
