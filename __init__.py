"""Shotmill: typed farm jobs for visual effects, published exactly once."""

from __future__ import annotations

__version__ = "0.1.0"

__all__ = ["__version__"]
