"""After a publish of single-user mode: somebody tells trackers and chats of it, apart from the engine and its tasks.

Where a studio shares a PostgreSQL server, that is a service's work: ``shotmill deliver --watch``.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path

import psutil

from ...pipeline.settings import Settings
from ...pipeline.store import Database
from ..detached import start_detached
from . import journal

log = logging.getLogger(__name__)

COMMAND = ("-m", "shotmill", "deliver")
LOG = "deliver.log"
BUS = "DBUS_SESSION_BUS_ADDRESS"  # by which a keyring is found; sessions of systemd have it in a fixed place


def deliver_soon(settings: Settings, database: Database, environment: Mapping[str, str]) -> bool:
    """Start a delivery in a process of its own, where that is wanted; whatever comes of it, nobody here minds.

    Args:
        settings: of this machine.
        database: whose outbox has something in it.
        environment: of the engine: what it starts sees no more of it.

    Returns:
        Whether it was started.
    """
    if not settings.targets or not database.is_sqlite or not settings.targets_path.is_file():
        return False
    place = settings.home / LOG
    try:
        with contextlib.suppress(FileNotFoundError):
            journal.keep_small(place)
        start_detached(*COMMAND[1:], "--once", environment=_with_bus(environment), log=place)
    except OSError as error:
        log.warning("nobody is told of what was published until the next `shotmill deliver`: %s", error)
        return False
    return True


def _with_bus(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, and where the keyring's door is if it is where systemd puts it."""
    bus = Path(environment.get("XDG_RUNTIME_DIR", "/nowhere")) / "bus"
    return {**environment, BUS: f"unix:path={bus}"} if bus.exists() else dict(environment)


def is_delivery(process: psutil.Process) -> bool:
    """Whether a process tells trackers and chats: it outlives the engine that started it."""
    try:
        return tuple(process.cmdline()[1:4]) == COMMAND
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
