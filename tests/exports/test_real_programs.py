"""Roto fact 16: programs that others wrote render, run and take apart what is exported."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nkparser import Script
from read_fusion import evaluate
from read_jsx import newer_than_es3, read_jsx
from read_lottie import render
from read_nk import read_nk
from shape_documents import document, oval, shape
from shape_pixels import as_read, iou, matte

from shotmill.pipeline.exports import find_export
from shotmill.schema.shapes import ShapesDocument


def whole(plate: ShapesDocument, frame: int) -> Any:
    """Coverage of all objects together."""
    found = [matte(item, frame, plate.width, plate.height) for item in as_read(plate).values()]
    return np.maximum.reduce(found)


@pytest.mark.parametrize(
    "plate",
    [
        pytest.param(document(97, 61), id="odd size"),
        pytest.param(document(240, 136, pixel_aspect=2.0, rate="23.976"), id="pixel aspect 2"),
    ],
)
def test_rlottie_draws_every_frame_as_the_document_says(plate: ShapesDocument) -> None:
    """Roto fact 16: first, last, at keys, between keys, where the hole comes and goes, where one becomes two."""
    text = find_export("lottie").write(plate)
    for frame in range(10):
        drawn = render(text, frame)
        assert drawn.sum() > 100, f"frame {frame} is empty"
        assert iou(drawn, whole(plate, plate.first + frame)) > 0.98, f"frame {frame}"


def test_rlottie_draws_a_hundred_keys() -> None:
    """Roto fact 16: with easing on the last key, rlottie draws frame 0 and nothing after."""
    keys = {1001 + at: oval((30 + at / 4, 25), (12, 10 + at / 20), knots=16) for at in range(100)}
    plate = document(90, 50)
    item = plate.objects[0].model_copy(update={"shapes": (shape("body", keys),)})
    plate = plate.model_copy(update={"last": 1100, "objects": (item,)})
    text = find_export("lottie").write(plate)
    for frame in (0, 1, 42, 98, 99):
        assert iou(render(text, frame), whole(plate, 1001 + frame)) > 0.98


@pytest.mark.parametrize("rate", ["24", "23.976", "25", "29.97", "59.94"])
def test_a_javascript_engine_makes_the_composition(rate: str) -> None:
    """Roto fact 16: the host receives the right times, vertices and settings. Times by hand: frames over rate."""
    plate = document(97, 61, pixel_aspect=2.0, rate=rate)
    comp = read_jsx(find_export("aftereffects").write(plate), plate.first, float(plate.rate)).raw
    assert comp["size"] == [97, 61, 2]
    assert comp["duration"] == pytest.approx(10 / float(plate.rate), abs=1e-12)
    assert comp["displayStartTime"] == pytest.approx(1001 / float(plate.rate), abs=1e-9)
    assert comp["rate"] == pytest.approx(float(plate.rate), abs=1e-12)
    hero, crowd = comp["all"]
    assert (hero["name"], hero["comment"], hero["size"][:3]) == ("hero", plate.objects[0].label, [97, 61, 2])
    assert [mask["maskMode"] for mask in hero["masks"]] == ["add", "subtract", "add"]
    times = hero["masks"][0]["parts"]["ADBE Mask Shape"]["times"]
    assert times == pytest.approx([0, 4 / float(plate.rate), 9 / float(plate.rate)], abs=1e-12)
    life = crowd["masks"][0]["parts"]["ADBE Mask Opacity"]
    assert life["values"] == [100, 100, 0]
    assert life["times"] == pytest.approx([0, 3 / float(plate.rate), 4 / float(plate.rate)], abs=1e-12)


def test_after_effects_gets_a_feather_for_each_knot() -> None:
    made = read_jsx(find_export("aftereffects").write(document()), 1001, 24).raw["all"][0]["masks"][0]
    path = made["parts"]["ADBE Mask Shape"]["values"][0]
    assert path["featherRadii"] == [0, 2.5, 0, 2.5, 0, 2.5, 0, 2.5]
    assert path["featherSegLocs"] == [0, 1, 2, 3, 4, 5, 6, 7]
    lists = ("featherRelSegLocs", "featherInterps", "featherTensions", "featherTypes", "featherRelCornerAngles")
    assert all(path[name] == [0] * 8 for name in lists)


@pytest.mark.parametrize(
    "text",
    [
        "let a = 1;",
        "const a = 1;",
        "var a = [1, 2,];",
        "var f = x => x;",
        "var a = `b`;",
        "a.default = 1;",
        'var a = "\u2028";',
    ],
)
def test_newer_javascript_would_be_seen(text: str) -> None:
    assert newer_than_es3(text)


@pytest.mark.parametrize("name", ["fusion", "fusioncomp"])
def test_lua_evaluates_the_fusion_text(name: str) -> None:
    """Roto fact 16: Lua 5.1, which Fusion's own is a kind of."""
    plate = document(97, 61, pixel_aspect=2.0)
    made = evaluate(find_export(name).write(plate))
    tools = made["Tools"]
    assert tools["Roto_hero"]["Inputs"]["Comments"]["Value"].startswith(f"hero: {plate.objects[0].label} ")
    assert {tool["_type"] for tool in tools.values()} == {"Background", "PolylineMask", "BezierSpline"}
    assert dict(tools["Roto_hero_hole"]["Inputs"]["PixelAspect"]["Value"]) == {1: 2, 2: 1}
    assert tools["Roto_hero_hole"]["Inputs"]["PaintMode"]["Value"][1] == "Subtract"
    assert tools["Roto_hero_pupil"]["Inputs"]["EffectMask"]["SourceOp"] == "Roto_hero_hole"
    if name == "fusioncomp":
        shown = made["Prefs"]["Comp"]["FrameFormat"]
        assert (shown["Width"], shown["Height"], shown["AspectX"], shown["Rate"]) == (97, 61, 2, 24)
        assert (made["CurrentTime"], dict(made["GlobalRange"])) == (1001, {1: 1001, 2: 1010})


def test_nkparser_gives_the_nuke_script_back_word_for_word() -> None:
    """Roto fact 16: ``nkparser`` reads all Roto nodes and writes the same words again."""
    text = find_export("nuke").write(document())
    script = Script.from_string(text.decode())
    assert not script.has_errors
    again = script.to_nk().encode()
    assert [node.name for node in read_nk(again)] == ["Roto_hero", "Roto_crowd_2_b"]
    assert _words(again) == _words(text)


def _words(script: bytes) -> list[str]:
    lines = [line for line in script.decode().split("\n") if not line.startswith("#")]
    return "\n".join(lines).replace("{", " { ").replace("}", " } ").split()
