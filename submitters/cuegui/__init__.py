"""Shotmill in CueGUI's job menu: the folder ``shotmill`` is what CueGUI loads, ``place`` puts it there.

The folder runs inside CueGUI's own Python and Qt and imports nothing of this package. It asks Shotmill by running
``shotmill ... --json`` as a child process.
"""

from __future__ import annotations

from .place import Placed, place_plugin

__all__ = ["Placed", "place_plugin"]
