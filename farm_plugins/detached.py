"""Processes that outlive whoever started them: the local engine, and what hands a job over."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def start_detached(module: str, *arguments: str, environment: Mapping[str, str], log: Path) -> None:
    """Start a module of ours in a session of its own: closing the terminal does not reach it, and nobody waits for it.

    Args:
        module: dotted name.
        arguments: of its command line, which anybody on the machine can read.
        environment: its whole environment.
        log: gets what it prints.

    Raises:
        OSError: the log cannot be written, or no process can be made.
    """
    command = [sys.executable, "-m", module, *arguments]
    with log.open("ab") as stream:
        streams: list[tuple[Any, ...]] = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
        streams += [(os.POSIX_SPAWN_DUP2, stream.fileno(), number) for number in (1, 2)]
        os.posix_spawn(sys.executable, command, environment, file_actions=streams, setsid=True)
