"""Shotmill in CueGUI's job menu. It runs in CueGUI's Python (3.7 or newer), and imports Qt and pycue alone."""

from __future__ import annotations
