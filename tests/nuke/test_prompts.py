"""Nuke: what was drawn becomes prompts, in the plate's own pixels."""

from __future__ import annotations

from typing import Any

import pytest
from nuke_scenes import Format, Viewer, made_node, nuke

from shotmill.jobs.roto.words import read_object
from shotmill.submitters.nuke.problems import NukeProblem
from shotmill.submitters.nuke.prompts import MOST_KEYS, Said, as_words, prompts_of, region_of

HEIGHT = 100


@pytest.fixture
def read(world: Any) -> Any:
    del world
    made = made_node("Read", name="Read1")
    made["format"].setValue(Format(200, HEIGHT, 2.0, "plate"))
    return made


def roto_below(node: Any) -> Any:
    return made_node("Roto", name="Roto1", inputs=[node])


def add_shape(roto: Any, name: str, keys: dict[int, list[tuple[float, ...]]], *, layer: Any = None) -> Any:
    """A shape of points x, y, left x, left y, right x, right y at each frame; y up."""
    curves = roto["curves"]
    shape = nuke.rotopaint.Shape(curves)
    shape.name = name
    for number in range(len(next(iter(keys.values())))):
        point = nuke.rotopaint.ShapeControlPoint()
        for frame, points in keys.items():
            x, y, *handles = points[number]
            left_x, left_y, right_x, right_y = handles or (0.0, 0.0, 0.0, 0.0)
            point.center.addPositionKey(frame, nuke.rotopaint.CVec2(x, y))
            point.leftTangent.addPositionKey(frame, nuke.rotopaint.CVec2(left_x, left_y))
            point.rightTangent.addPositionKey(frame, nuke.rotopaint.CVec2(right_x, right_y))
        shape.append(point)
    (layer or curves.rootLayer).append(shape)
    return shape


SQUARE: list[tuple[float, ...]] = [(10.0, 20.0), (10.0, 60.0), (40.0, 60.0), (40.0, 20.0)]


def test_a_shape_is_a_box_on_each_of_its_keys_with_y_down(read: Any) -> None:
    """By hand: 20..60 from below in a plate of 100 is 40..80 from above."""
    roto = roto_below(read)
    moved: list[tuple[float, ...]] = [(x + 5, y + 10) for x, y in SQUARE]
    add_shape(roto, "hero", {1001: SQUARE, 1010: moved})
    first, last = prompts_of(roto, read)
    assert (first.name, first.frame, last.name, last.frame) == ("hero", 1001, "hero", 1010)
    assert first.box == pytest.approx((10, 40, 40, 80))
    assert last.box == pytest.approx((15, 30, 45, 70))


def test_a_box_lies_around_the_curve_and_not_its_handles(read: Any) -> None:
    """By hand: from (0, 50) to (100, 50) with handles 40 up, a cubic reaches 3/4 of them: 50 + 30."""
    roto = roto_below(read)
    add_shape(roto, "arc", {1: [(0.0, 50.0, 0.0, 0.0, 0.0, 40.0), (100.0, 50.0, 0.0, 40.0, 0.0, 0.0)]})
    ((_, _, box, _),) = prompts_of(roto, read)
    assert box == pytest.approx((0, HEIGHT - 80, 100, HEIGHT - 50))


def test_shapes_lie_in_layers_and_those_that_are_hidden_say_nothing(read: Any) -> None:
    roto = roto_below(read)
    layer = nuke.rotopaint.Layer(roto["curves"])
    roto["curves"].rootLayer.append(layer)
    add_shape(roto, "inner", {1: SQUARE}, layer=layer)
    add_shape(roto, "hidden", {1: SQUARE}).setVisible(1, False)
    assert [one.name for one in prompts_of(roto, read)] == ["inner"]


def test_many_keys_are_thinned_to_the_first_the_last_and_some_between(read: Any) -> None:
    roto = roto_below(read)
    add_shape(roto, "busy", dict.fromkeys(range(1001, 1201), SQUARE))
    frames = [one.frame for one in prompts_of(roto, read)]
    assert (len(frames), frames[0], frames[-1]) == (MOST_KEYS, 1001, 1200)
    assert frames == sorted(set(frames))


