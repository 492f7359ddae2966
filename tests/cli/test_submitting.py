"""Submitting: once is enough, flags and files fill the parameters, and what is wrong is refused with its code."""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path

import pytest
from command_line import Shotmill, write_cut, write_frames


def test_a_second_submit_runs_nothing(plate: Path, shotmill: Shotmill) -> None:
    first = shotmill("submit", "thumbnail", plate, "--wait")
    assert (first.exit_code, first.out.splitlines()[-1].split()[:2]) == (
        0,
        ["published", "local:plate/plate/thumbnail@v001"],
    )
    handle = first.out.split(":")[0].removeprefix("submitted ")
    second = shotmill("submit", "thumbnail", plate, "--wait")
    wanted = (
        f"already published as local:plate/plate/thumbnail@v001 ({handle}); 0 tasks run. Use --force for a new version."
    )
    assert (second.exit_code, second.out.strip()) == (0, wanted)


def test_a_version_whose_files_are_gone_is_told_as_such(plate: Path, home: Path, shotmill: Shotmill) -> None:
    assert shotmill("submit", "thumbnail", plate, "--wait").exit_code == 0
    shutil.rmtree(home / "projects")
    again, as_json = shotmill("submit", "thumbnail", plate), shotmill("submit", "thumbnail", plate, "--json")
    assert (again.exit_code, "v001" in again.out, "but its files are gone; 0 tasks run." in again.out) == (
        65,
        True,
        True,
    )
    assert again.out.splitlines()[-1].startswith("next: shotmill verify local:plate/plate/thumbnail@v001; or submit")
    assert as_json.json["warnings"] == ["the files of local:plate/plate/thumbnail@v001 are gone"]
    where = shotmill("path", "plate/plate/thumbnail")
    assert (where.exit_code, "its files are gone from" in where.err, "shotmill verify" in where.err) == (65, True, True)
    assert shotmill("submit", "thumbnail", plate, "--force", "--wait").exit_code == 0


def test_force_makes_the_next_version(plate: Path, shotmill: Shotmill) -> None:
    assert shotmill("submit", "thumbnail", plate, "--wait").exit_code == 0
    again = shotmill("submit", "thumbnail", plate, "--wait", "--force", "--json").json
    assert (again["is_new"], again["tasks"], again["versions"]) == (True, 2, ["local:plate/plate/thumbnail@v002"])


def test_other_parameters_are_another_job(plate: Path, shotmill: Shotmill) -> None:
    assert shotmill("submit", "thumbnail", plate, "--wait").exit_code == 0
    assert shotmill("submit", "thumbnail", plate, "--width", "32", "--wait", "--json").json["is_new"]


@pytest.mark.usefixtures("frozen_engine")
def test_a_job_that_is_on_its_way_is_not_submitted_twice(plate: Path, shotmill: Shotmill) -> None:
    handle = shotmill("submit", "thumbnail", plate, "--json").json["job"]["handle"]
    again = shotmill("submit", "thumbnail", plate)
    assert again.out == f"already queued as {handle} (same inputs). Use --force for a new version.\n"


@pytest.mark.usefixtures("frozen_engine")
def test_one_token_is_one_job(plate: Path, shotmill: Shotmill) -> None:
    token = str(uuid.uuid4())
    jobs = {
        shotmill("submit", "thumbnail", plate, "--force", "--token", token, "--json").json["job"]["id"]
        for _ in range(3)
    }
    assert jobs == {token}


def test_a_dry_run_writes_nothing(plate: Path, home: Path, shotmill: Shotmill) -> None:
    ran = shotmill("submit", "thumbnail", plate, "--dry-run")
    assert "publishes local/plate/plate/thumbnail" in ran.out
    assert not home.exists()


def test_a_plan_counts_the_tasks(tmp_path: Path, shotmill: Shotmill) -> None:
    plates = [write_frames(tmp_path / f"p{number}", 1) for number in range(20)]
    found = shotmill("plan", "thumbnail", *plates, "--json").json
    assert [(step["name"], step["tasks"]) for step in found["steps"]] == [("render", 3), ("publish", 1)]


def test_a_compiled_bundle_is_the_same_each_time(plate: Path, tmp_path: Path, shotmill: Shotmill) -> None:
    shown = [shotmill("compile", "thumbnail", plate, "--out", tmp_path / name).out.split() for name in "ab"]
    assert Path(shown[0][0]).read_bytes() == Path(shown[1][0]).read_bytes()
    assert json.loads(Path(shown[0][0]).read_bytes())["specificationVersion"] == "jobtemplate-2023-09"


def test_results_belong_to_the_shot_that_is_named(plate: Path, shotmill: Shotmill) -> None:
    options = ("--shot", "sq010/sh010", "--project", "film", "--comment", "for the edit", "--wait", "--json")
    assert shotmill("submit", "thumbnail", plate, *options).json["versions"] == ["film:sq010/sh010/thumbnail@v001"]
    [version] = shotmill("versions", "--project", "film", "--json").json["versions"]
    assert (version["comment"], version["entity"]) == ("for the edit", "sq010/sh010")


