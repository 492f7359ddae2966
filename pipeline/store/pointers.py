"""Pointers that show the wrong version, put right by the rules that move them; each with a line of the audit."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection, delete, select, update

from ...schema.address import LATEST
from ...schema.states import VersionState
from ...schema.tables import Pointer, Product, Version
from .audit import record
from .database import Database
from .orphans import AstrayPointer
from .queue import database_now
from .reviews import point_approved

MENDED = "pointer-mend"


def mend_pointer(database: Database, astray: AstrayPointer, *, by: str) -> str:
    """Let a pointer show what it should, and no row of a version change; what it shows now, in words.

    ``latest`` shows the highest published version, ``approved`` the one that was approved last and still is. Where
    there is none, there is no such pointer.

    Args:
        database: where.
        astray: the pointer; if somebody moved it meanwhile, it is judged anew.
        by: who does it.
    """
    mine = (Pointer.product_id == astray.product_id) & (Pointer.name == astray.name)
    with database.write() as connection:
        connection.execute(select(Product.id).where(Product.id == astray.product_id).with_for_update())
        if astray.name == LATEST:
            _point_latest(connection, astray.product_id)
        else:
            point_approved(connection, astray.product_id, database_now(connection))
        shown = select(Version.number).join(Pointer, Pointer.version_id == Version.id).where(mine)
        number = connection.execute(shown).scalar()
        now = "is gone: no version is to be shown" if number is None else f"shows v{number:03d}"
        record(connection, MENDED, astray.what, actor=by, facts={"before": astray.problem, "now": now})
    return now


def _point_latest(connection: Connection, product_id: uuid.UUID) -> None:
    mine = (Pointer.product_id == product_id) & (Pointer.name == LATEST)
    published = (Version.product_id == product_id, Version.state == VersionState.PUBLISHED)
    chosen = connection.execute(select(Version.id).where(*published).order_by(Version.number.desc()).limit(1)).scalar()
    if chosen is None:
        connection.execute(delete(Pointer).where(mine))
        return
    moved = {"version_id": chosen, "moved": database_now(connection)}
    connection.execute(update(Pointer).where(mine, Pointer.version_id != chosen).values(**moved))
