"""Requests that change something: the operations of the command line, no others."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from ...schema.errors import BadRequestError, ParamsError
from ...schema.media import Rate
from ...schema.output import IngestOut, PlanOut, ReconcileOut, RetryOut, SubmitOut
from ..asking import cancel_job, retry_job
from ..cli.commands.change import reconciled
from ..cli.estimates import estimate_of
from ..cli.forms import owner_of
from ..documents import ingest_out, plan_out, submit_out
from .documents import ChangedOut, CutAsked, NameText, PlanAsked, ProjectAsked, ProjectOut, RetryAsked, SubmitAsked
from .looking import BoardHere, JobName
from .place import Board
from .problems import TOLD

if TYPE_CHECKING:
    from ...farm_plugins.submission import SubmitRequest

router = APIRouter(prefix="/api", responses=TOLD)  # type: ignore[arg-type]


@router.post("/projects", tags=["projects"], status_code=201)
def create_project(board: BoardHere, given: ProjectAsked) -> ProjectOut:
    """Make a project; one that is there already is answered with."""
    from ...pipeline.store.audit import record  # noqa: PLC0415 - heavy: SQLAlchemy
    from ...pipeline.store.entities import ensure_project  # noqa: PLC0415 - same
    from ...pipeline.store.productions import projects  # noqa: PLC0415 - same
    from ...schema.names import check_name  # noqa: PLC0415 - one use

    code = check_name(given.code, field="code")
    there = {row.code for row in projects(board.database)}
    if code not in there:
        with board.database.write() as connection:
            ensure_project(connection, code)
            record(connection, "create-project", code, actor=board.studio.settings.login)
    [row] = [row for row in projects(board.database) if row.code == code]
    return ProjectOut(id=str(row.id), code=row.code, name=row.name, shots=row.shots, created=row.created)


@router.put("/projects/{project}/cuts/{cut}", tags=["projects"])
def ingest_cut(board: BoardHere, project: NameText, cut: NameText, given: CutAsked) -> IngestOut:
    """Put a cut into the database as its next version; the same content again adds nothing.

    It is parsed in a child process of its own, whose time and memory are limited. Media paths must be absolute.
    """
    from ...pipeline.ingest import IngestOptions, ingest  # noqa: PLC0415 - heavy: SQLAlchemy

    try:
        rate = Rate.parse(given.rate) if given.rate is not None else None
    except ValueError as error:
        raise ParamsError(str(error), field="rate") from error
    user = board.studio.settings.login
    options = IngestOptions(pattern=given.pattern, user=user) if given.pattern else IngestOptions(user=user)
    with tempfile.TemporaryDirectory(prefix="shotmill-cut-") as folder:
        path = Path(folder) / given.file
        path.write_bytes(given.content.encode("utf-8", "surrogatepass"))
        report = ingest(board.database, path, project=project, cut=cut, rate=rate, options=options)
    return ingest_out(report)


@router.post("/plan", tags=["jobs"])
def plan_job(board: BoardHere, given: PlanAsked) -> PlanOut:
    """Say what a submit would do, without doing it."""
    from ...farm_plugins.submission import plan  # noqa: PLC0415 - heavy: SQLAlchemy

    made = plan(_request(board, given), board.studio.settings, board.database)
    return plan_out(board.studio, made, estimate_of(board.studio, made.spec))


@router.post("/jobs", tags=["jobs"], status_code=201, responses={200: {"model": SubmitOut}})
def submit_job(board: BoardHere, given: SubmitAsked, response: Response) -> SubmitOut:
    """Submit a job: 201 when it is new; 200 with the one that the same token, or the same inputs, made before."""
    from ...farm_plugins.engines import engine_names  # noqa: PLC0415 - one use
    from ...farm_plugins.submission import submit  # noqa: PLC0415 - heavy: SQLAlchemy

    where = board.studio
    if given.engine and given.engine not in engine_names():
        known = ", ".join(engine_names())
        raise BadRequestError(f"there is no engine {given.engine!r}; known: {known}", field="engine")
    with where.ready_engine(given.engine) as engine:
        made = submit(_request(board, given), settings=where.settings, database=board.database, engine=engine)
    response.status_code = 201 if made.is_new else 200
    return submit_out(where, made)


def _request(board: Board, given: PlanAsked) -> SubmitRequest:
    from ...farm_plugins.submission import SubmitRequest  # noqa: PLC0415 - heavy: SQLAlchemy

    project = given.project or board.studio.settings.project
    return SubmitRequest(
        job_type=given.type,
        params=given.params,
        plates=given.plates,
        cut=given.cut,
        project=project,
        owner=owner_of(project, given.shot, given.asset),
        priority=given.priority,
        comment=given.comment,
        allow_holes=given.allow_holes,
        force=given.force,
        token=str(getattr(given, "token", None) or ""),
        queue=isinstance(given, SubmitAsked) and given.queue,
    )


@router.post("/jobs/{job}/cancel", tags=["jobs"])
def cancel(board: BoardHere, job: JobName) -> ChangedOut:
    """End a job, as ``shotmill cancel`` does: what waits now, what runs within its grace period."""
    found = board.job(job)
    grace = f"cancelling {found.handle}; what runs has {board.studio.settings.grace_s:g} s to end"
    done = cancel_job(board.studio, found)
    text = grace if done else f"{found.handle} is {found.state} already; nothing to do"
    return ChangedOut(job=found.handle, state=board.job(str(found.id)).state, text=text)


@router.post("/jobs/{job}/retry", tags=["jobs"])
def retry(board: BoardHere, job: JobName, given: RetryAsked) -> RetryOut:
    """Run failures again, as ``shotmill retry`` does."""
    found = board.job(job)
    return retry_job(board.studio, found, None, only=given.only, exclude_host=given.exclude_host, dry_run=given.dry_run)


@router.post("/jobs/{job}/reconcile", tags=["jobs"])
def reconcile(board: BoardHere, job: JobName) -> ReconcileOut:
    """Ask a job's farm where it stands, as ``shotmill reconcile`` does; nothing is brought home."""
    found = board.job(job)
    return ReconcileOut(jobs=reconciled(board.studio, [found]) if found.engine != "local" else ())
