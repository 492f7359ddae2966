"""Rez packages: a client for hosts that requires nothing, and the whole of Shotmill in an environment of its own."""

from __future__ import annotations

from .sources import package_sources

__all__ = ["package_sources"]
