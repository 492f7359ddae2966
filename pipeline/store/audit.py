"""The audit: who did what to what, and when. Written in the transaction that does it, never changed after."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, String, cast, insert, or_, select

from ...schema.tables import Event, Job, Product, Project, Version
from .database import Database

ACTOR = 128  # characters that the column holds
SUBJECT = 256  # same
MOST_ENTITIES = 1000  # of one job, as its first event names them
AT_ONCE = 500  # subjects in one question


class EventRow(NamedTuple):
    """Who did what to what, and when."""

    number: int
    at: datetime
    actor: str
    host: str
    verb: str
    subject: str
    facts: dict[str, Any]


def record(
    connection: Connection, verb: str, subject: str, *, actor: str, facts: Mapping[str, Any] | None = None
) -> None:
    """Write one line of the audit.

    Args:
        connection: of the transaction that does what is written.
        verb: such as ``publish``; one word, or two with a dash.
        subject: address of a version or an entity, handle of a job, or ``database``.
        actor: who did it.
        facts: what else is known; no secrets.
    """
    connection.execute(
        insert(Event).values(
            actor=actor[:ACTOR],
            host=socket.gethostname()[:ACTOR],
            verb=verb,
            subject=subject[:SUBJECT],
            facts=dict(facts or {}),
        )
    )


def record_alone(
    database: Database, verb: str, subject: str, *, actor: str, facts: Mapping[str, Any] | None = None
) -> None:
    """Write one line about something that happened elsewhere, such as on a farm. Arguments as of ``record``."""
    with database.write() as connection:
        record(connection, verb, subject, actor=actor, facts=facts)


def events(database: Database, subject: str | None = None, *, limit: int = 100) -> list[EventRow]:
    """The audit, newest first.

    Args:
        database: where.
        subject: what it happened to; what lies below it (``demo:sq010`` of ``demo:sq010/sh010``) counts too.
        limit: at most so many.
    """
    wanted = select(Event.number, Event.at, Event.actor, Event.host, Event.verb, Event.subject, Event.facts)
    if subject is not None:
        below = [Event.subject.startswith(subject + mark, autoescape=True) for mark in ":/@"]
        wanted = wanted.where((Event.subject == subject) | below[0] | below[1] | below[2])
    with database.read() as connection:
        return [EventRow(*row) for row in connection.execute(wanted.order_by(Event.number.desc()).limit(limit))]


def audit_of_subject(database: Database, subject: str, *, limit: int = 1000) -> list[EventRow]:
    """What happened to a version, a job or the database: oldest first; of more than ``limit`` the newest."""
    with database.read() as connection:
        return _events(connection, Event.subject.in_([subject, *_older(subject)]), limit)


def _older(name: str) -> list[str]:
    """How earlier versions of this program wrote the name of a version or an entity."""
    return [name.replace(":", "/", 1)] if ":" in name else []


def audit_of_entity(database: Database, project: str, entity: str = "", *, limit: int = 1000) -> list[EventRow]:
    """What happened to a shot, an asset, a sequence or a whole project, to its versions, and to its jobs.

    Args:
        database: where.
        project: code of the project.
        entity: path of the shot, asset or sequence; a sequence's covers its shots. Empty: the project.
        limit: at most so many, the newest; they are told oldest first.
    """
    name = f"{project}:{entity}" if entity else project
    names = [name, *_older(name)]
    below = [Event.subject.startswith(one + mark, autoescape=True) for one in names for mark in "/@:"]
    with database.read() as connection:
        jobs = sorted(_jobs_of(connection, project, entity))
        asked: list[Any] = [Event.subject.in_(names), *below]
        asked += [Event.subject.in_(jobs[start : start + AT_ONCE]) for start in range(0, len(jobs), AT_ONCE)]
        return _events(connection, or_(*asked), limit)


def _jobs_of(connection: Connection, project: str, entity: str) -> set[str]:
    """Handles of the jobs that published for an entity, and of those that were submitted for it."""
    published = (
        select(Job.handle)
        .join(Version, Version.job_id == Job.id)
        .join(Product, Product.id == Version.product_id)
        .join(Project, Project.id == Product.project_id)
        .where(Project.code == project)
    )
    # Both databases write a list of texts as JSON in the same way; names hold nothing that JSON would escape.
    name = f"{project}/{entity}" if entity else project
    for_it = [cast(Event.facts, String).contains(f'"{name}{end}', autoescape=True) for end in '"/']
    if entity:
        inside = Product.entity_path.startswith(f"{entity}/", autoescape=True)
        published = published.where((Product.entity_path == entity) | inside)
    submitted = select(Event.subject).where(Event.verb == "submit", or_(*for_it))
    found: Iterable[str] = connection.scalars(published.distinct().union(submitted))
    return set(found)


def _events(connection: Connection, which: Any, limit: int) -> list[EventRow]:
    columns = (Event.number, Event.at, Event.actor, Event.host, Event.verb, Event.subject, Event.facts)
    wanted = select(*columns).where(which).order_by(Event.number.desc()).limit(limit)
    return [EventRow(*row) for row in connection.execute(wanted)][::-1]


def job_facts(entities: Iterable[str], **more: object) -> dict[str, Any]:
    """What the first event of a job says, so that it is found by the shots that it is for."""
    return {**more, "entities": sorted(set(entities))[:MOST_ENTITIES]}


def fact_id() -> str:
    """A new id for a fact that is told to others."""
    return str(uuid.uuid4())
