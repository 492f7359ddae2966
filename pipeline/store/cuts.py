"""A cut with every clip that it uses, for whoever writes it out again. Reads only."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from ...schema.media import Rate
from ...schema.tables import CutClip, CutVersion, Shot
from ...schema.tables import Sequence as SequenceRow
from .database import Database
from .editorial import find_cut_version


class UseRow(NamedTuple):
    """One clip of a cut; ranges as in ``schema.timeline.ClipDocument``, ``state`` of its media as at the ingest.

    Attributes:
        sequence, shot: codes; empty: it belongs to none.
    """

    name: str
    sequence: str
    shot: str
    track: str
    media: str
    state: str
    source_in: int
    source_out: int
    record_in: int
    record_out: int
    available_in: int | None
    available_out: int | None
    rate: Rate
    speed: float
    enabled: bool


class CutRow(NamedTuple):
    """One version of a cut; ``uses`` in its order, ``drop_frame``: so its timecode counts."""

    project: str
    name: str
    version: int
    rate: Rate
    start_frame: int
    uses: tuple[UseRow, ...]
    drop_frame: bool = False


def whole_cut(database: Database, project: str, cut: str, *, version: int | None = None) -> CutRow:
    """A cut with all its clips.

    Args:
        database: where.
        project: code of the project.
        cut: name of the cut.
        version: number of the cut's version; None: the newest.

    Raises:
        NotFoundError: no such cut or version.
    """
    clips = (
        select(CutClip, SequenceRow.code.label("sequence"), Shot.code.label("shot"))
        .outerjoin(Shot, Shot.id == CutClip.shot_id)
        .outerjoin(SequenceRow, SequenceRow.id == Shot.sequence_id)
        .order_by(CutClip.position)
    )
    facts = select(
        CutVersion.number, CutVersion.rate_num, CutVersion.rate_den, CutVersion.start_frame, CutVersion.facts
    )
    with database.read() as connection:
        found = find_cut_version(connection, project, cut, version)
        number, rate_num, rate_den, start, told = connection.execute(facts.where(CutVersion.id == found)).one()
        rows = connection.execute(clips.where(CutClip.cut_version_id == found)).all()
    uses = tuple(
        UseRow(
            row.name,
            row.sequence or "",
            row.shot or "",
            row.track,
            row.media or "",
            row.media_state.value,
            row.source_in,
            row.source_out,
            row.record_in,
            row.record_out,
            row.available_in,
            row.available_out,
            Rate(row.rate_num, row.rate_den),
            row.speed,
            row.enabled,
        )
        for row in rows
    )
    return CutRow(project, cut, number, Rate(rate_num, rate_den), start, uses, bool(told.get("drop_frame")))


def sources_in(database: Database, folder: Path) -> frozenset[str]:
    """Paths of the files in a folder that versions of cuts were made from."""
    wanted = select(CutVersion.source).where(CutVersion.source.startswith(f"{folder}/", autoescape=True))
    with database.read() as connection:
        return frozenset(connection.scalars(wanted))
