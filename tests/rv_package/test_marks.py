"""Marks become prompts: expected pixels are computed by hand from RV's window, [-aspect/2, aspect/2] x [-1/2, 1/2]."""

from __future__ import annotations

from typing import Any

import pytest

from shotmill.schema.roto import RotoObject
from shotmill.submitters.rv.marks import (
    Component,
    FrameMarks,
    Mark,
    Picture,
    frame_notes,
    make_prompts,
    media_pattern,
    read_paint,
)

GREEN, BLUE, RED = (0.0, 1.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.0), (1.0, 0.1, 0.1, 1.0)
HD = Picture(1920, 1080)
SQUARE = Picture(1000, 1000)


def mark(kind: str, *points: tuple[float, float], colour: tuple[float, ...] = GREEN, **more: Any) -> Mark:
    return Mark(kind, 1001, "ada", points, colour, **more)


def prompts_of(picture: Picture, *marks: Mark, frame: int = 1001) -> list[dict[str, Any]]:
    found = make_prompts(picture, [FrameMarks(frame, marks)])
    for one in found.objects:
        RotoObject.model_validate(one)
    return found.objects


def pen(number: int, user: str, **values: list[Any]) -> dict[str, list[Any]]:
    given = {"points": [0.0, 0.0], "color": list(GREEN), **values}
    return {f"pen:{number}:1001:{user}.{name}": value for name, value in given.items()}


@pytest.mark.parametrize(
    ("picture", "point", "pixel"),
    [
        pytest.param(HD, (0.0, 0.0), (960, 540), id="the centre"),
        pytest.param(HD, (-8 / 9, 0.5), (0, 0), id="the upper left corner"),
        pytest.param(HD, (8 / 9, -0.5), (1920, 1080), id="the lower right corner"),
        pytest.param(Picture(2048, 858), (2048 / 858 / 4, 0.25), (1536, 214.5), id="odd aspect"),
        pytest.param(Picture(1828, 1332, 2.0), (1828 * 2 / 1332 / 4, 0.25), (1371, 333), id="pixel aspect 2"),
        pytest.param(Picture(720, 576, 1.5), (-720 * 1.5 / 576 / 2, -0.5), (0, 576), id="wide pixels, a corner"),
    ],
)
def test_rv_facts_10_coordinates_are_exact_pixels(
    picture: Picture, point: tuple[float, float], pixel: tuple[float, float]
) -> None:
    assert picture.pixel(point) == pytest.approx(pixel, abs=1e-9)


def test_rv_facts_10_an_ellipse_is_the_box_that_the_reference_names() -> None:
    """Submitters' reference 1.6: min(-aspect/2,-.5) max(0,0) on 1920x1080 is 0,540 to 960,1080."""
    [one] = prompts_of(HD, mark("ellipse", (-8 / 9, -0.5), (0.0, 0.0)))
    assert one == {
        "name": "object1",
        "prompts": [{"frame": 1001, "box": {"left": 0.0, "top": 540.0, "right": 960.0, "bottom": 1080.0}}],
    }


def test_rv_facts_10_a_rectangle_drawn_from_any_corner_is_a_box_cut_to_the_picture() -> None:
    [one] = prompts_of(SQUARE, mark("rect", (0.75, 0.25), (0.25, -0.25)))
    assert one["prompts"][0]["box"] == {"left": 750.0, "top": 250.0, "right": 1000.0, "bottom": 750.0}


