"""The XML that Cuebot gets: valid, the same bytes each time, in its units."""

from __future__ import annotations

from pathlib import Path
from time import thread_time
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from cuebot import grammar
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from made_jobs import SITE, farm_jobs
from specs import spec, step

from shotmill.farm_plugins.opencue.lower import lower_job
from shotmill.farm_plugins.opencue.model import CueJob, CueLayer, CueOutput, CueSpec, LayerType
from shotmill.farm_plugins.opencue.spec import write_spec
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec, publish_step

BUNDLE = Path("/shows/jobs/J-22222222/bundle")


def written(layer: dict[str, Any], **job: Any) -> bytes:
    given = {"name": "render", "cmd": "true", "frames": FrameSet.parse("1-10"), "memory_mib": 512, **layer}
    made = CueJob(**{"name": "trial", "layers": (CueLayer(**given),), **job})
    return write_spec(CueSpec(show="testing", shot="sh010", user="artist", uid=1000, jobs=(made,)))


def text_of(document: bytes, name: str) -> str | None:
    return ET.fromstring(document.decode()).findtext(f".//{name}")  # noqa: S314 - made here


@given(farm_jobs())
@hypothesis_settings(max_examples=40, deadline=None)
def test_opencue_fact_1_the_xml_of_any_job_is_valid(job: JobSpec) -> None:
    grammar.read(write_spec(lower_job(job, BUNDLE, SITE)).decode())


@given(farm_jobs())
@hypothesis_settings(max_examples=30, deadline=None)
def test_one_job_gives_the_same_bytes_each_time(job: JobSpec) -> None:
    again = JobSpec.model_validate_json(job.canonical())
    assert write_spec(lower_job(job, BUNDLE, SITE)) == write_spec(lower_job(again, BUNDLE, SITE))


def test_opencue_fact_1_a_spec_with_everything_is_valid() -> None:
    layer = CueLayer(
        name="render",
        type=LayerType.POST,
        cmd="echo '<&>' \"é\"",
        frames=FrameSet.parse("1-10"),
        memory_mib=512,
        gpus=1,
        gpu_memory_mib=1024,
        timeout_s=60,
        timeout_llu_s=60,
        tags=("general", "desktop"),
        limits=("nuke",),
        env={"B": "2", "A": "1"},
        services=("shell", "default"),
        outputs=(CueOutput(name="exr", path="/a.#.exr"),),
    )
    made = CueSpec(
        facility="Local",
        show="testing",
        shot="sh010",
        user="artist",
        email="a@b.c",
        uid=1000,
        jobs=(CueJob(name="trial", os="rhel9", env={"C": "3"}, layers=(layer,)),),
    )
    document = write_spec(made)
    grammar.read(document.decode())
    assert text_of(document, "cmd") == "echo '<&>' \"é\""
    assert (text_of(document, "facility"), text_of(document, "tags")) == ("local", "general | desktop")


def test_elements_in_another_order_are_found_invalid_by_the_tests_own_validator() -> None:
    document = written({"timeout_s": 60})
    moved = document.replace(b"<timeout>1</timeout>", b"").replace(b"<cmd>", b"<timeout>1</timeout><cmd>")
    with pytest.raises(grammar.NotValidError, match='content of element type "layer"'):
        grammar.read(moved.decode())


@pytest.mark.parametrize(
    ("layer", "element", "text"),
    [
        pytest.param({"cores": 2}, "cores", "2.0", id="2 cores are no core points"),
        pytest.param({"cores": 0.5}, "cores", "0.5", id="half a core"),
        pytest.param({"memory_mib": 1536}, "memory", "1536m", id="1.5 GB is no number of gigabytes to Cuebot"),
        pytest.param({"timeout_s": 90}, "timeout", "2", id="90 s are two minutes"),
        pytest.param({"timeout_s": 60}, "timeout", "1", id="60 s are one"),
        pytest.param({"timeout_s": 1}, "timeout", "1", id="1 s is one"),
        pytest.param({}, "timeout", None, id="no limit"),
        pytest.param({"gpus": 2, "gpu_memory_mib": 1536}, "gpu_memory", "1536m", id="memory on GPUs"),
        pytest.param({}, "limits", None, id="no limits, no element"),
        pytest.param({}, "type", None, id="a type is an attribute"),
    ],
)
def test_opencue_fact_3_units_are_those_of_cuebot(layer: dict[str, Any], element: str, text: str | None) -> None:
    assert text_of(written(layer), element) == text


def test_opencue_fact_3_a_spec_asks_for_one_retry_at_most() -> None:
    assert text_of(written({}, retries=3), "maxretries") == "1"


def test_a_job_is_launched_paused_and_eats_nothing() -> None:
    document = written({})
    assert (text_of(document, "paused"), text_of(document, "autoeat")) == ("True", "False")


def test_a_job_of_ten_thousand_frames_is_written_at_once_and_small() -> None:
    job = spec(step("render", "1-10000", chunk=7), step("denoise", "1-10000x2"), publish_step("render", "denoise"))
    began = thread_time()
    document = write_spec(lower_job(job, BUNDLE, SITE))
    assert thread_time() - began < 2.0
    assert len(document) < 10_000
