"""The command line: ``shotmill``."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from .main import run

    run()
