"""What is compiled is what OpenJD's own library reads: the same steps, order, frames, needs and argv."""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from specs import clip, decoded, openjd_chunks, spec, spec_of_type, step

from shotmill.farm_plugins.openjd import compile_template
from shotmill.jobs import job_type_names
from shotmill.schema.checks import MAX_STEPS, check_spec
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec, Needs, Step, publish_step

SUPPORT = Path(__file__).parents[1] / "support"
each_job_type = pytest.mark.parametrize("name", job_type_names())
COMPILE = (
    "import json, sys; sys.path.insert(0, sys.argv[1]); from specs import clip, spec_of_type; "
    "from shotmill.farm_plugins.openjd import compile_template; "
    "jobs = {one: spec_of_type(one, *(clip(n, '1001-1100x3') for n in range(20))) for one in sys.argv[2:]}; "
    "print(json.dumps({one: (compile_template(job) + job.canonical()).decode() for one, job in jobs.items()}))"
)

names = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{2,20}", fullmatch=True).filter(lambda name: name.lower() != "con")
frame_sets = st.sets(st.integers(-2_000, 2_000), min_size=1, max_size=60).map(FrameSet.of)
needs = st.builds(
    Needs,
    cpu=st.integers(1, 512),
    memory_mib=st.integers(16, 4_194_304),
    gpu=st.integers(0, 64),
    gpu_memory_mib=st.integers(0, 1_048_576),
)


@st.composite
def jobs(draw: st.DrawFn) -> JobSpec:
    """Any job that our checks let through: each step may wait for any of those before it."""
    chosen = draw(st.lists(names, min_size=1, max_size=6, unique_by=lambda name: name.lower().replace("-", "_")))
    steps: list[Step] = []
    for name in chosen:
        after = draw(st.lists(st.sampled_from([one.name for one in steps]), unique=True)) if steps else []
        chunk, contiguous = draw(st.integers(1, 20)), draw(st.booleans())
        one = Step(
            name=name, task="work", frames=draw(frame_sets), chunk=chunk, contiguous=contiguous, after=tuple(after)
        )
        steps.append(one.model_copy(update={"needs": draw(needs), "timeout_s": draw(st.integers(1, 604_800))}))
    return spec(*steps, name=draw(names))


@given(jobs())
@hypothesis_settings(max_examples=60, deadline=None, derandomize=True)
def test_every_job_that_passes_our_checks_is_the_same_job_to_openjd(job: JobSpec) -> None:
    check_spec(job)
    found = decoded(job)
    assert [one.name for one in found.steps] == [one.name for one in job.steps]
    unit_mib = 1024 if len({one.needs.model_dump_json() for one in job.steps}) == 1 else 1
    for mine, theirs in zip(job.steps, found.steps, strict=True):
        assert sorted(frame for chunk in openjd_chunks(theirs) for frame in chunk) == list(mine.frames)
        assert {one.dependsOn for one in theirs.dependencies or ()} == set(mine.after)
        assert amounts(theirs) == wanted_amounts(mine.needs, unit_mib)
        assert theirs.script.actions.onRun.timeout == mine.timeout_s


def amounts(found: Any) -> dict[str, float]:
    return {one.name.removeprefix("amount.worker."): one.min for one in found.hostRequirements.amounts}


def wanted_amounts(found: Needs, unit_mib: int) -> dict[str, float]:
    memory, on_gpus = (math.ceil(mib / unit_mib) * unit_mib for mib in (found.memory_mib, found.gpu_memory_mib))
    asked = {"vcpu": found.cpu, "memory": memory, "gpu": found.gpu, "gpu.memory": on_gpus}
    return {name: value for name, value in asked.items() if value}


@each_job_type
@pytest.mark.parametrize(
    ("clips", "frames"),
    [
        pytest.param(1, "1001", id="one frame"),
        pytest.param(1, "1-10000", id="10,000 frames"),
        pytest.param(20, "1001-1100", id="twenty clips"),
        pytest.param(3, "1001-1003,1010,1020-1040x5", id="gaps in the frames"),
        pytest.param(2, "-10-10", id="frames below zero"),
        pytest.param(100, "1001-1100", id="a hundred clips"),
    ],
)
def test_openjd_accepts_every_job_type(name: str, clips: int, frames: str) -> None:
    job = spec_of_type(name, *(clip(number, frames) for number in range(clips)))
    check_spec(job)
    found = decoded(job)
    assert [[frame for chunk in openjd_chunks(one) for frame in chunk] for one in found.steps] == [
        list(one.frames) for one in job.steps
    ]


