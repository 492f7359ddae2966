"""``submit``, ``plan``, ``compile``, ``publish``: from a command line to a job."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....farm_plugins.deadline_cloud.hire import hire_early
from ....jobs import find_job_type, job_type_names
from ....schema.errors import EXIT_BAD_DATA, EXIT_TASK_ERROR
from ....schema.job import ClipParams, Plan, Priority
from ....schema.names import counted
from ....schema.states import State
from ...asking import cut_database, gone_of, versions_of
from ..estimates import estimate_of, show_estimate
from ..forms import owner_of, params_options, read_params
from ..output import json_option, listed, print_json, print_table
from ..studio import Studio, studio

if TYPE_CHECKING:
    from ....farm_plugins.submission import SubmitRequest, Submitted

_SHARED = [
    click.Option(["--cut"], default="", help="every shot of this ingested cut, instead of plates"),
    click.Option(["--project"], default="", help="project of the results; default: the setting 'project'"),
    click.Option(["--shot"], help="the shot that results belong to, SEQUENCE/SHOT"),
    click.Option(["--asset"], help="the asset that results belong to, KIND/NAME"),
    click.Option(["--param", "pairs"], multiple=True, metavar="NAME=VALUE", help="any parameter"),
    click.Option(["--params", "params_file"], type=click.Path(), help="JSON file of parameters"),
    click.Option(
        ["--priority"],
        type=click.Choice([one.value for one in Priority]),
        default="normal",
        help="who goes first; default: normal",
    ),
    click.Option(["--comment"], default="", help="why; it stays with the version"),
    click.Option(
        ["--allow-holes"], is_flag=True, help="publish without frames that are missing or eaten; they are listed"
    ),
    click.Option(["--force"], is_flag=True, help="a new job and version although the same inputs were done"),
    click.Option(["--json", "as_json"], is_flag=True, help="print JSON, for programs"),
]
_FROM_SESSION = click.Option(
    ["--from-session"],
    type=click.Path(path_type=Path),
    help="RV session (.rv): its plate, and what is painted on it as objects",
)
_SUBMIT_ONLY = [
    click.Option(["--engine"], default="", help="where it runs; default: the setting 'engine'"),
    click.Option(["--queue"], is_flag=True, help="keep the job when its farm does not answer; 'reconcile' sends it"),
    click.Option(
        ["--later"], is_flag=True, help="do not wait for the farm: the job is kept, and handed over in the background"
    ),
    click.Option(["--token"], default="", help="client token (UUID): the same token again finds the same job"),
    click.Option(["--wait"], is_flag=True, help="wait for the end, with progress"),
    click.Option(["--dry-run"], is_flag=True, help="show what would be done, and do nothing"),
]


class JobTypeGroup(click.Group):
    """One subcommand a job type, made from its parameters."""

    def __init__(self, name: str, action: Callable[..., Any], extra: list[click.Option], **more: Any) -> None:
        super().__init__(name, subcommand_metavar="TYPE [ARGS]...", **more)
        self._action = action
        self._extra = extra

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All job types that may be used."""
        return job_type_names(allowed=studio(ctx).settings.job_types)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The subcommand of one job type."""
        job_type = find_job_type(cmd_name, allowed=studio(ctx).settings.job_types)
        reads_clips = issubclass(job_type.params, ClipParams)
        plates: list[click.Parameter] = [click.Argument(["plates"], nargs=-1)] if reads_clips else []
        own = params_options(job_type)
        names = {entry.name for entry in own}
        own += [_FROM_SESSION] if "objects" in names else []
        shared = [option for option in _SHARED if option.name not in names]
        return click.Command(
            cmd_name,
            params=[*plates, *own, *shared, *self._extra],
            callback=click.pass_context(self._action),
            help=f"{job_type.summary}.",
        )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names with their summaries."""
        allowed = studio(ctx).settings.job_types
        rows = [(name, find_job_type(name, allowed=allowed).summary) for name in self.list_commands(ctx)]
        with formatter.section("Job types"):
            formatter.write_dl(rows)


