"""Engine processes in the database: who is there, and who has gone without a word."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from ...schema.tables import EngineRow, now
from .database import Database

STALE_S = 60.0


@dataclass(frozen=True)
class EngineProcess:
    """One engine process."""

    id: uuid.UUID
    host: str
    pid: int
    version: str
    slots: dict[str, Any]
    started: datetime
    heartbeat: datetime
    stopping: bool

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return self.host == socket.gethostname()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs: by its process on this machine, by its heartbeat on others."""
        if self.is_here:
            return _runs(self.pid)
        return now() - self.heartbeat < timedelta(seconds=STALE_S)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:  # noqa: PTH123 - procfs
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def engines(database: Database) -> list[EngineProcess]:
    """All engine processes that the database knows."""
    columns = (
        EngineRow.id, EngineRow.host, EngineRow.pid, EngineRow.version, EngineRow.slots, EngineRow.started,
        EngineRow.heartbeat, EngineRow.stopping,
    )  # fmt: skip
    with database.read() as connection:
        return [EngineProcess(*row) for row in connection.execute(select(*columns).order_by(EngineRow.started))]


def live_engines(database: Database) -> list[EngineProcess]:
    """Engine processes on this machine that run and take work."""
    return [engine for engine in engines(database) if engine.is_here and engine.is_alive and not engine.stopping]


def enter(database: Database, *, version: str, slots: dict[str, Any]) -> uuid.UUID:
    """Put this process in."""
    values = {"host": socket.gethostname(), "pid": os.getpid(), "version": version, "slots": slots}
    with database.write() as connection:
        return connection.execute(insert(EngineRow).values(**values).returning(EngineRow.id)).scalar_one()


def breathe(database: Database, engine: uuid.UUID) -> bool:
    """Renew an engine's heartbeat; whether somebody asked it to stop."""
    with database.write() as connection:
        found = connection.execute(
            update(EngineRow).where(EngineRow.id == engine).values(heartbeat=now()).returning(EngineRow.stopping)
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


def dead_engines(database: Database) -> list[EngineProcess]:
    """Engines that are gone: on this machine at once, on others after their heartbeat stopped."""
    return [engine for engine in engines(database) if not engine.is_alive]
