"""The submitting process, also started before whoever will need it has loaded anything but Python's own.

It takes as long to get ready as the job takes to be prepared, so the sooner it begins the better. It is told nothing
before the job is stored, and sends nothing untold; it ends with whoever started it.
"""

from __future__ import annotations

import atexit
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise

MODULE = f"{__package__}.submitting"
ENGINE = "deadline"
OPTION = "--engine"
ENGINE_VARIABLE = "SHOTMILL_ENGINE"  # of the setting
_WITHOUT = frozenset({"--later", "--dry-run", "--help"})  # what hands nothing over
_early: list[subprocess.Popen[bytes]] = []


def hire() -> subprocess.Popen[bytes]:
    """The process that was started early, or a new one; it is the caller's to end."""
    return _early.pop() if _early else _start()


def hire_early(engine: str) -> None:
    """Start the process now, if it is this farm that a job will be handed to; ended with this one if it is not needed.

    Args:
        engine: its name.
    """
    if _early or engine != ENGINE:
        return
    with suppress(OSError):  # it is tried again when it is needed, and told of then
        _early.append(_start())
        atexit.register(_dismiss)


def engine_of(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """The engine that a command line hands a job to at once; empty: none, or it stands in a file.

    Args:
        words: of the command line, behind the program.
        environment: whose setting counts where the command line names no engine.
    """
    if "submit" not in words or not _WITHOUT.isdisjoint(words):
        return ""
    named = [word.removeprefix(f"{OPTION}=") for word in words if word.startswith(f"{OPTION}=")]
    named += [name for word, name in pairwise(words) if word == OPTION]
    return (named or [environment.get(ENGINE_VARIABLE, "")])[-1]


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for whoever hired it, and they end it
    )


def _dismiss() -> None:
    for process in _early:
        process.kill()
        process.communicate()  # closes its pipes, too
