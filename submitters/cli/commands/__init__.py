"""One module for each noun of the command line."""

from __future__ import annotations
