"""Nuke: what a script holds that jobs are made of. Fact numbers are those of the submitters' acceptance list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from nuke_requests import MAPPED, requests_of
from nuke_scenes import nuke, open_script

from shotmill.submitters.nuke.gather import MODIFIED, SAVED, UNTITLED, Scene, gather
from shotmill.submitters.nuke.paths import path_map

SCENES = Path(__file__).parent / "scenes"
NAMES = sorted(path.stem for path in SCENES.glob("*.nk"))


def gathered(name: str, **more: Any) -> Scene:
    open_script(SCENES / f"{name}.nk")
    return gather({}, **{"paths": MAPPED, **more})


@pytest.mark.parametrize("name", NAMES)
def test_a_scene_is_gathered_as_it_was_looked_at(name: str) -> None:
    """With the requests that are sent of it; the files were read line by line when they were made: ``scenes``."""
    expected = json.loads((SCENES / f"{name}.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(requests_of(SCENES / f"{name}.nk"))) == expected


def test_fact_12_grouped_disabled_reading_and_limited_writes_give_the_right_frames() -> None:
    """Fact 12: every Write that writes, in groups and groups of groups, with the frames that it would write."""
    frames = {plate.node: plate.frames for plate in gathered("groups").plates if plate.is_output}
    assert frames == {  # by hand: limits where there are any, else the root's 1001-1100
        "DeepWrite1": "1001",
        "Outputs.Deeper.Write1": "1001-1100",
        "Outputs.Write1": "5-9",
        "WriteGeo1": "1001-1100",
        "Write_all": "1001-1100",
        "Write_limited": "1010-1020",
    }


def test_frames_that_were_typed_are_stronger_than_the_limit_and_the_limit_than_the_root() -> None:
    found = gathered("groups", ranges={"Write_limited": "1012x2", "Write_all": "1001,1050-1060"})
    frames = {plate.node: plate.frames for plate in found.plates}
    assert (frames["Write_limited"], frames["Write_all"]) == ("1012x2", "1001,1050-1060")
    assert frames["Outputs.Write1"] == "5-9"


def test_a_selected_group_stands_for_what_is_in_it() -> None:
    open_script(SCENES / "groups.nk")
    group: Any = nuke.toNode("Outputs")
    group.setSelected(True)
    assert [plate.node for plate in gather({}, selected=True).plates] == ["Outputs.Deeper.Write1", "Outputs.Write1"]


def test_each_view_has_a_file_of_its_own_and_a_write_only_those_that_it_writes() -> None:
    plates = {plate.key: plate.path for plate in gathered("views").plates}
    assert plates == {
        "Read1 left": "/shows/stereo show/left/plate_l.####.exr",
        "Read1 right": "/shows/stereo show/right/plate_r.####.exr",
        "Write1 right": "/shows/stereo show/out/right.####.exr",
    }


@pytest.mark.parametrize(
    ("name", "is_changed", "saved"),
    [
        pytest.param("Root", False, UNTITLED, id="never saved"),
        pytest.param("/shows/a.nk", True, MODIFIED, id="changed since"),
        pytest.param("/shows/a.nk", False, SAVED, id="as on the disk"),
    ],
)
def test_a_script_says_whether_it_is_saved(world: Any, name: str, is_changed: bool, saved: str) -> None:
    world.root["name"].setValue(name)
    world.root.setModified(is_changed)
    assert gather({}).saved == saved


def test_looking_changes_nothing_and_selects_nothing() -> None:
    open_script(SCENES / "groups.nk")
    before = [(node.fullName(), {name: knob.toScript() for name, knob in node.knobs().items()}) for node in every()]
    gather({})
    assert nuke._scene.world().undos.steps == []
    assert before == [
        (node.fullName(), {name: knob.toScript() for name, knob in node.knobs().items()}) for node in every()
    ]


def every() -> list[Any]:
    return list(nuke.allNodes(recurseGroups=True))


@pytest.mark.parametrize(
    ("here", "there"),
    [
        pytest.param("Z:/shows/a/b.exr", "/mnt/shows/a/b.exr", id="a drive"),
        pytest.param("z:/SHOWS/a/b.exr", "/mnt/shows/a/b.exr", id="capitals mean nothing on Windows"),
        pytest.param("Z:/showsX/b.exr", "Z:/showsX/b.exr", id="another folder that begins alike"),
        pytest.param("//server/cache/b.exr", "/mnt/cache/b.exr", id="a share"),
        pytest.param("/mnt/shows/b.exr", "/mnt/shows/b.exr", id="what is mapped already"),
    ],
)
def test_folders_of_windows_are_known_by_their_names_on_the_farm(here: str, there: str) -> None:
    """Mixed studio: the same disk is a drive here, and a folder there."""
    paths = path_map({"SHOTMILL_PATHS": "Z:\\shows=/mnt/shows; \\\\server\\cache=/mnt/cache;"})
    assert paths.there(here) == there
    if here[:9] == "Z:/shows/":
        assert paths.here(there) == here
