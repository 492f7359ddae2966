"""The root command. Help and version are answered before anything is imported; a command imports what it needs."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from .table import root_help

COMPLETE = "_SHOTMILL_COMPLETE"
COLLECT_AFTER = 200_000  # new objects; Python's 700 walks all that was imported dozens of times while a command starts


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
    _start_sooner()
    if given == ["rpc"]:  # hosts wait for it, and it needs nothing of click
        from ..rpc.serve import serve

        raise SystemExit(serve(None))
    if "submit" in given:
        from ...farm_plugins.deadline_cloud.hire import engine_of, hire_early

        hire_early(engine_of(given, os.environ))
    from .root import invoke

    code = invoke(given)
    if "OpenImageIO" not in sys.modules:  # its bindings tell on standard error of all that was not collected
        gc.freeze()  # Python's end would walk all that was imported once more; only memory is left to be given back
    raise SystemExit(code)


def _start_sooner() -> None:
    """Leave out what only costs time at the start of a command."""
    gc.set_threshold(COLLECT_AFTER)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else it reads the metadata of every installed wheel


def _printed(text: str) -> int:
    try:
        print(text, flush=True)
    except OSError as error:
        from .root import say_system

        return say_system(error, as_json=False)
    return 0
