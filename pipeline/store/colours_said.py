"""What shots, sequences, projects and cuts say of colour, read for all shots of a job at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy import func as sql

from ...schema.colour import Cdl, ColourSetup
from ...schema.shot_colour import Origin, Said
from ...schema.tables import ColourRow, Cut, CutClip, CutVersion, MediaState, Project, Shot
from ...schema.tables import Sequence as SequenceRow
from .colours import ColourPlace
from .database import Database


@dataclass(frozen=True, slots=True)
class CutCdl:
    """What a cut says of one use of a shot: its colour correction, if any; ``cut`` is such as ``main v003``."""

    cut: str
    clip: str
    cdl: Cdl | None


@dataclass(frozen=True)
class SaidColours:
    """What was said of some places and those above them.

    Attributes:
        setups: by place; those that say nothing are left out.
        uses: by shot, what the newest versions of cuts say of each of its uses, in the order of cuts and uses.
    """

    setups: Mapping[ColourPlace, ColourSetup] = field(default_factory=dict)
    uses: Mapping[ColourPlace, Sequence[CutCdl]] = field(default_factory=dict)

    def of(self, place: ColourPlace) -> list[Said]:
        """What a place and those above it say, the nearest first; those that say nothing are left out."""
        places = [place]
        while (above := places[-1].above) is not None:
            places.append(above)
        return [Said(Origin(at.level, str(at)), self.setups[at]) for at in places if at in self.setups]


def read_colours(database: Database, places: Iterable[ColourPlace], *, cut: str = "") -> SaidColours:
    """What is said of places, in two queries, however many they are.

    Args:
        database: where.
        places: shots, sequences and projects.
        cut: only this cut's corrections; empty: those of all.
    """
    wanted = set(places)
    if not wanted:
        return SaidColours()
    shots = {place for place in wanted if place.shot}
    with database.read() as connection:
        said: list[Any] = list(connection.execute(_setups_of(wanted)))
        used: list[Any] = list(connection.execute(_uses_of(shots, cut))) if shots else []
    setups = {
        ColourPlace(project, sequence or "", shot or ""): ColourSetup.model_validate(setup)
        for project, sequence, shot, setup in said
        if setup
    }
    uses: dict[ColourPlace, list[CutCdl]] = {}
    for project, sequence, shot, name, number, clip, facts in used:
        place = ColourPlace(project, sequence, shot)
        if place in shots:  # names of several sequences cross in the query
            uses.setdefault(place, []).append(CutCdl(f"{name} v{number:03d}", clip, _cdl(facts)))
    return SaidColours(setups, uses)


def said_of(database: Database, place: ColourPlace) -> list[Said]:
    """What a place and those above it say, the nearest first; those that say nothing are left out."""
    return read_colours(database, [place]).of(place)


def cut_cdls(database: Database, place: ColourPlace, *, cut: str = "") -> Sequence[CutCdl]:
    """What the newest versions of cuts say of each use of a shot, in the order of cuts and uses.

    Args:
        database: where.
        place: a shot.
        cut: only of this cut; empty: of all.
    """
    return read_colours(database, [place], cut=cut).uses.get(place, [])


def _setups_of(places: set[ColourPlace]) -> Select[str, str, str, dict[str, Any]]:
    """Project, sequence, shot and setup of all that is said at or above places."""
    project = sql.coalesce(ColourRow.project_id, SequenceRow.project_id)
    sequence = sql.coalesce(ColourRow.sequence_id, Shot.sequence_id)
    return (
        select(Project.code, SequenceRow.code, Shot.code, ColourRow.setup)
        .select_from(ColourRow)
        .outerjoin(Shot, Shot.id == ColourRow.shot_id)
        .outerjoin(SequenceRow, SequenceRow.id == sequence)
        .join(Project, Project.id == project)
        .where(Project.code.in_(_sorted(place.project for place in places)))
        .where(or_(SequenceRow.code.is_(None), SequenceRow.code.in_(_sorted(place.sequence for place in places))))
        .where(or_(Shot.code.is_(None), Shot.code.in_(_sorted(place.shot for place in places))))
    )


def _uses_of(shots: set[ColourPlace], cut: str) -> Select[str, str, str, str, int, str, dict[str, Any]]:
    """Project, sequence, shot, cut, version, clip and facts of each use."""
    newest = (
        select(CutVersion.cut_id, sql.max(CutVersion.number).label("number")).group_by(CutVersion.cut_id).subquery()
    )
    wanted = (
        select(Project.code, SequenceRow.code, Shot.code, Cut.name, CutVersion.number, CutClip.name, CutClip.facts)
        .join(CutVersion, CutVersion.id == CutClip.cut_version_id)
        .join(newest, (newest.c.cut_id == CutVersion.cut_id) & (newest.c.number == CutVersion.number))
        .join(Cut, Cut.id == CutVersion.cut_id)
        .join(Shot, Shot.id == CutClip.shot_id)
        .join(SequenceRow, SequenceRow.id == Shot.sequence_id)
        .join(Project, Project.id == Shot.project_id)
        .where(Project.code.in_(_sorted(place.project for place in shots)))
        .where(SequenceRow.code.in_(_sorted(place.sequence for place in shots)))
        .where(Shot.code.in_(_sorted(place.shot for place in shots)))
        .where(CutClip.enabled.is_(True), CutClip.media_state != MediaState.GENERATED)  # as ``clips_of_cut`` counts
        .order_by(Cut.name, CutClip.position)
    )
    return wanted.where(Cut.name == cut) if cut else wanted


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(set(names))


def _cdl(facts: Mapping[str, Any]) -> Cdl | None:
    return Cdl.model_validate(facts["cdl"]) if "cdl" in facts else None
