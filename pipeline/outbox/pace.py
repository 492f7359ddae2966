"""When a target may be called: letters a second, how long it wants to be left alone, and whether it is down."""

from __future__ import annotations

import math
import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol

FIRST_S = 2.0
LONGEST_S = 1800.0
DOWN_LONGEST_S = 30.0  # a target that comes back is noticed within so long
BUSY_LONGEST_S = 86_400.0  # whoever asks for more has a fault, or means us ill
BUSY_S = 10.0  # of a target that asks to be left alone and does not say for how long
STEPS = 20  # doublings after which a pause is the longest for certain


class Clock(Protocol):
    """What time it is, and waiting for it to pass. Tests have hours of their own."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Let time pass until an event is set; whether it is."""
        ...


class SystemClock:
    """The machine's."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        return datetime.now(UTC)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Let time pass until an event is set; whether it is."""
        return event.wait(seconds)


def pause_s(attempts: int, dice: random.Random) -> float:
    """How long a letter waits after so many tries: exponential with full jitter, so that no two come back as one.

    Source:
        M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    return dice.uniform(0, min(LONGEST_S, FIRST_S * 2 ** min(attempts, STEPS)))


class Gate:
    """The way to one target, for all letters of one worker.

    While the target is down, one letter at a time is tried, each a longer while after the last one: never more than one
    a second, and one each half minute at least.

    Args:
        calls_per_s: letters a second at most.
        opens: now.
    """

    def __init__(self, calls_per_s: float, opens: datetime) -> None:
        self.opens = opens
        self._apart = timedelta(seconds=1 / calls_per_s)
        self._failures = 0

    @property
    def is_down(self) -> bool:
        """Whether the target did not answer when it was last asked."""
        return self._failures > 0

    def called(self, moment: datetime) -> None:
        """A letter is on its way."""
        self.opens = max(self.opens, moment + self._apart)

    def answered(self) -> None:
        """The target is there, whatever it said."""
        self._failures = 0

    def silent(self, moment: datetime) -> None:
        """The target did not answer."""
        self._failures += 1
        wait_s = min(DOWN_LONGEST_S, 2.0 ** min(self._failures - 1, STEPS))
        self.opens = max(self.opens, moment + timedelta(seconds=wait_s))

    def busy(self, moment: datetime, wait_s: float | None) -> timedelta:
        """The target asked to be left alone; for how long it is."""
        self.answered()
        asked_s = BUSY_S if wait_s is None or math.isnan(wait_s) else wait_s
        pause = timedelta(seconds=min(max(asked_s, 0.0), BUSY_LONGEST_S))
        self.opens = max(self.opens, moment + pause)
        return pause
