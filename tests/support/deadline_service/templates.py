"""A job's steps and tasks from its template, by openjd-model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from openjd.model import (
    DecodeValidationError,
    ModelValidationError,
    StepParameterSpaceIterator,
    create_job,
    decode_job_template,
    preprocess_job_parameters,
)

from .records import Job, Step, Task, Wire, new_id
from .replies import validation_error

EXTENSIONS = ("TASK_CHUNKING", "REDACTED_ENV_VARS", "FEATURE_BUNDLE_1")
# Names of OpenJD's types in the service's replies.
_VALUE_KEYS = {"INT": "int", "FLOAT": "float", "STRING": "string", "PATH": "path", "CHUNK[INT]": "chunkInt"}


def read_template(text: str, kind: str) -> Wire:
    """The template of a request.

    Raises:
        ServiceError: it is no JSON or YAML object.
    """
    try:
        found = json.loads(text) if kind == "JSON" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise validation_error(f"template is not {kind}: {error}", reason="CANNOT_PARSE") from error
    if not isinstance(found, dict):
        raise validation_error("template is no object", reason="CANNOT_PARSE")
    return found


def lay_out(job: Job) -> None:
    """Give a job its name, steps and tasks; a template that is wrong makes it CREATE_FAILED, as the request is over."""
    try:
        _lay_out(job)
    except (DecodeValidationError, ModelValidationError, ValueError, RuntimeError) as error:
        _fail(job, str(error))
    except IndexError:  # what openjd-model raises for steps that depend on each other in a circle
        _fail(job, "The steps of the template depend on each other in a circle.")


def _fail(job: Job, message: str) -> None:
    job.steps.clear()
    job.name = job.name or job.request.get("nameOverride") or str(job.template.get("name") or "job")[:512]
    job.lifecycle, job.lifecycle_message = "CREATE_FAILED", message[:4000]


def _lay_out(job: Job) -> None:
    template = decode_job_template(template=job.template, supported_extensions=EXTENSIONS)
    root = Path("/")
    parameters = preprocess_job_parameters(
        job_template=template,
        job_parameter_values=_values(job),
        job_template_dir=root,
        current_working_dir=root,
    )
    made = create_job(job_template=template, job_parameter_values=parameters)
    job.name = job.request.get("nameOverride") or made.name
    job.parameters = {name: {_VALUE_KEYS[value.type.value]: value.value} for name, value in parameters.items()}
    for environment in job.template.get("jobEnvironments", []):
        job.environments[f"JOB:{job.id}:{environment['name']}"] = environment
    by_name: dict[str, Step] = {}
    for raw, step in zip(job.template["steps"], made.steps, strict=True):
        by_name[step.name] = _step(job, raw, step)
    for step in made.steps:
        by_name[step.name].after = [by_name[one.dependsOn] for one in step.dependencies or []]
    job.steps = list(by_name.values())


def _values(job: Job) -> dict[str, str]:
    types = {one["name"]: one["type"] for one in job.template.get("parameterDefinitions", [])}
    values = {}
    for name, typed in job.request.get("parameters", {}).items():
        if name not in types:
            raise ValueError(f"Job parameter {name} is not defined in the template.")
        if list(typed) != [_VALUE_KEYS[types[name]]]:
            raise ValueError(f"Job parameter {name} is {types[name]}, given as {', '.join(typed)}.")
        values[name] = next(iter(typed.values()))
    return values


def _step(job: Job, raw: Wire, step: Any) -> Step:
    made = Step(
        id=new_id("step"),
        job=job,
        name=step.name,
        template=raw,
        requirements=_requirements(step.hostRequirements),
        space=_space(raw.get("parameterSpace")),
    )
    serial = new_id("task")
    points = list(StepParameterSpaceIterator(space=step.parameterSpace)) if step.parameterSpace else [{}]
    for number, point in enumerate(points):
        parameters = {name: {_VALUE_KEYS[value.type.value]: str(value.value)} for name, value in point.items()}
        made.tasks.append(Task(f"{serial}-{number}", made, parameters))
    return made


def _requirements(asked: Any) -> Wire:
    found: Wire = {"amounts": [], "attributes": []}
    for one in (asked and asked.amounts) or []:
        limits = {"min": one.min, "max": one.max}
        found["amounts"].append(
            {"name": str(one.name), **{key: float(v) for key, v in limits.items() if v is not None}}
        )
    for one in (asked and asked.attributes) or []:
        lists = {"anyOf": one.anyOf, "allOf": one.allOf}
        found["attributes"].append({"name": str(one.name), **{key: list(v) for key, v in lists.items() if v}})
    return found


def _space(raw: Wire | None) -> Wire | None:
    if raw is None:
        return None
    found = []
    for one in raw["taskParameterDefinitions"]:
        kind = "CHUNK_INT" if one["type"] == "CHUNK[INT]" else one["type"]
        chunks = {"chunks": one["chunks"]} if "chunks" in one else {}
        found.append({"name": one["name"], "type": kind, **chunks})
    combination = {"combination": raw["combination"]} if "combination" in raw else {}
    return {"parameters": found, **combination}
