"""Jobs as values: made in one line, compiled, and read back by OpenJD's own library."""

from __future__ import annotations

import json
from typing import Any

from openjd.model import StepParameterSpaceIterator, create_job, decode_job_template

from shotmill.farm_plugins.openjd import compile_template
from shotmill.jobs import find_job_type
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import ClipParams, JobSpec, Step, examples_of
from shotmill.schema.media import Clip, EntityKind, EntityRef

NO_PARAMS: dict[str, Any] = {}


def step(name: str = "work", frames: str = "1", *, after: tuple[str, ...] = (), **more: Any) -> Step:
    return Step(name=name, task="work", frames=FrameSet.parse(frames), after=after, **more)


def spec(*steps: Step, **more: Any) -> JobSpec:
    given = {"id": "00000000-0000-7000-8000-000000000000", "key": "0" * 64, "type": "trial", "type_version": 1}
    named = {"name": "job", "project": "demo", "user": "artist", "params": NO_PARAMS}
    return JobSpec(**{**given, **named, "steps": steps, **more})


def clip(number: int, frames: str = "1001-1100", **more: Any) -> Clip:
    owner = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name=f"sh{number:05d}")
    given = {"name": f"clip{number}", "media": f"/plates/clip{number}.####.exr", "frames": frames, "entity": owner}
    return Clip.model_validate({**given, **more})


def spec_of_type(name: str, *clips: Clip) -> JobSpec:
    """The job of a built-in type over these clips, if it reads any; one that needs an example gets plain clips."""
    job_type = find_job_type(name)
    given = examples_of(job_type.params)
    if issubclass(job_type.params, ClipParams):
        most = job_type.params.model_json_schema()["properties"]["clips"].get("maxItems", len(clips))
        plain = {"frames": FrameSet.span(1001, 1100)} if given else {}
        given["clips"] = [one.model_copy(update=plain) for one in clips[:most]]
    params = job_type.params.model_validate(given)
    return spec(
        *job_type.steps(params), type=name, type_version=job_type.version, params=params.model_dump(mode="json")
    )


def decoded(job: JobSpec) -> Any:
    """The job as openjd-model makes it from the compiled template; raises where it refuses."""
    template = decode_job_template(template=json.loads(compile_template(job)), supported_extensions=["TASK_CHUNKING"])
    return create_job(job_template=template, job_parameter_values={})


def openjd_chunks(found: Any) -> list[FrameSet]:
    """The frames of each task of an OpenJD step, in its order."""
    return [FrameSet.parse(one["Frame"].value) for one in StepParameterSpaceIterator(space=found.parameterSpace)]
