"""Cuebot's rules: whatever it would refuse, cut, raise or forget is refused by us first, with field, rule and fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shotmill.farm_plugins.opencue.model import CueDepend, CueJob, CueLayer, CueOutput, CueSpec, DependType, LayerType
from shotmill.schema.errors import BadRequestError
from shotmill.schema.frames import FrameSet


def layer(**more: Any) -> CueLayer:
    given = {"name": "render", "cmd": "true", "frames": FrameSet.parse("1-10"), "memory_mib": 512}
    return CueLayer(**{**given, **more})


def job(*layers: CueLayer, **more: Any) -> CueJob:
    return CueJob(**{"name": "trial", "layers": layers or (layer(),), **more})


def cue_spec(*jobs: CueJob, **more: Any) -> CueSpec:
    given = {"show": "testing", "shot": "sh010", "user": "artist", "uid": 1000}
    return CueSpec(**{**given, "jobs": jobs or (job(),), **more})


def depend(**more: Any) -> CueDepend:
    given = {"type": DependType.LAYER_ON_LAYER, "depjob": "trial", "onjob": "trial"}
    return CueDepend(**{**given, "deplayer": "publish", "onlayer": "render", **more})


def scattered(count: int) -> FrameSet:
    return FrameSet.of(number * number for number in range(count))


REFUSED: dict[str, tuple[Callable[[], object], str, str]] = {
    "a layer of two letters": (lambda: layer(name="ab"), "layer name", "at least 3"),
    "a layer that is short once doubled '_' are one": (lambda: layer(name="a__"), "layer name", "keeps 'a_'"),
    "a layer with other characters": (lambda: layer(name="rénder"), "layer", "rename it"),
    "a layer of 257 letters": (lambda: layer(name="x" * 257), "layer", "256 are allowed"),
    "two layers of one name": (
        lambda: job(layer(name="Beauty-A"), layer(name="beauty__a")), "layers.beauty_a", "rename one"
    ),
    "no command": (lambda: layer(cmd=""), "layers.render.cmd", "is empty"),
    "a command with blanks around it": (lambda: layer(cmd=" true"), "layers.render.cmd", "trims; remove"),
    "a command of 4,001 characters": (lambda: layer(cmd="x" * 4001), "layers.render.cmd", "keeps 4000; use a shorter"),
    "a command of two lines": (lambda: layer(cmd="a\nb"), "layers.render.cmd", "U+000A"),
    "frames below zero": (lambda: layer(frames=FrameSet.parse("-3-3")), "layers.render.range", "renumber"),
    "a range of more than 4,000 characters": (
        lambda: layer(frames=scattered(1000)), "layers.render.range", "keeps 4000; split"
    ),
    "chunks of nothing": (lambda: layer(chunk=0), "layers.render.chunk", "give frames per task"),
    "a twentieth of a core": (lambda: layer(cores=0.05), "layers.render.cores", "0.1 to 24"),
    "25 cores": (lambda: layer(cores=25.0), "layers.render.cores", "0.1 to 24"),
    "a core and a quarter": (lambda: layer(cores=1.25), "layers.render.cores", "tenths"),
    "255 MiB": (lambda: layer(memory_mib=255), "layers.render.memory", "raises less"),
    "a GPU without memory": (lambda: layer(gpus=1), "layers.render.gpus", "give both or neither"),
    "memory on no GPU": (lambda: layer(gpu_memory_mib=1024), "layers.render.gpus", "give both or neither"),
    "more than 100 GB on GPUs": (
        lambda: layer(gpus=1, gpu_memory_mib=102_401), "layers.render.gpu_memory", "for none at all"
    ),
    "fewer than no GPUs": (lambda: layer(gpus=-1, gpu_memory_mib=1), "layers.render.gpus", "0 for none"),
    "a time limit of nothing": (lambda: layer(timeout_s=0), "layers.render.timeout", "leave it out"),
    "a silence limit of nothing": (lambda: layer(timeout_llu_s=0), "layers.render.timeout_llu", "leave it out"),
    "a tag of two letters": (lambda: layer(tags=("ab",)), "layers.render.tags", "'ab' must have at least 3"),
    "a tag that is two": (lambda: layer(tags=("gpu | big",)), "layers.render.tags", "one by one"),
    "tags of more than 4,000 characters": (
        lambda: layer(tags=tuple(f"{n:0100}" for n in range(40))), "layers.render.tags", "keeps 4000"
    ),
    "an empty limit": (lambda: layer(limits=("",)), "layers.render.limits", "is empty"),
    "a limit of 256 characters": (lambda: layer(limits=("x" * 256,)), "layers.render.limits", "255 are allowed"),
    "no service": (lambda: layer(services=()), "layers.render.services", "such as 'shell'"),
    "an empty service": (lambda: layer(services=("",)), "layers.render.services", "is empty"),
    "services of more than 128 characters": (
        lambda: layer(services=("x" * 64, "y" * 64)), "layers.render.services", "keeps 128"
    ),
    "a variable with '='": (lambda: layer(env={"A=B": "1"}), "layers.render.env", "'A=B' is no name"),
    "a value of 2,049 characters": (lambda: layer(env={"A": "x" * 2049}), "layers.render.env.A", "2048 are allowed"),
    "a value with blanks around it": (lambda: layer(env={"A": "x "}), "layers.render.env.A", "trims; remove"),
    "a job's value of two lines": (lambda: job(env={"A": "x\ny"}), "env.A", "U+000A"),
    "an output's name with a blank": (lambda: CueOutput(name="a b", path="/a"), "output name", "rename it"),
    "an output of 2,049 characters": (lambda: CueOutput(name="a", path="x" * 2049), "output 'a'", "2048 are allowed"),
    "two outputs of one name": (
        lambda: layer(outputs=(CueOutput(name="a", path="/a"), CueOutput(name="a", path="/b"))),
        "layers.render", "rename one",
    ),
    "a job of two letters": (lambda: job(name="ab"), "job name", "at least 3"),
    "a job that is short without its leading '_'": (lambda: job(name="__ab"), "job name", "at least 3"),
    "a job with a slash": (lambda: job(name="a/b/c"), "job name", "rename it"),
    "a job without a name": (lambda: job(name=""), "job name", "is empty"),
    "a job without layers": (lambda: CueJob(name="trial", layers=()), "layers", "1 to 2000"),
    "2,001 layers": (lambda: job(*(layer(name=f"l{n:04}") for n in range(2001))), "layers", "2001 layers"),
    "a priority below zero": (lambda: job(priority=-1), "priority", "small number"),
    "fewer than no retries": (lambda: job(retries=-1), "retries", "0 for none"),
    "an operating system of 13 letters": (lambda: job(os="x" * 13), "os", "12 are allowed"),
    "100,001 frames": (
        lambda: cue_spec(job(layer(frames=FrameSet.span(0, 100_000)))), "layers", "100001 frames"
    ),
    "100,001 frames in two jobs": (
        lambda: cue_spec(job(layer(frames=FrameSet.span(1, 100_000))), job(layer(frames=FrameSet.of([1])), name="two")),
        "layers", "raise 'chunk', or split",
    ),
    "no job": (lambda: CueSpec(show="testing", shot="sh010", user="artist", jobs=()), "jobs", "add one"),
    "two jobs of one name": (lambda: cue_spec(job(), job(name="TRIAL")), "job name", "rename one"),
    "a job's name of 256 characters": (lambda: cue_spec(job(name="x" * 235)), "job name", "has 256 characters"),
    "a show with a blank": (lambda: cue_spec(show="my show"), "show", "that Cuebot has"),
    "no show": (lambda: cue_spec(show=""), "show", "is empty"),
    "a shot of two letters": (lambda: cue_spec(shot="10"), "shot", "at least 3"),
    "a shot of 65 letters": (lambda: cue_spec(shot="x" * 65), "shot", "64 are allowed"),
    "the user root": (lambda: cue_spec(user="root"), "user", "submit as another user"),
    "the user id 0": (lambda: cue_spec(uid=0), "uid", "submit as another user"),
    "a user id below zero": (lambda: cue_spec(uid=-1), "uid", "give the submitter's"),
    "a user of 33 letters": (lambda: cue_spec(user="x" * 33), "user", "32 are allowed"),
    "a user with a blank": (lambda: cue_spec(user="Jane Doe"), "user", "set another one with 'user'"),
    "a facility with blanks around it": (lambda: cue_spec(facility=" local"), "facility", "trims; remove"),
    "a facility of 37 letters": (lambda: cue_spec(facility="x" * 37), "facility", "36 are allowed"),
    "an e-mail of 257 characters": (lambda: cue_spec(email="x" * 257), "email", "256 are allowed"),
    "an e-mail with blanks around it": (lambda: cue_spec(email="a@b "), "email", "trims; remove"),
    "a depend on a layer that is not there": (
        lambda: cue_spec(depends=(depend(deplayer="rnder"),)), "depends", "lacks"
    ),
    "a depend of a job that is not there": (
        lambda: cue_spec(depends=(depend(depjob="other"),)), "depends", "not in the spec"
    ),
    "a depend on a Post layer": (
        lambda: cue_spec(job(layer(), layer(name="publish", type=LayerType.POST)), depends=(depend(),)),
        "depends", "make it a Util layer",
    ),
    "a layer that waits for itself": (lambda: depend(deplayer="Render"), "depends", "waits for itself"),
    "a depend that names too little": (lambda: depend(onlayer=None), "depends", "names deplayer, onlayer"),
    "a depend that names too much": (lambda: depend(onframe="0001-render"), "depends", "and no others"),
    "any frame of other depends": (
        lambda: depend(type=DependType.FRAME_BY_FRAME, anyframe=True), "depends", "use LAYER_ON_LAYER"
    ),
    "a frame with a sign": (
        lambda: depend(type=DependType.LAYER_ON_SIM_FRAME, onlayer=None, onframe="-001-render"),
        "depends.onframe", "depend on the layer instead",
    ),
    "a frame above 999999": (
        lambda: depend(type=DependType.LAYER_ON_SIM_FRAME, onlayer=None, onframe="1000000-render"),
        "depends.onframe", "four to six digits",
    ),
    "a frame of a layer with a dot": (
        lambda: depend(type=DependType.LAYER_ON_SIM_FRAME, onlayer=None, onframe="0001-render.2"),
        "depends.onframe", "without dots",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_opencue_fact_2_each_invalid_input_is_refused_with_field_rule_and_fix(what: str) -> None:
    made, field, words = REFUSED[what]
    with pytest.raises(BadRequestError) as refused:
        made()
    assert refused.value.fields["field"].startswith(field)
    assert words in refused.value.message
    assert ";" in refused.value.message or "are allowed" in refused.value.message or "U+" in refused.value.message


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("Beauty-A", "beauty_a", id="capitals and dashes"),
        pytest.param("a__b___c", "a_b_c", id="doubled underscores"),
        pytest.param("a-_b", "a_b", id="a dash beside an underscore"),
        pytest.param("work.v2", "work.v2", id="dots stay"),
    ],
)
def test_names_are_kept_as_cuebot_keeps_them(given: str, kept: str) -> None:
    assert (layer(name=given).name, job(name=given).name) == (kept, kept)


def test_a_job_is_named_by_show_shot_and_user_too() -> None:
    made = cue_spec(job(name="_Trial-1"), show="Testing", shot="SH-010", user="artist_")
    assert made.full_name(made.jobs[0]) == "testing-sh_010-artist_trial_1"


@pytest.mark.parametrize(
    ("asked", "in_spec", "after_launch"),
    [
        pytest.param(0, 0, None, id="none"),
        pytest.param(1, 1, None, id="as many as a spec may ask for"),
        pytest.param(3, 1, 3, id="more, which Cuebot would cut"),
    ],
)
def test_opencue_fact_3_retries_beyond_one_are_set_after_the_launch(
    asked: int, in_spec: int, after_launch: int | None
) -> None:
    made = job(retries=asked)
    assert (made.spec_retries, made.retries_after_launch) == (in_spec, after_launch)


def test_a_depend_may_name_a_job_that_is_on_the_farm_already() -> None:
    made = depend(type=DependType.JOB_ON_JOB, onjob="Other-Job", deplayer=None, onlayer=None)
    assert cue_spec(depends=(made,)).depends[0].onjob == "other_job"


def test_a_frame_may_wait_for_the_one_before_it_in_its_own_layer() -> None:
    assert depend(type=DependType.PREVIOUS_FRAME, deplayer="render").onlayer == "render"


def test_limits_on_exactly_the_bound_are_taken() -> None:
    at_bound = layer(
        name="x" * 256,
        cmd="x" * 4000,
        cores=24.0,
        memory_mib=256,
        gpus=1,
        gpu_memory_mib=102_400,
        env={"A": "x" * 2048},
    )
    made = cue_spec(job(at_bound, layer(frames=FrameSet.span(1, 99_990))), shot="x" * 64, user="y" * 32, uid=1)
    assert sum(one.bookings for one in made.jobs[0].layers) == 100_000
