"""Submitting: from what somebody typed to a job that runs, the same way for every submitter and every engine.

Two phases: the job is put into the database under its client token, then its bundle is handed to the engine, then the
engine's id is stored. Whoever dies in between leaves a job that the next submit of the same inputs finds and completes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from ..jobs import find_job_type
from ..pipeline.colour_hash import config_hash
from ..pipeline.colour_kept import Colouring
from ..pipeline.folders import JobFolder
from ..pipeline.hooks import choose
from ..pipeline.marks import mark_clip
from ..pipeline.paths import load_templates
from ..pipeline.settings import Settings
from ..pipeline.tools import StudioTools
from ..schema.checks import check_spec
from ..schema.errors import BadRequestError, EngineUnreachableError, ParamsError
from ..schema.ids import job_handle, uuid7
from ..schema.job import (
    PUBLISH_TASK,
    ClipParams,
    Destination,
    InputMark,
    JobSpec,
    JobType,
    Params,
    Plan,
    Priority,
    Refined,
    Step,
)
from ..schema.media import EntityRef
from ..schema.names import MAX_JOB_NAME, check_name
from ..schema.pictures import LookParams, StillParams
from .asking import AT_SUBMIT, ask_before, frozen, tell_after
from .colouring import Coloured, coloured
from .filling import (
    check_picks,
    filled_params,
    place_of,
    reason_of,
    validated,
    with_counted_movies,
    with_frames_there,
)
from .inputs import check_colours, check_folders, check_holes, contents_of, hashes_of, job_key, mark_file, weights_of
from .plates import other_sources, plate_asset
from .refining import refined_params
from .taking import told_taken, with_taken

if TYPE_CHECKING:
    from ..pipeline.store import Database
    from ..pipeline.store.jobs import JobRow
    from .engine import Engine
    from .farm_engine import FarmEngine

Report = Callable[[str, int, int], None]  # a stage, how much of it is done, and how much there is


def unheard(stage: str, done: int, total: int) -> None:
    """Nobody wants to know how far it is."""
    del stage, done, total


@dataclass(frozen=True)
class SubmitRequest:
    """What somebody asks for.

    Attributes:
        job_type: its name.
        params: what was filled in; clips are added from ``plates`` or ``cut``.
        plates: paths of media.
        cut: name of an ingested cut of the project.
        uses: names of the cut's clips that are meant, such as ``sq010/sh010#2``; empty: all of them.
        project: empty: the settings' project.
        owner: the shot or asset that results belong to, for one plate.
        force: make a new job, and a new version, although one with the same inputs is there.
        queue: keep the job, and send it later, when its farm does not answer.
        later: do not wait for the farm at all: the job is kept, and handed over in the background.
        token: client token, a UUID; the same token again finds the same job. Empty: a new one.
        destination: where to publish; None: as the settings say.
    """

    job_type: str
    params: Mapping[str, Any] = field(default_factory=dict)
    plates: Sequence[str] = ()
    cut: str = ""
    uses: Sequence[str] = ()
    project: str = ""
    owner: EntityRef | None = None
    priority: Priority = Priority.NORMAL
    comment: str = ""
    allow_holes: bool = False
    force: bool = False
    queue: bool = False
    later: bool = False
    token: str = ""
    destination: Destination | None = None


class Submitted(NamedTuple):
    """What became of a request.

    Attributes:
        job: the job, new or found.
        is_new: whether this request made it.
        tasks: how many tasks it has.
        warnings: what the submitter should know, such as clips that are offline.
    """

    job: JobRow
    is_new: bool
    tasks: int
    warnings: tuple[str, ...] = ()


def plan(
    request: SubmitRequest, settings: Settings, database: Database | None = None, *, report: Report = unheard
) -> Plan:
    """Everything a submit would do, without writing anything.

    Args:
        request: what is asked for.
        settings: of this machine.
        database: needed to look up a cut; with one, it is told where a product was made from another plate.
        report: is told a stage, and how many plates of how many are done.

    Raises:
        BadRequestError: the request is wrong; names the field, the rule and the fix.
        UnknownJobTypeError: there is no such job type.
        FramesMissingError: the results would lack frames that their source does not have.
    """
    report("check", 0, len(request.plates))
    made = understood(request, settings, database)
    job_type, project, params, colouring = made.job_type, made.project, made.params, made.colouring
    inputs = _marks(params, report)
    as_json = params.model_dump(mode="json")
    colour = config_hash(colouring.config) if job_type.reads_pixels else None
    look = _look(as_json, settings) if job_type.reads_pixels and job_type.grades is None else {}
    weights = weights_of(job_type, params, settings)
    decides = {**as_json, **look, **hashes_of(weights), **contents_of(colouring.files)}
    decides |= {"project": project, "holes": request.allow_holes}
    spec = _checked_spec(
        id=request.token or str(uuid7()),
        key=job_key(job_type, decides, inputs, colour),
        type=job_type.name,
        type_version=job_type.version,
        name=_job_name(job_type, params, request.cut),
        project=project,
        user=settings.login,
        comment=request.comment,
        priority=request.priority,
        params=as_json,
        steps=made.steps,
        inputs=inputs,
        colour_config=colouring.config if job_type.reads_pixels else None,
        colour_config_hash=colour,
        colour_files=colouring.files,
        display=settings.display,
        view=settings.view,
        destination=request.destination or _destination(made.steps, settings),
        allow_holes=request.allow_holes,
        weights=weights,
        files=made.files,
        sources=_sources(params),
        **frozen(choose(settings, job_type.name, project), made.steps),
    )
    check_folders(spec)
    spec = spec if request.force else with_taken(spec, job_type, database)
    warnings = [*made.warnings, *told_taken(spec)]
    if database is not None and isinstance(params, ClipParams) and request.plates and request.owner is None:
        warnings += other_sources(params.clips, spec, database=database)
    return Plan(spec, sum(len(step.chunks()) for step in spec.steps), tuple(warnings))


class Understood(NamedTuple):
    """A request whose parameters are filled in and checked.

    Attributes:
        files: checksums of those that its parameters name beside clips.
    """

    job_type: JobType[Any]
    project: str
    params: Params
    colouring: Coloured
    steps: Sequence[Step]
    files: dict[str, str]
    warnings: Sequence[str]


def understood(request: SubmitRequest, settings: Settings, database: Database | None) -> Understood:
    """Everything about a request that can be told without reading the content of its plates.

    Raises:
        BadRequestError, UnknownJobTypeError, FramesMissingError: as ``plan``.
    """
    job_type = find_job_type(request.job_type, allowed=settings.job_types)
    project = check_name(request.project or settings.project, field="project")
    given = refined_params(job_type, request.params, project=project, database=database)
    filled, warnings = filled_params(replace(request, params=given), job_type, project, database)
    files: dict[str, str] = {}
    params = validated(job_type, filled)
    if job_type.complete is not None:
        params = job_type.complete(params, StudioTools(settings))
    params = params.with_marks(lambda path: files.setdefault(path, mark_file(path)))
    if not request.plates:  # the holes of plates that were just found are known
        params = with_frames_there(params)
    if job_type.counts_movies:
        params = with_counted_movies(params)
    if request.plates and isinstance(params, StillParams):
        check_picks(params)
    if isinstance(params, LookParams) and job_type.grades is None:
        check_colours(params, settings)
    colouring = coloured(job_type, params, settings, database, cut=request.cut)
    params = colouring.params
    steps = _steps(job_type, params)
    if isinstance(params, ClipParams) and not request.allow_holes:
        check_holes(params, steps)
    notes = _checked(job_type, params, colouring.config, settings)
    return Understood(job_type, project, params, colouring, steps, files, (*warnings, *notes))


def _checked(job_type: JobType[Any], params: Params, config: str, settings: Settings) -> Sequence[str]:
    """What the job type has to say of what its tasks will do; raises what they would refuse."""
    tools = StudioTools(settings, colouring=Colouring(config, None, settings.display, settings.view))
    return (job_type.check(params, tools) if job_type.check else None) or ()


def submit(
    request: SubmitRequest, *, settings: Settings, database: Database, engine: Engine, report: Report = unheard
) -> Submitted:
    """Submit a job, or find the one that the same inputs already made.

    Raises:
        BadRequestError: the request is wrong, or a hook of the studio's refused it; nothing was submitted.
        MachineError: no machine is large enough; nothing was submitted.
        EngineError: the job is stored, but the engine did not take it; the same submit again goes on.
    """
    planned = plan(request, settings, database, report=report)
    spec = planned.spec
    report("store", 0, planned.tasks)
    _check(request, spec, engine)
    hooks = choose(settings, spec.type, spec.project).on(*AT_SUBMIT)
    ask_before(hooks, spec, engine=engine.name, job_id=_uuid(spec.id))
    made = _hand_in(request, planned, settings=settings, database=database, engine=engine)
    if not made.is_new:
        return made
    notes = tell_after(hooks, spec, engine=engine.name, handle=made.job.handle, folder=Path(made.job.folder))
    return made._replace(warnings=(*made.warnings, *notes))


def _hand_in(
    request: SubmitRequest, planned: Plan, *, settings: Settings, database: Database, engine: Engine
) -> Submitted:
    """Store a job and hand it to its engine, or find its equal and go on with that."""
    from ..pipeline.store.jobs import job_spec, put_job, set_engine_job  # noqa: PLC0415 - heavy: SQLAlchemy
    from .bundle import write_bundle  # noqa: PLC0415 - only submitting writes

    spec = planned.spec
    folder = settings.jobs_folder / job_handle(_uuid(spec.id))
    job, is_new = put_job(database, spec, engine=engine.name, folder=str(folder), force=request.force)
    warnings = planned.warnings
    if not is_new:  # perhaps somebody died between the two phases: go on with what they stored
        spec = job_spec(database, job.id)
        warnings += _elsewhere(job, before=spec, now=planned.spec)
    if job.engine == engine.name and not job.state.is_final:
        bundle = write_bundle(spec, JobFolder(Path(job.folder)))
        if farm := _in_the_background(request, engine):
            farm.submit_later(job.id)
            return Submitted(job, is_new, planned.tasks, (*warnings, f"{job.handle} is on its way to {engine.name}"))
        try:
            reference = engine.submit(spec, bundle)
        except EngineUnreachableError as error:
            if not request.queue:
                raise
            from ..pipeline.store.farmed import keep  # noqa: PLC0415 - seldom wanted

            keep(database, job.id)
            warnings += (f"{error.message}; {job.handle} is kept, and shotmill reconcile sends it",)
        else:
            if reference.engine_job_id != job.engine_job_id:
                set_engine_job(database, job.id, reference.engine_job_id)
    return Submitted(job, is_new, planned.tasks, warnings)


def _check(request: SubmitRequest, spec: JobSpec, engine: Engine) -> None:
    """Refuse what the engine would refuse; of a job that may be sent later, only what can be told without its farm."""
    if farm := _in_the_background(request, engine):
        farm.check_form(spec)
        return
    try:
        engine.check(spec)
    except EngineUnreachableError:  # it is checked when it is sent
        if not request.queue:
            raise


def _in_the_background(request: SubmitRequest, engine: Engine) -> FarmEngine | None:
    """The engine, where the job is to be handed over in the background and that can be done."""
    if not request.later:
        return None
    from .farm_engine import FarmEngine  # noqa: PLC0415 - heavy: all that is done about farms

    return engine if isinstance(engine, FarmEngine) else None


def _elsewhere(job: JobRow, *, before: JobSpec, now: JobSpec) -> tuple[str, ...]:
    """What to say of a job that was found, and that publishes to another place than it would if it were made now."""
    then, there = before.destination, now.destination
    if then is None or there is None or then.projects == there.projects:
        return ()
    return (f"{job.handle} publishes to {then.projects}, not to {there.projects}; --force publishes there anew",)


def _marks(params: Params, report: Report) -> tuple[InputMark, ...]:
    if not isinstance(params, ClipParams):
        return ()
    online = [clip for clip in params.clips if not clip.offline]
    marks = []
    for number, clip in enumerate(online):
        report("hash", number, len(online))
        marks.append(mark_clip(clip))
    return tuple(marks)


def _sources(params: Params) -> tuple[str, ...]:
    """The version that a job refines."""
    parent = getattr(params, "parent", None)
    return (parent.version_id,) if isinstance(parent, Refined) else ()


def _steps(job_type: JobType[Any], params: Params) -> tuple[Step, ...]:
    try:
        return tuple(job_type.steps(params))
    except ValidationError as error:
        place = f"{error.title}.{place_of(error)}"
        raise ParamsError(
            f"{job_type.name} cannot make steps of these parameters: {place}: {reason_of(error)}", field=place
        ) from error
    except ValueError as error:
        raise ParamsError(f"{job_type.name} cannot make steps of these parameters: {error}", field="params") from error


def _look(params: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """What pictures are made for, where it is not the OCIO config that decides: the params, else the settings."""
    chosen = {name: params.get(name) or getattr(settings, name) for name in ("display", "view")}
    return {name: value for name, value in chosen.items() if value}


def _destination(steps: Sequence[Step], settings: Settings) -> Destination | None:
    """Where the job is published; None: it is not."""
    if not any(step.task == PUBLISH_TASK for step in steps):
        return None
    return Destination(
        projects=str(settings.projects_folder),
        templates=load_templates(settings.paths).texts,
        targets=settings.targets,
    )


def _checked_spec(**values: Any) -> JobSpec:
    try:
        spec = JobSpec(**values)
    except ValidationError as error:
        raise ParamsError(f"{place_of(error)}: {reason_of(error)}", field=place_of(error)) from error
    check_spec(spec)
    return spec


def _job_name(job_type: JobType[Any], params: Params, cut: str) -> str:
    if cut:
        what = cut
    elif isinstance(params, ClipParams):
        what = plate_asset(params.clips[0].name, project="x").name
        what += f"_and_{len(params.clips) - 1}_more" if len(params.clips) > 1 else ""
    elif named := str(getattr(params, job_type.named_after or "named_after", "")):
        what = plate_asset(Path(named).stem, project="x").name
    else:
        what = "job"
    return f"{job_type.name}-{what}"[:MAX_JOB_NAME].rstrip(".-_")


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise BadRequestError(f"token {text[:80]!r} is no UUID; leave it out for a new one", field="token") from error
