"""Objects in short text are what the JSON would say."""

from __future__ import annotations

import pytest

from shotmill.jobs.roto.words import read_object, read_objects


def test_a_text_names_a_box_and_points_on_a_frame() -> None:
    assert read_object("hero @1001 box 10,20,310,220 +120,80 -30,40.5") == {
        "name": "hero",
        "prompts": [
            {
                "frame": 1001,
                "box": {"left": 10.0, "top": 20.0, "right": 310.0, "bottom": 220.0},
                "points": [{"x": 120.0, "y": 80.0, "inside": True}, {"x": 30.0, "y": 40.5, "inside": False}],
            }
        ],
    }


def test_several_frames_stand_in_one_text() -> None:
    prompts = read_object("hero @1001 +1,2 @1040 fix -3,4")["prompts"]
    assert [(one["frame"], one.get("corrects", False)) for one in prompts] == [(1001, False), (1040, True)]


def test_texts_and_masks_may_hold_blanks_in_quotes() -> None:
    assert read_object("dog @1 text 'a brown dog'")["prompts"] == [{"frame": 1, "text": "a brown dog"}]
    assert read_object('car @1 mask "/my masks/car.png"')["prompts"] == [{"frame": 1, "mask": "/my masks/car.png"}]


def test_what_is_said_twice_of_one_name_is_put_together() -> None:
    [one] = read_objects(["hero @1 +1,2", {"name": "hero", "prompts": [{"frame": 9, "text": "x"}]}])
    assert [prompt["frame"] for prompt in one["prompts"]] == [1, 9]


def test_a_list_as_json_text_and_lines_of_short_text_are_read() -> None:
    assert read_objects('[{"name": "a"}]') == [{"name": "a"}]
    assert [one["name"] for one in read_objects("a @1 +1,2\n\nb @1 +3,4")] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "has no name", id="nothing"),
        pytest.param("@1001 +1,2", "has no name", id="no name"),
        pytest.param("hero", "says no @FRAME", id="no frame"),
        pytest.param("hero box 1,2,3,4", "stands before any @FRAME", id="words before a frame"),
        pytest.param("hero @x +1,2", "is no frame", id="no number"),
        pytest.param("hero @1 box 1,2,3", "is no box", id="three ends"),
        pytest.param("hero @1 +1", "is no point", id="half a point"),
        pytest.param("hero @1 lasso 1,2", "is no part of an object", id="a word nobody knows"),
        pytest.param("hero @1 text 'a", "cannot be read", id="a quote that does not end"),
        pytest.param("[1", "are no JSON", id="half of a JSON"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_objects(text if text.startswith("[") else [text])