def _request(ctx: click.Context, given: dict[str, Any], job_type: str = "") -> SubmitRequest:
    from ....farm_plugins.submission import SubmitRequest

    where = studio(ctx)
    shared = {option.name: given.pop(str(option.name), None) for option in _SHARED}
    plates, session = given.pop("plates", ()), given.pop("from_session", None)
    project = shared["project"] or where.settings.project
    params = read_params(given, shared["pairs"] or (), shared["params_file"])
    if session is not None:
        plates, params = _with_session(where, session, plates, params)
    return SubmitRequest(
        job_type=job_type or str(ctx.info_name),
        params=params,
        plates=plates,
        cut=shared["cut"] or "",
        project=project,
        owner=owner_of(project, shared["shot"], shared["asset"]),
        priority=Priority(shared["priority"] or "normal"),
        comment=shared["comment"] or "",
        allow_holes=bool(shared["allow_holes"]),
        force=bool(shared["force"]),
        token=given.pop("token", "") or "",
    )


def _with_session(
    where: Studio, session: Path, plates: Sequence[str], params: dict[str, Any]
) -> tuple[list[str], dict[str, Any]]:
    """The plate of an RV session, and parameters with what is painted on it; what was typed comes after it."""
    from ....pipeline.tools import StudioTools
    from ...rv.probing import session_of
    from ...rv.session import marked_plate

    plate = marked_plate(session_of(session, StudioTools(where.settings)), plates)
    for problem in plate.problems:
        click.echo(f"note: {problem}", err=True)
    objects = [one.model_dump(mode="json", exclude_defaults=True) for one in plate.objects]
    typed = params.get("objects", [])
    found = {"frames": str(plate.frames)} if plate.frames else {}
    return [plate.path], {**found, **params, "objects": [*objects, *(typed if isinstance(typed, list) else [typed])]}


def _submit(ctx: click.Context, **given: Any) -> int:
    as_json = given["as_json"]
    engine, wait = given.pop("engine"), given.pop("wait")
    token, queue, later = given.pop("token"), given.pop("queue"), given.pop("later")
    if given.pop("dry_run"):
        return _plan(ctx, **given)
    later = (later or studio(ctx).settings.submit_later) and not wait
    if not later:
        hire_early(engine or studio(ctx).settings.engine)
    request = replace(_request(ctx, given), token=token, queue=queue, later=later)
    return submit_and_tell(studio(ctx), request, engine=engine, wait=wait, as_json=as_json)


def submit_and_tell(where: Studio, request: SubmitRequest, *, engine: str = "", wait: bool, as_json: bool) -> int:
    """Submit, say what became of it, and wait if asked to; the exit code."""
    from ....farm_plugins.submission import submit

    with nullcontext(where.engine(engine)) if request.later else where.ready_engine(engine) as ready:
        made = submit(request, settings=where.settings, database=where.database, engine=ready)
    gone = gone_of(where, made)
    if gone and as_json:
        made = made._replace(warnings=(*made.warnings, f"the files of {listed(gone)} are gone"))
    for warning in made.warnings:
        click.echo(f"note: {warning}", err=True)
    if not as_json:
        _tell(where, made, gone)
    if wait and not made.job.state.is_final:
        from ..follow import follow

        code = follow(where, made.job.id, quiet=as_json)
        if not as_json:
            return code
        _print_made(where, made)
        return code
    if as_json:
        _print_made(where, made)
    if gone:
        return EXIT_BAD_DATA
    return EXIT_TASK_ERROR if wait and made.job.state is not State.SUCCEEDED else 0


def _print_made(where: Studio, made: Submitted) -> None:
    from ...documents import submit_out

    print_json(submit_out(where, made))


def _tell(where: Studio, made: Submitted, gone: list[str]) -> None:
    job = made.job
    if made.is_new:
        print(f"submitted {job.handle}: {job.name}, {counted(made.tasks, 'task')}, on {job.engine}")
        return
    versions = versions_of(where, made.job.id)
    if gone:
        what = "its files are gone" if len(versions) == 1 else f"the files of {listed(gone)} are gone"
        print(f"already published as {listed(versions)} ({job.handle}), but {what}; 0 tasks run.")
        print(f"next: shotmill verify {gone[0]}; or submit again with --force for a new version")
    elif job.state.is_final and versions:
        print(f"already published as {listed(versions)} ({job.handle}); 0 tasks run. Use --force for a new version.")
    elif job.state.is_final:
        print(f"already done by {job.handle} ({job.state}); 0 tasks run. Use --force to do it again.")
    else:
        print(f"already {job.state} as {job.handle} (same inputs). Use --force for a new version.")


