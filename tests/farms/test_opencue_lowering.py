"""From a job to layers: names that lead back, one argv, frames each exactly once, publishing last."""

from __future__ import annotations

import shlex
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from made_jobs import SITE, farm_jobs
from specs import clip as made_clip
from specs import spec, spec_of_type, step

from shotmill.farm_plugins.opencue.lower import CueSite, layer_names, lower_job, step_of_layer
from shotmill.farm_plugins.opencue.model import CueLayer, CueSpec, LayerType
from shotmill.jobs import job_type_names
from shotmill.schema.errors import BadRequestError, NameRuleError, NotFoundError
from shotmill.schema.ids import job_handle, uuid7
from shotmill.schema.job import JobSpec, Needs, Priority, publish_step

BUNDLE = Path("/shows/jobs/J-22222222/bundle")


def lowered(job: JobSpec, **site: Any) -> CueSpec:
    given = {"show": "testing", "uid": 1000, **site}
    return lower_job(job, BUNDLE, CueSite(**given))


def layers(*steps: Any) -> tuple[CueLayer, ...]:
    return lowered(spec(*steps)).jobs[0].layers


def cut(layer: CueLayer) -> list[str]:
    """The chunks that Cuebot makes of a layer: by count, whatever the gaps."""
    return [str(chunk) for chunk in layer.frames.chunks(layer.chunk)]


@given(farm_jobs())
@hypothesis_settings(max_examples=40, deadline=None)
def test_opencue_fact_4_cuebots_chunks_are_the_jobs_tasks(job: JobSpec) -> None:
    found: dict[str, list[str]] = {}
    for layer in lower_job(job, BUNDLE, SITE).jobs[0].layers:
        found.setdefault(step_of_layer(job, layer.name), []).extend(cut(layer))
    assert found == {one.name: [str(chunk) for chunk in one.chunks()] for one in job.steps}


@pytest.mark.parametrize(
    ("made", "chunks"),
    [
        pytest.param(step(frames="1-10x3", chunk=2), [["1,4", "7,10"]], id="steps, chunked"),
        pytest.param(step(), [["1"]], id="a step without frames is one frame"),
        pytest.param(step(frames="1-3,7-9", chunk=2), [["1-2", "3,7", "8-9"]], id="chunks over a gap"),
        pytest.param(
            step(frames="1-3,7-9", chunk=2, contiguous=True), [["1-2", "3"], ["7-8", "9"]], id="no chunk over a gap"
        ),
        pytest.param(
            step(frames="1-4,7-8", chunk=2, contiguous=True), [["1-2", "3-4", "7-8"]], id="gaps between chunks"
        ),
        pytest.param(
            step(frames="1-9x2", chunk=4, contiguous=True), [["1", "3", "5", "7", "9"]], id="nothing but gaps"
        ),
    ],
)
def test_opencue_fact_4_frames_are_cut_as_the_step_says(made: Any, chunks: list[list[str]]) -> None:
    assert [cut(layer) for layer in layers(made)] == chunks


def test_layers_of_one_step_lead_back_to_it() -> None:
    job = spec(step("Beauty-A", "1-3,7-9", chunk=2, contiguous=True), publish_step("Beauty-A"))
    assert layer_names(job) == {"beauty_a": "Beauty-A", "beauty_a.2": "Beauty-A", "publish": "publish"}
    assert step_of_layer(job, "beauty_a.2") == "Beauty-A"


def test_a_layer_of_no_step_is_named_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="no layer 'beauty' on OpenCue; it has: work"):
        step_of_layer(spec(step()), "beauty")


@pytest.mark.parametrize(
    "names", [("a_b", "a__b"), ("Work", "work"), ("work", "work.2")], ids=["doubled", "capitals", "a part's own name"]
)
def test_steps_that_would_be_one_layer_are_refused(names: tuple[str, str]) -> None:
    with pytest.raises(NameRuleError, match=r"are both layer .*; rename one"):
        lowered(spec(*(step(name, "1-3,7-9", chunk=2, contiguous=True) for name in names)))


