"""What every job type must keep; job types are found by listing, so a new one is held to it by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from shotmill.jobs import find_job_type, job_type_names, task_function
from shotmill.schema.checks import check_spec
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import PUBLISH_TASK, ClipParams, JobSpec, Params, Step, examples_of
from shotmill.schema.media import Clip, EntityKind, EntityRef

HEAVY = [
    "numpy",
    "OpenEXR",
    "OpenImageIO",
    "PyOpenColorIO",
    "av",
    "cv2",
    "torch",
    "sqlalchemy",
    "opentimelineio",
    "pyblish",
]
LOOK = (
    "import json, sys; from shotmill.jobs import find_job_type; job = find_job_type(sys.argv[1]); "
    "job.params.model_json_schema(); print(json.dumps(sorted(sys.modules)))"
)
each_job_type = pytest.mark.parametrize("name", job_type_names())


def clip(number: int) -> Clip:
    return Clip(
        name=f"clip{number}",
        media=f"/plates/clip{number}.####.exr",
        frames=FrameSet.span(1001, 1100),
        entity=EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name=f"sh{number:03d}"),
    )


def params_of(name: str, clips: int = 20) -> Params:
    found = find_job_type(name).params
    given: dict[str, Any] = examples_of(found)
    if issubclass(found, ClipParams):
        most = found.model_json_schema()["properties"]["clips"].get("maxItems", clips)
        given["clips"] = [clip(number) for number in range(min(clips, most))]
    params: Params = found.model_validate(given)
    return params


def steps_of(name: str, clips: int = 20) -> list[Step]:
    return list(find_job_type(name).steps(params_of(name, clips)))


def spec_of(name: str) -> JobSpec:
    return JobSpec(
        id="00000000-0000-7000-8000-000000000000",
        key="0" * 64,
        type=name,
        type_version=find_job_type(name).version,
        name=name,
        project="demo",
        user="artist",
        params=params_of(name).model_dump(mode="json"),
        steps=tuple(steps_of(name)),
    )


@each_job_type
def test_the_face_loads_nothing_heavy(name: str) -> None:
    said = subprocess.run([sys.executable, "-c", LOOK, name], check=True, capture_output=True, text=True)
    loaded = json.loads(said.stdout)
    assert [module for module in HEAVY if module in loaded] == []
    assert f"shotmill.jobs.{name}.tasks" not in loaded


@each_job_type
def test_the_face_loads_no_other_job_type(name: str) -> None:
    said = subprocess.run([sys.executable, "-c", LOOK, name], check=True, capture_output=True, text=True)
    mine = f"shotmill.jobs.{name}"
    others = [module for module in json.loads(said.stdout) if module.startswith("shotmill.jobs.")]
    assert [module for module in others if module != mine and not module.startswith(mine + ".")] == []


@each_job_type
def test_every_param_has_a_title_and_a_description(name: str) -> None:
    properties: dict[str, Any] = find_job_type(name).params.model_json_schema()["properties"]
    bare = [field for field, schema in properties.items() if not schema.get("title") and field != "clips"]
    mute = [field for field, schema in properties.items() if not schema.get("description")]
    assert (bare, mute) == ([], [])


@each_job_type
def test_everything_but_the_clips_has_a_default(name: str) -> None:
    schema = find_job_type(name).params.model_json_schema()
    assert set(schema.get("required", [])) <= {"clips"}


@each_job_type
def test_it_says_what_it_is_for_in_one_line(name: str) -> None:
    summary = find_job_type(name).summary
    assert summary
    assert "\n" not in summary
    assert len(summary) <= 80


@each_job_type
def test_the_same_params_give_the_same_steps(name: str) -> None:
    assert [step.canonical() for step in steps_of(name)] == [step.canonical() for step in steps_of(name)]


@each_job_type
def test_params_survive_the_way_through_json(name: str) -> None:
    params = params_of(name)
    assert find_job_type(name).params.model_validate(params.model_dump(mode="json")) == params


@each_job_type
def test_the_job_passes_the_checks_of_every_engine(name: str) -> None:
    check_spec(spec_of(name))


@each_job_type
def test_every_task_that_a_step_names_exists(name: str) -> None:
    tasks = [step.task for step in steps_of(name) if step.task != PUBLISH_TASK]
    assert [callable(task_function(find_job_type(name), task)) for task in tasks] == [True] * len(tasks)


@each_job_type
def test_publish_comes_last_and_waits_for_what_it_publishes(name: str) -> None:
    steps = steps_of(name)
    assert [step.task for step in steps].index(PUBLISH_TASK) == len(steps) - 1
    promising = {step.name for step in steps if step.outputs}
    assert promising == set(steps[-1].after)


@each_job_type
def test_one_clip_and_a_hundred_have_the_same_kinds_of_tasks(name: str) -> None:
    assert {step.task for step in steps_of(name, 1)} == {step.task for step in steps_of(name, 100)}


@pytest.mark.parametrize("name", ["thumbnail", "filmstrip", "probe"])
def test_a_shot_that_a_cut_uses_twice_gets_two_products(name: str) -> None:
    first = clip(1)
    again = first.model_copy(update={"name": "clip1#2"})
    found = find_job_type(name)
    steps = found.steps(found.params.model_validate({"clips": [first, again]}))
    assert [output.name for output in steps[0].outputs] == [name, f"{name}-2"]


def test_a_clip_of_nobody_is_refused_by_name() -> None:
    found = find_job_type("thumbnail")
    with pytest.raises(ValueError, match="'clip1' belongs to no shot"):
        found.steps(found.params.model_validate({"clips": [clip(1).model_copy(update={"entity": None})]}))
