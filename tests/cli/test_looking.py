"""Looking at jobs, versions and failures, as people read them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from command_line import Looked, Shotmill, write_cut

from shotmill.pipeline.settings import Settings
from shotmill.schema.errors import error_kinds
from shotmill.schema.states import State
from shotmill.submitters.cli.commands.config import described
from shotmill.submitters.cli.commands.watch import most_telling


def test_status_of_a_failed_job_says_what_happened_in_one_line(lived_in: Looked, shotmill: Shotmill) -> None:
    first, *_table, last = shotmill("status", lived_in.failed).out.splitlines()
    assert first.startswith(f"{lived_in.failed} failed: SHOTMILL E205 input-corrupt path=")
    assert "plate.1001.png" in first
    assert last == f"next: copy or render that frame again; then: shotmill retry {lived_in.failed}"


def test_status_of_a_done_job_names_the_next_command(lived_in: Looked, shotmill: Shotmill) -> None:
    lines = shotmill("status", lived_in.done).out.splitlines()
    assert lines[0] == f"{lived_in.done} succeeded: 2 tasks"
    assert lines[-1] == f"next: shotmill versions --job {lived_in.done}"


@pytest.mark.parametrize("command", ["status", "tasks", "logs"])
def test_without_a_job_the_newest_of_mine_is_meant(command: str, lived_in: Looked, shotmill: Shotmill) -> None:
    assert shotmill(command).out == shotmill(command, lived_in.failed).out


def test_without_any_job_that_is_said(shotmill: Shotmill) -> None:
    ran = shotmill("status")
    assert (ran.exit_code, "you have submitted no job yet" in ran.err) == (64, True)


def test_a_job_answers_to_the_front_of_its_handle(lived_in: Looked, shotmill: Shotmill) -> None:
    assert lived_in.done in shotmill("status", lived_in.done[:-2].lower()).out


def test_jobs_lists_newest_first(lived_in: Looked, shotmill: Shotmill) -> None:
    listed = [row["handle"] for row in shotmill("jobs", "--json").json["jobs"]]
    assert listed == [lived_in.failed, lived_in.done]
    assert shotmill("jobs", "--state", "cancelled").out == "no such jobs\n"


def test_failures_are_grouped_with_their_mend(lived_in: Looked, shotmill: Shotmill) -> None:
    [group] = shotmill("failures", "--json").json["groups"]
    assert (group["code"], group["type"], group["count"]) == ("E205", "thumbnail", 1)
    assert (group["jobs"], group["hint"]) == ([lived_in.failed], "copy or render that frame again")
    assert "E205" in shotmill("failures", "--since", "2h").out


def test_no_failure_is_said_so(shotmill: Shotmill) -> None:
    assert shotmill("failures", "--since", "90s").out == "no failures in the last 90s\n"


def test_logs_show_the_task_that_failed(lived_in: Looked, shotmill: Shotmill) -> None:
    ran = shotmill("logs", lived_in.failed)
    place = Path(ran.out.splitlines()[0].rpartition(" ")[2])
    assert place.read_text(encoding="utf-8") in ran.out
    assert "SHOTMILL E205 input-corrupt" in ran.out


@pytest.mark.parametrize("which", [("--step", "render"), ("--frames", "1"), ("--step", "render", "--attempt", "1")])
def test_logs_of_one_task_or_attempt(which: tuple[str, ...], lived_in: Looked, shotmill: Shotmill) -> None:
    ran = shotmill("logs", lived_in.done, *which)
    first, *_lines, last = ran.out.splitlines()
    assert first.startswith(f"# {lived_in.done} {'render 1-2' if '--step' in which else 'publish 1'}, ")
    assert " done: " in last


@pytest.mark.parametrize("which", [("--step", "nope"), ("--frames", "77"), ("--attempt", "9")])
def test_logs_that_are_not_there_are_not_found(which: tuple[str, ...], lived_in: Looked, shotmill: Shotmill) -> None:
    ran = shotmill("logs", lived_in.done, *which)
    assert (ran.exit_code, ran.err[:4]) == (64, "E211")


def test_explain_tells_why_a_job_stands_where_it_stands(lived_in: Looked, shotmill: Shotmill) -> None:
    text = shotmill("explain", lived_in.failed).out
    assert "render: failed, 0 of 1 task done\npublish: waits for render\n" in text


def test_explain_lists_every_code(shotmill: Shotmill) -> None:
    text = shotmill("explain", "codes").out
    assert re.findall(r"^(E\d{3})  [a-z-]+ +\S", text, flags=re.MULTILINE) == sorted(error_kinds())
    assert shotmill("explain", "e204").out.startswith("E204 input-missing: An input file or frame is not there.")


def test_explain_tells_the_exit_codes(shotmill: Shotmill) -> None:
    codes = re.findall(r"^(\d+) ", shotmill("explain", "exit-codes").out, flags=re.MULTILINE)
    assert codes == ["0", "1", "64", "65", "69", "70", "75", "124", "130"]


def test_versions_name_shots_and_numbers(lived_in: Looked, shotmill: Shotmill) -> None:
    listed = [row["address"] for row in shotmill("versions", "--latest", "--json").json["versions"]]
    assert listed == ["local:sq010/sh010/thumbnail@v001", "local:sq010/sh020/thumbnail@v001"]
    assert shotmill("versions", "--job", lived_in.done).out.count("@v001") == 2
    assert shotmill("versions", "--product", "comp").out == "no such versions\n"


@pytest.mark.usefixtures("lived_in")
def test_a_mistyped_project_is_no_empty_list(shotmill: Shotmill) -> None:
    ran = shotmill("versions", "--project", "other")
    assert (ran.exit_code, "there is no project 'other'; there is local" in ran.err) == (64, True)


def test_an_empty_home_has_nothing_yet(shotmill: Shotmill) -> None:
    assert shotmill("jobs").out == "no jobs yet; try: shotmill demo\n"
    assert shotmill("versions").out == "nothing is published yet\n"


@pytest.mark.parametrize(
    "command", [("jobs", "--limit", "0"), ("versions", "--limit", "-3"), ("wait", "--timeout", "-1")]
)
def test_numbers_that_make_no_sense_are_refused(command: tuple[str, ...], shotmill: Shotmill) -> None:
    ran = shotmill(*command)
    assert (ran.exit_code, "is not in the range" in ran.err) == (64, True)


@pytest.mark.parametrize("command", ["submit", "plan", "compile", "db", "engine", "config"])
def test_a_group_alone_shows_its_help(command: str, shotmill: Shotmill) -> None:
    ran = shotmill(command)
    assert (ran.exit_code, ran.out) == (64, "")
    assert ran.err.splitlines()[0].startswith(f"Usage: shotmill {command} [OPTIONS] ")
    assert len(ran.err.splitlines()) > 6


def test_a_setting_is_explained_with_its_unit(shotmill: Shotmill) -> None:
    text = shotmill("config", "explain", "grace_s").out
    assert text.splitlines()[:2] == [
        "grace_s = 5.0, from default",
        "seconds that a cancelled task has to stop by itself.",
    ]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_its_words(name: str) -> None:
    assert len(described(name).split()) > 3


@pytest.mark.parametrize(
    ("states", "telling"),
    [
        pytest.param(["succeeded", "failed", "running", "failed"], 1, id="the first that failed"),
        pytest.param(["succeeded", "running", "running", "queued"], 1, id="else the first that runs"),
        pytest.param(["succeeded", "cancelled", "queued", "blocked"], 1, id="else the last that ran"),
        pytest.param(["queued", "queued", "blocked"], 2, id="else the last"),
    ],
)
def test_logs_show_the_task_that_tells_most(states: list[str], telling: int) -> None:
    tasks: list[Any] = [
        SimpleNamespace(state=State(state), attempts=int(state not in {"queued", "blocked"})) for state in states
    ]
    assert most_telling(tasks) is tasks[telling]


def test_path_leads_to_files_that_are_there(lived_in: Looked, shotmill: Shotmill) -> None:
    folder = Path(shotmill("path", "sq010/sh010/thumbnail").out.strip())
    [file] = shotmill("path", "local:sq010/sh010/thumbnail@latest", "--files").out.split()
    assert folder.is_relative_to(lived_in.home)
    assert (Path(file).parent, Path(file).is_file()) == (folder, True)


def test_lineage_leads_back_to_plate_and_job(lived_in: Looked, shotmill: Shotmill) -> None:
    text = shotmill("lineage", "sq010/sh010/thumbnail").out
    assert f"from      {lived_in.plate}  (3 files, content " in text
    assert "thumbnail version 1" in text


@pytest.mark.usefixtures("lived_in")
def test_shots_say_which_media_is_lost(shotmill: Shotmill) -> None:
    rows = [line.split() for line in shotmill("shots", "--cut", "main").out.splitlines()[1:]]
    assert [(row[0], row[2]) for row in rows] == [
        ("sq010/sh010", "online"),
        ("sq010/sh020", "online"),
        ("sq010/sh030", "missing"),
    ]


def test_the_same_cut_again_adds_nothing(lived_in: Looked, shotmill: Shotmill) -> None:
    ran = shotmill("ingest", lived_in.home.parent / "cut.otio", "--cut", "main")
    assert ran.out == "cut main v001 holds this file already; nothing was added\n"


def test_an_ingest_counts_what_it_added(tmp_path: Path, plate: Path, shotmill: Shotmill) -> None:
    ran = shotmill("ingest", write_cut(tmp_path / "cut.otio", plate), "--show", "film", "--cut", "main")
    assert ran.out.startswith("cut main v001 of film: 3 clips, 3 shots (3 new), 9 frames at 24")
    assert "note: media of 1 clip is missing: sq010_sh030\n" in ran.out


def test_verify_finds_one_flipped_bit(plate: Path, shotmill: Shotmill) -> None:
    assert shotmill("submit", "thumbnail", plate, "--wait").exit_code == 0
    [picture] = shotmill("path", "plate/plate/thumbnail", "--files").out.split()
    content = bytearray(Path(picture).read_bytes())
    content[-5] ^= 1
    Path(picture).chmod(0o644)  # as somebody who means to
    Path(picture).write_bytes(content)
    for which in ("plate/plate/thumbnail", "--all", str(Path(picture).parent)):
        ran = shotmill("verify", which)
        assert (ran.exit_code, ran.out.splitlines()[0]) == (65, f"{picture} holds other bytes than were published")


def test_verify_finds_a_version_whose_folder_is_gone(plate: Path, shotmill: Shotmill) -> None:
    assert shotmill("submit", "thumbnail", plate, "--wait").exit_code == 0
    folder = Path(shotmill("path", "plate/plate/thumbnail").out.strip())
    folder.rename(folder.with_name("away"))
    assert shotmill("verify", "--all").exit_code == 65


@pytest.mark.parametrize("word", ["jobs", "--help", "--version"])
def test_a_reader_that_goes_away_is_no_error(word: str, lived_in: Looked) -> None:
    command = [sys.executable, "-m", "shotmill", *(() if word[0] == "-" else ("--home", str(lived_in.home))), word]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert (process.stderr.read(), process.wait()) == (b"", 0)


@pytest.mark.parametrize("word", ["jobs", "--help"])
def test_a_full_disk_under_the_output_is_an_error(word: str, lived_in: Looked) -> None:
    command = [sys.executable, "-m", "shotmill", *(() if word[0] == "-" else ("--home", str(lived_in.home))), word]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ran.returncode, ran.stderr.splitlines()[0]) == (75, "E301 no space is left for standard output")