@pytest.mark.parametrize("kind", ["Transform", "Reformat"])
def test_what_stands_behind_a_node_that_moves_pixels_is_refused(read: Any, kind: str) -> None:
    roto = roto_below(made_node(kind, name="Moves", inputs=[made_node("Dot", inputs=[read])]))
    add_shape(roto, "hero", {1: SQUARE})
    with pytest.raises(NukeProblem, match="Moves"):
        prompts_of(roto, read)


def test_colours_and_dots_between_change_nothing(read: Any) -> None:
    roto = roto_below(made_node("Grade", inputs=[made_node("Dot", inputs=[read])]))
    add_shape(roto, "hero", {1: SQUARE})
    assert prompts_of(roto, read)


def test_a_shape_that_is_moved_as_a_whole_is_refused(read: Any) -> None:
    roto = roto_below(read)
    add_shape(roto, "hero", {1: SQUARE}).getTransform().addTranslationKey(1, 5, 0, 0)
    with pytest.raises(NukeProblem, match="'hero'"):
        prompts_of(roto, read)


def test_frames_that_are_shifted_in_nuke_are_refused(read: Any) -> None:
    read["frame_mode"].setValue("offset")
    read["frame"].setValue("1000")
    with pytest.raises(NukeProblem, match="frames at other times"):
        prompts_of(roto_below(read), read)


TRACKS = """{ { 1 31 2 }
{ { 5 1 20 enable e 1 } { 3 1 75 name name 1 } }
{ { {curve K x1 1} "name" } } }"""


def test_tracks_are_points_on_the_frame_that_is_shown(read: Any) -> None:
    """Tracker4 holds a table of 31 columns, x and y in the third and fourth."""
    tracker = made_node("Tracker4", inputs=[read])
    table = tracker["tracks"]
    table._script = TRACKS
    nuke._scene.world().frame = 1005
    for column, value in ((2, 30.0), (3, 25.0), (31 + 2, 120.5), (31 + 3, 90.0)):
        table.setValueAt(value, 1005, column)
    assert [one.points for one in prompts_of(tracker, read)] == [((30, 75),), ((120.5, 10),)]


def test_an_old_tracker_says_the_tracks_that_are_on(read: Any) -> None:
    tracker = made_node("Tracker3", inputs=[read])
    tracker["enable2"].setValue(True)
    tracker["track2"].setValueAt(8.0, 1, 0)
    tracker["track2"].setValueAt(99.0, 1, 1)
    assert prompts_of(tracker, read) == [Said("track2", 1, None, ((8, 1),))]


def test_the_viewers_region_is_a_box(read: Any) -> None:
    viewer = Viewer()
    assert region_of(viewer, read, 7) == []
    viewer.setRoi({"x": 10, "y": 20, "r": 40, "t": 60})
    assert region_of(viewer, read, 7) == [Said("region", 7, (10, 40, 40, 80))]


def test_words_are_those_that_shotmill_reads_whatever_shapes_are_called() -> None:
    """Names become legal, stay apart, and no name becomes a word of its own."""
    said = [
        Said('he"ro @9 box 1,2,3,4', 1001, (10, 40.126, 40, 80)),
        Said('he"ro @9 box 1,2,3,4', 1010, None, ((0.0, -3.5),)),
        Said("HE_RO _9_BOX-1,2,3,4", 1001, (1, 2, 3, 4)),
        Said("Müller", 1, (1, 2, 3, 4)),
        Said("日本", 1, (1, 2, 3, 4)),
    ]
    lines = as_words(said)
    objects = [read_object(line) for line in lines]
    assert [one["name"].lower() for one in objects] == [
        "he_ro_9_box_1_2_3_4",
        "he_ro__9_box-1_2_3_4",
        "m_ller",
        "object",
    ]
    assert lines[0].partition(" ")[2] == "@1001 box 10,40.13,40,80 @1010 +0,-3.5"
