"""``validate``, ``plan``, ``submit``: a job that a host's form asks for."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from ...farm_plugins import submission
from ...farm_plugins.filling import problems_of
from ...farm_plugins.submission import SubmitRequest, understood
from ...jobs import find_job_type
from ...schema.errors import BadRequestError, ShotmillError
from ...schema.job import ClipParams, JobType
from ...schema.output import SubmitOut
from ...schema.rpc import Asked, DoneBefore, PlannedOut, ProblemOut, ValidateOut
from ..asking import cut_database
from ..cli.estimates import estimate_of
from ..cli.forms import owner_of
from ..documents import plan_out, submit_out
from .places import mapped_params, mapped_path
from .records import keep_question
from .serve import Asking

if TYPE_CHECKING:
    from ...pipeline.store import Database

CLIPS, PLATES = "clips", "plates"
A_CLIP = {"name": "plate", "media": "/plate.exr"}


def validate(args: Asked, asking: Asking) -> ValidateOut:
    """Tell everything that can be told to be wrong without reading any picture."""
    try:
        request = _request(args, asking)
        job_type = find_job_type(request.job_type, allowed=asking.studio.settings.job_types)
    except ShotmillError as error:
        return _told([_problem(error)])
    problems = _params_problems(job_type, request)
    try:
        if not problems:
            understood(request, asking.studio.settings, cut_database(asking.studio, request))
        elif request.plates:
            _find(request)
    except ShotmillError as error:
        problems.append(_problem(error))
    return _told(problems)


def _told(problems: list[ProblemOut]) -> ValidateOut:
    return ValidateOut(ok=not problems, problems=tuple(problems))


def _problem(error: ShotmillError) -> ProblemOut:
    field = error.fields.get("field", "")
    if not field and "path" in error.fields:
        field = PLATES
    return ProblemOut(
        field=PLATES if field == CLIPS else field, message=error.message, hint=error.hint, code=error.code
    )


def _params_problems(job_type: JobType[Any], request: SubmitRequest) -> list[ProblemOut]:
    """Everything that is wrong with what was filled in, whatever is wrong with the plates."""
    params = dict(request.params)
    if issubclass(job_type.params, ClipParams) and CLIPS not in params:
        params[CLIPS] = [A_CLIP | {"name": f"plate{number}"} for number in range(max(1, len(request.plates)))]
    problems = [_problem(error) for error in problems_of(job_type, params)]
    asks = issubclass(job_type.params, ClipParams) and not (request.cut or params.get("refine"))
    if asks and not request.plates and CLIPS not in request.params:
        error = BadRequestError(f"{job_type.name} needs something to read; give a plate, or a cut", field=PLATES)
        problems.append(_problem(error))
    return problems


def _find(request: SubmitRequest) -> None:
    """Raises: ShotmillError: a plate is not there, or means nothing."""
    from ...farm_plugins.plates import clips_of_plates

    clips_of_plates(request.plates, project=request.project, owner=request.owner)


def plan(args: Asked, asking: Asking) -> PlannedOut:
    """Tell what a submit would do.

    Raises:
        BadRequestError: the job would be refused; names the field.
    """
    where, request = asking.studio, _request(args, asking)
    database = cut_database(where, request)
    made = submission.plan(request, where.settings, database, report=asking.speaker.progress)
    told = plan_out(where, made, estimate_of(where, made.spec))
    return PlannedOut(
        **{name: getattr(told, name) for name in type(told).model_fields},
        projects=str(where.settings.projects_folder),
        done_before=_done_before(asking, made.spec.key),
    )


def _done_before(asking: Asking, key: str) -> DoneBefore | None:
    database = asking.studio.known_database
    if database is None:
        return None
    from ...pipeline.store.twins import job_of_key

    job = job_of_key(database, key)
    if job is None:
        return None
    return DoneBefore(job=job.handle, state=job.state, versions=tuple(_addresses(database, job.id)))


def _addresses(database: Database, job_id: Any) -> list[str]:
    from ...pipeline.store.catalog import versions_of_job

    return [version.address for version in versions_of_job(database, job_id)]


def submit(args: Asked, asking: Asking) -> SubmitOut:
    """Submit, or find the job that the same question, or the same inputs, made before.

    Raises:
        BadRequestError: the job is refused; nothing was submitted.
        EngineError: the job is stored, but its engine did not take it; the same question again goes on.
    """
    from ...farm_plugins.deadline_cloud.hire import hire_early

    where, request = asking.studio, _request(args, asking)
    if not request.later:
        hire_early(args.engine or where.settings.engine)
    with nullcontext(where.engine(args.engine)) if request.later else where.ready_engine(args.engine) as ready:
        made = submission.submit(
            request, settings=where.settings, database=where.database, engine=ready, report=asking.speaker.progress
        )
    for warning in made.warnings:
        asking.speaker.warning(warning)
    keep_question(made.job, asking)
    return submit_out(where, made)


def _request(args: Asked, asking: Asking) -> SubmitRequest:
    """What was asked for, in the paths of this machine.

    Raises:
        BadRequestError: a plate's path is none of this machine.
    """
    settings = asking.studio.settings
    project = args.project or settings.project
    job_type = find_job_type(args.job_type, allowed=settings.job_types)
    return SubmitRequest(
        job_type=args.job_type,
        params=mapped_params(args.params, job_type, settings.path_map),
        plates=tuple(mapped_path(plate, settings.path_map, field=PLATES) for plate in args.plates),
        cut=args.cut,
        project=project,
        owner=owner_of(project, args.shot or None, args.asset or None),
        priority=args.priority,
        comment=args.comment,
        allow_holes=args.allow_holes,
        force=args.force,
        queue=args.queue,
        later=args.later or settings.submit_later,
        token=asking.id,
    )
