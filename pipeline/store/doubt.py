"""Databases that went back in time: one put back from a backup does not know what was told since.

So whatever it still has to tell counts as tried: every target looks for it before it makes it.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Connection, select, update

from ...schema.states import DeliveryState
from ...schema.tables import Delivery, Event
from .audit import record
from .database import Database
from .outbox import OPEN

RESTORED = "database-restored"
SUBJECT = "database"
BEFORE = "before"


def doubt_letters(database: Database, *, moment: datetime, by: str, why: str) -> int:
    """Have all letters that wait looked for before they are told, and those of jobs that are there; how many wait.

    Args:
        database: that was put back.
        moment: now; what is younger cannot have been told.
        by: who found out.
        why: kept in the audit.
    """
    untried = (Delivery.state.in_((*OPEN, DeliveryState.DEAD)), Delivery.attempts == 0)
    with database.write() as connection:
        changed = connection.execute(update(Delivery).where(*untried).values(attempts=1))
        facts = {BEFORE: moment.isoformat(), "why": why, "letters": changed.rowcount}
        record(connection, RESTORED, SUBJECT, actor=by, facts=facts)
    return changed.rowcount


def doubted_before(connection: Connection) -> datetime | None:
    """What was there at this moment may have been told without our knowing; None: this database was never put back."""
    wanted = select(Event.facts).where(Event.subject == SUBJECT, Event.verb == RESTORED)
    found = [datetime.fromisoformat(facts[BEFORE]) for facts in connection.scalars(wanted)]
    return max(found, default=None)


def went_back(database: Database, letter: uuid.UUID, told: datetime) -> bool:
    """Whether a letter that was told is not told any more.

    Args:
        database: where.
        letter: its row.
        told: when it was told.
    """
    wanted = select(Delivery.delivered, Delivery.state).where(Delivery.id == letter)
    with database.read() as connection:
        row = connection.execute(wanted).first()
    if row is None:
        return True
    if row.delivered is None:
        return row.state is not DeliveryState.DELIVERED  # else a person dropped it
    return bool(row.delivered < told)
