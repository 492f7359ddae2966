"""Fixtures of Nuke's plug-in: the tests' Nuke stands where Nuke would."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

FAKE = Path(__file__).resolve().parents[1] / "support" / "fake_nuke"
if str(FAKE) not in sys.path:
    sys.path.append(str(FAKE))


@pytest.fixture
def world() -> Any:
    """What the tests' Nuke holds beside nodes, in a script that is empty."""
    import nuke  # noqa: PLC0415 - the tests' own

    nuke.scriptClear()
    return nuke._scene.world()
