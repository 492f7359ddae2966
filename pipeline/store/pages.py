"""What the outbox says of versions, and what versions are called: for pages. Reads only."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ...schema.address import Address
from ...schema.tables import Delivery, Product, Project, Version
from .database import Database

IDS_IN_QUERY = 500


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One row of the outbox."""

    version_id: uuid.UUID | None
    target: str
    kind: str
    state: str
    attempts: int
    remote_id: str | None
    last_error: str | None
    delivered: datetime | None


def told_of(database: Database, versions: Sequence[uuid.UUID], *, most: int) -> tuple[list[ToldRow], int]:
    """Rows of the outbox about these versions, in their order, and how many there are in all.

    Args:
        database: where.
        versions: their ids.
        most: as many rows are read.
    """
    columns = (
        Delivery.version_id, Delivery.target, Delivery.kind, Delivery.state, Delivery.attempts, Delivery.remote_id,
        Delivery.last_error, Delivery.delivered,
    )  # fmt: skip
    found: list[ToldRow] = []
    count = 0
    with database.read() as connection:
        for start in range(0, len(versions), IDS_IN_QUERY):
            mine = Delivery.version_id.in_(versions[start : start + IDS_IN_QUERY])
            count += connection.execute(select(func.count()).select_from(Delivery).where(mine)).scalar_one()
            wanted = select(*columns).where(mine).order_by(Delivery.version_id, Delivery.target, Delivery.kind)
            if len(found) < most:
                rows = connection.execute(wanted.limit(most - len(found)))
                found += [ToldRow(row[0], row[1], row[2], row[3].value, *row[4:]) for row in rows]
    place: dict[uuid.UUID | None, int] = {version: index for index, version in enumerate(versions)}
    return sorted(found, key=lambda row: (place[row.version_id], row.target, row.kind)), count


def addresses_of(database: Database, versions: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What versions are called, such as ``demo:sq010/sh010/plate@v001``; those that nobody knows are left out."""
    wanted = (
        select(Version.id, Project.code, Product.entity_path, Product.name, Version.number)
        .join(Product, Product.id == Version.product_id)
        .join(Project, Project.id == Product.project_id)
    )
    with database.read() as connection:
        rows = connection.execute(wanted.where(Version.id.in_(versions[:IDS_IN_QUERY]))).all()
    return {row[0]: str(Address(*row[1:])) for row in rows}
