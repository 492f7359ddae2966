"""Frames of a job at work: receipts tell which are there, each once, where they lie and of which plate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from done_jobs import job_spec, output_spec, task_done
from rpc_host import Answered

import shotmill
from shotmill.pipeline.files import write_whole
from shotmill.pipeline.folders import JobFolder
from shotmill.schema.job import JobSpec
from shotmill.submitters.rpc.arrived import Arrivals

Ask = Callable[..., Answered]
SCHEMA = Path(shotmill.schema.__file__).parent / "json" / "rpc-frames.json"


@pytest.fixture
def spec() -> JobSpec:
    return job_spec(output_spec(frames="1001-1004", product="roto", kind="matte"))


@pytest.fixture
def folder(tmp_path: Path, spec: JobSpec) -> JobFolder:
    """A job that is at work; no task is done yet."""
    made = JobFolder(tmp_path / "jöb 1")
    made.bundle.mkdir(parents=True)
    write_whole(made.job, spec.pretty().encode())
    return made


def test_frames_are_told_once_each_as_their_tasks_are_done(folder: JobFolder, spec: JobSpec) -> None:
    arrivals = Arrivals("J-A", folder.root)
    assert list(arrivals.fresh()) == []
    task_done(folder, spec, "1", [(f"v2_{frame}.bin", frame, b"x") for frame in (1001, 1002)])
    [first] = arrivals.fresh()
    jsonschema.validate(first.model_dump(mode="json"), json.loads(SCHEMA.read_text(encoding="utf-8")))
    told = (first.job, first.project, first.owner, first.product, first.kind, first.frames)
    assert told == ("J-A", "demo", "sq010/sh010", "roto", "matte", "1001-1002")
    assert first.path == str(folder.root / "attempts/render/1/001-test/v2_####.bin")
    task_done(folder, spec, "2", [("1004.bin", 1004, b"x"), ("notes.bin", None, b"x")])
    assert [(one.frames, one.path.rpartition("/")[2]) for one in arrivals.fresh()] == [("1004", "####.bin")]
    assert list(arrivals.fresh()) == []


def test_a_receipt_that_is_half_there_is_told_when_it_is_whole(folder: JobFolder, spec: JobSpec) -> None:
    task_done(folder, spec, "1", [("1001.bin", 1001, b"x")])
    [path] = folder.receipts("render")
    whole = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(whole[:40])
    arrivals = Arrivals("J-A", folder.root)
    assert list(arrivals.fresh()) == []
    path.write_bytes(whole)
    assert [one.frames for one in arrivals.fresh()] == ["1001"]


def test_a_job_of_other_disks_tells_nothing(tmp_path: Path) -> None:
    assert list(Arrivals("J-A", tmp_path / "gone").fresh()) == []


@pytest.mark.usefixtures("no_engine")
def test_who_watches_hears_of_frames_if_that_is_wanted(ask: Ask, plate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"job_type": "publish", "plates": [str(plate)], "params": {"product": "comp"}, "shot": "sq010/sh010"}
    job = ask("submit", asked).value["job"]
    folder = JobFolder(Path(job["folder"]))
    spec = folder.read_spec()
    [step] = [step for step in spec.steps if step.outputs]
    files = [(f"comp.{frame}.png", frame, b"x") for frame in (1001, 1002)]
    task_done(folder, spec, "1", files, step=step)
    monkeypatch.setattr("shotmill.submitters.rpc.jobs._rest", lambda *_given: ask("cancel", {"job": job["handle"]}))
    heard = ask("watch", {"jobs": [job["handle"]], "frames": True})
    assert [(one["product"], one["frames"]) for one in heard.of("frames")] == [("comp", "1001-1002")]
    assert heard.of("event")[-1]["state"] == "cancelled"
    assert ask("watch", {"jobs": [job["handle"]]}).of("frames") == []
