"""Cuts as reels need them: where each clip lies."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from ...schema.media import Rate
from ...schema.movies import CutPlace, Edit
from ...schema.tables import CutClip, CutVersion, MediaState, Shot
from ...schema.tables import Sequence as SequenceRow
from .database import Database
from .editorial import find_cut_version


def edit_of_cut(database: Database, project: str, cut: str, *, version: int | None = None) -> Edit:
    """Where the clips of a cut lie, by the names that ``clips_of_cut`` gives them.

    Args:
        database: where.
        project: code of the project.
        cut: name of the cut.
        version: number of the cut's version; None: the newest.

    Raises:
        NotFoundError: no such cut or version.
    """
    places = (
        select(
            SequenceRow.code,
            Shot.code,
            CutClip.record_in,
            CutClip.record_out,
            CutClip.speed,
            CutClip.transition_in,
            CutClip.transition_out,
        )
        .join(Shot, Shot.id == CutClip.shot_id)
        .join(SequenceRow, SequenceRow.id == Shot.sequence_id)
        .where(CutClip.enabled.is_(True), CutClip.media_state != MediaState.GENERATED)
        .order_by(CutClip.position)
    )
    facts = select(
        CutVersion.rate_num, CutVersion.rate_den, CutVersion.start_frame, CutVersion.duration, CutVersion.facts
    )
    with database.read() as connection:
        version_id = find_cut_version(connection, project, cut, version)
        about = connection.execute(facts.where(CutVersion.id == version_id)).one()
        rows = connection.execute(places.where(CutClip.cut_version_id == version_id)).all()
    uses: Counter[str] = Counter()
    found = {}
    for sequence, shot, first, last, speed, *fades in rows:
        path = f"{sequence}/{shot}"
        uses[path] += 1
        name = path if uses[path] == 1 else f"{path}#{uses[path]}"
        found[name] = CutPlace(record_in=first, record_out=last, speed=speed, fades=any(fades))
    return Edit(
        name=cut,
        rate=Rate(about.rate_num, about.rate_den),
        start_frame=about.start_frame,
        duration=about.duration,
        places=found,
        drop_frame=bool(about.facts.get("drop_frame")),
    )