@pytest.mark.parametrize("name", ["ab", "a__"])
def test_a_step_that_is_too_short_a_name_for_a_layer_is_refused(name: str) -> None:
    with pytest.raises(NameRuleError, match=f"step {name!r} is layer .* wants 3 characters at least; rename it"):
        lowered(spec(step(name)))


def test_publishing_is_the_last_layer_whatever_the_order_of_the_steps() -> None:
    made = layers(publish_step("render", "denoise"), step("render"), step("denoise", after=("render",)))
    assert [(layer.name, layer.type) for layer in made] == [
        ("render", LayerType.RENDER),
        ("denoise", LayerType.RENDER),
        ("publish", LayerType.UTIL),
    ]


def test_each_layer_waits_for_all_layers_of_the_steps_before_it() -> None:
    job = spec(step("render", "1-3,7-9", chunk=2, contiguous=True), step("denoise"), publish_step("render", "denoise"))
    made = lowered(job)
    assert [(one.type, one.deplayer, one.onlayer) for one in made.depends] == [
        ("LAYER_ON_LAYER", "publish", "render"),
        ("LAYER_ON_LAYER", "publish", "render.2"),
        ("LAYER_ON_LAYER", "publish", "denoise"),
    ]
    assert {(one.depjob, one.onjob) for one in made.depends} == {(made.jobs[0].name, made.jobs[0].name)}


@pytest.mark.parametrize(
    "folder", ["/shows/jobs/a", "/my shows/it's $(id) `x`;\"&|<>*?", "/Zürich/作業", "/#1", "/a\\b"]
)
def test_a_hosts_shell_reads_the_one_argv_back(folder: str, tmp_path: Path) -> None:
    site = CueSite(show="testing", command=("printf", "%s\\n"))
    cmd = lower_job(spec(step("work-A")), Path(folder), site).jobs[0].layers[0].cmd
    script = tmp_path / "frame"
    script.write_text(cmd.replace("#FRAMESPEC#", "1-9x4,20"), encoding="utf-8")
    said = subprocess.run(["sh", script], capture_output=True, text=True, check=True, encoding="utf-8").stdout
    argv = ["task", "--bundle", folder, "--step", "work-A", "--frames", "1-9x4,20"]
    assert said.splitlines() == argv


@pytest.mark.parametrize("folder", ["/a/#FRAMESPEC#/b", "/a/#JOB#"])
def test_a_folder_that_cuebot_would_rename_is_refused(folder: str) -> None:
    with pytest.raises(BadRequestError, match="use another folder"):
        lower_job(spec(step()), Path(folder), SITE)


def test_a_relative_bundle_is_refused() -> None:
    with pytest.raises(BadRequestError, match="need its whole path"):
        lower_job(spec(step()), Path("bundle"), SITE)


def test_opencue_fact_5_the_command_is_short_however_long_the_parameters_are() -> None:
    job = spec(step(), params={"text": ["x" * 4000] * 25})
    assert len(lowered(job).jobs[0].layers[0].cmd) < 200


def test_opencue_fact_5_a_bundle_too_deep_for_the_command_is_refused() -> None:
    with pytest.raises(BadRequestError, match="Cuebot keeps 4000; use a shorter 'jobs_root'"):
        lower_job(spec(step()), Path("/" + "x" * 4000), SITE)


def test_the_jobs_name_ends_in_what_people_call_it_by() -> None:
    job = spec(step(), name="Thumbnail-clip_1", id="018f0000-0000-7000-8000-0123456789ab")
    handle = job_handle(uuid.UUID(job.id)).removeprefix("J-").lower()
    assert lowered(job).jobs[0].name == f"thumbnail_clip_1_{handle}"


def test_jobs_of_the_same_second_have_names_of_their_own() -> None:
    found = {lowered(spec(step(), id=str(uuid7()))).jobs[0].name for _ in range(200)}
    assert len(found) == 200


def test_a_job_whose_id_is_no_uuid_is_refused() -> None:
    with pytest.raises(BadRequestError, match="is no UUID"):
        lowered(spec(step(), id="one"))