def _plan(ctx: click.Context, **given: Any) -> int:
    from ....farm_plugins.submission import plan

    as_json = given["as_json"]
    where = studio(ctx)
    request = _request(ctx, given)
    made = plan(request, where.settings, cut_database(where, request))
    guess = estimate_of(where, made.spec)
    if as_json:
        from ...documents import plan_out

        print_json(plan_out(where, made, guess))
    else:
        _show_plan(where, made)
        show_estimate(where.settings, made.spec, guess)
    return 0


def _show_plan(where: Studio, made: Plan) -> None:
    from ...upcoming import next_versions

    spec = made.spec
    for warning in made.warnings:
        click.echo(f"note: {warning}", err=True)
    print(f"{spec.type}  {spec.name}  project {spec.project}  {counted(made.tasks, 'task')}")
    rows = [
        [step.name, str(len(step.chunks())), str(step.frames), _needs(step.needs.model_dump()), ", ".join(step.after)]
        for step in spec.steps
    ]
    print_table(["STEP", "TASKS", "FRAMES", "NEEDS", "AFTER"], rows, empty="no steps")
    for one in next_versions(where, spec):
        number = "" if one.version is None else f" v{one.version:03d}"
        print(f"publishes {one.project}/{one.entity}/{one.product}{number}")


def _needs(needs: dict[str, int]) -> str:
    words = [f"{needs['cpu']} cpu", f"{needs['memory_mib']} MiB"]
    if needs["gpu"]:
        words.append(f"{needs['gpu']} gpu {needs['gpu_memory_mib']} MiB")
    return " ".join(words)


def _compile(ctx: click.Context, **given: Any) -> int:
    from ....farm_plugins.bundle import write_bundle
    from ....farm_plugins.submission import plan
    from ....pipeline.folders import JobFolder

    out, as_json = Path(given.pop("out")).absolute(), given["as_json"]
    where = studio(ctx)
    request = _request(ctx, given)
    made = plan(request, where.settings, cut_database(where, request))
    bundle = write_bundle(made.spec, JobFolder(out))
    paths = [str(bundle / name) for name in ("template.json", "job.json")]
    print(json.dumps(paths) if as_json else "\n".join(paths))
    return 0


_OUT = click.Option(
    ["--out"], type=click.Path(), required=True, help="folder that gets bundle/template.json and job.json"
)

submit_command = JobTypeGroup("submit", _submit, _SUBMIT_ONLY, help="Submit a job.", no_args_is_help=True)
plan_command = JobTypeGroup("plan", _plan, [], help="Show what a submit would do.", no_args_is_help=True)
compile_command = JobTypeGroup("compile", _compile, [_OUT], help="Write a job's OpenJD bundle.", no_args_is_help=True)


@click.command("publish", help="Publish files that exist as a new version of a product.")
@click.argument("path")
@click.option("--shot", help="the shot they belong to, SEQUENCE/SHOT")
@click.option("--asset", help="the asset they belong to, KIND/NAME")
@click.option("--product", required=True, help="name of the product, such as comp or matte")
@click.option("--project", default="", help="default: the setting 'project'")
@click.option("--kind", help="kind of product, such as image, movie or matte; default: image")
@click.option("--colourspace", help="colour space of the pixels; default: found from the file")
@click.option("--comment", default="", help="why; it stays with the version")
@click.option("--allow-holes", is_flag=True, help="publish although frames are missing or were eaten; they are listed")
@click.option("--force", is_flag=True, help="a new version although the same files were published")
@click.option("--no-wait", is_flag=True, help="return at once")
@json_option
@click.pass_context
def publish_command(ctx: click.Context, /, **given: Any) -> int:
    """Submit the job type ``publish`` and wait for it."""
    from ....farm_plugins.submission import SubmitRequest

    where = studio(ctx)
    project = given["project"] or where.settings.project
    params = {name: given[name] for name in ("product", "kind", "colourspace") if given[name]}
    request = SubmitRequest(
        job_type="publish",
        params=params,
        plates=[given["path"]],
        project=project,
        owner=owner_of(project, given["shot"], given["asset"]),
        comment=given["comment"],
        allow_holes=given["allow_holes"],
        force=given["force"],
    )
    return submit_and_tell(where, request, wait=not given["no_wait"], as_json=given["as_json"])
