"""The root command."""

from __future__ import annotations


def run() -> None:
    """Parse the command line and run one command."""
    raise SystemExit(0)
