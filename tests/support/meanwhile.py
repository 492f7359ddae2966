"""What others may do meanwhile: done just before this process makes a certain call.

Calls are replaced, not audited: nobody can take back an audit hook, and with one that is written in Python, threads
that start while coverage measures them hinder one another.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def meanwhile(act: Callable[[], object], *, before: str, fits: Callable[[str], bool]) -> Iterator[None]:
    """Do something once, when this process first makes a call that fits.

    Args:
        act: what somebody else does.
        before: the name of a function of ``os``, or a ``point`` that is passed.
        fits: told the call's first argument, the point's name, as text.
    """
    module, name, told = (sys, "audit", 1) if before == "point" else (os, before, 0)
    call = getattr(module, name)
    left = [act]

    def watched(*facts: Any, **options: Any) -> Any:
        while left and len(facts) > told and fits(str(facts[told])):
            left.pop()()
        return call(*facts, **options)

    with patch.object(module, name, watched):
        yield
    assert not left, f"no {before} fits"
