"""A cut's own CDLs: an EDL's comments stay with their clips."""

from __future__ import annotations

from pathlib import Path

import pytest
from show_colour import write_edl
from timelines import clip, movie, timeline, track, write

from shotmill.pipeline.ingest import ingest
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.colours import ColourPlace
from shotmill.pipeline.store.colours_said import cut_cdls
from shotmill.pipeline.timeline import read_cut
from shotmill.schema.colour import Cdl
from shotmill.schema.media import Rate

SHOT = ColourPlace("demo", "sq010", "sh010")
# By hand, from the EDL's text.
OF_EDL = Cdl(slope=(1.25, 1, 1), offset=(0, 0, 0.125), power=(1, 1, 1), saturation=0.75)


def test_an_edl_s_asc_comments_are_its_clip_s_cdl(tmp_path: Path) -> None:
    found = read_cut(write_edl(tmp_path / "main.edl"), rate=Rate(24)).clips
    assert [one.cdl for one in found] == [OF_EDL, None]


def test_an_ingest_keeps_them(database: Database, tmp_path: Path) -> None:
    ingest(database, write_edl(tmp_path / "main.edl"), project="demo", cut="main", rate=Rate(24))
    [found] = cut_cdls(database, SHOT)
    assert (found.cut, found.cdl) == ("main v001", OF_EDL)
    [none] = cut_cdls(database, ColourPlace("demo", "sq010", "sh020"))
    assert none.cdl is None


def test_the_newest_version_of_a_cut_counts(database: Database, tmp_path: Path) -> None:
    path = write_edl(tmp_path / "main.edl")
    ingest(database, path, project="demo", cut="main", rate=Rate(24))
    path.write_text(path.read_text().replace("0.75", "0.5"))
    ingest(database, path, project="demo", cut="main", rate=Rate(24))
    assert [(one.cut, one.cdl and one.cdl.saturation) for one in cut_cdls(database, SHOT)] == [("main v002", 0.5)]
    assert cut_cdls(database, SHOT, cut="other") == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"asc_sop": {"slope": [-1, 1, 1]}}, "a slope is negative", id="a negative slope"),
        pytest.param({"asc_sop": {"power": [1, 1]}}, "Field required", id="two numbers"),
        pytest.param({"asc_sat": float("inf")}, "finite", id="infinite"),
    ],
)
def test_what_is_no_cdl_is_noted_and_left_out(tmp_path: Path, given: dict[str, object], said: str) -> None:
    one = clip("sq010_sh010", (0, 1), movie("a.mov"), metadata={"cdl": given})
    cut = read_cut(write(tmp_path / "cut.otio", timeline(track(one), start=None)))
    assert cut.clips[0].cdl is None
    assert any(said in note and "sq010_sh010" in note for note in cut.notes)


def test_metadata_of_other_kinds_is_no_cdl(tmp_path: Path) -> None:
    one = clip("sq010_sh010", (0, 1), movie("a.mov"), metadata={"cdl": "warm", "asc_sop": {}})
    cut = read_cut(write(tmp_path / "cut.otio", timeline(track(one), start=None)))
    assert (cut.clips[0].cdl, cut.notes) == (None, ())
