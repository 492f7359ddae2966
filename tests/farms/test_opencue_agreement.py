"""Our rules and Cuebot's are one set: what we let through it takes as it is, what it refuses we refuse first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cuebot.ranges import chunks_of
from cuebot.spec import LayerSpec, RefusedError, Service, Spec, parse
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from made_jobs import SITE, farm_jobs

from shotmill.farm_plugins.opencue.lower import lower_job, step_of_layer
from shotmill.farm_plugins.opencue.model import CueJob, CueLayer, CueSpec
from shotmill.farm_plugins.opencue.spec import write_spec
from shotmill.schema.errors import BadRequestError
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec

SERVICES = {name: Service(name) for name in ("default", "shell")}
BUNDLE = Path("/shows/my jobs/bundle")


def made(layer: dict[str, Any] | None = None, job: dict[str, Any] | None = None, **spec: Any) -> CueSpec:
    given_layer = {"name": "render", "cmd": "true", "frames": FrameSet.parse("1-10"), "memory_mib": 512}
    layers = (CueLayer(**{**given_layer, **(layer or {})}),)
    jobs = (CueJob(**{"name": "trial", "layers": layers, **(job or {})}),)
    return CueSpec(**{"show": "testing", "shot": "sh010", "user": "artist", "uid": 1000, "jobs": jobs, **spec})


def taken(spec: CueSpec) -> Spec:
    return parse(write_spec(spec).decode(), SERVICES)


def booked(layer: LayerSpec) -> tuple[Any, ...]:
    return (layer.name, layer.kind, layer.command, layer.cores, layer.memory_kib, layer.gpus, layer.gpu_memory_kib)


def asked(layer: CueLayer) -> tuple[Any, ...]:
    memory_kib, gpu_memory_kib = 1024 * layer.memory_mib, 1024 * layer.gpu_memory_mib
    return (layer.name, layer.type, layer.cmd, round(100 * layer.cores), memory_kib, layer.gpus, gpu_memory_kib)


@given(farm_jobs())
@hypothesis_settings(max_examples=40, deadline=None)
def test_opencue_fact_2_cuebot_takes_any_job_that_we_send_as_it_is(job: JobSpec) -> None:
    spec = lower_job(job, BUNDLE, SITE)
    found = taken(spec)
    assert [one.name for one in found.jobs] == [spec.full_name(spec.jobs[0])]
    assert [booked(layer) for layer in found.jobs[0].layers] == [asked(layer) for layer in spec.jobs[0].layers]
    assert (found.jobs[0].max_retries, found.jobs[0].paused) == (spec.jobs[0].spec_retries, True)
    assert {(one.layer, one.on_layer) for one in found.depends} == {(one.deplayer, one.onlayer) for one in spec.depends}
    for layer in found.jobs[0].layers:
        step = job.step(step_of_layer(job, layer.name))
        assert set(map(tuple, chunks_of(layer.range, layer.chunk))) <= {chunk.frames for chunk in step.chunks()}
        assert 0 <= 60 * layer.timeout - step.timeout_s < 60


FIELDS: dict[str, Callable[[str], CueSpec]] = {
    "layer": lambda text: made({"name": text}),
    "command": lambda text: made({"cmd": text}),
    "tag": lambda text: made({"tags": (text,)}),
    "service": lambda text: made({"services": (text, "default")}),
    "limit": lambda text: made({"limits": (text,)}),
    "value": lambda text: made({"env": {"NAME": text}}),
    "variable": lambda text: made({"env": {text: "value"}}),
    "job": lambda text: made(job={"name": text}),
    "show": lambda text: made(show=text),
    "shot": lambda text: made(shot=text),
    "user": lambda text: made(user=text),
    "facility": lambda text: made(facility=text),
    "e-mail": lambda text: made(email=text),
}
texts = st.one_of(st.text(max_size=12), st.from_regex(r"[A-Za-z0-9_. |#<&-]{1,12}", fullmatch=True))


@pytest.mark.parametrize("field", FIELDS)
@given(text=texts)
@hypothesis_settings(max_examples=60, deadline=None)
def test_opencue_fact_2_no_text_passes_our_rules_and_fails_cuebots(field: str, text: str) -> None:
    try:
        spec = FIELDS[field](text)
    except BadRequestError:
        return  # refused with a fix; what Cuebot would do does not matter
    found = taken(spec)
    layer, kept = found.jobs[0].layers[0], spec.jobs[0].layers[0]
    assert (found.shot, found.user, found.email, found.facility) == (spec.shot, spec.user, spec.email, spec.facility)
    assert (layer.name, layer.command, layer.environment) == (kept.name, kept.cmd, kept.env)
    assert layer.limits == kept.limits
    assert found.jobs[0].name == spec.full_name(spec.jobs[0])


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        pytest.param('name="render"', 'name="ab"', lambda: made({"name": "ab"}), id="a layer of two letters"),
        pytest.param('name="trial"', 'name="ab"', lambda: made(job={"name": "ab"}), id="a job of two letters"),
        pytest.param('name="trial"', 'name="a b"', lambda: made(job={"name": "a b"}), id="a job's name with a blank"),
        pytest.param(">sh010<", ">10<", lambda: made(shot="10"), id="a shot of two letters"),
        pytest.param(">artist<", ">root<", lambda: made(user="root"), id="the user root"),
        pytest.param(">1000<", ">0<", lambda: made(uid=0), id="the user id 0"),
        pytest.param(">general<", ">ab<", lambda: made({"tags": ("ab",)}), id="a tag of two letters"),
        pytest.param(
            "<range>1-10<", "<range>0-100000<", lambda: made({"frames": FrameSet.span(0, 100_000)}), id="100,001 frames"
        ),
        pytest.param("<limit>nuke</limit>", "", lambda: made({"limits": ("",)}), id="an empty limit"),
        pytest.param("<service>default</service>", "", lambda: made({"services": ()}), id="no service"),
        pytest.param('key name="A"', 'key name="A B"', lambda: made({"env": {"A B": "1"}}), id="a blank in a variable"),
        pytest.param('type="Render"', 'type="Pre"', None, id="a type that nobody can name"),
        pytest.param("<range>1-10<", "<range>1-10;2<", None, id="a range that nobody can write"),
    ],
)
def test_opencue_fact_2_what_cuebot_refuses_we_refuse_first(
    old: str, new: str, same: Callable[[], CueSpec] | None
) -> None:
    document = write_spec(made({"tags": ("general",), "limits": ("nuke",), "env": {"A": "1"}})).decode()
    assert old in document
    with pytest.raises(RefusedError):
        parse(document.replace(old, new), SERVICES)
    if same:
        with pytest.raises(BadRequestError):
            same()


def test_opencue_fact_2_layers_of_one_name_are_refused_by_both() -> None:
    two = (CueLayer(name=name, cmd="true", frames=FrameSet.of([1]), memory_mib=512) for name in ("render", "other"))
    document = write_spec(made(job={"layers": tuple(two)})).decode()
    with pytest.raises(RefusedError, match="already defined"):
        parse(document.replace('"other"', '"Render"'), SERVICES)
    twice = (CueLayer(name=name, cmd="true", frames=FrameSet.of([1]), memory_mib=512) for name in ("render", "Render"))
    with pytest.raises(BadRequestError, match="rename one"):
        made(job={"layers": tuple(twice)})


@pytest.mark.parametrize(
    ("old", "new", "same", "cut"),
    [
        pytest.param(">1.0<", ">48.0<", lambda: made({"cores": 48.0}), ("cores", 2400), id="48 cores"),
        pytest.param(">1.0<", ">2<", None, ("cores", 100), id="cores without a point"),
        pytest.param(">512m", ">64m", lambda: made({"memory_mib": 64}), ("memory_kib", 256 * 1024), id="64 MiB"),
        pytest.param(
            ">1024m",
            ">204800m",
            lambda: made({"gpus": 1, "gpu_memory_mib": 204_800}),
            ("gpu_memory_kib", 0),
            id="200 GB",
        ),
    ],
)
def test_opencue_fact_2_what_cuebot_takes_and_makes_another_of_we_refuse(
    old: str, new: str, same: Callable[[], CueSpec] | None, cut: tuple[str, int]
) -> None:
    document = write_spec(made({"gpus": 1, "gpu_memory_mib": 1024})).decode()
    assert old in document
    found = parse(document.replace(old, new), SERVICES)
    assert getattr(found.jobs[0].layers[0], cut[0]) == cut[1]
    if same:
        with pytest.raises(BadRequestError):
            same()


def test_opencue_fact_3_three_retries_are_one_to_cuebot() -> None:
    spec = made(job={"retries": 3})
    assert (taken(spec).jobs[0].max_retries, spec.jobs[0].retries_after_launch) == (1, 3)


def test_opencue_fact_3_units_arrive_as_they_were_meant() -> None:
    layer = taken(made({"cores": 2, "memory_mib": 1536, "timeout_s": 90})).jobs[0].layers[0]
    assert (layer.cores, layer.memory_kib, layer.timeout) == (200, 1_572_864, 2)
