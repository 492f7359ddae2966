"""The outbox as its carriers see it: rows are claimed under a lease, in order, and end told, to be tried again or dead.

Of one version and target the rows are carried in the order in which their facts became true: none is claimed while an
earlier one is not told; a dead one holds up the later ones until a person retries or drops it. Rows of a version wait
for the row of its job, where its target has one: that is the thread they belong to.

Every moment is passed in: the caller has the clock.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select, update

from ...schema.states import DeliveryState
from ...schema.tables import Delivery, Version
from ..points import pass_point
from .database import Database

OPEN = (DeliveryState.SENDING, DeliveryState.FAILED, DeliveryState.PENDING)  # as they are looked through
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)  # what waits for nothing is due since then
LEASE_S = 120.0
MAX_ERROR = 2000  # characters of a message that are kept


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is ours to carry until its lease ends.

    Attributes:
        attempts: tries before this one.
        remote_id: what an earlier try got back.
    """

    id: uuid.UUID
    target: str
    kind: str
    fact: str
    version_id: uuid.UUID | None
    job_id: uuid.UUID | None
    payload: dict[str, Any]
    attempts: int
    remote_id: str | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Who carries rows, and for how long it may be silent.

    Attributes:
        id: of the worker; each start has its own.
        lease_s: seconds after which its rows are another's.
    """

    id: uuid.UUID
    lease_s: float = LEASE_S


def claim(database: Database, target: str, holder: Holder, *, moment: datetime) -> Claimed | None:
    """Take the next row of a target that is due; None: there is none.

    The claim counts as a try before anything is asked of the target: whoever dies afterwards leaves a row that says so.
    """
    with database.write() as connection:
        # One state after the other: each is a walk along an index that ends at the first row, however many wait.
        rows = (connection.execute(_taking(target, state, holder, moment)).first() for state in OPEN)
        row = next((one for one in rows if one is not None), None)
        pass_point("outbox:claiming")
    if row is None:
        return None
    pass_point("outbox:claimed")
    found = Claimed(*row)
    return replace(found, attempts=found.attempts - 1)


def _taking(target: str, state: DeliveryState, holder: Holder, moment: datetime) -> Any:
    until = Delivery.lease_until if state is DeliveryState.SENDING else func.coalesce(Delivery.next_attempt, AT_ONCE)
    due = select(Delivery.id).where(Delivery.target == target, Delivery.state == state, until <= moment, ~_is_held())
    due = due.order_by(Delivery.created, Delivery.id).limit(1).with_for_update(skip_locked=True)
    return (
        update(Delivery)
        .where(Delivery.id == due.scalar_subquery())
        .values(
            state=DeliveryState.SENDING,
            owner=holder.id,
            lease_until=moment + timedelta(seconds=holder.lease_s),
            attempts=Delivery.attempts + 1,
        )
        .returning(*_CLAIMED)
    )


_CLAIMED: tuple[Any, ...] = (
    Delivery.id,
    Delivery.target,
    Delivery.kind,
    Delivery.fact,
    Delivery.version_id,
    Delivery.job_id,
    Delivery.payload,
    Delivery.attempts,
    Delivery.remote_id,
    Delivery.created,
)


def _is_held() -> ColumnElement[bool]:
    """Whether an earlier fact, or the thread it belongs to, has to be told first."""
    earlier = Delivery.__table__.alias("earlier")
    before = exists().where(
        earlier.c.version_id == Delivery.version_id,
        earlier.c.target == Delivery.target,
        earlier.c.state != DeliveryState.DELIVERED,
        or_(
            earlier.c.created < Delivery.created,
            and_(earlier.c.created == Delivery.created, earlier.c.id < Delivery.id),
        ),
    )
    thread = Delivery.__table__.alias("thread")
    unthreaded = exists().where(
        Version.id == Delivery.version_id,
        thread.c.job_id == Version.job_id,
        thread.c.target == Delivery.target,
        thread.c.remote_id.is_(None),
        thread.c.state.in_(OPEN),
    )
    return or_(before, unthreaded)


def next_due(database: Database, target: str) -> datetime | None:
    """When the first row of a target that nothing holds up may be tried; None: there is none."""
    mine = (Delivery.target == target, ~_is_held())
    waiting = select(Delivery.id).where(*mine, Delivery.state == DeliveryState.PENDING)
    leased = Delivery.state == DeliveryState.SENDING
    due = func.min(case((leased, Delivery.lease_until), else_=Delivery.next_attempt))
    tried = select(due).where(*mine, Delivery.state.in_((DeliveryState.FAILED, DeliveryState.SENDING)))
    with database.read() as connection:
        if connection.execute(waiting.limit(1)).first() is not None:
            return AT_ONCE
        return connection.execute(tried).scalar()


def renew(database: Database, row: Claimed, holder: Holder, *, moment: datetime) -> bool:
    """Keep a row for longer; False: it is another's."""
    return _settle(database, row, holder, {"lease_until": moment + timedelta(seconds=holder.lease_s)})


