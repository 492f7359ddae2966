"""Where cuts come from: a file that was read, or a version of a cut in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from ...schema.cutdiff import CutSide, CutUse
from ...schema.media import Rate
from ...schema.tables import Cut, CutClip, CutVersion, MediaState, Project, Shot
from ...schema.tables import Sequence as SequenceRow
from ..ingest import ReadCut
from ..store.database import Database
from ..store.editorial import find_cut_version
from ..store.ingesting import NewClip


def side_of_read(read: ReadCut) -> CutSide:
    """A file as one side of a comparison; generators are left out."""
    uses = _Names()
    document = read.document
    return CutSide(
        label=read.file.path.name,
        checksum=read.file.checksum,
        rate=document.rate,
        start_frame=document.start_frame,
        duration=document.duration,
        uses=tuple(_of_clip(clip, uses) for clip in read.clips if clip.state is not MediaState.GENERATED),
    )


class _Names:
    """The names that jobs give the uses of shots; see ``editorial.clips_of_cut``."""

    def __init__(self) -> None:
        self._uses: Counter[str] = Counter()

    def of(self, shot: str, *, enabled: bool) -> str:
        """The name of the next use of a shot; empty for clips that jobs do not get."""
        if not shot or not enabled:
            return ""
        self._uses[shot] += 1
        times = self._uses[shot]
        return shot if times == 1 else f"{shot}#{times}"


def _of_clip(clip: NewClip, names: _Names) -> CutUse:
    found = clip.document
    shot = f"{clip.shot.sequence}/{clip.shot.shot}" if clip.shot else ""
    return CutUse.model_construct(
        name=found.name,
        shot=shot,
        use=names.of(shot, enabled=found.enabled),
        media=clip.media or "",
        version=_number(clip.shot.version if clip.shot else ""),
        track=found.track,
        source_in=found.source_in,
        source_out=found.source_out,
        record_in=found.record_in,
        record_out=found.record_out,
        available_in=found.available_in,
        available_out=found.available_out,
        rate=found.rate,
        speed=found.speed,
        enabled=found.enabled,
        flags=found.flags,
    )


def _number(version: str) -> str:
    return version.lstrip("0") or ("0" if version else "")


def side_of_cut(database: Database, project: str, cut: str, version: int | None = None) -> CutSide:
    """A version of an ingested cut as one side of a comparison; None: the newest. Two questions, however many clips.

    Raises:
        NotFoundError: no such cut or version; says what there is instead.
    """
    with database.read() as connection:
        version_id = find_cut_version(connection, project, cut, version)
        about = connection.execute(_about().where(CutVersion.id == version_id)).one()
        rows = connection.execute(_clips().where(CutClip.cut_version_id == version_id)).all()
    names = _Names()
    return CutSide(
        label=f"{cut} v{about.number:03d}",
        checksum=about.stored or about.checksum,
        rate=Rate(about.rate_num, about.rate_den),
        start_frame=about.start_frame,
        duration=about.duration,
        uses=tuple(_of_row(row, names) for row in rows),
    )


def _about() -> Any:
    return select(
        CutVersion.number,
        CutVersion.checksum,
        CutVersion.stored,
        CutVersion.rate_num,
        CutVersion.rate_den,
        CutVersion.start_frame,
        CutVersion.duration,
    )


def _clips() -> Any:
    return (
        select(
            SequenceRow.code.label("sequence"),
            Shot.code.label("shot"),
            CutClip.name,
            CutClip.media,
            CutClip.track,
            CutClip.source_in,
            CutClip.source_out,
            CutClip.record_in,
            CutClip.record_out,
            CutClip.available_in,
            CutClip.available_out,
            CutClip.rate_num,
            CutClip.rate_den,
            CutClip.speed,
            CutClip.enabled,
            CutClip.facts,
        )
        .outerjoin(Shot, Shot.id == CutClip.shot_id)
        .outerjoin(SequenceRow, SequenceRow.id == Shot.sequence_id)
        .where(CutClip.media_state != MediaState.GENERATED)
        .order_by(CutClip.position)
    )


def _of_row(row: Any, names: _Names) -> CutUse:
    shot = f"{row.sequence}/{row.shot}" if row.shot else ""
    facts: Mapping[str, Any] = row.facts
    return CutUse.model_construct(
        name=row.name,
        shot=shot,
        use=names.of(shot, enabled=row.enabled),
        media=row.media or "",
        version=_number(str(facts.get("version", ""))),
        track=row.track,
        source_in=row.source_in,
        source_out=row.source_out,
        record_in=row.record_in,
        record_out=row.record_out,
        available_in=row.available_in,
        available_out=row.available_out,
        rate=Rate(row.rate_num, row.rate_den),
        speed=row.speed,
        enabled=row.enabled,
        flags=tuple(facts.get("flags", ())),
    )


def side_before(
    database: Database, project: str, cut: str, number: int, *, new: CutSide
) -> tuple[CutSide, frozenset[str]]:
    """A version of a cut to compare a newer side with, and the shots of those before it; 0: a cut of nothing."""
    if not number:
        return CutSide(label=f"cut {cut}, empty", rate=new.rate, start_frame=new.start_frame, duration=0), frozenset()
    return side_of_cut(database, project, cut, number), earlier_shots(database, project, cut, before=number)


def newest_number(database: Database, project: str, cut: str) -> int:
    """The number of a cut's newest version; 0: there is no such cut yet."""
    wanted = select(func.max(CutVersion.number)).select_from(CutVersion)
    with database.read() as connection:
        return connection.execute(_of(wanted, project, cut)).scalar() or 0


def earlier_shots(database: Database, project: str, cut: str, *, before: int) -> frozenset[str]:
    """Shots of a cut's versions before this one, ``sq010/sh010`` in lower case."""
    wanted = (
        select(SequenceRow.code, Shot.code)
        .select_from(CutVersion)
        .join(CutClip, CutClip.cut_version_id == CutVersion.id)
        .join(Shot, Shot.id == CutClip.shot_id)
        .join(SequenceRow, SequenceRow.id == Shot.sequence_id)
        .where(CutVersion.number < before)
        .distinct()
    )
    with database.read() as connection:
        rows: list[Any] = list(connection.execute(_of(wanted, project, cut)))
    return frozenset(f"{sequence}/{shot}".lower() for sequence, shot in rows)


def _of(wanted: Any, project: str, cut: str) -> Any:
    """Of one cut."""
    return (
        wanted.join(Cut, Cut.id == CutVersion.cut_id)
        .join(Project, Project.id == Cut.project_id)
        .where(Project.code == project, Cut.name == cut)
    )
