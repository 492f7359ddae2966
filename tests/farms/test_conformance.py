"""Every engine is sent the same job; what is not the same is found and named."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from made_jobs import SITE, farm_jobs
from specs import spec, step

from shotmill.farm_plugins.conformance import CANARY, FORMS, Case, Form, all_cases, conform, differences
from shotmill.farm_plugins.opencue.lower import lower_job
from shotmill.farm_plugins.opencue.read import read_cue
from shotmill.farm_plugins.opencue.spec import write_spec
from shotmill.farm_plugins.openjd import compile_template
from shotmill.farm_plugins.openjd_read import read_openjd
from shotmill.jobs import job_type_names
from shotmill.pipeline.settings import Settings
from shotmill.schema.errors import InputCorruptError
from shotmill.schema.job import JobSpec, Needs, publish_step

BUNDLE = Path("/shows/my jobs/bundle")
SETTINGS = Settings(home=Path("/nowhere"))
JOB = spec(
    step("first", "1-3,7-9", chunk=2, contiguous=True),
    step("work", "1-10", chunk=5, after=("first",), needs=Needs(cpu=2, gpu=1, gpu_memory_mib=2048), timeout_s=90),
    publish_step("first", "work"),
)


@given(farm_jobs())
@hypothesis_settings(max_examples=40, deadline=None)
def test_opencue_fact_1_any_job_is_the_same_job_to_every_engine(job: JobSpec) -> None:
    assert [probe for probe in conform([Case("any", job, BUNDLE)], tuple(FORMS), SETTINGS) if probe.difference] == []


@pytest.mark.parametrize("engine", FORMS)
def test_every_job_type_is_the_same_to_an_engine_in_thirty_probes_and_more(engine: str) -> None:
    found = all_cases()
    probes = list(conform(found.cases, [engine], SETTINGS))
    assert [probe for probe in probes if probe.difference] == []
    assert (len(probes) > 30, found.left_out) == (True, ())
    assert set(job_type_names()) <= {probe.case for probe in probes}


def found_in_cue(change: Callable[[str], str]) -> set[str]:
    sent = write_spec(lower_job(JOB, BUNDLE, SITE)).decode()
    changed = change(sent)
    assert changed != sent
    told = differences(Case("x", JOB, BUNDLE), read_cue(changed.encode()), FORMS["opencue"](SETTINGS))
    return {aspect for aspect, difference in told if difference}


def swapped(text: str) -> str:
    """The layers of ``first`` behind that of ``work``."""
    begin, work, publish = (text.index(f'<layer name="{name}"') for name in ("first", "work", "publish"))
    return text[:begin] + text[work:publish] + text[begin:work] + text[publish:]


@pytest.mark.parametrize(
    ("old", "new", "aspects"),
    [
        pytest.param("<range>1-10<", "<range>1-9<", {"frames"}, id="a frame lost"),
        pytest.param("<range>1-10<", "<range>1-10,3<", {"frames", "chunks"}, id="a frame twice"),
        pytest.param("<range>1-10<", "<range>1-11<", {"frames", "chunks"}, id="a frame too many"),
        pytest.param("<chunk>5<", "<chunk>6<", {"chunks"}, id="longer chunks"),
        pytest.param("<chunk>5<", "<chunk>1<", {"chunks"}, id="more chunks"),
        pytest.param("<cores>2.0<", "<cores>2<", {"needs"}, id="core points"),
        pytest.param("<cores>2.0<", "<cores>300<", {"needs"}, id="more core points"),
        pytest.param("<gpu_memory>2048m<", "<gpu_memory>2048<", {"needs"}, id="gigabytes for megabytes"),
        pytest.param("<gpu_memory>2048m<", "<gpu_memory>1g<", {"needs"}, id="half the memory"),
        pytest.param("<timeout>2<", "<timeout>1<", {"time limit"}, id="a shorter time limit"),
        pytest.param("<timeout>2<", "<timeout>90<", {"time limit"}, id="seconds for minutes"),
        pytest.param("<timeout>2</timeout>", "", {"time limit"}, id="no time limit"),
        pytest.param('anyframe="False"', 'anyframe="True"', {"waiting"}, id="any frame will do"),
        pytest.param("<onlayer>first.2<", "<onlayer>first<", {"waiting"}, id="half a step waited for"),
        pytest.param("--step work ", "--step work --force ", {"argv"}, id="another argv"),
        pytest.param("'/shows/my jobs/bundle'", "/shows/bundle", {"argv"}, id="another bundle"),
        pytest.param("<env>", '<env><key name="HOME">/</key>', {"environment"}, id="a variable more"),
        pytest.param("<key name=", "<key name='SHOTMILL_JOB'>x</key><key name=", set(), id="the last of two wins"),
        pytest.param(">00000000-", ">10000000-", {"environment"}, id="another job's id"),
    ],
)
def test_what_opencue_would_do_otherwise_is_named(old: str, new: str, aspects: set[str]) -> None:
    assert found_in_cue(lambda text: text.replace(old, new)) == aspects


def test_a_chunk_across_a_gap_is_named() -> None:
    job = spec(step("work", "1-3,7-9", chunk=3, contiguous=True))
    loose = spec(step("work", "1-3,7-9", chunk=2))
    read = read_cue(write_spec(lower_job(loose, BUNDLE, SITE)))
    told = {
        aspect: said for aspect, said in differences(Case("x", job, BUNDLE), read, FORMS["opencue"](SETTINGS)) if said
    }
    assert told == {"chunks": "work: a chunk crosses a gap"}


def test_steps_in_another_order_are_named() -> None:
    assert found_in_cue(swapped) == {"order"}


def found_in_openjd(change: Callable[[dict[str, Any]], object]) -> set[str]:
    template = json.loads(compile_template(JOB))
    change(template)
    read = read_openjd(json.dumps(template).encode(), BUNDLE)
    told = differences(Case("x", JOB, BUNDLE), read, FORMS["openjd"](SETTINGS))
    return {aspect for aspect, difference in told if difference}


def frames_of(template: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = template["steps"][1]["parameterSpace"]["taskParameterDefinitions"][0]
    return found


def memory_of(template: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = template["steps"][1]["hostRequirements"]["amounts"][1]
    return found


def action_of(template: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = template["steps"][1]["script"]["actions"]["onRun"]
    return found


ENVIRONMENT = {"name": "more", "variables": {"HOME": "/"}}


@pytest.mark.parametrize(
    ("change", "aspects"),
    [
        pytest.param(lambda t: frames_of(t).update(range="1-9"), {"frames"}, id="a frame lost"),
        pytest.param(lambda t: frames_of(t)["chunks"].update(defaultTaskCount=10), {"chunks"}, id="longer chunks"),
        pytest.param(lambda t: frames_of(t)["chunks"].update(defaultTaskCount=1), {"chunks"}, id="more chunks"),
        pytest.param(lambda t: action_of(t).update(timeout=60), {"time limit"}, id="a shorter time limit"),
        pytest.param(lambda t: action_of(t).update(command="blender"), {"argv"}, id="another command"),
        pytest.param(lambda t: action_of(t)["args"].pop(), {"argv"}, id="no frames"),
        pytest.param(lambda t: t["steps"][1].pop("dependencies"), {"waiting"}, id="nothing waited for"),
        pytest.param(lambda t: t["steps"].reverse(), {"order"}, id="another order"),
        pytest.param(lambda t: t["steps"].pop(), {"steps"}, id="no publish"),
        pytest.param(lambda t: t.update(jobEnvironments=[ENVIRONMENT]), {"environment"}, id="a variable more"),
        pytest.param(
            lambda t: t["steps"][1].update(stepEnvironments=[ENVIRONMENT]), {"environment"}, id="a step's variable more"
        ),
        pytest.param(
            lambda t: t["steps"][1]["hostRequirements"]["amounts"][0].update(min=1), {"needs"}, id="fewer cores"
        ),
        pytest.param(lambda t: memory_of(t).update(min=0), {"needs"}, id="no memory"),
        pytest.param(lambda t: memory_of(t).update(min=511), {"needs"}, id="less memory"),
        pytest.param(lambda t: memory_of(t).update(min=2048), {"needs"}, id="a GiB of memory too much"),
        pytest.param(lambda t: memory_of(t).update(min=1024), set(), id="memory rounded up to a GiB"),
    ],
)
def test_what_openjd_would_do_otherwise_is_named(change: Callable[[dict[str, Any]], object], aspects: set[str]) -> None:
    assert found_in_openjd(change) == aspects


def test_opencue_is_compared_as_the_studio_uses_it() -> None:
    farm = {"opencue_command": "'/opt/my tools/shotmill' --home /x", "opencue_tags": ("gpuhosts",)}
    settings = SETTINGS.model_copy(update=farm)
    assert [probe for probe in conform([Case("x", JOB)], ["opencue"], settings) if probe.difference] == []


def test_a_setting_that_opencue_refuses_is_told() -> None:
    settings = SETTINGS.model_copy(update={"opencue_tags": ("ab",)})
    (probe,) = conform([Case("x", JOB)], ["opencue"], settings)
    assert "tag 'ab' must have at least 3" in probe.difference


def layer_text(inner: str) -> bytes:
    return f"<spec><job><layers><layer name='a'>{inner}</layer></layers></job></spec>".encode()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param(b"<spec", "no spec for OpenCue", id="no XML"),
        pytest.param(b"\xff", "no spec for OpenCue", id="no text"),
        pytest.param(layer_text("<cmd>ls</cmd>"), "no task", id="somebody else's"),
        pytest.param(
            layer_text("<cmd>a --step b</cmd><range>1-5y2</range><chunk>1</chunk>"),
            "frame range '1-5y2'",
            id="a range that we never write",
        ),
    ],
)
def test_what_is_no_spec_of_ours_is_refused(document: bytes, words: str) -> None:
    with pytest.raises(InputCorruptError, match=words):
        read_cue(document)


def test_layers_of_one_step_that_differ_are_refused() -> None:
    sent = write_spec(lower_job(JOB, BUNDLE, SITE)).replace(b"<cores>1.0<", b"<cores>3.0<", 1)
    with pytest.raises(InputCorruptError, match=r"layer 'first.2' differs from others of step 'first'"):
        read_cue(sent)


@pytest.mark.parametrize("template", [b"{}", b"nothing", b'{"specificationVersion": "jobtemplate-2023-09"}'])
def test_what_is_no_template_of_ours_is_refused(template: bytes) -> None:
    with pytest.raises(InputCorruptError, match="no job template of Shotmill"):
        read_openjd(template, BUNDLE)


def test_an_openjd_job_of_somebody_elses_is_refused() -> None:
    template = json.loads(compile_template(JOB))
    frames_of(template)["name"] = "Index"
    action_of(template)["args"][-1] = "{{Task.Param.Index}}"
    with pytest.raises(InputCorruptError, match="no job template of Shotmill"):
        read_openjd(json.dumps(template).encode(), BUNDLE)


def probes_of(compile_job: Callable[[JobSpec, Path], bytes], monkeypatch: pytest.MonkeyPatch, case: Case) -> set[str]:
    form = Form(compile_job, lambda document, _bundle: read_cue(document), Needs(memory_mib=256))
    monkeypatch.setitem(FORMS, "trial", lambda _settings: form)
    return {f"{probe.aspect} {probe.difference}" for probe in conform([case], ["trial"], SETTINGS) if probe.difference}


def sent(job: JobSpec, bundle: Path) -> bytes:
    return write_spec(lower_job(job, bundle, SITE))


def test_a_parameter_that_is_sent_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = probes_of(lambda job, bundle: sent(job, bundle) + f"<!--{CANARY}-->".encode(), monkeypatch, Case("x", JOB))
    assert found == {"parameters are in what is sent"}


def test_documents_that_differ_from_time_to_time_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    times = Counter[str]()

    def changing(job: JobSpec, bundle: Path) -> bytes:
        times["sent"] += 1
        return sent(job, bundle) + f"<!--{times['sent']}-->".encode()

    assert probes_of(changing, monkeypatch, Case("x", JOB)) == {"same bytes differ from one time to the next"}


def test_a_job_that_an_engine_had_to_refuse_and_did_not_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = probes_of(sent, monkeypatch, Case("x", JOB, refused_by=("trial",)))
    assert found == {"refused was sent, although it would be done otherwise"}


def test_a_job_that_an_engine_refuses_and_must_not_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    job = spec(step(needs=Needs(cpu=32)))
    (said,) = probes_of(sent, monkeypatch, Case("x", job))
    assert said.startswith("compiled layers.work.cores is 32.0")


def test_a_job_type_that_cannot_be_tried_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "site" / "strange"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "from shotmill.schema.job import JobType, Params\n"
        "class StrangeParams(Params):\n    text: str\n"
        "JOB = JobType('strange', summary='', params=StrangeParams, steps=lambda params: [], tasks='strange')\n",
        encoding="utf-8",
    )
    dist = tmp_path / "site" / "strange-1.0.dist-info"
    dist.mkdir()
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1.0\n", encoding="utf-8")
    (dist / "entry_points.txt").write_text("[shotmill.jobs]\nstrange = strange:JOB\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    (left_out,) = all_cases().left_out
    assert left_out.job_type == "strange"
    assert "text Field required" in left_out.reason
