"""Rows of the outbox for what happened to a published version, written in the transaction that makes it true."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from ...schema.ids import uuid7
from ...schema.tables import Delivery
from ..outbox.letter import FactKind


def tell(
    connection: Connection,
    version_id: uuid.UUID,
    kind: FactKind,
    fact: str,
    *,
    facts: Mapping[str, Any],
    besides: str = "",
) -> int:
    """Let every target hear of a fact that was told of the version's publish; how many.

    Args:
        connection: of the transaction that makes the fact true.
        version_id: the version it is about.
        kind: what happened.
        fact: its key: the same for every target and every try.
        facts: for people who look at the outbox.
        besides: the target that said it, and need not be told.
    """
    told = select(Delivery.target).where(
        Delivery.version_id == version_id, Delivery.kind == FactKind.PUBLISHED, Delivery.target != besides
    )
    rows = [
        {
            "id": uuid7(),
            "version_id": version_id,
            "target": target,
            "kind": kind.value,
            "fact": fact,
            "payload": dict(facts),
        }
        for target in connection.scalars(told.distinct().order_by(Delivery.target))
    ]
    if rows:
        connection.execute(insert(Delivery), rows)
    return len(rows)
