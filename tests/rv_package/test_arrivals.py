"""Mattes of a job at work: over their plate at their frames as tasks are done, until the version takes their place."""

from __future__ import annotations

from typing import Any

import pytest
from rv_host import Parrot, Rv
from rv_versions import PLATE, media_of, version

PATTERN = "/show/sq010/plate.####.exr"


def piece(first: int, **more: Any) -> dict[str, Any]:
    """Ten frames of a job at work, as ``watch`` tells them."""
    base = {"type": "frames", "job": "J-A", "project": "demo", "owner": "sq010/sh010", "product": "roto",
            "kind": "matte", "name": "exr", "source": PATTERN}  # fmt: skip
    path = f"/jobs/J-A/attempts/matte/{first}/001-x/roto.####.exr"
    return {**base, "path": path, "frames": f"{first}-{first + 9}", **more}


def ticks(rv: Rv, count: int) -> None:
    for _ in range(count):
        rv.mode._tick()


def mattes(rv: Rv, frame: int) -> list[str]:
    """Files over the plate that are seen on a frame, as far as they have it."""
    found = []
    for info in rv.session.seen(rv.session.view, frame):
        if info["nodeType"] == "RVFileSource" and info["node"] != "sourceGroup000000_source":
            span = rv.session.info(info["node"])
            offset = rv.commands.getIntProperty(f"{info['node']}.group.rangeOffset")[0]
            if span["startFrame"] <= info["frame"] - offset <= span["endFrame"]:
                found.append(media_of(rv, info["node"]).rpartition("/")[2])
    return found


@pytest.mark.parametrize("offset", [0, -1000])
def test_frames_lie_over_the_plate_where_they_belong_until_the_version_has_them(rv: Rv, offset: int) -> None:
    plate = rv.open(PLATE)
    rv.commands.setIntProperty(f"{plate}.group.rangeOffset", [offset])
    for one in (piece(1001), piece(1021), piece(1001)):
        rv.mode.arrivals.take(one)
    before = len(rv.session.nodes)
    ticks(rv, 3)
    assert [mattes(rv, frame + offset) for frame in (1001, 1010, 1011, 1025)] == [
        ["roto.1001-1010@@@@.exr"], ["roto.1001-1010@@@@.exr"], [], ["roto.1021-1030@@@@.exr"],
    ]  # fmt: skip
    assert rv.mode.facts(plate_of(rv), "roto", "current").plates == (PATTERN,), "the plate is what is submitted"
    rv.mode._arrived(version(1, job="J-A"))
    ticks(rv, 3)
    assert [mattes(rv, frame + offset) for frame in (1001, 1025)] == [["roto.1001-1010@@@@.exr"], []]
    assert len(rv.commands.nodesOfType("RVFileSource")) == 2
    assert len(rv.session.nodes) > before, "the stack stays"


def plate_of(rv: Rv) -> Any:
    from shotmill_rv import host  # type: ignore[import-not-found] # noqa: PLC0415 - lies in RV

    del rv
    return host.current_plate()


def test_what_is_seen_changes_for_the_first_frames_only(rv: Rv) -> None:
    rv.open(PLATE)
    rv.mode.arrivals.take(piece(1001))
    ticks(rv, 1)
    rv.commands.setViewNode("sourceGroup000000")
    rv.mode.arrivals.take(piece(1011))
    ticks(rv, 1)
    assert rv.session.view == "sourceGroup000000"


def test_an_older_version_stays_under_the_frames_of_the_next(rv: Rv) -> None:
    rv.open(PLATE)
    rv.mode._arrived(version(1))
    rv.mode.arrivals.take(piece(1001))
    ticks(rv, 1)
    assert mattes(rv, 1001) == ["roto.1001-1010@@@@.exr", "roto.1001-1010@@@@.exr"]
    rv.mode._arrived(version(2, job="J-A"))
    ticks(rv, 2)
    [one] = [one for one in rv.commands.nodesOfType("RVFileSource") if "publish" in media_of(rv, one)]
    assert "/v002/" in media_of(rv, one)
    assert mattes(rv, 1001) == ["roto.1001-1010@@@@.exr"]


def test_what_is_not_wanted_or_has_no_plate_is_not_shown(rv: Rv) -> None:
    rv.open(PLATE)
    for one in (piece(1001, kind="image"), piece(1001, source="/other.####.exr", job="J-B")):
        rv.mode.arrivals.take(one)
    ticks(rv, 2)
    rv.press("Shotmill", "Stack Mattes as They Arrive")
    rv.mode.arrivals.take(piece(1011))
    ticks(rv, 1)
    assert rv.commands.nodesOfType("RVStackGroup") == []


def test_frames_of_a_job_that_is_given_up_go_and_rv_has_a_pause_while_it_plays(rv: Rv) -> None:
    rv.open(PLATE)
    rv.mode.arrivals.take(piece(1001))
    rv.mode.desk.playing = True
    ticks(rv, 1)
    assert rv.mode.arrivals.busy
    rv.mode.desk.playing = False
    ticks(rv, 1)
    assert mattes(rv, 1001) == ["roto.1001-1010@@@@.exr"]
    rv.mode.arrivals.end("J-A")
    ticks(rv, 1)
    assert (mattes(rv, 1001), rv.mode.arrivals.busy) == ([], False)


def test_frames_come_from_the_job_that_is_watched(rv: Rv, parrot: Parrot) -> None:
    rv.open(PLATE)
    parrot.say("watch", piece(1001), {"type": "event", "job": "J-A", "state": "cancelled", "steps": []})
    parrot.answer(watch={"jobs": []})
    rv.press("Shotmill", "Jobs")
    laid: list[Any] = []
    rv.mode._panel.arrived.connect(laid.append)
    rv.mode._panel.add({"job": {"handle": "J-A", "name": "roto", "state": "queued"}})
    rv.wait(lambda: rv.mode._panel.rows["J-A"].ended)
    assert parrot.asked[-1]["args"] == {"jobs": ["J-A"], "frames": True}
    assert [one["frames"] for one in laid] == ["1001-1010"]
    rv.wait(lambda: not rv.mode.arrivals.busy and len(rv.commands.nodesOfType("RVFileSource")) == 1)