def test_rv_facts_10_a_long_stroke_is_five_points_evenly_along_it() -> None:
    """800 px from x=100 to 900: the middles of fifths."""
    [one] = prompts_of(SQUARE, mark("pen", (-0.4, 0.1), (0.0, 0.1), (0.4, 0.1)))
    points = one["prompts"][0]["points"]
    assert [(point["x"], point["y"], point["inside"]) for point in points] == [
        (180.0, 400.0, True), (340.0, 400.0, True), (500.0, 400.0, True), (660.0, 400.0, True), (820.0, 400.0, True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("length", "count"),
    [
        pytest.param(0.0, 1, id="a click"),
        pytest.param(0.04, 3, id="short"),
        pytest.param(0.1, 4, id="in between"),
        pytest.param(0.5, 5, id="long"),
    ],
)
def test_strokes_are_as_many_points_as_they_are_long(length: float, count: int) -> None:
    [one] = prompts_of(SQUARE, mark("pen", (0.0, 0.0), (length, 0.0)))
    assert len(one["prompts"][0]["points"]) == count


def test_rv_facts_10_a_closed_stroke_is_a_box_with_a_point_inside() -> None:
    around = [(-0.1, -0.1), (0.1, -0.1), (0.1, 0.1), (-0.1, 0.1), (-0.1, -0.09)]
    [one] = prompts_of(SQUARE, mark("pen", *around))
    assert one["prompts"] == [
        {
            "frame": 1001,
            "points": [{"x": 500.0, "y": 500.0, "inside": True}],
            "box": {"left": 400.0, "top": 400.0, "right": 600.0, "bottom": 600.0},
        }
    ]


def test_the_point_inside_of_a_crescent_lies_in_it() -> None:
    """A U, open to the right: at half its height only its back, x from 400 to 420, is inside."""
    outline = [
        (-0.1, 0.1), (0.1, 0.1), (0.1, 0.08), (-0.08, 0.08), (-0.08, -0.08), (0.1, -0.08), (0.1, -0.1), (-0.1, -0.1),
        (-0.1, 0.09),
    ]  # fmt: skip
    [one] = prompts_of(SQUARE, mark("pen", *outline))
    [point] = one["prompts"][0]["points"]
    assert (point["x"], point["y"]) == (410.0, 500.0)


def test_rv_facts_10_red_is_outside_and_goes_to_the_nearest_object() -> None:
    found = prompts_of(
        SQUARE,
        mark("rect", (-0.4, -0.1), (-0.2, 0.1)),
        mark("rect", (0.2, -0.1), (0.4, 0.1), colour=BLUE),
        mark("pen", (0.15, 0.0), colour=RED),
    )
    assert [len(one["prompts"][0].get("points", [])) for one in found] == [0, 1]
    assert found[1]["prompts"][0]["points"] == [{"x": 650.0, "y": 500.0, "inside": False}]


def test_red_alone_on_a_later_frame_is_a_correction_and_alone_at_all_is_told() -> None:
    red = FrameMarks(1010, [mark("pen", (0.0, 0.0), colour=RED)])
    found = make_prompts(SQUARE, [red, FrameMarks(1001, [mark("rect", (-0.1, -0.1), (0.1, 0.1))])])
    assert [prompt.get("corrects", False) for prompt in found.objects[0]["prompts"]] == [False, True]
    RotoObject.model_validate(found.objects[0])
    alone = make_prompts(SQUARE, [red])
    assert alone.objects == []
    assert "red marks only" in alone.problems[0]


def test_one_colour_is_one_object_on_all_frames_and_a_text_names_it() -> None:
    first = FrameMarks(
        1001,
        [
            mark("rect", (-0.4, -0.1), (-0.2, 0.1)),
            mark("rect", (0.2, -0.1), (0.4, 0.1), colour=BLUE),
            mark("text", (0.25, 0.0), colour=RED, text="der Löwe, links"),
        ],
    )
    later = FrameMarks(1009, [mark("rect", (0.1, -0.1), (0.3, 0.1), colour=BLUE)])
    found = make_prompts(SQUARE, [later, first])
    told = [(one["name"], one.get("label"), [prompt["frame"] for prompt in one["prompts"]]) for one in found.objects]
    assert told == [("object1", None, [1001]), ("der_Lowe_links", "der Löwe, links", [1001, 1009])]
    assert found.problems == []


def test_two_shapes_of_one_colour_become_one_box_and_that_is_told() -> None:
    found = make_prompts(
        SQUARE, [FrameMarks(7, [mark("rect", (-0.4, -0.1), (-0.2, 0.1)), mark("rect", (0.2, -0.1), (0.4, 0.1))])]
    )
    assert found.objects[0]["prompts"][0]["box"] == {"left": 100.0, "top": 400.0, "right": 900.0, "bottom": 600.0}
    assert "2 shapes of object1 became one box" in found.problems[0]


@pytest.mark.parametrize(
    ("kind", "points", "more", "said"),
    [
        pytest.param("pen", [(0.0, 0.0)], {"erases": True}, "an eraser's stroke is no prompt", id="an eraser"),
        pytest.param("arrow", [(0.0, 0.0), (0.1, 0.1)], {}, "an arrow is no prompt", id="an arrow"),
        pytest.param("rect", [(2.0, 2.0), (3.0, 3.0)], {}, "outside of the picture", id="beside the picture"),
        pytest.param("rect", [(0.0, 0.0), (0.4, 0.0)], {}, "thinner than a pixel", id="a thread"),
        pytest.param("text", [(0.0, 0.0)], {"text": "hi"}, "names no shape", id="a text alone"),
    ],
)
def test_what_is_no_prompt_is_told(kind: str, points: Any, more: dict[str, Any], said: str) -> None:
    found = make_prompts(SQUARE, [FrameMarks(1001, [mark(kind, *points, **more)])])
    assert found.objects == []
    assert said in found.problems[0]


def test_a_turned_plate_is_refused_rather_than_guessed() -> None:
    found = make_prompts(Picture(100, 100, turned="x.mov is stored turned by 90 degrees"), [
        FrameMarks(1, [mark("rect", (0.0, 0.0), (0.1, 0.1))])
    ])  # fmt: skip
    assert (found.objects, found.problems) == ([], ["marks are left out: x.mov is stored turned by 90 degrees"])


@pytest.mark.parametrize("user", ["ada", "ada.lovelace", "a.d:a:l.o", "ada+l_4711", "жанна"])
def test_rv_facts_10_users_may_have_dots_and_colons(user: str) -> None:
    order = {"frame:1001.order": [f"pen:3:1001:{user}"]}
    [found] = read_paint({**pen(3, user), **order}).marks
    assert (found.user, found.points) == (user, ((0.0, 0.0),))


def test_rv_facts_10_undone_and_deleted_marks_do_not_count_and_order_holds() -> None:
    properties = {
        **pen(1, "ada", points=[0.1, 0.1]),
        **pen(2, "ada", points=[0.2, 0.2]),  # undone: not in the order
        **pen(3, "ada", points=[0.3, 0.3], softDeleted=[1]),
        **pen(4, "ada", points=[0.4, 0.4], softDeleted=[0], mode=[1]),
        "frame:1001.order": ["pen:4:1001:ada", "pen:3:1001:ada", "pen:1:1001:ada"],
        "frame:1001.redo": ["pen:2:1001:ada"],
        "paint.show": [1],
    }
    found = read_paint(properties)
    assert [(one.points[0], one.erases) for one in found.marks] == [((0.4, 0.4), True), ((0.1, 0.1), False)]
    assert found.problems == ()


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({"frame:1.order": ["pen:1:1:ada"]}, id="gone"),
        pytest.param({"frame:1.order": ["pen:1:1:ada"], "pen:1:1:ada.points": [0.1]}, id="half a point"),
        pytest.param({"frame:1.order": ["pen:1:1:ada"], "pen:1:1:ada.points": [float("nan"), 1.0]}, id="no number"),
        pytest.param({"frame:1.order": ["pen:x:1:ada"], "pen:x:1:ada.points": [0.0, 1.0]}, id="no number of a mark"),
    ],
)
def test_broken_marks_are_named(properties: dict[str, list[Any]]) -> None:
    found = read_paint(properties)
    assert found.marks == ()
    assert len(found.problems) == 1


