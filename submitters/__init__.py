"""Who asks: the command line and the hosts."""

from __future__ import annotations
