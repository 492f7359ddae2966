"""``shotmill colour``: who says what, in the words of the command line."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from show_colour import write_ccc, write_edl, write_lut, write_show

from shotmill.jobs.lut_bake.params import LutBakeParams
from shotmill.schema.colour import Cdl
from shotmill.submitters.cli.root import invoke


class Typed:
    """Commands typed in one studio."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def __call__(self, *words: object, code: int = 0) -> str:
        """What a command prints, on both streams."""
        self._capfd.readouterr()
        got = invoke([str(word) for word in words])
        said = "".join(self._capfd.readouterr())
        assert got == code, said
        return said

    def json(self, *words: object) -> Any:
        return json.loads(self(*words, "--json"))


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config, and a studio whose project has it and a cut of two shots."""
    folder = tmp_path_factory.mktemp("studio")
    config = write_show(folder / "show")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOTMILL_HOME", str(folder / "home"))
        patch.setenv("SHOTMILL_PROJECT", "demo")
        edl = write_edl(folder / "main.edl")
        assert invoke(["ingest", str(edl), "--cut", "main", "--rate", "24"]) == 0
        assert invoke(["colour", "set", "demo:", "--config", str(config), "--cdl-space", "half"]) == 0
    return folder


@pytest.fixture
def config(studio: Path) -> Path:
    return studio / "show/config.ocio"


@pytest.fixture
def typed(studio: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    """In a copy of that studio."""
    shutil.copytree(studio / "home", tmp_path / "home")
    monkeypatch.setenv("SHOTMILL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SHOTMILL_PROJECT", "demo")
    monkeypatch.setenv("SHOTMILL_USER", "sue")
    return Typed(capfd)


def said_by(found: Any) -> dict[str, str]:
    return {part["part"]: f"{part['level']} {part['who']}".strip() for part in found["parts"]}


def test_every_part_says_who_said_it(typed: Typed, config: Path) -> None:
    typed("colour", "set", "sq010", "--view", "Graded")
    typed("colour", "set", "sq010/sh010", "--look", "warm", "--context", "SHOT=sh010")
    found = typed.json("colour", "explain", "demo/sq010/sh010")
    assert said_by(found) == {
        "config": "project demo",
        "working_space": "config",
        "display": "config",
        "view": "sequence demo:sq010",
        "look": "shot demo:sq010/sh010",
        "look_space": "config",
        "cdl": "cut main v001",
        "cdl_space": "project demo",
        "context.SHOT": "shot demo:sq010/sh010",
    }
    assert found["chain"][0] == "pixels in lin"
    assert found["chain"][-1] == "to the display Desk by its view Graded"
    assert [file["path"] for file in found["files"]] == [str(config.parent / "luts/sh010.spi1d")]


def test_a_table_shows_the_same_to_people(typed: Typed) -> None:
    said = typed("colour", "explain", "demo:sq010/sh010", "--source", "half")
    assert "cut main v001" in said
    assert "1  pixels in half" in said
    assert "saturation 0.75" in said


def test_pixels_made_for_a_display_are_said_to_pass_no_view(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_OCIO", "ocio://default")
    said = typed("colour", "explain", "other:", "--source", "Rec.1886 Rec.709 - Display")
    assert "1  pixels in Rec.1886 Rec.709 - Display" in said
    assert "to the display sRGB - Display, by no view: they were made for a display already" in said


def test_settings_speak_where_nobody_else_does(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_DISPLAY", "Wall")
    assert said_by(typed.json("colour", "explain", "sq010"))["display"] == "settings"


def test_one_correction_of_a_collection_is_kept_as_numbers(typed: Typed, tmp_path: Path) -> None:
    ccc = write_ccc(tmp_path / "show.ccc", sh010=1.1, sh020=1.2)
    assert "choose one of: sh010, sh020" in typed("colour", "set", "sq010/sh010", "--cdl", ccc, code=64)
    typed("colour", "set", "sq010/sh010", "--cdl", f"{ccc}#sh020")
    ccc.unlink()
    found = typed.json("colour", "explain", "sq010/sh010")
    [cdl] = [part["value"] for part in found["parts"] if part["part"] == "cdl"]
    assert (cdl["slope"], cdl["id"]) == ([1.2, 1, 1], "sh020")


def test_none_is_said_too(typed: Typed) -> None:
    typed("colour", "set", "sq010", "--look", "warm")
    typed("colour", "set", "sq010/sh010", "--look", "none", "--cdl", "none")
    found = typed.json("colour", "explain", "sq010/sh010")
    assert found["chain"] == ["pixels in lin", "to the display Desk by its view Film"]
    assert said_by(found)["cdl"] == said_by(found)["look"] == "shot demo:sq010/sh010"


def test_unset_leaves_parts_to_those_above(typed: Typed) -> None:
    typed("colour", "set", "sq010/sh010", "--look", "warm", "--context", "SHOT=sh010", "--view", "Graded")
    typed("colour", "unset", "sq010/sh010", "look", "context.SHOT")
    found = said_by(typed.json("colour", "explain", "sq010/sh010"))
    assert (found["look"], found["context.SHOT"], found["view"]) == ("nobody", "config", "shot demo:sq010/sh010")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["set", "sq010/sh01", "--view", "Film"],
            "there is no shot 'sq010/sh01' in project 'demo'; nearest: sq010/sh010",
        ),
        (["set", "sq01", "--view", "Film"], "there is no sequence 'sq01' in project 'demo'; nearest: sq010"),
        (["set", "a/b/c/d", "--view", "Film"], "is no shot, sequence or project; write it as"),
        (["set", "sq010", "--view", "Flim"], "nearest: Film"),
        (["set", "sq010", "--look", "wram"], "nearest: warm"),
        (["set", "sq010", "--config", "/no/config.ocio"], "OCIO config /no/config.ocio cannot be read"),
        (["set", "sq010", "--context", "SHOTT=x"], "speaks of no context variable 'SHOTT'; nearest: SHOT"),
        (["set", "sq010", "--context", "SHOT"], "write NAME=VALUE"),
        (["set", "sq010"], "say at least one thing"),
        (["set", "sq010/sh010", "--cdl", "grades.ccc"], "grades.ccc is not there; nearest: grade.ccc, shade.cc"),
        (
            ["set", "sq010/sh010", "--look", "shot", "--context", "SHOT=sh01"],
            "LUT file 'sh01.spi1d' is not in {show}/luts; nearest: sh010.spi1d, ",
        ),
        (["set", "demo:", "--look", "dusk", "--config", "dusk.ocio"], "LUT file 'dusk.spi1d' is not in"),
        (["unset", "sq010", "lok"], "colour has no part 'lok'"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_kept(
    typed: Typed, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("grade.ccc", "shade.cc", "grades.txt"):
        (tmp_path / name).touch()
    (tmp_path / "dusk.ocio").write_text(config.read_text().replace("cool", "dusk"))
    before = typed.json("audit", "demo:")["events"]
    assert said.format(show=config.parent) in typed("colour", *words, code=64)
    assert typed.json("audit", "demo:")["events"] == before


def test_a_sequence_may_say_a_look_whose_file_only_its_shots_choose(typed: Typed) -> None:
    typed("colour", "set", "sq010", "--look", "shot", "--context", "SHOT=none")
    assert "'none.spi1d'" in typed("colour", "explain", "sq010/sh010", code=64)
    typed("colour", "set", "sq010/sh010", "--context", "SHOT=sh010")


def test_the_audit_holds_what_was_and_what_is(typed: Typed) -> None:
    typed("colour", "set", "sq010", "--look", "warm")
    typed("colour", "set", "sq010", "--look", "cool")
    assert "says that already" in typed("colour", "set", "sq010", "--look", "cool")
    events = [event for event in typed.json("audit", "sq010")["events"] if event["verb"] == "colour"]
    assert [(event["actor"], event["subject"], event["facts"]) for event in events] == [
        ("sue", "demo:sq010", {"look": {"from": None, "to": "warm"}}),
        ("sue", "demo:sq010", {"look": {"from": "warm", "to": "cool"}}),
    ]


def test_a_plan_and_a_bundle_have_the_colour_of_their_shot(typed: Typed, config: Path, tmp_path: Path) -> None:
    """By hand: the show's config and the CDL of its cut's EDL, as a submit would fill them in."""
    asked = ["lut_bake", "--shot", "sq010/sh010", "--colourspace", "lin", "--display", "Desk", "--shot-grade"]
    before = typed.json("plan", *asked)["key"]
    typed("compile", *asked, "--out", tmp_path / "out")
    job = json.loads((tmp_path / "out/bundle/job.json").read_text())
    colour = LutBakeParams.model_validate(job["params"]).colour
    assert colour is not None
    assert (job["colour_config"], colour.cdl_space) == (str(config), "half")
    assert colour.cdl == Cdl(slope=(1.25, 1, 1), offset=(0, 0, 0.125), saturation=0.75)
    typed("colour", "set", "sq010/sh010", "--look", "warm")
    assert (job["key"], typed.json("plan", *asked)["key"] != before) == (before, True)


def test_a_plan_overlooks_no_colour_that_it_cannot_read(typed: Typed, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "home/shotmill.db", isolation_level=None)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    asked = ["lut_bake", "--shot", "sq010/sh010", "--colourspace", "ACEScct", "--space", "ACEScg"]
    assert "9999" in typed("plan", *asked, code=69)
    assert "9999" in typed("plan", "dailies", "--cut", "main", code=69)


def test_an_artist_looks_but_says_nothing(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_ROLE", "artist")
    assert "needs the role supervisor" in typed("colour", "set", "sq010", "--look", "warm", code=69)
    assert "project demo" in typed("colour", "explain", "sq010/sh010")


def test_names_of_the_show_s_config_are_listed(typed: Typed, config: Path) -> None:
    found = typed.json("colour", "spaces", "sq010/sh010")
    assert found["config"] == str(config)
    assert [one["name"] for one in found["spaces"]] == ["raw", "lin", "half", "film"]
    assert found["displays"][0] == {"name": "Desk", "views": ["Film", "Graded"]}
    assert ([one["name"] for one in found["looks"]], found["context"]) == (["warm", "shot", "cool"], ["SHOT"])
    assert "ocio://" in typed("colour", "spaces", "--config", "ocio://default")


def test_a_changed_lut_is_another_key(typed: Typed, tmp_path: Path) -> None:
    config = write_show(tmp_path / "show")
    typed("colour", "set", "sq010", "--look", "cool", "--config", config)
    before = typed.json("colour", "explain", "sq010/sh010")
    write_lut(config.parent / "luts/cool.spi1d", 0.75)
    after = typed.json("colour", "explain", "sq010/sh010")
    assert before["key"] != after["key"]
    assert before["config_sha256"] == after["config_sha256"]
    (config.parent / "luts/cool.spi1d").unlink()
    assert "cool.spi1d" in typed("colour", "explain", "sq010/sh010", code=64)
