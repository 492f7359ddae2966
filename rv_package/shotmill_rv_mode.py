"""What RV loads: the mode itself lies in the folder ``shotmill_rv`` beside this file."""  # noqa: INP001 - RV's folder

from __future__ import annotations

from shotmill_rv import ShotmillMode

_modes: list[ShotmillMode] = []


def createMode() -> ShotmillMode:  # noqa: N802 - RV's name
    """The mode; RV calls this once."""
    _modes[:] = [ShotmillMode()]
    return _modes[0]


def theMode() -> ShotmillMode:  # noqa: N802 - RV's name
    """The mode that RV has."""
    return _modes[0]
