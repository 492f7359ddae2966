"""What others may do meanwhile: done just before this process makes a certain call of the operating system."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Fits = Callable[[str], bool]
_waiting: list[tuple[str, Fits, Callable[[], object]]] = []


def _listen(event: str, facts: tuple[object, ...]) -> None:
    for one in [one for one in _waiting if one[0] == event and one[1](str(facts[0]))]:
        _waiting.remove(one)
        one[2]()


_listeners = [_listen]


@contextmanager
def meanwhile(act: Callable[[], object], *, event: str, fits: Fits) -> Iterator[None]:
    """Do something once, when this process first makes a call that fits.

    Args:
        act: what somebody else does.
        event: docs.python.org/3/library/audit_events.html
        fits: told the call's first argument as text.
    """
    while _listeners:  # one for all tests, as nobody can take it back
        sys.addaudithook(_listeners.pop())
    one = (event, fits, act)
    _waiting.append(one)
    try:
        yield
        assert one not in _waiting, f"no {event} fits"
    finally:
        if one in _waiting:
            _waiting.remove(one)
