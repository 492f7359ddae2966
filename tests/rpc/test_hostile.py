"""Host facts 3 and more: what hosts send that is strange: paths, names, Windows, text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import write_frames
from movie_jobs import rising_sound
from rpc_host import Answered

from shotmill.jobs import find_job_type
from shotmill.pipeline.pathmap import mapped
from shotmill.submitters.rpc.places import mapped_params

Ask = Callable[..., Answered]
pytestmark = pytest.mark.usefixtures("no_engine")
STRANGE = [
    "with space",
    "it's",
    'say "hi"',
    "#1",
    "100%",
    "%d",
    "ünï-日本",
    "$(reboot)",
    "a;b|c&d",
    "back\\slash",
    "-dash",
]


def test_strange_paths_reach_the_job_as_they_are(ask: Ask, tmp_path: Path) -> None:
    plates = [str(write_frames(tmp_path / name, 1001)) for name in STRANGE]
    comment = " ".join(STRANGE)
    job = ask("submit", {"job_type": "thumbnail", "plates": plates, "comment": comment}).value["job"]
    spec = json.loads((Path(job["folder"]) / "bundle" / "job.json").read_text(encoding="utf-8"))
    assert [clip["media"] for clip in spec["params"]["clips"]] == plates
    assert spec["comment"] == comment


HOSTILE = ["../../etc/passwd", "sq010/..", "sq010/sh 010", "sq010", "sq010/s;rm -rf ~", "a/b\n", "/", "a/b/c", "sq/NUL"]


@pytest.mark.parametrize("shot", HOSTILE)
def test_hostile_names_of_shots_are_refused_by_the_server(shot: str, ask: Ask, home: Path, plate: Path) -> None:
    asked = {"job_type": "thumbnail", "plates": [str(plate)], "shot": shot}
    refused = ask("submit", asked)
    assert (refused.exit_code, refused.error["code"], refused.error["field"]) == (2, "E210", "shot")
    assert [one["field"] for one in ask("validate", asked).value["problems"]] == ["shot"]
    assert not list(home.rglob("J-*"))


@pytest.mark.parametrize("field", ["project", "cut"])
def test_hostile_names_of_projects_and_cuts_are_refused(field: str, ask: Ask, plate: Path) -> None:
    plates = [str(plate)] if field == "project" else []
    refused = ask("submit", {"job_type": "thumbnail", "plates": plates, field: "../../x"})
    assert refused.exit_code == 2


def test_windows_paths_become_those_of_this_machine(ask: Ask, plate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_PATH_MAP", f"P:/shows={plate.parent},//nas/shows={plate.parent}")
    for given in ("P:\\shows\\plate.%04d.png", "p:/Shows/plate.####.png", "\\\\NAS\\shows\\plate.1001.png"):
        planned = ask("plan", {"job_type": "thumbnail", "plates": [given]}).value
        assert planned["publishes"] == ["local/plate/plate/thumbnail"]


def test_masks_of_prompts_are_found_through_the_path_map_too(plate: Path) -> None:
    """A mask that was drawn on Windows, deep in the prompts of a roto; what is wrong in shape is left for the check."""
    prompts = [{"frame": 1001, "mask": "P:\\shows\\m.1001.png"}, {"frame": 1002, "text": "P:/shows/not a path"}]
    given = {"objects": [{"name": "a", "prompts": prompts}, 7, {"name": "P:/shows", "prompts": "P:/shows"}]}
    found = mapped_params(given, find_job_type("roto"), [f"P:/shows={plate.parent}"])
    assert found["objects"][0]["prompts"] == [{"frame": 1001, "mask": f"{plate.parent}/m.1001.png"}, prompts[1]]
    assert found["objects"][1:] == given["objects"][1:]


@pytest.mark.parametrize("given", ["P:\\shows\\plate.####.png", "plate.####.png", "\\\\nas\\x\\plate.png"])
def test_paths_that_mean_nothing_here_are_refused_with_the_mend(given: str, ask: Ask) -> None:
    refused = ask("submit", {"job_type": "thumbnail", "plates": [given]})
    assert (refused.error["code"], refused.error["field"]) == ("E203", "plates")
    assert "path_map" in refused.error["hint"] or "absolute path" in refused.error["message"]


@pytest.mark.parametrize(
    ("path", "here"),
    [
        pytest.param("P:/shows/a/b.exr", "/mnt/shows/a/b.exr", id="slashes"),
        pytest.param("p:\\SHOWS\\a.exr", "/mnt/shows/a.exr", id="backslashes and case"),
        pytest.param("P:/shows/deep/a.exr", "/mnt/deep/a.exr", id="the longest prefix wins"),
        pytest.param("P:/shows", "/mnt/shows", id="the folder itself"),
        pytest.param("P:/showsx/a.exr", "P:/showsx/a.exr", id="not half a name"),
        pytest.param("/Volumes/shows/a.exr", "/mnt/shows/a.exr", id="macOS"),
        pytest.param("/volumes/shows/a.exr", "/volumes/shows/a.exr", id="case counts elsewhere"),
        pytest.param("/mnt/we\\ird.exr", "/mnt/we\\ird.exr", id="a backslash in a name"),
    ],
)
def test_prefixes_are_mapped(path: str, here: str) -> None:
    roots = {"P:/shows": "/mnt/shows", "P:\\shows\\deep": "/mnt/deep", "/Volumes/shows": "/mnt/shows/"}
    assert mapped(path, roots) == here


@pytest.mark.parametrize("pair", ["P:/shows", "=/mnt", "P:/shows=mnt", "/=/mnt"])
def test_a_pair_that_is_none_is_refused_in_the_settings(pair: str, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_PATH_MAP", pair)
    refused = ask("ping")
    assert (refused.error["code"], "write FROM=TO" in refused.error["message"]) == ("E110", True)


def test_paths_in_parameters_are_mapped_where_they_are_paths(
    ask: Ask, plate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOTMILL_PATH_MAP", f"P:/={tmp_path}")
    params = {"audio": "P:\\voice.wav", "notes": "P:\\voice.wav", "container": "mov", "rate": "24"}
    asked = {"job_type": "dailies", "plates": [str(plate)], "params": params, "shot": "sq010/sh010"}
    rising_sound(tmp_path / "voice.wav", 1.0)
    job = ask("submit", asked).value["job"]
    spec = json.loads((Path(job["folder"]) / "bundle" / "job.json").read_text(encoding="utf-8"))
    assert spec["params"]["audio"] == str(tmp_path / "voice.wav")
    assert spec["params"]["notes"] == "P:\\voice.wav"
