"""A Cuebot for tests: the real protocol, and the real one's rules as far as jobs can meet them."""

from __future__ import annotations

from .bot import Bot, Site
from .hosts import ProcessHost, StillHost
from .server import Cuebot, cuebot

__all__ = ["Bot", "Cuebot", "ProcessHost", "Site", "StillHost", "cuebot"]
