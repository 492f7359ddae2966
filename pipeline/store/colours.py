"""What projects, sequences, shots and cuts say of colour: written by supervisors, read by whoever submits."""

from __future__ import annotations

import difflib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnClause, Connection, Select, select, update

from ...schema.colour import ColourSetup
from ...schema.errors import NameRuleError, NotFoundError
from ...schema.ids import uuid7
from ...schema.names import check_name
from ...schema.shot_colour import Level
from ...schema.tables import ColourRow, Project, Shot
from ...schema.tables import Sequence as SequenceRow
from .audit import ACTOR, record
from .database import Database
from .entities import ensure_project, insert_or_ignore
from .queue import database_now

_FORM = "write it as sq010/sh010, sq010, demo:sq010/sh010, or demo: for a whole project"


@dataclass(frozen=True, slots=True)
class ColourPlace:
    """A project, one of its sequences, or one of their shots; a part that is empty is not meant."""

    project: str
    sequence: str = ""
    shot: str = ""

    @property
    def level(self) -> Level:
        """Which of the three it is."""
        return Level.SHOT if self.shot else Level.SEQUENCE if self.sequence else Level.PROJECT

    @property
    def above(self) -> ColourPlace | None:
        """The sequence of a shot, the project of a sequence."""
        if self.shot:
            return ColourPlace(self.project, self.sequence)
        return ColourPlace(self.project) if self.sequence else None

    def __str__(self) -> str:
        below = "/".join(part for part in (self.sequence, self.shot) if part)
        return f"{self.project}:{below}" if below else self.project


def find_place(database: Database, text: str, *, project: str) -> ColourPlace:
    """The project, sequence or shot that people mean.

    Args:
        database: where.
        text: ``sq010/sh010`` or ``sq010`` of the project, ``demo:sq010/sh010``, ``demo:`` or ``demo/sq010/sh010``.
        project: of a text that names none.

    Raises:
        NameRuleError: it is none of these.
        NotFoundError: it is not there; a project with a colon after it need not be.
    """
    before, colon, rest = text.strip().partition(":")
    parts = [part for part in (rest if colon else before).split("/") if part or not colon]
    if len(parts) > (2 if colon else 3) or (not colon and not all(parts)):
        raise NameRuleError(f"{text[:200]!r} is no shot, sequence or project; {_FORM}", field="entity")
    for part in parts:
        check_name(part, field="entity")
    if colon:
        places = [ColourPlace(check_name(before, field="project"), *parts)]
    elif len(parts) == 3:  # noqa: PLR2004 - project, sequence, shot
        places = [ColourPlace(*parts)]
    else:  # the project may be left out, and so may all that is below it
        places = [ColourPlace(project, *parts), ColourPlace(*parts)]
    with database.read() as connection:
        there = [place for place in places if _owner(connection, place) is not None]
        if not there and places[0].level is not Level.PROJECT:
            raise _not_there(connection, places[0])
    return (there or places)[0]


def change_colour(
    database: Database, place: ColourPlace, change: Callable[[ColourSetup], ColourSetup], *, by: str
) -> tuple[ColourSetup, ColourSetup]:
    """Change what a place says of its colour; a project that is not there yet is made.

    Args:
        database: where.
        place: a sequence or a shot must be there.
        change: what it says -> what it shall say; may be called more than once.
        by: who changes it, for the audit.

    Returns:
        What it said, and what it says now.

    Raises:
        NotFoundError: there is no such sequence or shot; names the nearest three.
    """
    with database.write() as connection:
        if place.level is Level.PROJECT:
            ensure_project(connection, place.project)
        owner = _owner(connection, place)
        if owner is None:
            raise _not_there(connection, place)
        old = _locked(connection, place.level, owner, by=by)
        new = change(old)
        if new != old:
            _put(connection, place.level, owner, new, by=by)
            record(connection, "colour", str(place), actor=by, facts=_facts(old, new))
    return old, new


def _owner(connection: Connection, place: ColourPlace) -> uuid.UUID | None:
    """The id of a project, a sequence or a shot."""
    found: uuid.UUID | None = connection.execute(_wanted(place)).scalar()
    return found


def _wanted(place: ColourPlace) -> Select[Any]:
    if place.level is Level.PROJECT:
        return select(Project.id).where(Project.code == place.project)
    sequence = (
        select(SequenceRow.id)
        .join(Project, Project.id == SequenceRow.project_id)
        .where(Project.code == place.project, SequenceRow.code == place.sequence)
    )
    if place.level is Level.SEQUENCE:
        return sequence
    return select(Shot.id).where(Shot.sequence_id.in_(sequence), Shot.code == place.shot)


def _not_there(connection: Connection, place: ColourPlace) -> NotFoundError:
    """What there is instead, the nearest three."""
    names: Sequence[str]
    if place.level is Level.PROJECT:
        names = connection.scalars(select(Project.code)).all()
        kind, wanted = "project", place.project
    else:
        columns = select(SequenceRow.code, Shot.code).join(SequenceRow, SequenceRow.id == Shot.sequence_id)
        rows: list[Any] = list(
            connection.execute(
                columns.join(Project, Project.id == Shot.project_id).where(Project.code == place.project)
            )
        )
        shot = place.level is Level.SHOT
        names = sorted({f"{sequence}/{code}" if shot else sequence for sequence, code in rows})
        kind, wanted = place.level.value, str(place).partition(":")[2]
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.0)
    there = f"nearest: {', '.join(near)}" if near else "there is none yet"
    where = "" if place.level is Level.PROJECT else f" in project {place.project!r}"
    return NotFoundError(f"there is no {kind} {wanted!r}{where}; {there}", hint="shotmill shots", field="entity")


def _column(level: Level) -> ColumnClause[uuid.UUID | None]:
    found: ColumnClause[uuid.UUID | None] = getattr(ColourRow, f"{level.value}_id")
    return found


def _locked(connection: Connection, level: Level, owner: uuid.UUID, *, by: str) -> ColourSetup:
    """What it says now; whoever changes it at the same moment waits."""
    values = {f"{level.value}_id": owner, "setup": {}, "by": by[:ACTOR], "changed": database_now(connection)}
    connection.execute(insert_or_ignore(connection, ColourRow).values(id=uuid7(), **values))
    wanted = select(ColourRow.setup).where(_column(level) == owner).with_for_update()
    return ColourSetup.model_validate(connection.execute(wanted).scalar_one())


def _put(connection: Connection, level: Level, owner: uuid.UUID, setup: ColourSetup, *, by: str) -> None:
    values = {"setup": said_parts(setup), "by": by[:ACTOR], "changed": database_now(connection)}
    connection.execute(update(ColourRow).where(_column(level) == owner).values(**values))


def said_parts(setup: ColourSetup) -> dict[str, Any]:
    """The parts of a setup that are said, as JSON."""
    found = setup.model_dump(mode="json", exclude_none=True)
    return {name: value for name, value in found.items() if name != "context" or value}


def _facts(old: ColourSetup, new: ColourSetup) -> dict[str, Any]:
    """What changed: part -> from and to."""
    before, after = said_parts(old), said_parts(new)
    parts = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return {name: {"from": before.get(name), "to": after.get(name)} for name in parts}
