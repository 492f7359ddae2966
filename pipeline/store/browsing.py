"""What browsers of versions want of many at once: their forms, jobs, sources and pictures. Reads only."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select

from ...schema.address import LATEST
from ...schema.tables import Pointer, Product, Project, PublishedFile, Representation, Version
from .catalog import VersionRow
from .database import Database

AT_ONCE = 500  # ids in one question
THUMBNAIL = "thumbnail"


class FormRow(NamedTuple):
    """One form of a version; ``pattern`` is relative to the version's folder, ``files`` how many it has."""

    name: str
    pattern: str
    frames: str
    colourspace: str
    width: int | None
    height: int | None
    pixel_aspect: float | None
    rate: str
    source: str
    files: int


def forms_of(database: Database, versions: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[FormRow]]:
    """The forms of versions, each version's by name."""
    counted = (
        select(PublishedFile.representation_id, func.count().label("files"))
        .group_by(PublishedFile.representation_id)
        .subquery()
    )
    wanted = (
        select(Representation, func.coalesce(counted.c.files, 0).label("files"))
        .outerjoin(counted, counted.c.representation_id == Representation.id)
        .order_by(Representation.name)
    )
    found: dict[uuid.UUID, list[FormRow]] = defaultdict(list)
    with database.read() as connection:
        for ids in _parts(versions):
            for row in connection.execute(wanted.where(Representation.version_id.in_(ids))):
                found[row.version_id].append(_form(row))
    return found


def _form(row: Any) -> FormRow:
    rate = f"{row.rate_num}/{row.rate_den}" if row.rate_num and row.rate_den != 1 else str(row.rate_num or "")
    return FormRow(
        row.name,
        row.pattern,
        row.frames or "",
        row.colourspace or "",
        row.width,
        row.height,
        row.pixel_aspect,
        rate,
        str(row.facts.get("source") or ""),
        row.files,
    )


def pictures_of(database: Database, versions: Sequence[VersionRow]) -> dict[tuple[str, str], str]:
    """The newest thumbnail of each version's shot or asset, where it has one.

    Returns:
        Project and entity -> path, relative to the folder of all projects.
    """
    wanted = (
        select(Project.code, Product.entity_path, Version.folder, Representation.pattern)
        .join(Project, Project.id == Product.project_id)
        .join(Pointer, Pointer.product_id == Product.id)
        .join(Version, Version.id == Pointer.version_id)
        .join(Representation, Representation.version_id == Version.id)
        .where(Pointer.name == LATEST, Product.name == THUMBNAIL)
    )
    asked = {(row.project, row.entity) for row in versions}
    found: dict[tuple[str, str], str] = {}
    with database.read() as connection:
        for project in {code for code, _entity in asked}:
            for entities in _parts(sorted(entity for code, entity in asked if code == project)):
                of_these = wanted.where(Project.code == project, Product.entity_path.in_(entities))
                for code, entity, folder, pattern in connection.execute(of_these):
                    if "#" not in pattern:
                        found[code, entity] = f"{code}/{folder}/{pattern}"
    return found


def _parts(ids: Sequence[Any]) -> list[Sequence[Any]]:
    return [ids[begin : begin + AT_ONCE] for begin in range(0, len(ids), AT_ONCE)]
