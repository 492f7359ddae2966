"""The root command. Help and version are answered before anything is imported; a command imports what it needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from .table import root_help

COMPLETE = "_SHOTMILL_COMPLETE"


def run(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line, run one command, and exit with its code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if COMPLETE in os.environ:  # a shell asks what may come next
        from .root import root

        root.main(prog_name="shotmill")
    if given in ([], ["--help"], ["-h"], ["help"]):
        raise SystemExit(_printed(root_help()))
    if given == ["--version"]:
        from ... import __version__

        raise SystemExit(_printed(f"shotmill {__version__}"))
    from .root import invoke

    raise SystemExit(invoke(given))


def _printed(text: str) -> int:
    try:
        print(text, flush=True)
    except OSError as error:
        from .root import say_system

        return say_system(error, as_json=False)
    return 0
