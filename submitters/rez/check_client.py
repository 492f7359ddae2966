"""Rez's test of the client: it is found for each host, and needs nothing but Python."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[:0] = [str(here / "rv" / "Python"), str(here / "nuke")]
for name in ("shotmill_client", "shotmill_nuke.submitters.client"):
    print(importlib.import_module(name).__file__)
