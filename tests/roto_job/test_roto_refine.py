"""A version is refined by what is said anew, on top of what was said before."""

from __future__ import annotations

from typing import Any

import pytest

from shotmill.jobs.roto.refine import refined

BEFORE: dict[str, Any] = {
    "seed": 3,
    "objects": [
        {"name": "hero", "prompts": [{"frame": 1001, "points": [{"x": 1.0, "y": 2.0, "inside": True}]}]},
        {"name": "car", "prompts": [{"frame": 1001, "points": [{"x": 5.0, "y": 6.0, "inside": True}]}]},
    ],
}


def test_a_correction_joins_the_prompts_of_its_object_and_is_told() -> None:
    params, added = refined(BEFORE, {"objects": ["hero @1042 fix -3,4"]})
    assert added == ["hero @1042 fix"]
    assert [(one["name"], [prompt["frame"] for prompt in one["prompts"]]) for one in params["objects"]] == [
        ("hero", [1001, 1042]),
        ("car", [1001]),
    ]
    assert params["seed"] == 3


def test_a_correction_where_an_object_begins_adds_its_points_there() -> None:
    params, _added = refined(BEFORE, {"objects": ["hero @1001 fix -3,4"]})
    [prompt] = params["objects"][0]["prompts"]
    assert [(point["x"], point["inside"]) for point in prompt["points"]] == [(1.0, True), (3.0, False)]
    assert not prompt.get("corrects")


def test_an_object_that_the_version_does_not_have_cannot_be_corrected() -> None:
    with pytest.raises(ValueError, match=r"no object 'her' to correct; it has: hero, car; name one of these"):
        refined(BEFORE, {"objects": ["her @1042 fix -3,4"]})


def test_an_object_that_is_new_begins_where_it_is_said_to() -> None:
    params, added = refined(BEFORE, {"objects": ["dog @1010 box 1,2,9,9"]})
    assert [one["name"] for one in params["objects"]] == ["hero", "car", "dog"]
    assert added == ["dog @1010"]
