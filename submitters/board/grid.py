"""Pages of the board: shots with their jobs, or jobs alone, from what was seen and a few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...schema.states import State
from ..cli.verdicts import code_of
from . import queries
from .documents import CellOut, GridOut, LineOut, LinesOut, RowOut

if TYPE_CHECKING:
    import uuid

    from .place import Board
    from .queries import JobLine, Made
    from .seen import Wanted

SHOTS_SHOWN = 3  # of a job in a list


def progress_of(line: JobLine, going: Mapping[uuid.UUID, float]) -> float:
    """How far a job is, 0 to 1; tasks that run count by how far they are."""
    if line.state is State.SUCCEEDED:
        return 1.0
    if not line.tasks:
        return 0.0
    return round(min(1.0, (line.done + going.get(line.id, 0.0)) / line.tasks), 4)


def grid(board: Board, wanted: Wanted, *, offset: int, limit: int) -> GridOut:
    """A page of shots with the newest job of each type."""
    with board.database.read() as connection:
        board.seen.look(connection)
        handles = queries.handles_in(connection, [State(one) for one in wanted.states]) if wanted.states else None
        fitting = board.seen.fitting_shots(wanted, handles)
        page = fitting[offset : offset + limit]
        lines = queries.lines_of(connection, [handle for _shot, mine in page for handle in mine.values()])
        going = queries.going(connection, lines.values())
        made = _made(queries.made_by(connection, {line.id for line in lines.values()}))
        pictures = queries.pictures_of(connection, {shot for shot, _mine in page})
    rows = []
    for shot, mine in page:
        found = {kind: lines[handle] for kind, handle in mine.items() if handle in lines}
        cells = {kind: _cell(line, going, made.get((line.id, shot))) for kind, line in found.items()}
        rows.append(_row(shot, pictures.get(shot), cells))
    types = board.seen.types(wanted.project)
    columns = tuple(one for one in types if not wanted.types or one in wanted.types)
    return GridOut(total=len(fitting), offset=offset, types=columns, rows=tuple(rows))


def _made(rows: Sequence[Made]) -> dict[tuple[uuid.UUID | None, str], Made]:
    """What a job published for a shot; of several products the first by name, in its newest version."""
    found: dict[tuple[uuid.UUID | None, str], Made] = {}
    for one in rows:
        before = found.get((one.job, one.entity))
        if before is None or before.product == one.product:
            found[one.job, one.entity] = one
    return found


def _row(shot: str, picture: str | None, cells: dict[str, CellOut]) -> RowOut:
    project, *middle, name = shot.split("/")
    return RowOut(project=project, group="/".join(middle), name=name, thumbnail=picture, cells=cells)


def _stand(line: JobLine, going: Mapping[uuid.UUID, float]) -> dict[str, Any]:
    """The fields of ``StandOut``."""
    same = ("handle", "type", "state", "user", "engine", "created", "done", "failed", "tasks")
    facts = {name: getattr(line, name) for name in same}
    return {**facts, "progress": progress_of(line, going), "code": code_of(line.failure)}


def _cell(line: JobLine, going: Mapping[uuid.UUID, float], made: Made | None) -> CellOut:
    product, version = (made.product, made.number) if made else ("", None)
    return CellOut(**_stand(line, going), product=product, version=version)


def jobs_page(board: Board, wanted: Wanted, *, offset: int, limit: int) -> LinesOut:
    """A page of jobs, newest first."""
    with board.database.read() as connection:
        board.seen.look(connection)
        handles = queries.handles_in(connection, [State(one) for one in wanted.states]) if wanted.states else None
        fitting = board.seen.fitting_jobs(wanted, handles)
        page = fitting[offset : offset + limit]
        lines = queries.lines_of(connection, [one.handle for one in page])
        going = queries.going(connection, lines.values())
        made = queries.made_by(connection, {line.id for line in lines.values()})
    counts: dict[uuid.UUID | None, int] = {}
    for one in made:
        counts[one.job] = counts.get(one.job, 0) + 1
    jobs = tuple(
        _line(lines[one.handle], going, one.entities, counts.get(lines[one.handle].id, 0))
        for one in page
        if one.handle in lines
    )
    return LinesOut(total=len(fitting), offset=offset, jobs=jobs)


def _line(line: JobLine, going: Mapping[uuid.UUID, float], shots: Sequence[str], published: int) -> LineOut:
    return LineOut(
        **_stand(line, going),
        name=line.name,
        project=line.project,
        shots=tuple(shots[:SHOTS_SHOWN]),
        count=len(shots),
        published=published,
    )