def test_parameters_come_from_file_pairs_and_flags(plate: Path, tmp_path: Path, shotmill: Shotmill) -> None:
    file = tmp_path / "params.json"
    file.write_text('{"width": 16, "format": "png", "quality": 5}', encoding="utf-8")
    given = ("--params", file, "--param", "width=32", "--param", "quality=6", "--quality", "7")
    shown = shotmill("compile", "thumbnail", plate, *given, "--out", tmp_path / "out").out.split()
    params = json.loads(Path(shown[1]).read_bytes())["params"]
    assert (params["width"], params["format"], params["quality"]) == (32, "png", 7)


def test_a_cut_is_one_job_for_all_its_shots(plate: Path, tmp_path: Path, shotmill: Shotmill) -> None:
    assert shotmill("ingest", write_cut(tmp_path / "cut.otio", plate), "--cut", "main").exit_code == 0
    ran = shotmill("submit", "contactsheet", "--cut", "main", "--wait", "--json")
    assert ran.json["versions"] == ["local:cut/main/contactsheet@v001"]


def test_files_are_published_as_they_are(plate: Path, shotmill: Shotmill) -> None:
    ran = shotmill("publish", plate, "--shot", "sq010/sh010", "--product", "comp", "--kind", "matte")
    assert ran.out.splitlines()[-1].startswith("published local:sq010/sh010/comp@v001 ")
    published = shotmill("path", "sq010/sh010/comp", "--files").out.split()
    assert [Path(path).read_bytes() for path in published] == [
        (plate.parent / f"plate.{frame}.png").read_bytes() for frame in (1001, 1002, 1003)
    ]


def test_a_hole_stops_a_publish_unless_it_is_allowed(tmp_path: Path, shotmill: Shotmill) -> None:
    plate = write_frames(tmp_path / "media", 1001, 1003)
    common = ("publish", plate, "--asset", "plate/hero", "--product", "plate")
    refused = shotmill(*common)
    assert (refused.exit_code, "E501" in refused.err, "frames 1002 are not there" in refused.err) == (65, True, True)
    assert shotmill("jobs").out.startswith("no jobs yet")
    assert shotmill("versions").out == "nothing is published yet\n"
    allowed = shotmill(*common, "--allow-holes")
    assert (allowed.exit_code, "plate/hero/plate@v001" in allowed.out) == (0, True)


