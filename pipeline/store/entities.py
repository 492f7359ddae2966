"""Projects, sequences, shots and assets: made on demand, found again, by several writers at once."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, select

from ...schema.ids import uuid7
from ...schema.media import EntityKind, EntityRef
from ...schema.tables import Asset, Product, Project, Sequence, Shot


def insert_or_ignore(connection: Connection, table: Any) -> Any:
    """An INSERT that leaves a row alone that is there already; both dialects write it alike."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415 - only the dialect in use is loaded
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]  # noqa: PLC0415
    return insert(table).on_conflict_do_nothing()


def ensure_project(connection: Connection, code: str) -> uuid.UUID:
    """The id of a project, made if need be."""
    connection.execute(insert_or_ignore(connection, Project).values(id=uuid7(), code=code, settings={}, remote={}))
    return connection.execute(select(Project.id).where(Project.code == code)).scalar_one()


def ensure_sequence(connection: Connection, project_id: uuid.UUID, code: str) -> uuid.UUID:
    """The id of a sequence, made if need be."""
    values = {"id": uuid7(), "project_id": project_id, "code": code, "remote": {}}
    connection.execute(insert_or_ignore(connection, Sequence).values(**values))
    return connection.execute(
        select(Sequence.id).where(Sequence.project_id == project_id, Sequence.code == code)
    ).scalar_one()


def ensure_entity(connection: Connection, entity: EntityRef) -> tuple[uuid.UUID, uuid.UUID]:
    """The ids of an entity's project and of itself, made if need be."""
    project_id = ensure_project(connection, entity.project)
    if entity.kind is EntityKind.SEQUENCE:
        return project_id, ensure_sequence(connection, project_id, entity.name)
    if entity.kind is EntityKind.ASSET:
        values = {"id": uuid7(), "project_id": project_id, "kind": entity.parent, "code": entity.name, "remote": {}}
        connection.execute(insert_or_ignore(connection, Asset).values(**values))
        found = select(Asset.id).where(
            Asset.project_id == project_id, Asset.kind == entity.parent, Asset.code == entity.name
        )
        return project_id, connection.execute(found).scalar_one()
    sequence_id = ensure_sequence(connection, project_id, entity.parent)
    values = {
        "id": uuid7(),
        "project_id": project_id,
        "sequence_id": sequence_id,
        "code": entity.name,
        "colour": {},
        "remote": {},
    }
    connection.execute(insert_or_ignore(connection, Shot).values(**values))
    found = select(Shot.id).where(Shot.sequence_id == sequence_id, Shot.code == entity.name)
    return project_id, connection.execute(found).scalar_one()


def find_product(connection: Connection, entity: EntityRef, name: str) -> uuid.UUID | None:
    """The id of a product; None: it has no version yet."""
    owner = getattr(Product, f"{entity.kind.value}_id")
    known = (
        select(Product.id)
        .join(Project, Project.id == Product.project_id)
        .where(Project.code == entity.project, Product.entity_path == entity.path, Product.name == name)
        .where(owner.is_not(None))
    )
    there: uuid.UUID | None = connection.execute(known).scalar()
    return there


def ensure_product(connection: Connection, entity: EntityRef, name: str, kind: str) -> uuid.UUID:
    """The id of a product, made if need be."""
    there = find_product(connection, entity, name)
    if there is not None:  # as it is for every version but the first
        return there
    project_id, entity_id = ensure_entity(connection, entity)
    values = {
        "id": uuid7(),
        "project_id": project_id,
        f"{entity.kind.value}_id": entity_id,
        "entity_key": entity_id,
        "entity_path": entity.path,
        "name": name,
        "kind": kind,
        "next_version": 1,
    }
    connection.execute(insert_or_ignore(connection, Product).values(**values))
    found = select(Product.id).where(Product.entity_key == entity_id, Product.name == name)
    return connection.execute(found).scalar_one()