@pytest.mark.parametrize(
    ("made", "chunks"),
    [
        pytest.param(step(frames="1"), ["1"], id="one frame"),
        pytest.param(step(frames="1-4"), ["1", "2", "3", "4"], id="a task a frame"),
        pytest.param(step(frames="1-10", chunk=5), ["1-5", "6-10"], id="whole chunks"),
        pytest.param(step(frames="1-3,7-9", chunk=6), ["1-3,7-9"], id="a chunk over a gap"),
        pytest.param(step(frames="1-3,7-9", chunk=3, contiguous=True), ["1-3", "7-9"], id="no chunk over a gap"),
        pytest.param(step(frames="-5--1", chunk=5), ["-5--1"], id="below zero"),
        pytest.param(step(frames="-3-3x3"), ["-3", "0", "3"], id="steps through zero"),
        pytest.param(step(frames="1-9x4,20"), ["1", "5", "9", "20"], id="steps and one more"),
    ],
)
def test_openjd_splits_frames_as_written(made: Step, chunks: list[str]) -> None:
    assert [str(one) for one in openjd_chunks(decoded(spec(made)).steps[0])] == chunks
    assert [str(one) for one in made.chunks()] == chunks


def test_ten_thousand_frames_are_ten_thousand_tasks_in_a_small_template() -> None:
    job = spec(step("render", "1-10000"), publish_step("render"))
    assert len(openjd_chunks(decoded(job).steps[0])) == 10_000
    assert len(compile_template(job)) < 5_000


def test_a_publish_has_time_for_eight_terabytes_at_100_mb_a_second() -> None:
    render, publish = decoded(spec(step("render"), publish_step("render"))).steps
    assert publish.script.actions.onRun.timeout * 100e6 >= 8e12
    assert render.script.actions.onRun.timeout == 3600


def test_a_job_of_as_many_steps_as_are_allowed_is_accepted() -> None:
    chain = [step(f"step{n:03d}", after=(f"step{n - 1:03d}",) if n else ()) for n in range(MAX_STEPS)]
    job = spec(*chain)
    check_spec(job)
    assert len(decoded(job).steps) == MAX_STEPS


def test_the_longest_names_are_accepted() -> None:
    job = spec(step("s" * 64), name="j" * 128)
    check_spec(job)
    assert decoded(job).name == "j" * 128


def test_every_task_has_the_one_argv() -> None:
    [found] = decoded(spec(step("render", "1-3", chunk=2), comment="$(id)", params={"text": "{{Param.X}}"})).steps
    action = found.script.actions.onRun
    assert str(action.command) == "{{Param.Shotmill}}"
    assert [str(word) for word in action.args] == [
        *("task", "--bundle", "{{RawParam.Bundle}}", "--step", "render", "--frames", "{{Task.Param.Frame}}")
    ]


def test_hosts_that_share_no_disk_find_the_bundle_where_it_is_mapped() -> None:
    job = spec(step("render", "1-3"))
    mapped = json.loads(compile_template(job, mapped=True))
    [place] = mapped.pop("jobEnvironments")
    assert place["script"]["actions"]["onEnter"]["args"][0].startswith("openjd_env: SHOTMILL_PATH_RULES=")
    assert mapped == json.loads(compile_template(job).replace(b"RawParam.Bundle", b"Param.Bundle"))


def test_nothing_of_who_what_and_where_stands_in_the_template() -> None:
    secret = {"params": {"text": "SECRET"}, "comment": "SECRET", "user": "SECRET", "key": "SECRET"}
    assert b"SECRET" not in compile_template(spec(step(), **secret))


def test_chunking_is_asked_for_only_where_a_step_has_chunks() -> None:
    plain, chunked = spec(step(frames="1-9")), spec(step(frames="1-9", chunk=3))
    assert "extensions" not in json.loads(compile_template(plain))
    assert json.loads(compile_template(chunked))["extensions"] == ["TASK_CHUNKING"]


def test_the_order_of_what_a_step_waits_for_does_not_matter() -> None:
    first, second = step("first"), step("second")
    both = [spec(first, second, step("third", after=after)) for after in itertools.permutations(("first", "second"))]
    assert compile_template(both[0]) == compile_template(both[1])


def test_another_process_compiles_the_same_bytes() -> None:
    """Each process compiles every job type: what a process needs to start is most of its time."""
    names = job_type_names()
    command = [sys.executable, "-c", COMPILE, str(SUPPORT), *names]
    first, *others = (
        json.loads(
            subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True).stdout
        )
        for seed in ("0", "1", "4711")
    )
    assert sorted(first) == sorted(names)
    for name, text in first.items():
        assert len(text) > 1000, name
        assert [other[name] for other in others] == [text, text], name