def test_the_environment_says_which_job_it_is_and_nothing_that_was_not_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    job = lowered(spec(step()), environment={"foundry_LICENSE": "4101@lic"}).jobs[0]
    assert job.env == {"SHOTMILL_JOB": spec(step()).id, "foundry_LICENSE": "4101@lic"}
    assert job.layers[0].env == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [("FTRACK_API_KEY", "x"), ("DB_PASSWORD", "x"), ("SLACK_TOKEN", "x"), ("DATABASE", "postgresql://me:hush@db/x")],
)
def test_what_looks_like_a_secret_never_enters_a_job(name: str, value: str) -> None:
    with pytest.raises(BadRequestError, match="looks like a secret"):
        lowered(spec(step()), environment={name: value})


@pytest.mark.parametrize(
    ("needs", "booked"),
    [
        pytest.param(Needs(), (1.0, False, 512, 0, 0), id="a core"),
        pytest.param(Needs(cpu=4, memory_mib=1536), (4.0, True, 1536, 0, 0), id="cores may be added to"),
        pytest.param(Needs(memory_mib=16), (1.0, False, 256, 0, 0), id="no less memory than OpenCue books"),
        pytest.param(Needs(gpu=1), (1.0, False, 512, 1, 1024), id="a GPU needs memory to be booked"),
        pytest.param(Needs(gpu=2, gpu_memory_mib=8192), (1.0, False, 512, 2, 16384), id="memory on both GPUs"),
    ],
)
def test_needs_become_what_opencue_books(needs: Needs, booked: tuple[Any, ...]) -> None:
    layer = layers(step(needs=needs))[0]
    assert (layer.cores, layer.threadable, layer.memory_mib, layer.gpus, layer.gpu_memory_mib) == booked


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        pytest.param(Needs(cpu=32), "run it on another engine", id="more cores than it books"),
        pytest.param(Needs(gpu=4, gpu_memory_mib=40_960), "fewer GPUs", id="more GPU memory than it books"),
        pytest.param(Needs(gpu_memory_mib=1024), "give both or neither", id="memory of no GPU"),
    ],
)
def test_needs_that_opencue_would_cut_are_refused(needs: Needs, words: str) -> None:
    with pytest.raises(BadRequestError, match=words):
        layers(step(needs=needs))


def test_opencue_fact_3_a_job_has_the_most_retries_of_its_steps() -> None:
    job = lowered(spec(step("one", retries=0), step("two", retries=3))).jobs[0]
    assert (job.spec_retries, job.retries_after_launch) == (1, 3)


@pytest.mark.parametrize(("word", "number"), [("low", 1), ("normal", 50), ("high", 100)])
def test_priorities_are_the_sites(word: str, number: int) -> None:
    assert lowered(spec(step(), priority=Priority(word))).jobs[0].priority == number


def test_work_and_publish_run_where_the_site_says() -> None:
    work, publish = (
        lowered(
            spec(step(), publish_step("work")),
            service="nuke",
            tags=("gpuhosts",),
            limits=("nuke",),
            publish_tags=("general",),
        )
        .jobs[0]
        .layers
    )
    assert (work.services, work.tags, work.limits) == (("nuke",), ("gpuhosts",), ("nuke",))
    assert (publish.services, publish.tags, publish.limits) == (("shell",), ("general",), ())


def test_the_user_is_the_submitter_or_the_sites() -> None:
    assert (lowered(spec(step())).user, lowered(spec(step()), user="farm").user) == ("artist", "farm")


@pytest.mark.parametrize("name", job_type_names())
def test_every_job_type_becomes_layers(name: str) -> None:
    job = spec_of_type(name, *(made_clip(number) for number in range(3)))
    assert list(layer_names(job).values()) == [one.name for one in job.steps]
    assert len(lowered(job).jobs[0].layers) == len(job.steps)


def test_no_word_of_a_command_needs_a_shell_to_be_understood() -> None:
    cmd = layers(step("work-A"))[0].cmd
    assert shlex.split(cmd) == f"shotmill task --bundle {BUNDLE} --step work-A --frames #FRAMESPEC#".split()


def test_loading_the_rules_loads_no_farm_library() -> None:
    code = "import shotmill.farm_plugins.opencue.lower, shotmill.farm_plugins.opencue.spec, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"grpc", "opencue", "opencue_proto", "boto3"} & set(loaded)
