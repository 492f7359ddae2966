"""Cuts of the database in RV: opened as sequences, changed, and written back."""

from __future__ import annotations

import json
from typing import Any

import opentimelineio as otio
from rv_host import Parrot, Rv

PLATE = "/show/sq010/plate.1001-1048#.exr"
GREEN = [0.0, 1.0, 0.0, 1.0]
HALF = 8 / 9  # of the width of 16:9, in heights


def cut_text(*names: str) -> str:
    """A cut of clips of 10 frames, with a gap and a sound track; each clip begins 5 frames into its media of 48."""
    timeline = otio.schema.Timeline("main")
    track = otio.schema.Track("V", kind="Video")
    for name in names:
        if name == "gap":
            track.append(otio.schema.Gap(duration=otio.opentime.RationalTime(4, 24)))
            continue
        media = otio.schema.ExternalReference(f"file:///show/{name}.1001-1048%23.exr")
        media.available_range = otio.opentime.TimeRange(*(otio.opentime.RationalTime(n, 24) for n in (1001, 48)))
        used = otio.opentime.TimeRange(*(otio.opentime.RationalTime(n, 24) for n in (1006, 10)))
        track.append(otio.schema.Clip(name, media, used, metadata={"shot": name}))
    timeline.tracks.extend([track, otio.schema.Track("A", kind="Audio")])
    return str(timeline.to_json_string())


def opened_cut(rv: Rv, parrot: Parrot, *names: str) -> str:
    parrot.answer(cut={"otio": cut_text(*names)}, cut_write={"added": True})
    rv.mode._open_cut("demo:main")
    rv.wait(lambda: rv.mode.desk.waiting == 0)
    return f"{rv.session.view}_sequence"


def test_a_cut_of_the_database_is_a_sequence_and_goes_back_changed(rv: Rv, parrot: Parrot) -> None:
    inner = opened_cut(rv, parrot, "a", "gap", "b")
    read = {name: rv.commands.getIntProperty(f"{inner}.edl.{name}") for name in ("frame", "source", "in", "out")}
    assert read == {
        "frame": [1, 11, 15, 25],
        "source": [0, 1, 2, 0],
        "in": [1006, 1, 1006, 0],
        "out": [1015, 4, 1015, 0],
    }
    rv.commands.setIntProperty(f"{inner}.edl.in", [1006, 1, 1008, 0])  # b: two frames later
    answers: list[Any] = []
    rv.mode.windows.ask_yes = lambda _title, text, accepted: answers.append((text, accepted))
    rv.press("Shotmill", "Write Cut Back...")
    rv.wait(lambda: answers)
    assert answers[0][0] == "Write cut main back?\n\ntrimmed: b, in +2, out +0"
    answers[0][1]()
    rv.wait(lambda: rv.mode.desk.waiting == 0)
    [asked] = [one["args"] for one in parrot.asked if one["op"] == "cut_write"]
    assert (asked["project"], asked["cut"]) == ("demo", "main")
    written = otio.adapters.read_from_string(asked["otio"], "otio_json")
    clips = list(written.tracks[0])
    spans = [(one.source_range.start_time.value, one.source_range.duration.value) for one in clips]
    assert spans == [(1006, 10), (0, 4), (1008, 8)]
    assert clips[2].metadata["shot"] == "b"
    assert len(written.tracks) == 2
    assert rv.session.said[-1] == "Cut main is written"


def test_what_was_changed_in_a_cut_is_told_clip_by_clip(rv: Rv, parrot: Parrot) -> None:
    inner = opened_cut(rv, parrot, "a", "b", "c")
    new = rv.commands.addSourcesVerbose([["/show/new.1-20#.exr"]])[0]
    sequence = rv.session.view
    groups = rv.session.nodes[sequence].inputs
    rv.commands.setNodeInputs(sequence, [*groups, rv.session.nodes[new].group])
    rows = {"frame": [1, 11, 21, 41], "source": [1, 0, 3, 0], "in": [1006, 1008, 1, 0], "out": [1015, 1017, 20, 0]}
    for name, values in rows.items():
        rv.commands.setIntProperty(f"{inner}.edl.{name}", values, True)
    asked: list[Any] = []
    rv.mode.windows.ask_yes = lambda _title, text, _accepted: asked.append(text)
    rv.press("Shotmill", "Write Cut Back...")
    assert asked[0].splitlines()[2:] == [
        "removed: c", "slipped: a, in +2, out +2", "added: new.####.exr, 20 frames", "the order was changed"
    ]  # fmt: skip


def test_an_unchanged_cut_goes_back_as_it_came(rv: Rv, parrot: Parrot) -> None:
    opened_cut(rv, parrot, "a", "gap", "b")
    from shotmill_rv import cuts  # type: ignore[import-not-found] # noqa: PLC0415 - lies in RV

    opened = cuts.opened_cut()
    assert opened is not None
    _known, text, sequence = opened
    assert json.loads(cuts.changed_cut(sequence, text)) == json.loads(text)


def test_a_cut_that_is_none_is_one_sentence(rv: Rv, parrot: Parrot) -> None:
    parrot.answer(cut={"otio": "{}"})
    rv.mode._open_cut("main")
    rv.wait(lambda: rv.mode.desk.waiting == 0)
    assert rv.session.said == ["Cut main cannot be shown: the cut is no timeline"]


def test_two_clicks_ask_once(rv: Rv, parrot: Parrot) -> None:
    parrot.answer(cut={"otio": cut_text("a")})
    rv.mode._open_cut("main")
    rv.mode._open_cut("main")
    rv.wait(lambda: rv.mode.desk.waiting == 0)
    assert len(parrot.asked) == 1
