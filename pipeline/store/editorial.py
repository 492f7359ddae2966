"""Cuts in the database: the clips of a cut as jobs want them, and the rows that an ingest adds."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ...schema.errors import NotFoundError
from ...schema.frames import FrameSet
from ...schema.media import Clip, EntityKind, EntityRef, Rate
from ...schema.tables import Cut, CutClip, CutVersion, MediaState, Project, Shot
from ...schema.tables import Sequence as SequenceRow
from ..footage import is_on_disk
from .database import Database


@dataclass(frozen=True)
class CutVersionRow:
    """One ingested version of a cut. ``duration`` and ``start_frame`` count in frames of ``rate``."""

    id: uuid.UUID
    project: str
    cut: str
    number: int
    checksum: str
    source: str
    rate: Rate
    start_frame: int
    duration: int
    clips: int
    created: datetime


def cut_versions(database: Database, project: str, cut: str | None = None) -> list[CutVersionRow]:
    """All ingested versions of a project's cuts, by cut and number."""
    clips = select(func.count()).where(CutClip.cut_version_id == CutVersion.id).correlate(CutVersion).scalar_subquery()
    wanted = (
        select(
            CutVersion.id,
            Project.code,
            Cut.name,
            CutVersion.number,
            CutVersion.checksum,
            CutVersion.source,
            CutVersion.rate_num,
            CutVersion.rate_den,
            CutVersion.start_frame,
            CutVersion.duration,
            clips,
            CutVersion.created,
        )
        .join(Cut, Cut.id == CutVersion.cut_id)
        .join(Project, Project.id == Cut.project_id)
        .where(Project.code == project)
        .order_by(Cut.name, CutVersion.number)
    )
    if cut is not None:
        wanted = wanted.where(Cut.name == cut)
    with database.read() as connection:
        rows: list[Any] = list(connection.execute(wanted))
    fields: list[tuple[Any, ...]] = [(*row[:6], Rate(row[6], row[7]), *row[8:]) for row in rows]
    return [CutVersionRow(*one) for one in fields]


def find_cut_version(connection: Connection, project: str, cut: str, version: int | None = None) -> uuid.UUID:
    """The id of a cut's version; None: the newest.

    Raises:
        NotFoundError: says what there is instead.
    """
    wanted = (
        select(CutVersion.id)
        .join(Cut, Cut.id == CutVersion.cut_id)
        .join(Project, Project.id == Cut.project_id)
        .where(Project.code == project, Cut.name == cut)
        .order_by(CutVersion.number.desc())
        .limit(1)
    )
    if version is not None:
        wanted = wanted.where(CutVersion.number == version)
    found = connection.execute(wanted).scalar()
    if found is None:
        raise _no_cut(connection, project, cut, version)
    return found


def _no_cut(connection: Connection, project: str, cut: str, version: int | None) -> NotFoundError:
    wanted = select(Cut.name).join(Project, Project.id == Cut.project_id).where(Project.code == project)
    names = list(connection.execute(wanted.order_by(Cut.name)).scalars())
    if cut in names and version is not None:
        return NotFoundError(f"cut {cut!r} of project {project!r} has no version {version}", cut=cut)
    there = f"it has {', '.join(names[:10])}" if names else "it has none yet"
    return NotFoundError(
        f"project {project!r} has no cut {cut!r}; {there}",
        hint=f"shotmill ingest FILE --show {project} --cut {cut}",
        cut=cut,
    )


def clips_of_cut(
    database: Database,
    project: str,
    cut: str,
    *,
    version: int | None = None,
    once: bool = False,
) -> list[Clip]:
    """The clips of a cut that belong to a shot, in the cut's order, ready to be a job's ``clips``.

    Disabled clips, generators and clips without a shot are left out. ``frames`` are the source frames of the cut,
    ``frame`` the middle one, in the media's own numbering. Media is looked for on the disk now: what is not there
    comes with ``offline=True``; where the cut names no media at all, ``media`` is ``/offline/SEQUENCE/SHOT``.

    Args:
        database: where.
        project: code of the project.
        cut: name of the cut.
        version: number of the cut's version; None: the newest.
        once: one clip a shot (its first use); False: every use, named ``sq010/sh010``, ``sq010/sh010#2``, ...

    Raises:
        NotFoundError: no such cut or version, or no clip of it belongs to a shot.
    """
    with database.read() as connection:
        version_id = find_cut_version(connection, project, cut, version)
        rows = connection.execute(_used_clips(version_id)).all()
    if not rows:
        raise NotFoundError(
            f"no clip of cut {cut!r} belongs to a shot; give the pattern of its clip names when ingesting",
            hint=f"shotmill ingest FILE --show {project} --cut {cut} --pattern REGEX",
            cut=cut,
        )
    uses: Counter[str] = Counter()
    clips = []
    for row in rows:
        entity = EntityRef(project=project, kind=EntityKind.SHOT, parent=row.sequence, name=row.shot)
        uses[entity.path] += 1
        times = uses[entity.path]
        if times == 1 or not once:
            clips.append(_clip(row, entity, entity.path if times == 1 else f"{entity.path}#{times}"))
    return clips


def _used_clips(version_id: uuid.UUID) -> Any:
    return (
        select(
            SequenceRow.code.label("sequence"),
            Shot.code.label("shot"),
            CutClip.media,
            CutClip.media_state,
            CutClip.source_in,
            CutClip.source_out,
            CutClip.rate_num,
            CutClip.rate_den,
            CutClip.facts,
        )
        .join(Shot, Shot.id == CutClip.shot_id)
        .join(SequenceRow, SequenceRow.id == Shot.sequence_id)
        .where(
            CutClip.cut_version_id == version_id,
            CutClip.enabled.is_(True),
            CutClip.media_state != MediaState.GENERATED,
        )
        .order_by(CutClip.position)
    )


def _clip(row: Row[Any], entity: EntityRef, name: str) -> Clip:
    first, last = row.source_in, row.source_out
    still = row.facts.get("media") == "still"
    return Clip(
        name=name,
        media=row.media or f"/offline/{entity.path}",
        frames=None if still else FrameSet(tuple(range(first, last + 1))),
        frame=None if still else first + (last - first) // 2,
        colourspace=row.facts.get("colourspace"),
        entity=entity,
        rate=Rate(row.rate_num, row.rate_den),
        offline=row.media is None or not is_on_disk(row.media, first, last),
    )
