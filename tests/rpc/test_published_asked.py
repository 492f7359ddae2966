"""What was published, as hosts browse it: versions, pictures, notes; and a job that is watched to its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rpc_host
from command_line import stop_engines, write_frames
from rpc_host import Answered

import shotmill as package

SCHEMAS = Path(package.__file__).resolve().parent / "schema" / "json"
Ask = Callable[..., Answered]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, Answered]]:
    """A home in which a thumbnail was submitted, watched and published; its plate, and what the host heard."""
    folder = tmp_path_factory.mktemp("watched")
    home, plate = folder / "home", write_frames(folder / "media", 1001, 1002, 1003)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOTMILL_IDLE_S", "5")
        asked = {"job_type": "thumbnail", "plates": [str(plate)], "shot": "sq010/sh010", "comment": "first"}
        handle = rpc_host.ask(home, "submit", asked).value["job"]["handle"]
        yield home, plate, rpc_host.ask(home, "watch", {"jobs": [handle], "every_s": 0.1})
    stop_engines(home)


@pytest.fixture
def asking(watched: tuple[Path, Path, Answered]) -> Ask:
    """Ask in that home."""

    def asked(op: str, args: dict[str, Any] | None = None, **more: Any) -> Answered:
        return rpc_host.ask(watched[0], op, args, **more)

    return asked


def test_a_watched_job_tells_its_changes_and_what_it_published(watched: tuple[Path, Path, Answered]) -> None:
    _home, _plate, heard = watched
    events = heard.of("event")
    for event in events:
        jsonschema.validate(event, json.loads((SCHEMAS / "rpc-event.json").read_text(encoding="utf-8")))
    assert len({str(event) for event in events}) == len(events), "nothing is told twice"
    assert [step["total"] for step in events[-1]["steps"]] == [1, 1]
    assert (events[-1]["state"], events[-1]["version"]["owner"]) == ("succeeded", "sq010/sh010")
    assert heard.value["jobs"][0]["job"]["state"] == "succeeded"


@pytest.mark.parametrize("which", ["all", "latest", "shot", "product", "source", "source as printf", "job"])
def test_versions_are_found(which: str, asking: Ask, watched: tuple[Path, Path, Answered]) -> None:
    _home, plate, heard = watched
    chosen: dict[str, dict[str, object]] = {
        "all": {},
        "latest": {"latest": True},
        "shot": {"shot": "sq010/sh010"},
        "product": {"product": "thumbnail"},
        "source": {"source": str(plate)},
        "source as printf": {"source": str(plate).replace("####", "%04d")},
        "job": {"job": heard.value["jobs"][0]["job"]["handle"]},
    }
    [found] = asking("versions", chosen[which]).value["versions"]
    assert (found["address"], found["comment"], found["gone"]) == ("local:sq010/sh010/thumbnail@v001", "first", False)
    assert found["source"] == str(plate)


@pytest.mark.parametrize("args", [{"shot": "sq099"}, {"approved": True}, {"source": "/other/plate.####.exr"}])
def test_versions_that_are_not_meant_are_left_out(args: dict[str, object], asking: Ask) -> None:
    assert asking("versions", args).value == {"versions": []}


def test_a_version_tells_its_files_and_has_a_picture(asking: Ask) -> None:
    [found] = asking("versions").value["versions"]
    [form] = found["representations"]
    assert Path(form["path"]).is_file()
    assert (form["name"], form["files"], form["width"], form["height"]) == ("jpg", 1, 512, 288)
    assert found["picture"] == form["path"]
    assert asking("versions", {"path": form["path"]}).value == {"versions": [found]}
    for other in (str(Path(form["path"]).parents[2] / "v002" / "x.jpg"), "/elsewhere/x.jpg", "x.jpg", form["path"][1:]):
        assert asking("versions", {"path": other}).value == {"versions": []}


@pytest.mark.parametrize("by", ["id", "address", "shot"])
def test_notes_are_said_and_read(by: str, asking: Ask) -> None:
    [version] = asking("versions").value["versions"]
    about = {
        "id": {"version": version["id"]},
        "address": {"version": version["address"]},
        "shot": {"shot": "sq010/sh010"},
    }
    said = asking("note", {**about[by], "text": f"edge flickers ({by}) <b>"}).value
    assert said["address"] == version["address"]
    assert said in asking("notes", about[by]).value["notes"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        pytest.param({"text": "x"}, "E200", id="of nothing"),
        pytest.param({"text": "x", "shot": "sq010/sh010", "version": "a"}, "E200", id="of two things"),
        pytest.param({"text": " ", "shot": "sq010/sh010"}, "E200", id="empty"),
        pytest.param({"text": "x", "shot": "sq010/sh099"}, "E211", id="of no shot"),
        pytest.param({"text": "x", "version": "00000000-0000-4000-8000-000000000000"}, "E211", id="of no version"),
    ],
)
def test_notes_on_nothing_are_refused(args: dict[str, str], code: str, asking: Ask) -> None:
    assert asking("note", args).error["code"] == code


def test_a_retry_of_a_job_that_is_done_says_so(asking: Ask, watched: tuple[Path, Path, Answered]) -> None:
    handle = watched[2].value["jobs"][0]["job"]["handle"]
    assert "nothing to do" in asking("retry", {"job": handle}).value["text"]


def test_a_segmenter_that_does_not_run_is_told(asking: Ask) -> None:
    missing = asking("segment")
    assert (missing.error["code"], "ask with start" in missing.error["hint"]) == ("E211", True)
