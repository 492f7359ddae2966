"""What the database knows that the disk may not, and the other way round; for ``fsck``. Reads only."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ...schema.address import APPROVED, LATEST, Address
from ...schema.states import ReviewState, State, VersionState
from ...schema.tables import Job, Pointer, Product, Project, Review, Version
from .database import Database


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A version as the database has it; ``folder`` is relative to the project's.

    Attributes:
        job: state of its job; None: it has none, as ``handle``.
    """

    id: uuid.UUID
    address: str
    project: str
    folder: str
    state: VersionState
    created: datetime
    manifest_checksum: str | None
    job: State | None
    handle: str | None


@dataclass(frozen=True, slots=True)
class AstrayPointer:
    """A pointer that shows what it should not; ``what`` is its address."""

    product_id: uuid.UUID
    name: str
    what: str
    problem: str


def known_versions(database: Database) -> list[KnownVersion]:
    """All versions, whatever their state, by folder."""
    wanted = (
        select(
            Version.id, Project.code, Product.entity_path, Product.name, Version.number, Version.folder, Version.state,
            Version.created, Version.manifest_checksum, Job.state, Job.handle,
        )
        .join(Product, Product.id == Version.product_id)
        .join(Project, Project.id == Product.project_id)
        .outerjoin(Job, Job.id == Version.job_id)
        .order_by(Project.code, Version.folder)
    )  # fmt: skip
    with database.read() as connection:
        rows: list[Any] = list(connection.execute(wanted))
    return [KnownVersion(row[0], str(Address(*row[1:5])), row[1], *row[5:]) for row in rows]


def known_jobs(database: Database) -> set[str]:
    """Handles of all jobs."""
    with database.read() as connection:
        return set(connection.scalars(select(Job.handle)))


def astray_pointers(database: Database, project: str | None = None) -> list[AstrayPointer]:
    """Pointers to versions that are not published, ``latest`` that is not, ``approved`` that nobody approved."""
    newest = (
        select(func.max(Version.number))
        .where(Version.product_id == Pointer.product_id, Version.state == VersionState.PUBLISHED)
        .correlate(Pointer.__table__)
        .scalar_subquery()
    )
    wanted = (
        select(
            Project.code, Product.entity_path, Product.name, Pointer.name, Version.number, Version.state, newest,
            Review.status, Pointer.product_id,
        )
        .select_from(Pointer)
        .join(Product, Product.id == Pointer.product_id)
        .join(Project, Project.id == Product.project_id)
        .join(Version, Version.id == Pointer.version_id)
        .outerjoin(Review, Review.version_id == Version.id)
        .order_by(Project.code, Product.entity_path, Product.name, Pointer.name)
    )  # fmt: skip
    if project is not None:
        wanted = wanted.where(Project.code == project)
    found = []
    with database.read() as connection:
        for code, entity, product, name, number, state, highest, status, owner in connection.execute(wanted):
            problem = ""
            if state is not VersionState.PUBLISHED:
                problem = f"shows v{number:03d}, which is {state}"
            elif name == LATEST and number != highest:
                problem = f"shows v{number:03d}, and v{highest:03d} is published"
            elif name == APPROVED and status is not ReviewState.APPROVED:
                problem = f"shows v{number:03d}, which is {status or ReviewState.PENDING}"
            if problem:
                found.append(AstrayPointer(owner, name, str(Address(code, entity, product, name)), problem))
    return found