def keep(database: Database, row: Claimed, holder: Holder, remote_id: str) -> bool:
    """Store what the target calls it, before its end is known; False: the row is another's."""
    pass_point("outbox:keeping")
    kept = _settle(database, row, holder, {"remote_id": remote_id})
    pass_point("outbox:kept")
    return kept


def done(
    database: Database,
    row: Claimed,
    holder: Holder,
    *,
    moment: datetime,
    remote_id: str | None,
    told: Mapping[str, Any],
) -> bool:
    """The target knows it; False: the row is another's by now, who will find that it is known.

    Args:
        database: where.
        row: as it was claimed.
        holder: who claimed it.
        moment: now.
        remote_id: what the target calls it; None: it was none of its business.
        told: what was said, where it may change.
    """
    values = {"state": DeliveryState.DELIVERED, "remote_id": remote_id, "told": dict(told), "delivered": moment}
    return _settle(database, row, holder, {**values, **_LET_GO, "next_attempt": None, "last_error": None})


def failed(database: Database, row: Claimed, holder: Holder, *, next_attempt: datetime, error: str) -> bool:
    """It will be tried again; False: the row is another's."""
    values = {"state": DeliveryState.FAILED, "next_attempt": next_attempt, "last_error": error[:MAX_ERROR]}
    return _settle(database, row, holder, {**values, **_LET_GO})


def dead(database: Database, row: Claimed, holder: Holder, *, error: str) -> bool:
    """A person has to look; False: the row is another's."""
    values = {"state": DeliveryState.DEAD, "next_attempt": None, "last_error": error[:MAX_ERROR]}
    return _settle(database, row, holder, {**values, **_LET_GO})


_LET_GO: dict[str, Any] = {"owner": None, "lease_until": None}


def _settle(database: Database, row: Claimed, holder: Holder, values: Mapping[str, Any]) -> bool:
    mine = (Delivery.id == row.id, Delivery.owner == holder.id, Delivery.state == DeliveryState.SENDING)
    with database.write() as connection:
        changed = connection.execute(update(Delivery).where(*mine).values(**values))
        pass_point("outbox:settling")
    return bool(changed.rowcount)


def remote_id_of(connection: Connection, target: str, fact: str) -> str | None:
    """What a target calls a fact that it was told of; None: it was not, or calls it nothing."""
    wanted = select(Delivery.remote_id).where(Delivery.target == target, Delivery.fact == fact)
    found: str | None = connection.execute(wanted).scalar()
    return found


def waiting_targets(database: Database) -> list[str]:
    """Targets of which something has to be told, by name."""
    wanted = select(Delivery.target).where(Delivery.state.in_(OPEN)).distinct().order_by(Delivery.target)
    with database.read() as connection:
        return list(connection.scalars(wanted))
