"""``shotmill timeline diff`` and ``update``, as editors and coordinators type them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import pytest
from command_line import Ran, Shotmill, run_process
from cut_sides import cut, use
from roto_plates import Plate
from timelines import event

import shotmill as package
from shotmill.farm_plugins.recut import TAKEN, asked_jobs
from shotmill.farm_plugins.submission import SubmitRequest
from shotmill.pipeline.cutdiff import compare
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.editorial import cut_versions
from shotmill.pipeline.store.jobs import list_jobs
from shotmill.schema.errors import BadRequestError

from .conftest import WriteCut

SCHEMAS = Path(package.__file__).resolve().parent / "schema" / "json"
FIRST = (("sh010", 1002, 4), ("sh020", 1004, 4), ("sh030", 1001, 5))
LONGER = (("sh005", 1001, 3), ("sh010", 1002, 4), ("sh020", 1001, 7), ("sh030", 1001, 5))


def fits(ran: Ran, name: str) -> Any:
    jsonschema.validate(ran.json, json.loads((SCHEMAS / f"{name}.json").read_text()))
    return ran.json


def test_two_files_are_compared_without_a_database(shotmill: Shotmill, write_cut: WriteCut, home: Path) -> None:
    ran = shotmill("timeline", "diff", write_cut("a.otio", *FIRST), write_cut("b.otio", *LONGER))
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines == [
        "a.otio (3 clips, 13 frames) -> b.otio (4 clips, 19 frames)",
        "CHANGE SHOT WHAT NEEDS",
        "added sq010/sh005 3 frames at 0, source 1001-1003 thumbnail, all frames 1001-1003",
        "shifted sq010/sh010 3 frames later nothing",
        "head sq010/sh020 3 frames later; head 3 longer thumbnail, 3 frames at head: 1001-1003",
        "shifted sq010/sh030 6 frames later nothing",
        "1 added, 3 shifted, 1 head; 0 clips as before",
    ]
    assert (ran.exit_code, (home / "shotmill.db").exists()) == (0, False)


def test_an_edl_and_a_timeline_may_be_compared(shotmill: Shotmill, tmp_path: Path, write_cut: WriteCut) -> None:
    """Host fact 18: from ten hours on, as from zero."""
    hours = [
        "".join(
            event(at + 1, ("00:00:01:00", "00:00:02:00"), (f"{hour}:00:0{at}:00", f"{hour}:00:0{at + 1}:00"))
            + f"* FROM CLIP NAME: SQ010_SH0{at}0\n"
            for at in range(3)
        )
        for hour in ("00", "10")
    ]
    for name, text in zip(("zero.edl", "ten.edl"), hours, strict=True):
        (tmp_path / name).write_text(f"TITLE: cut\nFCM: NON-DROP FRAME\n{text}")
    ran = shotmill("timeline", "diff", tmp_path / "zero.edl", tmp_path / "ten.edl", "--rate", "24", "--json")
    found = fits(ran, "timeline-diff")
    assert (found["same"], found["unchanged"]) == (True, 3)
    assert "begins at frame 864000" in found["notes"][0]
    assert (
        fits(
            shotmill("timeline", "diff", tmp_path / "zero.edl", write_cut("a.otio", *FIRST), "--rate", "24", "--json"),
            "timeline-diff",
        )["counts"]["added"]
        == 1
    )  # sh030; the others are in both


def test_the_exit_code_tells_where_it_was_asked_to(shotmill: Shotmill, write_cut: WriteCut) -> None:
    first, longer = write_cut("a.otio", *FIRST), write_cut("b.otio", *LONGER)
    codes = [
        shotmill("timeline", "diff", *words).exit_code
        for words in ((first, longer), (first, longer, "--exit-code"), (first, first, "--exit-code"))
    ]
    assert codes == [0, 1, 0]


def test_ingests_of_a_cut_are_compared_by_name(shotmill: Shotmill, write_cut: WriteCut) -> None:
    versions = [FIRST[:1], FIRST[1:], FIRST]
    for number, shots in enumerate(versions):
        shotmill("ingest", write_cut(f"{number}.otio", *shots), "--cut", "main")
    newest = fits(shotmill("timeline", "diff", "main", "--json"), "timeline-diff")
    assert (newest["old"]["label"], newest["new"]["label"]) == ("main v002", "main v003")
    assert newest["counts"] == {"reinstated": 1, "shifted": 2}  # sh010 was in v001
    assert shotmill("timeline", "diff", "main@v001", "main@3", "--json").json["counts"] == {"added": 2}
    assert shotmill("timeline", "diff", "main", write_cut("x.otio", *FIRST), "--json").json["same"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(("nothing",), "project 'local' has no cut 'nothing'", id="no such cut"),
        pytest.param(("main@v7", "main"), "cut 'main' of project 'local' has no version 7", id="no such ingest"),
        pytest.param(("main@seven", "main"), "'main@seven' names no ingest of a cut; write main@v002", id="no number"),
        pytest.param(("main",), "cut 'main' was ingested once", id="nothing before it"),
        pytest.param(("a.otio",), "a.otio is one file; name two cuts to compare", id="one file"),
        pytest.param(("gone.otio", "main"), "No such file", id="no such file"),
    ],
)
def test_what_cannot_be_compared_is_told(
    words: tuple[str, ...], says: str, shotmill: Shotmill, write_cut: WriteCut
) -> None:
    shotmill("ingest", write_cut("a.otio", *FIRST), "--cut", "main")
    ran = shotmill("timeline", "diff", *words)
    assert (ran.exit_code != 0, ran.out, says in ran.err) == (True, "", True), ran.err


def test_a_picture_is_written_where_it_was_asked_for(shotmill: Shotmill, write_cut: WriteCut, tmp_path: Path) -> None:
    files = write_cut("a.otio", *FIRST), write_cut("b.otio", *LONGER)
    ran = shotmill("timeline", "diff", *files, "--picture", tmp_path / "cut é.png")
    pixels = np.asarray(oiio.ImageBuf(str(tmp_path / "cut é.png")).get_pixels(oiio.UINT8))
    assert (ran.out.splitlines()[-1], pixels.shape[1:]) == (f"picture: {tmp_path / 'cut é.png'}", (1800, 3))
    assert shotmill("timeline", "diff", *files, "--picture", tmp_path / "cut.txt").exit_code == 64


def test_an_update_shows_and_stores_nothing_until_it_is_told_to(
    shotmill: Shotmill, write_cut: WriteCut, sqlite_home: Database
) -> None:
    file = write_cut("a.otio", *FIRST)
    shown = shotmill("timeline", "update", file, "--cut", "main")
    assert "3 added; 0 clips as before" in shown.out
    assert shown.out.splitlines()[-1] == "nothing was stored; next: the same with --commit, or with --submit TYPE"
    assert cut_versions(sqlite_home, "local") == []
    assert (
        "cut main v001 is in the database: 3 clips"
        in shotmill("timeline", "update", file, "--cut", "main", "--commit").out
    )
    again = fits(shotmill("timeline", "update", file, "--cut", "main", "--commit", "--json"), "timeline-update")
    assert (again["added"], again["version"], again["diff"]) == (False, 1, None)
    assert again["notes"] == ["cut main v001 holds this file already: no change"]


def test_an_update_submits_what_changed_and_the_same_again_nothing(
    shotmill: Shotmill, write_cut: WriteCut, sqlite_home: Database
) -> None:
    """Host fact 19: the same file again is no change, and submits nothing anew."""
    shotmill("ingest", write_cut("a.otio", *FIRST), "--cut", "main")
    words = ("timeline", "update", write_cut("b.otio", *LONGER), "--cut", "main", "--submit", "thumbnail")
    first = fits(shotmill(*words, "--json"), "timeline-update")
    assert (first["added"], first["version"]) == (True, 2)
    [asked] = first["asked"]
    assert (asked["shots"], asked["is_new"]) == (["sq010/sh005", "sq010/sh020"], True)
    second = fits(shotmill(*words, "--json"), "timeline-update")
    assert [(one["job"], one["is_new"]) for one in second["asked"]] == [(asked["job"], False)]
    assert len(list_jobs(sqlite_home, limit=9)) == 1
    moved = write_cut("c.otio", *reversed(LONGER))
    last = shotmill("timeline", "update", moved, "--cut", "main", "--submit", "thumbnail")
    assert "thumbnail: nothing to do" in last.out
    assert len(list_jobs(sqlite_home, limit=9)) == 1


@pytest.fixture
def sqlite_home(home: Path, shotmill: Shotmill) -> Database:
    """The database of the commands, to look into."""
    shotmill("jobs")
    return Database(f"sqlite:///{home / 'shotmill.db'}")


@pytest.mark.parametrize(
    ("job_type", "params", "uses", "whole"),
    [
        pytest.param("thumbnail", {}, ["b"], "", id="a still of the middle, which only b has changed"),
        pytest.param("thumbnail", {"frame": "last"}, ["a", "b"], "", id="a still of another frame"),
        pytest.param("proxy", {}, ["a", "b"], "its shot: 53 are done, of which 5 are new", id="a movie of each shot"),
        pytest.param(
            "ocio_bake", {}, ["a", "b"], f"5 are new{TAKEN}", id="frames, which are taken where they are there"
        ),
        pytest.param("contactsheet", {}, [], "it shows the whole cut", id="one sheet of the whole cut"),
        pytest.param("dailies", {"reel": "true"}, [], "it shows the whole cut", id="a reel of the whole cut"),
    ],
)
def test_a_job_gets_the_shots_that_look_different(
    job_type: str, params: dict[str, str], uses: list[str], whole: str, settings: Settings, sqlite_database: Database
) -> None:
    diff = compare(cut(use("a"), use("b"), use("c")), cut(use("c"), use("a", 99), use("b", 96)))
    wanted = SubmitRequest(job_type, params=params, cut="main", project="demo")
    [asked] = asked_jobs(diff, wanted, settings=settings, database=sqlite_database)
    assert asked.request is not None
    assert list(asked.request.uses) == [f"sq010/{name}" for name in uses]
    assert (asked.request.cut, asked.whole[-len(whole) :] if whole else asked.whole) == ("main", whole)


def test_frames_that_were_cut_away_ask_for_no_bake(settings: Settings, sqlite_database: Database) -> None:
    diff = compare(cut(use("a")), cut(use("a", 101, 110)))
    asked = {
        name: asked_jobs(diff, SubmitRequest(name, cut="main"), settings=settings, database=sqlite_database)
        for name in ("ocio_bake", "dailies")
    }
    assert {name: len(jobs) for name, jobs in asked.items()} == {"ocio_bake": 0, "dailies": 1}


def test_a_job_type_without_clips_is_refused(settings: Settings, sqlite_database: Database) -> None:
    diff = compare(cut(use("a")), cut(use("b")))
    with pytest.raises(BadRequestError, match="selftest reads no clips of a cut"):
        asked_jobs(diff, SubmitRequest("selftest", cut="main"), settings=settings, database=sqlite_database)


def test_a_roto_that_nobody_made_is_told_and_not_guessed(shotmill: Shotmill, write_cut: WriteCut) -> None:
    ran = shotmill("timeline", "update", write_cut("a.otio", *FIRST[:1]), "--cut", "main", "--submit", "roto")
    assert "sq010/sh010 has no 'roto' to go on from; submit roto for it once, with its prompts" in ran.out
    assert ran.exit_code == 65  # EX_DATAERR: stored, but not all that was asked for


@pytest.mark.slow
def test_a_longer_head_is_rotoed_for_its_new_frames_alone(
    shotmill: Shotmill, write_cut: WriteCut, plate: Plate, home: Path
) -> None:
    """Host fact 19: a head that is longer by 4 costs exactly these 4 frames, and the new version has all of them."""
    shotmill("ingest", write_cut("a.otio", ("sh010", 1005, 6)), "--cut", "main")
    left, top, *_ends = plate.square(1007)
    hero = f"hero @1007 box {plate.box(1007, margin=3)} +{left + 11},{top + 11}"
    words = (plate.pattern, "--shot", "sq010/sh010", "--frames", "1005-1010", "--object", hero)
    made = run_process("submit", "roto", *words, "--wait", home=home)
    assert made.returncode == 0, made.stdout + made.stderr
    longer = write_cut("b.otio", ("sh010", 1001, 10))
    found = fits(
        shotmill("timeline", "update", longer, "--cut", "main", "--submit", "roto", "--json"), "timeline-update"
    )
    [asked] = found["asked"]
    assert (asked["frames"], asked["extends"]) == ("1001-1004", "local:sq010/sh010/roto@v001")
    assert found["diff"]["changes"][0]["needs"]["head"] == "1001-1004"
    assert run_process("wait", asked["job"], home=home).returncode == 0
    folder = home / "projects/local/shots/sq010/sh010/publish/roto/v002"
    [sidecar] = folder.glob("*.sidecar.json")
    timings = json.loads(sidecar.read_text())["timings"]
    assert sum(entry.get("stepped", 0) for entry in timings) == 4  # 1001 to 1004; the rest is kept
    assert len(list(folder.glob("*.exr"))) == 10  # the whole shot
    again = shotmill("timeline", "update", longer, "--cut", "main", "--submit", "roto")
    assert "roto: nothing to do" in again.out