@pytest.mark.parametrize(
    ("command", "exit_code", "error", "words"),
    [
        (["submti"], 64, "E200", "did you mean: submit"),
        (["submit", "thumbnial"], 64, "E112", "did you mean: thumbnail"),
        (["submit", "thumbnail"], 64, "E210", "needs something to read"),
        (["submit", "thumbnail", ""], 64, "E200", "is empty"),
        (["submit", "thumbnail", "PLATE", "--wdith", "5"], 64, "E200", "'--width'"),
        (["submit", "thumbnail", "PLATE", "--width", "many"], 64, "E210", "'width'"),
        (["submit", "thumbnail", "PLATE", "--width", "15"], 64, "E210", "16"),
        (["submit", "thumbnail", "PLATE", "--format", "bmp"], 64, "E200", "'bmp'"),
        (["submit", "thumbnail", "PLATE", "--param", "widht=5"], 64, "E210", "did you mean: width"),
        (["submit", "thumbnail", "PLATE", "--param", "width"], 64, "E210", "NAME=VALUE"),
        (["submit", "thumbnail", "PLATE", "--params", "/no/such.json"], 64, "E210", "cannot be read"),
        (["submit", "thumbnail", "PLATE", "--frame", "7"], 64, "E210", "frame 7 is not among the frames 1001-1003"),
        (["submit", "thumbnail", "PLATE", "--colourspace", "nope"], 64, "E207", "nearest: "),
        (["submit", "thumbnail", "PLATE", "--display", "nope"], 64, "E207", "nearest: "),
        (["submit", "contactsheet", "PLATE", "--view", "nope"], 64, "E207", "nearest: "),
        (["submit", "thumbnail", "PLATE", "--cut", "main"], 64, "E200", "one of them"),
        (["submit", "thumbnail", "PLATE", "--param", "clips=[]"], 64, "E200", "one of them"),
        (["submit", "thumbnail", "--cut", "main"], 64, "E211", "no cut 'main'"),
        (["submit", "thumbnail", "PLATE", "--shot", "sh010"], 64, "E210", "SEQUENCE/SHOT"),
        (["submit", "thumbnail", "PLATE", "--shot", "a/b", "--asset", "c/d"], 64, "E210", "not both"),
        (["submit", "thumbnail", "PLATE", "--engine", "moon"], 69, "E110", "known: deadline, local, opencue"),
        (["submit", "thumbnail", "PLATE", "--token", "mine"], 64, "E200", "no UUID"),
        (["submit", "thumbnail", "/no/such/plate.mov"], 65, "E204", "is not there"),
        (["submit", "thumbnail", "FOLDER"], 64, "E200", "holds 0 media"),
        (["publish", "PLATE", "--shot", "a/b", "--product", "../x"], 64, "E2", "product"),
        (["ingest", "/no/such.otio", "--cut", "main"], 65, "E204", "no such file"),
        (["ingest", "PLATE", "--cut", "main"], 65, "E20", ""),
        (["ingest", "/no/such.edl", "--cut", "main", "--rate", "fast"], 64, "E200", "fast"),
        (["probe", "/no/such.exr"], 65, "E204", "is not there"),
        (["status", "J-NONE"], 64, "E211", "no job 'J-NONE'"),
        (["path", "nowhere"], 64, "E202", "write it as"),
        (["path", "sq010/sh010/thumbnail"], 64, "E211", "nothing is published"),
        (["lineage", "sq010/sh010/thumbnail@v0"], 64, "E202", "count from v001"),
        (["verify"], 64, "E200", "--all"),
        (["failures", "--since", "yesterday"], 64, "E200", "30min"),
        (["explain", "E999"], 64, "E211", "known:"),
        (["schema", "nope"], 64, "E211", "known:"),
        (["config", "explain", "nope"], 69, "E110", "known:"),
        (["new", "../evil"], 64, "E202", "denoise"),
        (["task", "--bundle", "/no/such", "--step", "a", "--frames", "1-x"], 64, "E201", "1001-1096"),
        (["db", "downgrade", "--yes", "--steps", "99"], 64, "E200", "99"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_refused(
    command: list[str], exit_code: int, error: str, words: str, plate: Path, shotmill: Shotmill
) -> None:
    (plate.parent / "empty").mkdir()
    named = {"PLATE": str(plate), "FOLDER": str(plate.parent / "empty")}
    ran = shotmill(*(named.get(word, word) for word in command))
    assert (ran.exit_code, ran.err[: len(error)]) == (exit_code, error), ran.err
    assert words.lower() in (ran.out + ran.err).lower()


PAYLOADS = {
    "shell": "$(touch stolen)",
    "backticks": "`touch stolen`",
    "semicolon": "; touch stolen",
    "pipe": "x|touch stolen",
    "climb": "../../stolen",
    "absolute": "/etc/passwd",
    "escape": "\x1b]0;stolen\x07",
    "newline": "a\nb",
    "nul": "a\0b",
    "surrogate": "a\udcffb",
    "long": "x" * 5000,
    "option": "--stolen",
    "right to left": "abc\u202egnp.exe",
    "template": "{{Param.X}}",
    "empty": "",
}
TAKES_TEXT = (
    ("submit", "thumbnail", "{}"),
    ("submit", "{}"),
    ("submit", "thumbnail", "PLATE", "--shot", "{}"),
    ("submit", "thumbnail", "PLATE", "--asset", "plate/{}"),
    ("submit", "thumbnail", "PLATE", "--project", "../{}"),
    ("submit", "thumbnail", "PLATE", "--comment", "\x1b{}"),
    ("submit", "thumbnail", "PLATE", "--params", "{}"),
    ("submit", "thumbnail", "PLATE", "--param", "clips={}"),
    ("submit", "thumbnail", "PLATE", "--engine", "x{}"),
    ("submit", "thumbnail", "PLATE", "--token", "{}x"),
    ("submit", "thumbnail", "--cut", "x{}"),
    ("publish", "PLATE", "--asset", "a/b", "--product", "../{}"),
    ("ingest", "{}", "--cut", "main"),
    ("ingest", "PLATE", "--cut", "{}"),
    ("status", "{}"),
    ("logs", "{}"),
    ("cancel", "{}"),
    ("retry", "{}"),
    ("path", "{}"),
    ("lineage", "{}"),
    ("verify", "{}"),
    ("probe", "{}"),
    ("explain", "{}"),
    ("schema", "x{}"),
    ("config", "explain", "{}"),
    ("new", "{}"),
    ("task", "--bundle", "{}", "--step", "{}", "--frames", "1"),
    ("{}x",),
)


@pytest.mark.hostile
@pytest.mark.parametrize("command", TAKES_TEXT, ids=" ".join)
def test_hostile_words_are_refused_and_do_nothing(
    command: tuple[str, ...], plate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shotmill: Shotmill
) -> None:
    monkeypatch.setenv("SHOTMILL_IDLE_S", "0.1")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name, payload in PAYLOADS.items():
        words = [str(plate) if word == "PLATE" else word.replace("{}", payload) for word in command]
        ran = shotmill(*words)
        assert ran.exit_code in {64, 65, 69}, f"{name}: {ran.exit_code} {ran.out}{ran.err}"
        assert ran.err.replace("\n", "").isprintable(), name
    assert list(Path.cwd().iterdir()) == []
