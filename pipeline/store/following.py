"""Jobs in the outbox: one row for each job and target, armed again whenever the job has moved on.

Unlike a version, a job changes. What is told is how it stands when it is told, so that a target that was down hears of
the end of a job and not of each step on the way.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, exists, func, select, update

from ...schema.ids import uuid7
from ...schema.states import FINAL, DeliveryState
from ...schema.tables import Delivery, Event, Job, JobStep
from ..outbox.letter import FactKind
from ..points import pass_point
from .audit import record
from .database import Database
from .doubt import doubted_before
from .entities import insert_or_ignore

FIRST_SEEN = "target-first-seen"
PAUSE_S = 15.0


def job_fact(job_id: uuid.UUID) -> str:
    """The key of a job's fact."""
    return f"job:{job_id}"


def follow_jobs(database: Database, target: str, *, moment: datetime, after: datetime | None = None) -> datetime:
    """Give each job that names the target a row; jobs of before the target was first seen are history.

    Args:
        database: where.
        target: one that wants to hear of jobs.
        moment: now.
        after: jobs up to then were looked at before; None: since the target was first seen.

    Returns:
        The moment up to which jobs were looked at: the next call's ``after``.
    """
    since = _first_seen(database, target, moment)
    told = exists().where(Delivery.target == target, Delivery.job_id == Job.id)
    wanted = select(Job.id, Job.spec, Job.name, Job.created).where(Job.created >= max(since, after or since), ~told)
    with database.read() as connection:
        rows = connection.execute(wanted.order_by(Job.created, Job.id)).all()
    mine = [row for row in rows if target in ((row.spec.get("destination") or {}).get("targets") or ())]
    if mine:
        with database.write() as connection:
            known = doubted_before(connection)
            for row in mine:
                made = _made(target, row, moment) | {"attempts": int(known is not None and row.created <= known)}
                connection.execute(insert_or_ignore(connection, Delivery).values(**made))
            pass_point("outbox:following")
    return moment - timedelta(minutes=1)  # a job may become visible later than it was made


def _made(target: str, row: Any, moment: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "job_id": row.id,
        "target": target,
        "kind": FactKind.JOB,
        "fact": job_fact(row.id),
        "payload": {"subject": f"job {row.name}"},
        "told": {},
        "created": moment,
    }


def _first_seen(database: Database, target: str, moment: datetime) -> datetime:
    subject = f"target:{target}"
    wanted = select(func.min(Event.at)).where(Event.subject == subject, Event.verb == FIRST_SEEN)
    with database.read() as connection:
        found = connection.execute(wanted).scalar()
    if found is not None:
        return found
    with database.write() as connection:
        record(connection, FIRST_SEEN, subject, actor="shotmill")
    return moment


def arm_jobs(database: Database, target: str, *, moment: datetime) -> int:
    """Let the rows of jobs be carried again that are not what the target was told; how many.

    A job that goes on is told of every 15 seconds at most; an end at once.
    """
    rows = (
        select(Delivery.id, Delivery.job_id, Delivery.told, Delivery.delivered, Job.state)
        .select_from(Delivery)
        .join(Job, Job.id == Delivery.job_id)
        .where(Delivery.target == target, Delivery.state == DeliveryState.DELIVERED, Delivery.delivered.is_not(None))
    )
    moved = Delivery.told["state"].as_string() != Job.state
    with database.read() as connection:
        chosen = connection.execute(rows.where(moved | Job.state.not_in(FINAL))).all()
        armed = [row.id for row in chosen if _is_news(connection, row, moment)]
    if armed:
        with database.write() as connection:
            told = Delivery.state == DeliveryState.DELIVERED
            known = doubted_before(connection)
            doubted = 0 if known is None else case((Delivery.created <= known, 1), else_=0)
            anew = {"state": DeliveryState.PENDING, "attempts": doubted, "next_attempt": None}
            connection.execute(update(Delivery).where(Delivery.id.in_(armed), told).values(**anew))
    return len(armed)


def _is_news(connection: Connection, row: Any, moment: datetime) -> bool:
    now = job_news(connection, row.job_id)
    if now == row.told:
        return False
    return row.state in FINAL or row.delivered + timedelta(seconds=PAUSE_S) <= moment


def job_news(connection: Connection, job_id: uuid.UUID) -> Mapping[str, Any]:
    """What is told of a job: its state, and how many of its tasks are done."""
    counted = select(func.coalesce(func.sum(JobStep.done), 0), func.coalesce(func.sum(JobStep.tasks), 0))
    done, tasks = connection.execute(counted.where(JobStep.job_id == job_id)).one()
    state = connection.execute(select(Job.state).where(Job.id == job_id)).scalar_one()
    return {"state": state.value, "done": int(done), "tasks": int(tasks)}
