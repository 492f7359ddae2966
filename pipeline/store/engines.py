"""Engine processes in the database: who is there, and who has gone without a word."""

from __future__ import annotations

import os
import socket
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update

from ...schema.tables import EngineRow
from .database import Database
from .queue import database_now

STALE = timedelta(seconds=60)
FORGOTTEN = timedelta(days=1)  # engines elsewhere that are silent for so long are taken off the list


class EngineProcess(NamedTuple):
    """One engine process.

    Attributes:
        slots: what it offers (``cpu``, ``memory_mib``, ``gpus``), and ``place`` and ``born``, which tell the
            process from others that had or have its number.
        silent: how long ago it renewed its heartbeat, by the database's clock.
    """

    id: uuid.UUID
    host: str
    pid: int
    version: str
    slots: dict[str, Any]
    started: datetime
    heartbeat: datetime
    stopping: bool
    silent: timedelta

    @property
    def is_here(self) -> bool:
        """Whether its process number is one of this machine's own."""
        return self.host == socket.gethostname() and self.slots.get("place", place()) == place()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs: by its process on this machine, by its heartbeat on others."""
        if self.is_here:
            return _runs(self.pid, self.slots.get("born"))
        return self.silent < STALE


def place() -> str:
    """Where a process number means something: this start of this machine, or of this container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}:{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def born(pid: int) -> str | None:
    """When a process began, in the kernel's ticks; None for one that is gone or a zombie. Empty without procfs."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except FileNotFoundError:
        return None if Path("/proc/self").exists() else ""
    except OSError:
        return None
    return None if facts[0] in "ZX" else facts[19]


def _runs(pid: int, began: str | None) -> bool:
    found = born(pid)
    if found == "":
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
    return found is not None and began in {None, found}


def engines(database: Database) -> list[EngineProcess]:
    """All engine processes that the database knows, oldest first."""
    columns = (
        EngineRow.id, EngineRow.host, EngineRow.pid, EngineRow.version, EngineRow.slots, EngineRow.started,
        EngineRow.heartbeat, EngineRow.stopping,
    )  # fmt: skip
    with database.read() as connection:
        moment = database_now(connection)
        rows = connection.execute(select(*columns).order_by(EngineRow.started)).all()
    return [EngineProcess(**row._mapping, silent=moment - row.heartbeat) for row in rows]  # noqa: SLF001 - public name


def live_engines(database: Database) -> list[EngineProcess]:
    """Engine processes on this machine that run and take work."""
    return [engine for engine in engines(database) if engine.is_here and engine.is_alive and not engine.stopping]


def dead_engines(database: Database) -> list[EngineProcess]:
    """Engines of this machine whose process is gone: what they owned is free at once.

    Of engines elsewhere only their leases tell: a clock or a network that is off must not double their work.
    """
    return [engine for engine in engines(database) if engine.is_here and not engine.is_alive]


def enter(database: Database, *, version: str, slots: dict[str, Any]) -> uuid.UUID:
    """Put this process in; engines elsewhere that fell silent long ago are taken out."""
    facts = {**slots, "place": place(), "born": born(os.getpid())}
    values = {"host": socket.gethostname(), "pid": os.getpid(), "version": version, "slots": facts}
    with database.write() as connection:
        moment = database_now(connection)
        connection.execute(delete(EngineRow).where(EngineRow.heartbeat < moment - FORGOTTEN))
        statement = insert(EngineRow).values(**values, started=moment, heartbeat=moment).returning(EngineRow.id)
        return connection.execute(statement).scalar_one()


def breathe(database: Database, engine: uuid.UUID) -> bool:
    """Renew an engine's heartbeat; whether somebody asked it to stop."""
    with database.write() as connection:
        moment = database_now(connection)
        found = connection.execute(
            update(EngineRow).where(EngineRow.id == engine).values(heartbeat=moment).returning(EngineRow.stopping)
        ).first()
    return found is None or bool(found.stopping)


def set_stopping(database: Database, engine: uuid.UUID, *, stopping: bool) -> None:
    """Say whether an engine still takes work."""
    with database.write() as connection:
        connection.execute(update(EngineRow).where(EngineRow.id == engine).values(stopping=stopping))


def leave(database: Database, engine: uuid.UUID) -> None:
    """Take an engine out."""
    with database.write() as connection:
        connection.execute(delete(EngineRow).where(EngineRow.id == engine))
