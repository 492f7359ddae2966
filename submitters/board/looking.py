"""Requests that look: what there is, where it stands, what was logged. None of them changes anything."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as PathParameter

from ... import __version__
from ...jobs import find_job_type, job_type_names
from ...schema.errors import NotFoundError
from ...schema.output import ShotsOut, TasksOut
from ...schema.states import State
from ..cli.commands.watch import matches, most_telling, task_out
from ..documents import shots_out, status_out
from . import queries
from .documents import (
    MOST,
    PLAIN,
    FarmOut,
    GridOut,
    JobPageOut,
    LinesOut,
    LogOut,
    NameText,
    ProjectOut,
    ProjectsOut,
    ShortText,
    SummaryOut,
    TypeOut,
    TypesOut,
)
from .grid import grid, jobs_page
from .place import Board
from .problems import TOLD
from .seen import Wanted

MOST_LINES = 2000
SHOTS_SHOWN = 50  # of one job

router = APIRouter(prefix="/api", responses=TOLD)  # type: ignore[arg-type]


def board_of(request: Request) -> Board:
    """The board that is asked."""
    found: Board = request.app.state.board
    return found


def wanted_of(
    *,
    project: ShortText = "",
    sequence: ShortText = "",
    text: ShortText = "",
    types: Annotated[list[ShortText], Query(alias="type", max_length=50, default_factory=list)],
    states: Annotated[list[State], Query(alias="state", max_length=6, default_factory=list)],
    user: ShortText = "",
) -> Wanted:
    """The filter of a request."""
    return Wanted(project, sequence, text, frozenset(types), frozenset(states), user)


BoardHere = Annotated[Board, Depends(board_of)]
Filter = Annotated[Wanted, Depends(wanted_of)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=MOST)]
JobName = Annotated[str, PathParameter(max_length=64, pattern=PLAIN, description="handle, the front of one, or id")]


@router.get("/summary", tags=["board"])
def read_summary(board: BoardHere, project: ShortText = "") -> SummaryOut:
    """What filters can choose from, who asks, and how many jobs are in each state."""
    with board.database.read() as connection:
        board.seen.look(connection)
        counts = queries.count_states(connection, project)
    settings = board.studio.settings
    return SummaryOut(
        shotmill=__version__,
        user=settings.login,
        read_only=board.read_only or settings.role == "viewer",
        projects=board.seen.projects(),
        sequences=board.seen.sequences(project),
        types=board.seen.types(project),
        users=board.seen.users(),
        states=counts,
    )


@router.get("/board", tags=["board"])
def read_board(board: BoardHere, wanted: Filter, offset: Offset = 0, limit: Limit = 100) -> GridOut:
    """Shots with the newest job of each type."""
    return grid(board, wanted, offset=offset, limit=limit)


@router.get("/jobs", tags=["jobs"])
def list_jobs(board: BoardHere, wanted: Filter, offset: Offset = 0, limit: Limit = 100) -> LinesOut:
    """Jobs, newest first."""
    return jobs_page(board, wanted, offset=offset, limit=limit)


@router.get("/jobs/{job}", tags=["jobs"])
def read_job(board: BoardHere, job: JobName) -> JobPageOut:
    """Where a job stands, as the database knows it; what it published, and where its farm shows it."""
    from ...pipeline.store.catalog import versions_of_job  # noqa: PLC0415 - heavy: SQLAlchemy
    from .published import versions_out  # noqa: PLC0415 - it imports this

    found = board.job(job)
    status = status_out(board.studio, found)
    with board.database.read() as connection:
        board.seen.look(connection)
    ask = board.seen.jobs.get(found.handle)
    farm = None
    if found.engine != "local" and found.engine_job_id:
        page = board.farm_pages.get(found.engine)
        farm = FarmOut(engine=found.engine, id=found.engine_job_id, url=page.of(found.engine_job_id) if page else "")
    return JobPageOut(
        **dict(status),
        farm=farm,
        shots=ask.entities[:SHOTS_SHOWN] if ask else (),
        versions=versions_out(board, versions_of_job(board.database, found.id)[:SHOTS_SHOWN]),
    )


@router.get("/jobs/{job}/tasks", tags=["jobs"])
def list_tasks(
    board: BoardHere, job: JobName, states: Annotated[list[State], Query(alias="state", default_factory=list)]
) -> TasksOut:
    """Tasks of a job, in step and frame order."""
    from ...pipeline.store.jobs import tasks_of  # noqa: PLC0415 - heavy: SQLAlchemy

    found = board.job(job)
    tasks = [task for task in tasks_of(board.database, found.id) if not states or task.state in states]
    return TasksOut(job=found.handle, tasks=tuple(task_out(task) for task in tasks))


@router.get("/jobs/{job}/log", tags=["jobs"])
def read_log(
    board: BoardHere,
    job: JobName,
    step: ShortText = "",
    frames: ShortText = "",
    attempt: Annotated[int | None, Query(ge=1, le=10_000)] = None,
    lines: Annotated[int, Query(ge=1, le=MOST_LINES)] = 50,
) -> LogOut:
    """The end of a log: of the task that is asked for, else the first that failed, else that runs, else the last."""
    from ...farm_plugins.stored import StoredJobs  # noqa: PLC0415 - heavy: SQLAlchemy
    from ...pipeline.store.jobs import tasks_of  # noqa: PLC0415 - same

    found = board.job(job)
    tasks = [task for task in tasks_of(board.database, found.id) if matches(task, step, frames)]
    if not tasks:
        raise NotFoundError(f"{found.handle} has no such task", hint=f"shotmill tasks {found.handle}")
    chosen = most_telling(tasks)
    stored = StoredJobs(board.studio.settings, board.database)  # a farm that is asked would be reconciled
    said: list[str] = []
    note = ""
    try:
        said = stored.logs(found.id, step=chosen.step, frames=chosen.frames, attempt=attempt).splitlines()
    except NotFoundError as error:
        if step or frames or attempt:
            raise
        note = error.message if chosen.attempts else "no task of it has begun"
    return LogOut(
        job=found.handle,
        step=chosen.step,
        frames=chosen.frames,
        attempt=attempt,
        lines=tuple(said[-lines:]),
        cut=len(said) > lines,
        note=note,
    )


@router.get("/types", tags=["jobs"])
def list_types(board: BoardHere) -> TypesOut:
    """Job types that may be submitted, with the JSON Schema of their parameters."""
    allowed = board.studio.settings.job_types
    found = [find_job_type(name, allowed=allowed) for name in job_type_names(allowed=allowed)]
    return TypesOut(
        types=tuple(TypeOut(name=one.name, summary=one.summary, params=one.params.model_json_schema()) for one in found)
    )


@router.get("/projects", tags=["projects"])
def list_projects(board: BoardHere) -> ProjectsOut:
    """All projects."""
    from ...pipeline.store.productions import projects  # noqa: PLC0415 - heavy: SQLAlchemy

    rows = projects(board.database)
    return ProjectsOut(projects=tuple(ProjectOut(**{**_fields(row), "id": str(row.id)}) for row in rows))


def _fields(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("code", "name", "shots", "created")}


@router.get("/projects/{project}/shots", tags=["projects"])
def list_shots(board: BoardHere, project: NameText, cut: ShortText = "") -> ShotsOut:
    """Shots of a project by name, or those that a cut uses, in its order."""
    return shots_out(board.studio, project, cut or None)
