"""Text made to be executed: refused with a code before anything is submitted, or carried to the task as it is."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import write_frames
from payloads import PAYLOADS, WRAPPERS
from specs import clip, decoded
from studio_colour import write_config

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.openjd import compile_template
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import job_by_id, job_spec, put_job
from shotmill.schema.errors import ShotmillError
from shotmill.schema.ids import JobId, uuid7
from shotmill.schema.job import JobSpec
from shotmill.schema.media import Clip, EntityKind, EntityRef

pytestmark = pytest.mark.hostile


@pytest.fixture(autouse=True)
def _canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test runs in an empty folder, and nothing has been executed when it ends."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    yield
    assert [*(tmp_path / "here").iterdir(), *tmp_path.rglob("canary*")] == []


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """With a small OCIO config: it is read anew for each of some thousand submissions."""
    return settings.model_copy(update={"ocio": str(write_config(tmp_path / "config.ocio", red=1))})


@pytest.fixture
def good(tmp_path: Path) -> Clip:
    """A clip with nothing wrong."""
    plate = write_frames(tmp_path / "plate", 1)
    return clip(1, "1", media=str(plate))


def in_clip(good: Clip, **wrong: Any) -> dict[str, Any]:
    return {"clips": [{**good.model_dump(mode="json"), **wrong}]}


def in_entity(good: Clip, **wrong: str) -> dict[str, Any]:
    found = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010").model_dump(mode="json")
    return in_clip(good, entity={**found, **wrong})


Ask = Callable[[Clip, str], SubmitRequest]
Find = Callable[[JobSpec], Any]
FIELDS: dict[str, tuple[Ask, Find]] = {
    "clip name": (
        lambda good, text: SubmitRequest("thumbnail", params=in_clip(good, name=text)),
        lambda spec: spec.params["clips"][0]["name"],
    ),
    "clip colour space": (
        lambda good, text: SubmitRequest("thumbnail", params=in_clip(good, colourspace=text)),
        lambda spec: spec.params["clips"][0]["colourspace"],
    ),
    "colour space": (
        lambda good, text: SubmitRequest("thumbnail", params={**in_clip(good), "colourspace": text}),
        lambda spec: spec.params["colourspace"],
    ),
    "display": (
        lambda good, text: SubmitRequest("filmstrip", params={**in_clip(good), "display": text}),
        lambda spec: spec.params["display"],
    ),
    "heading": (
        lambda good, text: SubmitRequest("contactsheet", params={**in_clip(good), "heading": text}),
        lambda spec: spec.params["heading"],
    ),
    "frame": (
        lambda good, text: SubmitRequest("thumbnail", params={**in_clip(good), "frame": text}),
        lambda spec: spec.params["frame"],
    ),
    "comment": (
        lambda good, text: SubmitRequest("probe", params=in_clip(good), comment=text),
        lambda spec: spec.comment,
    ),
    "shot": (
        lambda good, text: SubmitRequest("probe", params=in_entity(good, name=text)),
        lambda spec: spec.steps[0].outputs[0].entity.name,
    ),
    "sequence": (
        lambda good, text: SubmitRequest("probe", params=in_entity(good, parent=text)),
        lambda spec: spec.steps[0].outputs[0].entity.parent,
    ),
    "project": (
        lambda good, text: SubmitRequest("probe", params=in_clip(good), project=f"x{text}"),
        lambda spec: spec.project.removeprefix("x"),
    ),
    "product": (
        lambda good, text: SubmitRequest("publish", params={**in_clip(good), "product": text}),
        lambda spec: spec.steps[0].outputs[0].name,
    ),
    "kind": (
        lambda good, text: SubmitRequest("publish", params={**in_clip(good), "kind": text}),
        lambda spec: spec.steps[0].outputs[0].kind,
    ),
}


def planned(request: SubmitRequest, settings: Settings) -> JobSpec | None:
    """The job, or nothing when it was refused as it should be: with a code, in one printable line."""
    try:
        return plan(request, settings).spec
    except ShotmillError as error:
        refusal = error
    assert refusal.code.startswith("E2"), refusal
    assert refusal.line().isprintable(), refusal
    return None


def same_template(spec: JobSpec, other: JobSpec) -> bool:
    """Whether all but the name, which is made of letters, is the same."""
    named = spec.model_copy(update={"name": other.name})
    return compile_template(named) == compile_template(other)


def test_there_are_more_than_three_hundred_payloads() -> None:
    assert len(PAYLOADS) > 300


@pytest.mark.parametrize("field", FIELDS)
def test_text_is_refused_or_carried_as_it_is(field: str, good: Clip, settings: Settings, tmp_path: Path) -> None:
    ask, find = FIELDS[field]
    harmless = None
    for number, text in enumerate(PAYLOADS):
        spec = planned(ask(good, text), settings)
        if spec is None:
            continue
        harmless = harmless or planned(replace(ask(good, text), comment="x"), settings)
        if number % len(WRAPPERS) == 0:  # the others are sure to be written the same way
            folder = JobFolder(tmp_path / "jobs" / str(number))
            write_bundle(spec, folder)
            spec = folder.read_spec()
        assert find(spec) == text
        assert harmless is not None
        assert same_template(spec, harmless), text


@pytest.mark.parametrize("field", ["shot", "sequence", "project", "product", "kind", "frame"])
def test_what_becomes_a_name_is_never_carried(field: str, good: Clip, settings: Settings) -> None:
    ask, _find = FIELDS[field]
    carried = {text for text in PAYLOADS if planned(ask(good, text), settings) is not None}
    assert {text for text in carried if not re.fullmatch("[A-Za-z0-9_.-]+", text)} == set()


@pytest.mark.parametrize("field", ["comment", "heading", "clip name"])
def test_what_people_may_write_is_carried_with_all_its_signs(field: str, good: Clip, settings: Settings) -> None:
    ask, find = FIELDS[field]
    for text in (
        "$(touch canary)",
        "`touch canary`",
        "a'; DROP TABLE job; --",
        "{{Param.Shotmill}}",
        "%s%n%d",
        "* ; | &",
    ):
        spec = planned(ask(good, text), settings)
        assert spec is not None
        assert find(spec) == text


@pytest.mark.parametrize("job_type", ["thumbnail", "probe", "publish"])
def test_a_file_of_any_name_is_refused_or_read_under_that_name(
    job_type: str, good: Clip, settings: Settings, tmp_path: Path
) -> None:
    picture = Path(good.media.replace("####", "0001"))
    carried, harmless = 0, None
    for number, text in enumerate(PAYLOADS):
        folder = tmp_path / "plates" / str(number)
        folder.mkdir(parents=True)
        if "\0" in text or "/" in text:
            continue
        path = folder / f"{text}.png"
        shutil.copyfile(picture, path)
        spec = planned(SubmitRequest(job_type, plates=[str(path)]), settings)
        if spec is not None and "#" not in text:
            carried += 1
            harmless = harmless or spec
            assert spec.params["clips"][0]["media"] == os.fspath(path)
            assert same_template(spec, harmless)
        shutil.rmtree(folder)
    assert carried > 200


def test_openjd_reads_no_expression_in_a_hostile_job(good: Clip, settings: Settings) -> None:
    params = in_clip(good, name="{{Param.Shotmill}}")
    spec = planned(SubmitRequest("thumbnail", params=params, comment="{{Task.Param.Frame}}"), settings)
    assert spec is not None
    assert decoded(spec).name == "thumbnail-Param_Shotmill"


def test_the_database_keeps_hostile_text_as_it_is(good: Clip, settings: Settings, database: Database) -> None:
    base = plan(SubmitRequest("probe", params=in_clip(good)), settings).spec
    for number, text in enumerate(PAYLOADS[::3]):
        spec = planned(SubmitRequest("probe", params=in_clip(good, name=text), comment=text), settings)
        if spec is None:
            continue
        spec = spec.model_copy(update={"key": f"{number:064d}", "user": text})
        job, is_new = put_job(database, spec, engine="local", folder="/x")
        assert is_new
        assert job_spec(database, job.id) == spec
        assert job_by_id(database, JobId(job.id)).user == text
    job, is_new = put_job(database, base.model_copy(update={"id": str(uuid7())}), engine="local", folder="/x")
    assert is_new  # the table is still there
