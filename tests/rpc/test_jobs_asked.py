"""From a form to a job: validate, plan, submit, status, cancel."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from published_rows import publish_row
from rpc_host import Answered

from shotmill.submitters.studio import Studio

Ask = Callable[..., Answered]
pytestmark = pytest.mark.usefixtures("no_engine")


def thumbnail(plate: Path | str, **more: object) -> dict[str, object]:
    return {"job_type": "thumbnail", "plates": [str(plate)], **more}


def test_validate_tells_everything_that_is_wrong_at_once(ask: Ask) -> None:
    params = {"width": 5, "quality": 1000, "wdth": 3}
    found = ask("validate", thumbnail("/no/such/plate.####.exr", params=params)).value
    assert not found["ok"]
    assert [(one["field"], one["code"]) for one in found["problems"]] == [
        ("quality", "E210"), ("width", "E210"), ("wdth", "E210"), ("plates", "E204"),
    ]  # fmt: skip


def test_validate_accepts_what_submit_takes_and_writes_nothing(ask: Ask, plate: Path, home: Path) -> None:
    assert ask("validate", thumbnail(plate)).value == {"ok": True, "problems": []}
    assert not home.exists()


def test_plan_tells_what_a_submit_would_do_and_what_did_it_before(ask: Ask, plate: Path, home: Path) -> None:
    before = ask("plan", thumbnail(plate)).value
    assert (before["tasks"], before["publishes"], before["done_before"]) == (2, ["local/plate/plate/thumbnail"], None)
    assert before["projects"] == str(home / "projects")
    made = ask("submit", thumbnail(plate)).value["job"]
    again = ask("plan", thumbnail(plate)).value
    assert again["done_before"] == {"job": made["handle"], "state": "queued", "versions": []}
    assert again["versions"] == before["versions"], "a plan reserves nothing"


def test_plan_tells_the_version_that_comes_next_and_where(ask: Ask, plate: Path, home: Path) -> None:
    shot = thumbnail(plate, shot="sq010/sh010", project="demo")
    told = [ask("plan", shot).value["versions"]]
    studio = Studio(str(home))
    for _ in range(2):
        publish_row(studio.database, product="thumbnail")
    studio.close()
    told.append(ask("plan", shot).value["versions"])
    assert [(one["address"], one["version"]) for (one,) in told] == [
        ("demo:sq010/sh010/thumbnail@v001", 1), ("demo:sq010/sh010/thumbnail@v003", 3),
    ]  # fmt: skip
    assert told[1][0]["folder"] == str(home / "projects/demo/shots/sq010/sh010/publish/thumbnail/v003")


def test_a_submit_is_told_in_stages_and_kept_with_its_job(ask: Ask, plate: Path) -> None:
    chosen = str(uuid.uuid4())
    answered = ask("submit", thumbnail(plate), id=chosen)
    assert [line["stage"] for line in answered.of("progress")] == ["check", "hash", "store"]
    job = answered.value["job"]
    kept = Path(job["folder"]) / "requests" / f"{chosen}.json"
    assert json.loads(kept.read_text(encoding="utf-8"))["host"]["app"] == "rv"
    assert job["id"] == chosen


def test_status_and_cancel_tell_where_a_job_stands(ask: Ask, plate: Path) -> None:
    handle = ask("submit", thumbnail(plate)).value["job"]["handle"]
    [told] = ask("status", {"jobs": [handle]}).value["jobs"]
    assert (told["job"]["state"], told["steps"][0]["name"]) == ("queued", "render")
    assert ask("cancel", {"job": handle}).value["job"]["state"] == "cancelled"
    assert ask("status", {"jobs": ["J-NONE"]}).error["code"] == "E211"
