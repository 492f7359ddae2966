"""Projects, shots and the audit in the database, for people. Reads only."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ...schema.errors import NotFoundError
from ...schema.media import Rate
from ...schema.tables import CutClip, MediaState, Project, Shot
from ...schema.tables import Sequence as SequenceRow
from .database import Database
from .editorial import find_cut_version


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project; ``shots`` is how many it has."""

    id: uuid.UUID
    code: str
    name: str | None
    shots: int
    created: datetime


@dataclass(frozen=True, slots=True)
class ShotUse:
    """One use of a shot in a cut; ranges as in ``schema.timeline.ClipDocument``, ``state`` as at the ingest."""

    position: int
    track: str
    record_in: int
    record_out: int
    source_in: int
    source_out: int
    speed: float
    enabled: bool
    media: str | None
    state: MediaState


@dataclass(frozen=True, slots=True)
class ShotRow:
    """One shot. ``cut_in`` and ``cut_out`` are work frames; handles lie outside them."""

    id: uuid.UUID
    project: str
    sequence: str
    code: str
    cut_in: int | None
    cut_out: int | None
    handle_in: int
    handle_out: int
    rate: Rate | None
    uses: tuple[ShotUse, ...] = ()

    @property
    def path(self) -> str:
        """Such as ``sq010/sh010``."""
        return f"{self.sequence}/{self.code}"


def projects(database: Database) -> list[ProjectRow]:
    """All projects, by code."""
    count = select(func.count()).where(Shot.project_id == Project.id).correlate(Project).scalar_subquery()
    wanted = select(Project.id, Project.code, Project.name, count, Project.created).order_by(Project.code)
    with database.read() as connection:
        return [ProjectRow(*row) for row in connection.execute(wanted)]


def shots(database: Database, project: str, *, cut: str | None = None, version: int | None = None) -> list[ShotRow]:
    """The shots of a project by name, or those of a cut in its order, each with its uses there.

    Args:
        database: where.
        project: code of the project.
        cut: name of a cut; None: all shots of the project.
        version: number of the cut's version; None: the newest.

    Raises:
        NotFoundError: no such project, cut or version.
    """
    columns = (Shot.cut_in, Shot.cut_out, Shot.handle_in, Shot.handle_out, Shot.rate_num, Shot.rate_den)
    wanted = (
        select(Shot.id, Project.code, SequenceRow.code, Shot.code, *columns)
        .join(SequenceRow, SequenceRow.id == Shot.sequence_id)
        .join(Project, Project.id == Shot.project_id)
        .where(Project.code == project)
        .order_by(SequenceRow.code, Shot.code)
    )
    with database.read() as connection:
        if connection.execute(select(Project.id).where(Project.code == project)).first() is None:
            raise NotFoundError(f"there is no project {project!r}", hint=f"shotmill ingest FILE --project {project}")
        if cut is None:
            return [_shot(row) for row in connection.execute(wanted)]
        version_id = find_cut_version(connection, project, cut, version)
        used = select(CutClip.shot_id).where(CutClip.cut_version_id == version_id)
        rows = connection.execute(wanted.where(Shot.id.in_(used))).all()
        uses = _uses(connection, version_id)
    found = [_shot(row, tuple(uses[row[0]])) for row in rows]
    return sorted(found, key=lambda shot: shot.uses[0].position)


def _uses(connection: Any, version_id: uuid.UUID) -> dict[uuid.UUID, list[ShotUse]]:
    wanted = (
        select(
            CutClip.shot_id,
            CutClip.position,
            CutClip.track,
            CutClip.record_in,
            CutClip.record_out,
            CutClip.source_in,
            CutClip.source_out,
            CutClip.speed,
            CutClip.enabled,
            CutClip.media,
            CutClip.media_state,
        )
        .where(CutClip.cut_version_id == version_id, CutClip.shot_id.is_not(None))
        .order_by(CutClip.position)
    )
    found: dict[uuid.UUID, list[ShotUse]] = {}
    for row in connection.execute(wanted):
        found.setdefault(row[0], []).append(ShotUse(*row[1:]))
    return found


def _shot(row: Any, uses: tuple[ShotUse, ...] = ()) -> ShotRow:
    rate = Rate(row[8], row[9]) if row[8] else None
    fields: tuple[Any, ...] = (*row[:8], rate, uses)
    return ShotRow(*fields)
