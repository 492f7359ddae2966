"""The outbox as people see it: what waits, what died and why; and what they do about it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, func, select, update

from ...schema.errors import BadRequestError, NotFoundError
from ...schema.states import DeliveryState
from ...schema.tables import Delivery, Job
from .audit import record
from .database import Database
from .outbox import OPEN

DROPPED = "dropped"
SHORTEST = 4  # characters of an id that people may give: its end, which is random
DROP = "outbox-drop"


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One row of the outbox.

    Attributes:
        state: that of the row, or ``dropped`` where a person decided that the target need not know.
        subject: what it is about: a version's address or a job's name.
        delivered: when the target last knew it.
    """

    id: uuid.UUID
    target: str
    kind: str
    fact: str
    state: str
    subject: str
    attempts: int
    next_attempt: datetime | None
    lease_until: datetime | None
    last_error: str | None
    remote_id: str | None
    created: datetime
    delivered: datetime | None

    @property
    def short_id(self) -> str:
        """What people type."""
        return self.id.hex[-8:]


def letters(
    database: Database, *, state: str | None = None, target: str | None = None, limit: int | None = 100
) -> list[LetterRow]:
    """Rows of the outbox, newest first.

    Args:
        database: where.
        state: a value of ``DeliveryState``, or ``dropped``; None: all.
        target: only this one's.
        limit: how many at most; None: all.
    """
    wanted = _rows()
    if target is not None:
        wanted = wanted.where(Delivery.target == target)
    if state == DROPPED:
        wanted = wanted.where(*_IS_DROPPED)
    elif state is not None:
        wanted = wanted.where(Delivery.state == DeliveryState(state))
        if state == DeliveryState.DELIVERED:
            wanted = wanted.where(Delivery.delivered.is_not(None))
    with database.read() as connection:
        found = connection.execute(wanted.order_by(Delivery.created.desc(), Delivery.id.desc()).limit(limit)).all()
    return [_row(row) for row in found]


def letters_of(
    database: Database, *, version_id: uuid.UUID | None = None, job_id: uuid.UUID | None = None
) -> list[LetterRow]:
    """What targets were told, or are to be told, of a version or a job, oldest first."""
    whose = Delivery.version_id == version_id if version_id is not None else Delivery.job_id == job_id
    with database.read() as connection:
        found = connection.execute(_rows().where(whose).order_by(Delivery.created, Delivery.id)).all()
    return [_row(row) for row in found]


_IS_DROPPED: tuple[Any, ...] = (Delivery.state == DeliveryState.DELIVERED, Delivery.delivered.is_(None))


def _rows() -> Any:
    columns: tuple[Any, ...] = (
        Delivery.id,
        Delivery.target,
        Delivery.kind,
        Delivery.fact,
        Delivery.state,
        Delivery.payload,
        Delivery.attempts,
        Delivery.next_attempt,
        Delivery.lease_until,
        Delivery.last_error,
        Delivery.remote_id,
        Delivery.created,
        Delivery.delivered,
        Job.name.label("job"),
    )
    chosen: Any = select(*columns)
    return chosen.select_from(Delivery).outerjoin(Job, Job.id == Delivery.job_id)


def _row(row: Any) -> LetterRow:
    is_dropped = row.state is DeliveryState.DELIVERED and row.delivered is None
    return LetterRow(
        id=row.id,
        target=row.target,
        kind=row.kind,
        fact=row.fact,
        state=DROPPED if is_dropped else row.state.value,
        subject=row.payload.get("subject") or row.job or row.fact,
        attempts=row.attempts,
        next_attempt=row.next_attempt,
        lease_until=row.lease_until,
        last_error=row.last_error,
        remote_id=row.remote_id,
        created=row.created,
        delivered=row.delivered,
    )


def counts(database: Database) -> dict[str, dict[str, int]]:
    """How many rows each target has in each state, by name; ``dropped`` counts as told."""
    wanted = select(Delivery.target, Delivery.state, func.count()).group_by(Delivery.target, Delivery.state)
    found: dict[str, dict[str, int]] = {}
    with database.read() as connection:
        for target, state, number in connection.execute(wanted.order_by(Delivery.target)):
            found.setdefault(target, {})[state.value] = number
    return found


def find_letter(database: Database, text: str) -> LetterRow:
    """The row that people mean by its id, or by the end of it.

    Raises:
        NotFoundError: there is none.
        BadRequestError: there are several.
    """
    plain = text.replace("-", "").lower()
    wanted = _rows().where(func.replace(cast(Delivery.id, String), "-", "").endswith(plain, autoescape=True)).limit(2)
    with database.read() as connection:
        found = connection.execute(wanted).all() if len(plain) >= SHORTEST else []
    if not found:
        raise NotFoundError(f"there is no letter {text[:80]!r} in the outbox", hint="shotmill outbox", letter=text[:80])
    if len(found) > 1:
        raise BadRequestError(f"{text!r} is the end of several ids; give more of it", hint="shotmill outbox --json")
    return _row(found[0])


def retry(database: Database, *, row: uuid.UUID | None = None, target: str | None = None) -> int:
    """Let rows be carried at once that failed or died; how many.

    What they asked for may have happened: a row that was tried once stays one that was tried.

    Args:
        database: where.
        row: this one alone, in whatever state but under way or told.
        target: those of this target alone; neither: all that are dead.
    """
    states = [DeliveryState.DEAD] if row is None and target is None else [DeliveryState.DEAD, DeliveryState.FAILED]
    chosen: Any = Delivery.state.in_(states)
    if row is not None:
        chosen = (Delivery.id == row) & (chosen | (_IS_DROPPED[0] & _IS_DROPPED[1]))
    if target is not None:
        chosen &= Delivery.target == target
    anew = {"state": DeliveryState.PENDING, "next_attempt": None, "owner": None, "lease_until": None}
    with database.write() as connection:
        changed = connection.execute(update(Delivery).where(chosen).values(attempts=1, **anew))
    return changed.rowcount


def drop(database: Database, row: LetterRow, *, by: str, why: str) -> None:
    """Decide that a target need not know: what waited behind it goes on. The audit keeps who and why.

    Raises:
        BadRequestError: the target knows it already.
    """
    facts = {"letter": str(row.id), "target": row.target, "fact": row.fact, "why": why}
    dropped = {"state": DeliveryState.DELIVERED, "delivered": None, "owner": None, "lease_until": None}
    with database.write() as connection:
        changed = connection.execute(
            update(Delivery)
            .where(Delivery.id == row.id, Delivery.state.in_((*OPEN, DeliveryState.DEAD)))
            .values(next_attempt=None, last_error=f"dropped by {by}: {why}", **dropped)
        )
        if not changed.rowcount:
            raise BadRequestError(f"{row.target} knows of {row.subject} already", hint="shotmill outbox")
        record(connection, DROP, row.subject, actor=by, facts=facts)
