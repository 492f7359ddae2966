"""Checks of a whole job before any engine sees it.

Farms refuse late and vaguely; these name the field, the rule and the fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .errors import BadRequestError, GraphError, NameRuleError
from .job import JobSpec, OutputSpec, Step
from .names import MAX_JOB_NAME, MAX_TEXT, check_name, check_text

MAX_STEPS = 200
MAX_TASKS = 100_000  # OpenCue: frames in a job
MAX_RANGE_TEXT = 4000  # OpenCue: width of the range column
MAX_DOCUMENT = 64 * 1024 * 1024
MIN_STEP_NAME = 3  # OpenCue refuses layer names that are shorter


def check_spec(spec: JobSpec) -> None:
    """Refuse a job that some engine would refuse, cut short or misread.

    Raises:
        GraphError: steps wait for each other in a circle, or for a step that is not there.
        NameRuleError: a name or text breaks a rule.
        BadRequestError: a bound is passed.
    """
    check_name(spec.name, field="job name", max_length=MAX_JOB_NAME)
    _check_steps(spec.steps)
    _check_graph(spec.steps)
    _check_products(spec.steps)
    for field, text in _texts(spec.params, "params"):
        check_text(text, field=field, max_length=4 * MAX_TEXT)


def _check_steps(steps: Sequence[Step]) -> None:
    if not steps:
        raise BadRequestError("the job has no steps; its job type must give at least one", field="steps")
    if len(steps) > MAX_STEPS:
        raise BadRequestError(f"the job has {len(steps)} steps, {MAX_STEPS} are allowed; split it", field="steps")
    seen: dict[str, str] = {}
    for step in steps:
        field = f"step {step.name!r}"
        if len(step.name) < MIN_STEP_NAME:
            raise NameRuleError(f"{field} needs at least {MIN_STEP_NAME} characters; rename it", field="steps")
        folded = step.name.lower().replace("-", "_")  # as OpenCue conforms layer names
        if folded in seen:
            raise NameRuleError(
                f"{field} and step {seen[folded]!r} are one name to a farm, which folds case and '-'; rename one",
                field="steps",
            )
        seen[folded] = step.name
        if len(str(step.frames)) > MAX_RANGE_TEXT:
            raise BadRequestError(
                f"{field}: its frame range is {len(str(step.frames))} characters long, {MAX_RANGE_TEXT} are allowed; "
                "use contiguous ranges or split the job",
                field=f"steps.{step.name}.frames",
            )
    tasks = sum(len(step.chunks()) if step.contiguous else -(-len(step.frames) // step.chunk) for step in steps)
    if tasks > MAX_TASKS:
        raise BadRequestError(f"the job has {tasks} tasks, {MAX_TASKS} are allowed; raise 'chunk'", field="steps")


def _check_graph(steps: Sequence[Step]) -> None:
    names = {step.name for step in steps}
    for step in steps:
        for before in step.after:
            if before not in names:
                known = ", ".join(sorted(names))
                raise GraphError(
                    f"step {step.name!r} waits for {before!r}, which is not there; wait for one of: {known}",
                    field=f"steps.{step.name}.after",
                )
        if len(set(step.after)) < len(step.after):
            raise GraphError(
                f"step {step.name!r} waits for one step twice: {', '.join(step.after)}; name each once",
                field=f"steps.{step.name}.after",
            )
    waiting = {step.name: set(step.after) for step in steps}
    while waiting:
        ready = {name for name, after in waiting.items() if not after}
        if not ready:
            circle = " -> ".join(_circle(waiting))
            raise GraphError(f"steps wait for each other in a circle: {circle}; remove one 'after'", field="steps")
        waiting = {name: after - ready for name, after in waiting.items() if name not in ready}


def _circle(waiting: dict[str, set[str]]) -> list[str]:
    path = [next(iter(waiting))]
    while True:
        after = min(waiting[path[-1]])
        if after in path:
            return [*path[path.index(after) :], after]
        path.append(after)


def _check_products(steps: Sequence[Step]) -> None:
    seen: set[tuple[str, str]] = set()
    owners: dict[tuple[str, str], str] = {}
    files: dict[tuple[str, str], list[OutputSpec]] = {}
    for step in steps:
        for output in step.outputs:
            place = (output.product, output.representation)
            if place in seen:
                raise BadRequestError(
                    f"step {step.name!r} promises {output.representation} of {output.product!r}, which another output "
                    "promises too; give one another name",
                    field="outputs",
                )
            seen.add(place)
            owner = (str(output.entity).casefold(), output.name.casefold())
            if owners.setdefault(owner, output.product) != output.product:
                raise BadRequestError(
                    f"{owners[owner]!r} and {output.product!r} would both publish {output.name!r} of {output.entity}, "
                    "capitals aside; name their shots or assets apart",
                    field="outputs",
                )
            _check_files(step, output, files.setdefault((output.product, output.extension.casefold()), []))


def _check_files(step: Step, output: OutputSpec, others: list[OutputSpec]) -> None:
    """A published file's name holds its frame and its extension: what shares both cannot lie in one folder."""
    for other in others:
        if not (other.frames or output.frames) or set(other.frames or ()) & set(output.frames or ()):
            raise BadRequestError(
                f"step {step.name!r} promises {other.representation} and {output.representation} of "
                f"{output.product!r}, whose .{output.extension} files would have one name; make two products of them",
                field="outputs",
            )
    others.append(output)


def _texts(value: Any, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield f"{field} key", str(name)
            yield from _texts(inner, f"{field}.{name}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{field}[{index}]")