@pytest.mark.parametrize("text", ["pen:1:1001", "frame:1001", "pen", "tag:1:1:ada", "pen:1:x:ada"])
def test_what_is_no_marks_name_is_none(text: str) -> None:
    assert Component.parse(text) is None


def test_notes_are_the_texts_and_where_it_was_drawn() -> None:
    marks = [
        mark("text", (0.0, 0.0), text="edge\nboils \u202etxt"),
        mark("rect", (-0.1, -0.1), (0.1, 0.1)),
        mark("pen", (0.2, 0.2)),
        mark("pen", (0.3, 0.3)),
        mark("pen", (0.3, 0.3), erases=True),
    ]
    notes = frame_notes(SQUARE, [FrameMarks(1010, [mark("text", (0.0, 0.0), text="ok")]), FrameMarks(1001, marks)])
    assert [(note.frame, note.text) for note in notes] == [
        (1001, "edge boils txt / 1 box, 2 strokes at 400,200 to 800,600"),
        (1010, "ok"),
    ]


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/p/plate.1001-1032#.exr", "/p/plate.####.exr"),
        ("/p/plate.#.exr", "/p/plate.####.exr"),
        ("/p/plate.####.exr", "/p/plate.####.exr"),
        ("/p/plate.1-9,20-30x2@@@@@.exr", "/p/plate.#####.exr"),
        ("/p/plate.%04d.exr", "/p/plate.####.exr"),
        ("/p/plate_-5-10@.dpx", "/p/plate_#.dpx"),
        ("/p#1/a b/é.mov", "/p#1/a b/é.mov"),
        ("P:\\show\\plate.1001-1010#.exr", "P:/show/plate.####.exr"),
    ],
)
def test_paths_of_rv_are_patterns_of_ours(path: str, pattern: str) -> None:
    assert media_pattern(path) == pattern
