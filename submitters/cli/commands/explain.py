"""``explain`` and ``schema``: what a code means, why a job stands where it stands, what a document looks like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....schema.errors import NotFoundError, ShotmillError, error_kinds
from ....schema.names import counted
from ....schema.output import DOCUMENTS, ExplainOut
from ....schema.states import State
from ..output import age, json_option, print_json
from ..studio import Studio, studio
from ..verdicts import MENDS, verdict_of

if TYPE_CHECKING:
    from ....pipeline.store.jobs import JobRow, StepRow

SHOWN = 10

EXIT_CODES = """\
0    done, or it was done before
1    the work failed
64   the request is wrong; nothing was submitted
65   the data is wrong: a frame is missing, cut off or changed
69   something this machine needs is not there
70   a fault of Shotmill itself
75   try again later
124  wait --timeout ran out; the job goes on
130  interrupted with Ctrl-C; a job that was submitted goes on"""


@click.command(
    "explain", help="Explain an error code (E204), a job (why it stands where it stands), codes or exit-codes."
)
@click.argument("subject")
@json_option
@click.pass_context
def explain_command(ctx: click.Context, subject: str, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Explain a code or a job."""
    kinds = error_kinds()
    if subject.upper() in kinds:
        found = _code(kinds[subject.upper()])
    elif subject == "exit-codes":
        found = ExplainOut(subject=subject, text=EXIT_CODES)
    elif subject == "codes":
        lines = [f"{code}  {kinds[code].slug:<20}{_says(kinds[code])}" for code in sorted(kinds)]
        found = ExplainOut(subject=subject, text="\n".join(lines), next="shotmill explain CODE")
    elif subject[:1].upper() == "E" and subject[1:].isdecimal():
        raise NotFoundError(
            f"there is no code {subject}; known: {', '.join(sorted(kinds))}", hint="shotmill explain codes"
        )
    else:
        from ....pipeline.store.jobs import steps_of

        where = studio(ctx)
        job = where.job(subject)
        steps = steps_of(where.database, job.id)
        verdict, following = verdict_of(job, steps)
        found = ExplainOut(subject=job.handle, text="\n".join([verdict, *_why(where, job, steps)]), next=following)
    if as_json:
        print_json(found)
        return
    print(found.text)
    if found.next:
        print(f"next: {found.next}")


def _says(kind: type[ShotmillError]) -> str:
    if kind is ShotmillError:
        return "a fault of Shotmill itself."
    return (kind.__doc__ or "").strip().splitlines()[0]


def _code(kind: type[ShotmillError]) -> ExplainOut:
    again = "a retry may help" if kind.retryable else "a retry does not help until the cause is mended"
    text = f"{kind.code} {kind.slug}: {_says(kind)}\nexit code {kind.exit_code}; {again}"
    return ExplainOut(subject=kind.code, text=text, next=MENDS[kind.code])


def _why(where: Studio, job: JobRow, steps: list[StepRow]) -> list[str]:
    """Why a job stands where it stands, a line a reason."""
    from ....pipeline.store.engines import engines
    from ....pipeline.store.jobs import job_spec, tasks_of

    spec = job_spec(where.database, job.id)
    done = {step.name for step in steps if step.state is State.SUCCEEDED}
    lines = []
    for step in steps:
        missing = [name for name in spec.step(step.name).after if name not in done]
        if step.state is State.SUCCEEDED:
            lines.append(f"{step.name}: done")
        elif missing:
            lines.append(f"{step.name}: waits for {', '.join(missing)}")
        else:
            lines.append(f"{step.name}: {step.state}, {step.done} of {counted(step.tasks, 'task')} done")
    going = [task for task in tasks_of(where.database, job.id) if task.state is State.RUNNING]
    lines += [
        f"running: {task.step} {task.frames} on {task.host} for {age(task.started)}, attempt {task.attempts}"
        for task in going[:SHOWN]
    ]
    local = job.engine == "local"
    if local and not job.state.is_final and not any(one.is_alive for one in engines(where.database)):
        lines.append("no engine runs; shotmill watch starts one")
    return lines


SCHEMA_FOLDER = Path(__file__).resolve().parents[3] / "schema" / "json"


def schema_text(name: str) -> str:
    """The JSON Schema of a document, as it is shipped."""
    schema = DOCUMENTS[name].model_json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


@click.command("schema", help="Print the JSON Schema of a document; without a name, list them.")
@click.argument("name", required=False)
@click.option("--write", is_flag=True, hidden=True, help="write all of them into the checkout")
def schema_command(name: str | None, write: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Print a schema."""
    if write:
        SCHEMA_FOLDER.mkdir(exist_ok=True)
        for each in DOCUMENTS:
            (SCHEMA_FOLDER / f"{each}.json").write_text(schema_text(each), encoding="utf-8")
    elif name is None:
        print("\n".join(DOCUMENTS))
    elif name in DOCUMENTS:
        print(schema_text(name), end="")
    else:
        raise NotFoundError(f"there is no document {name!r}; known: {', '.join(DOCUMENTS)}", hint="shotmill schema")
