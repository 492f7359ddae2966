"""A cut as editorial hands it over becomes movies and a reel on the command line, right to the frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from command_line import Shotmill
from movie_jobs import plate, rising_sound
from movie_makers import PRORES, movie
from numbered import read_number
from timelines import clip, dissolve, gap, numbered, time, timeline, track, write
from timelines import movie as reference

from shotmill.pipeline.movies import Movie, measure, read_sound
from shotmill.schema.media import Rate

Item = dict[str, Any]
HOUR = 86_400  # of 24 frames a second
# Shots, and the frames of each that the cut shows, in its order; sh010 comes twice.
SHOWN = (("sh010", range(1004, 1009)), ("sh020", range(1003, 1007)), ("sh010", range(1010, 1013)))


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """Twelve frames and a gap of two, over plates that reach further on both sides."""
    for name in ("sh010", "sh020"):
        plate(tmp_path / name, 1001, 1014, name="plate", size=(128, 72))

    def use(name: str, frames: range) -> Item:
        media = numbered(str(tmp_path / name), first=1001, available=(0, 14))
        return clip(f"sq010_{name}", (frames[0] - 1001, len(frames)), media)

    first, second, third = (use(*one) for one in SHOWN)
    return write(tmp_path / "cut.otio", timeline(track(first, gap(2), second, third), start=time(HOUR)))


def numbers(path: Path) -> list[int]:
    with Movie(path) as opened:
        return [read_number(picture) for picture in opened.frames(range(opened.header.frames))]


def movies_of(shotmill: Shotmill, *arguments: object) -> dict[str, Path]:
    """Files of the movies that a job published, by the addresses of their versions."""
    ran = shotmill("submit", "dailies", "--cut", "main", "--wait", "--json", *arguments)
    assert ran.exit_code == 0, ran.out + ran.err + shotmill("report").out
    found = {}
    for row in shotmill("versions", "--json").json["versions"]:
        folder = Path(shotmill("path", row["address"].partition(":")[2]).out.strip())
        [found[row["address"]]] = folder.glob("*.mov")
    return found


def test_who_waits_is_told_what_the_movies_lack(shotmill: Shotmill, cut: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_PROJECT", "demo")
    assert shotmill("ingest", cut, "--cut", "main").exit_code == 0
    ran = shotmill("submit", "dailies", "--cut", "main", "--handles", 4, "--wait")
    assert ran.exit_code == 0, ran.out + ran.err
    lacks = "sq010/sh010: has 3 of 4 frames of handles before it"
    silent = "reel: it is silent; --audio gives the sound of a cut"
    assert [line in ran.err for line in (f"note: {lacks}", f"note: {silent}")] == [True, True]
    assert [f"note: {one}" in shotmill("report").out for one in (lacks, silent)] == [True, True]
    report = Path(shotmill("report", "--json").json["path"])
    report.write_text("{")
    again = shotmill("watch")
    assert (again.exit_code, f"note: {report} cannot be read" in again.err) == (0, True)


def test_transitions_that_a_reel_does_not_show_are_told(
    shotmill: Shotmill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOTMILL_PROJECT", "demo")
    plate(tmp_path / "sh010", 1001, 1014, name="plate", size=(128, 72))
    media = numbered(str(tmp_path / "sh010"), first=1001, available=(0, 14))
    shots = [clip(f"sq010_{name}", (4, 4), media) for name in ("sh010", "sh020", "sh030")]
    write(tmp_path / "cut.otio", timeline(track(shots[0], dissolve(2, 2), *shots[1:])))
    assert shotmill("ingest", tmp_path / "cut.otio", "--cut", "main").exit_code == 0
    ran = shotmill("submit", "dailies", "--cut", "main", "--wait")
    assert (ran.exit_code, "plain cuts, those of sq010/sh010, sq010/sh020\n" in ran.err) == (0, True), ran.err


def test_an_ingested_cut_becomes_a_movie_of_each_shot_and_a_reel(
    shotmill: Shotmill, cut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOTMILL_PROJECT", "demo")
    sound = rising_sound(tmp_path / "mix.wav", 3.0)
    assert shotmill("ingest", cut, "--cut", "main").exit_code == 0
    options = ("--handles", 2, "--slate", 0, "--no-burn-in", "--codec", "prores-proxy", "--audio", sound)
    made = movies_of(shotmill, *options)
    reel = next(path for address, path in made.items() if "reel" in address)
    shown = [list(frames) for _name, frames in SHOWN]
    found = numbers(reel)
    assert (found[:5], found[7:11], found[11:]) == tuple(shown)
    facts = measure(reel)
    assert (facts.frames, facts.rate, facts.timecode) == (14, Rate(24), "01:00:00:00")
    heard = read_sound(reel)
    assert heard is not None
    assert abs(heard.length_s - Fraction(14, 24)) <= Fraction(1024, 48_000)
    uses = sorted(numbers(path)[-9:] for address, path in made.items() if "sh010/dailies" in address)
    assert [one[-9:] for one in uses] == [[*range(1002, 1011)], [*range(1008, 1015)]]


def test_handles_of_a_movie_lie_around_the_frames_of_its_cut(
    shotmill: Shotmill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOTMILL_PROJECT", "demo")
    source = movie(tmp_path / "plate.mov", PRORES, frames=30)
    item = clip("sq010_sh010", (10, 5), reference(source.path.as_uri(), (0, 30)))
    cut = write(tmp_path / "cut.otio", timeline(track(item), start=time(HOUR)))
    assert shotmill("ingest", cut, "--cut", "main").exit_code == 0
    made = movies_of(shotmill, "--handles", 3, "--no-burn-in", "--slate", 0, "--codec", "prores-proxy")
    [path] = [path for address, path in made.items() if "reel" not in address]
    [reel] = [path for address, path in made.items() if "reel" in address]
    assert (numbers(path), numbers(reel)) == ([*range(7, 18)], [*range(10, 15)])
