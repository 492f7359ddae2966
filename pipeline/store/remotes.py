"""What targets call things of the production, and what a letter about a version or a job says beside their rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from ...schema.tables import (
    Asset,
    Delivery,
    Job,
    Note,
    Person,
    Product,
    ProductionTask,
    Project,
    Review,
    Sequence,
    Shot,
    Version,
    VersionLink,
)
from .database import Database


@dataclass(frozen=True, slots=True)
class Remotes:
    """What surrounds a version, for one target.

    Attributes:
        job_type: of the job that published it.
        job_folder: of that job, on the machine that submitted it.
        task: code of the production task that it belongs to.
        remote: what the target calls its project, entity, task and author; what it was never asked for is not there.
        sources: versions it was made from, and what the target calls them.
    """

    job_type: str | None
    job_folder: Path | None
    task: str | None
    remote: Mapping[str, str]
    sources: tuple[tuple[uuid.UUID, str | None], ...]


def remotes_of(database: Database, version_id: uuid.UUID, target: str, *, tasks: Mapping[str, str]) -> Remotes:
    """What surrounds a version, for one target.

    Args:
        database: where.
        version_id: which version.
        target: who will be told.
        tasks: codes of production tasks by job type or kind of product.
    """
    columns: tuple[Any, ...] = (Version.author, Product.project_id, Product.shot_id, Product.asset_id)
    wanted = select(*columns, Product.sequence_id, Product.kind, Job.type, Job.folder).select_from(Version)
    wanted = wanted.join(Product, Product.id == Version.product_id).outerjoin(Job, Job.id == Version.job_id)
    with database.read() as connection:
        row = connection.execute(wanted.where(Version.id == version_id)).one()
        task = tasks.get(row.type or "", tasks.get(row.kind))
        known = {
            "project": _remote(connection, Project, Project.id == row.project_id, target),
            "entity": _entity(connection, row, target),
            "task": _task(connection, row, target, task),
            "author": _remote(connection, Person, Person.login == row.author, target),
        }
        sources = _sources(connection, version_id, target)
    remote = {name: found for name, found in known.items() if found}
    return Remotes(row.type, Path(row.folder) if row.folder else None, task, remote, sources)


def _remote(connection: Connection, table: Any, which: Any, target: str) -> str | None:
    remote = connection.execute(select(table.remote).where(which)).scalar()
    found = (remote or {}).get(target)
    return str(found) if found else None


def _entity(connection: Connection, row: Any, target: str) -> str | None:
    if row.shot_id is not None:
        return _remote(connection, Shot, Shot.id == row.shot_id, target)
    if row.asset_id is not None:
        return _remote(connection, Asset, Asset.id == row.asset_id, target)
    return _remote(connection, Sequence, Sequence.id == row.sequence_id, target)


def _task(connection: Connection, row: Any, target: str, code: str | None) -> str | None:
    if code is None:
        return None
    owners = ((ProductionTask.shot_id, row.shot_id), (ProductionTask.asset_id, row.asset_id))
    owner = next((column == value for column, value in owners if value is not None), None)
    which = ProductionTask.sequence_id == row.sequence_id if owner is None else owner
    return _remote(connection, ProductionTask, which & (ProductionTask.code == code), target)


def _sources(connection: Connection, version_id: uuid.UUID, target: str) -> tuple[tuple[uuid.UUID, str | None], ...]:
    told = (Delivery.version_id == VersionLink.source_id) & (Delivery.target == target)
    wanted = select(VersionLink.source_id, Delivery.remote_id).select_from(VersionLink)
    wanted = wanted.outerjoin(Delivery, told & (Delivery.kind == "version-published"))
    rows = connection.execute(wanted.where(VersionLink.version_id == version_id).order_by(VersionLink.source_id))
    return tuple((row.source_id, row.remote_id) for row in rows)


def note_row(database: Database, note_id: uuid.UUID) -> Any | None:
    """A note; None: it is not there any more."""
    with database.read() as connection:
        return connection.execute(select(Note).where(Note.id == note_id)).first()


def review_row(database: Database, version_id: uuid.UUID) -> Any | None:
    """Where a version stands in review; None: nobody has judged it."""
    with database.read() as connection:
        return connection.execute(select(Review).where(Review.version_id == version_id)).first()
