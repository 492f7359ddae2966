"""Job templates read back by OpenJD's own library: what any OpenJD runner, and Deadline Cloud, would do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openjd.model import (
    DecodeValidationError,
    IntRangeExpr,
    StepParameterSpaceIterator,
    SymbolTable,
    create_job,
    decode_job_template,
)

from ..schema.errors import InputCorruptError
from .openjd import BUNDLE_PARAMETER, CHUNKING, COMMAND_PARAMETER, FRAME_PARAMETER
from .plan_read import FRAMES, ReadNeeds, ReadPlan, ReadStep


def read_openjd(template: bytes, bundle: Path, *, command: str = "shotmill") -> ReadPlan:
    """The plan that a template of ours is.

    OpenJD makes chunks of even size: 10 frames in chunks of 4 at most are 4, 3 and 3.

    Raises:
        InputCorruptError: OpenJD refuses it, or it is no template of Shotmill.
    """
    try:
        decoded = decode_job_template(template=json.loads(template), supported_extensions=[CHUNKING])
        job = create_job(job_template=decoded, job_parameter_values={})
        values = SymbolTable(
            source={
                f"Param.{COMMAND_PARAMETER}": command,
                f"Param.{BUNDLE_PARAMETER}": str(bundle),
                f"RawParam.{BUNDLE_PARAMETER}": str(bundle),
                f"Task.Param.{FRAME_PARAMETER}": FRAMES,
            }
        )
        steps = tuple(_step(step, values) for step in job.steps)
    except (DecodeValidationError, ValueError, KeyError) as error:
        raise InputCorruptError(f"this is no job template of Shotmill: {error}; compile the job again") from error
    return ReadPlan(steps, dict(_environment(job)))


def _step(step: Any, values: SymbolTable) -> ReadStep:
    run = step.script.actions.onRun
    return ReadStep(
        name=step.name,
        after=tuple(sorted(one.dependsOn for one in step.dependencies or ())),
        chunks=tuple(_chunks(step)),
        needs=_needs(step),
        argv=tuple(word.resolve(symtab=values) for word in (run.command, *(run.args or ()))),
        timeout_s=run.timeout,
    )


def _chunks(step: Any) -> Iterator[tuple[int, ...]]:
    for task in StepParameterSpaceIterator(space=step.parameterSpace):
        yield tuple(IntRangeExpr.from_str(task[FRAME_PARAMETER].value))


def _needs(step: Any) -> ReadNeeds:
    amounts = {one.name.removeprefix("amount.worker."): float(one.min) for one in step.hostRequirements.amounts}
    return ReadNeeds(
        cpu=amounts.get("vcpu", 0.0),
        memory_mib=amounts.get("memory", 0.0),
        gpu=int(amounts.get("gpu", 0)),
        gpu_memory_mib=amounts.get("gpu.memory", 0.0),
    )


def _environment(job: Any) -> Iterator[tuple[str, str]]:
    environments = [*(job.jobEnvironments or ()), *(one for step in job.steps for one in step.stepEnvironments or ())]
    for environment in environments:
        yield from ((name, str(value)) for name, value in (environment.variables or {}).items())
