"""Shotmill in RV: a mode with menus; RV's commands are called on the main thread alone, and nothing here waits."""

from __future__ import annotations

from .mode import ShotmillMode

__all__ = ["ShotmillMode"]
