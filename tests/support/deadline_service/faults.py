"""What may go wrong between a client and the service, on demand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from .replies import ServiceError, throttled


class ReplyLostError(Exception):
    """The connection is cut instead of replying."""


@dataclass
class _Fault:
    operation: str
    times: int
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None


@dataclass
class Faults:
    """Faults that are waiting for their operation to be called; ``*`` is any."""

    _waiting: list[_Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _released: threading.Event = field(default_factory=threading.Event)

    def throttle(self, operation: str = "*", times: int = 1, *, retry_after_s: int = 0) -> None:
        """Answer the next calls with ThrottlingException."""
        self.refuse(operation, throttled(retry_after_s), times)

    def refuse(self, operation: str, error: ServiceError, times: int = 1) -> None:
        """Answer the next calls with this error."""

        def raise_it() -> None:
            raise error

        self._add(_Fault(operation, times, before=raise_it))

    def lose_reply(self, operation: str, times: int = 1) -> None:
        """Do what the next calls ask for, and cut the connection instead of saying so."""

        def cut() -> None:
            raise ReplyLostError

        self._add(_Fault(operation, times, after=cut))

    def lose_request(self, operation: str, times: int = 1) -> None:
        """Cut the connection of the next calls and do nothing."""

        def cut() -> None:
            raise ReplyLostError

        self._add(_Fault(operation, times, before=cut))

    def hang(self, operation: str = "*", times: int = 1_000_000) -> None:
        """Do not answer the next calls until ``clear``; then cut their connections."""

        def wait() -> None:
            self._released.wait()
            raise ReplyLostError

        self._released.clear()
        self._add(_Fault(operation, times, before=wait))

    def meanwhile(self, operation: str, act: Callable[[], None]) -> None:
        """Do something just before the next call is answered."""
        self._add(_Fault(operation, 1, before=act))

    def clear(self) -> None:
        """No more faults; whoever hangs is let go."""
        with self._lock:
            self._waiting.clear()
        self._released.set()

    def take(self, operation: str) -> tuple[Callable[[], None], Callable[[], None]]:
        """What to do before and after a call of an operation."""
        with self._lock:
            for fault in self._waiting:
                if fault.operation in {operation, "*"}:
                    fault.times -= 1
                    if not fault.times:
                        self._waiting.remove(fault)
                    return fault.before or _nothing, fault.after or _nothing
        return _nothing, _nothing

    def _add(self, fault: _Fault) -> None:
        with self._lock:
            self._waiting.append(fault)


def _nothing() -> None:
    return None
