"""What artists read: frames read back, plans, ages, steps and faults as sentences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shotmill.schema.errors import FrameSpecError
from shotmill.schema.frames import FrameSet
from shotmill.submitters.qt import words

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        pytest.param("1001-1100", "1001-1100, 100 frames", id="closed range"),
        pytest.param("1001", "1001-1001, 1 frame", id="one frame"),
        pytest.param("1-9x4, 20", "1-20, 4 frames", id="steps and one more"),
        pytest.param("1-5,3-7", "1-7, 7 frames", id="what overlaps counts once"),
        pytest.param("-5--1", "-5--1, 5 frames", id="negative"),
        pytest.param("", "", id="left open"),
    ],
)
def test_frames_are_read_back(typed: str, told: str) -> None:
    assert words.told_frames(typed) == told


@pytest.mark.parametrize("typed", ["1-", "a-b", "1..5", "1-5x0", "1-99999999", "1,,2"])
def test_what_is_no_range_is_told_while_it_is_typed(typed: str) -> None:
    with pytest.raises(ValueError, match="frames"):
        words.told_frames(typed)


@pytest.mark.parametrize("typed", ["1-10", "1-10x3", "7-3", "-5--1,4", "1-9:2", " 1 , 3 "])
def test_the_form_counts_frames_as_shotmill_does(typed: str) -> None:
    try:
        meant = set(FrameSet.parse(typed))
    except FrameSpecError:
        meant = set()
    assert {frame for one in words.read_frames(typed) for frame in one} == meant


def plan(**more: Any) -> dict[str, Any]:
    return {"tasks": 12, "publishes": ["demo/sq010/sh020/thumbnail"], "estimate": None, **more}


def test_a_plan_is_one_sentence() -> None:
    estimate = {"cpu_hours": {"p50": 0.05, "p90": 0.1}, "gpu_hours": {"p50": 0.0, "p90": 0.0}, "cost": None}
    assert words.told_plan(plan(estimate=estimate)) == "12 tasks, about 3 min, publishes thumbnail in sq010/sh020"
    assert words.told_plan(plan()) == "12 tasks, publishes thumbnail in sq010/sh020"


def test_a_plan_names_versions_and_costs_where_they_are_known_and_counts_many_places() -> None:
    hours = {"p50": 1.0, "p90": 2.0}
    estimate = {"cpu_hours": hours, "gpu_hours": hours, "cost": {"p50": 1.5, "p90": 2.0}, "currency": "EUR"}
    places = [{"address": f"demo:sq010/sh0{number}0/roto", "version": 4} for number in range(1, 6)]
    told = words.told_plan(plan(estimate=estimate, publishes=places))
    assert told.startswith("12 tasks, about 2 h, 1.50 EUR, publishes roto v004 in sq010/sh010, ")
    assert told.endswith(" and 2 more places")
    next_one = {"address": "demo:sq010/sh020/roto@v012", "version": 12, "folder": "/p/demo/sq010/sh020/roto/v012"}
    assert words.told_plan(plan(versions=[next_one])) == "12 tasks, publishes roto v012 in sq010/sh020"
    assert words.told_place(plan(versions=[next_one] * 3)) == "into /p/demo/sq010/sh020/roto/v012 and 2 more folders"
    assert words.told_place(plan(projects="/p")) == "into /p"


@pytest.mark.parametrize(
    ("created", "told"),
    [
        pytest.param("2026-11-22T11:59:58.311058Z", "now", id="now"),
        pytest.param("2026-11-22T11:59:20Z", "40 s ago", id="seconds"),
        pytest.param("2026-11-22T11:27:00.3Z", "33 min ago", id="a fraction of one digit"),
        pytest.param("2026-11-22T09:50:00+00:00", "2 h 10 min ago", id="hours"),
        pytest.param("2026-11-19T12:00:00", "3 days ago", id="no zone means UTC"),
        pytest.param("yesterday", "", id="no time"),
    ],
)
def test_ages_are_told_as_people_say_them(created: str, told: str) -> None:
    assert words.told_age(created, NOW) == told


def test_steps_are_one_line() -> None:
    steps = [
        {"name": "detect", "state": "succeeded", "done": 1, "total": 1},
        {"name": "segment", "state": "failed", "done": 2, "total": 4},
        {"name": "propagate", "state": "running", "done": 41, "tasks": 96},
    ]
    assert words.told_steps(steps) == "detect \u2713   segment \u2717 2/4   propagate 41/96"
    assert words.share_done(steps) == pytest.approx(44 / 101)
    assert words.share_done([]) == 0.0


def test_a_fault_is_one_sentence_what_to_do_and_its_code() -> None:
    assert words.told_fault("E204", "there is no plate", "choose one") == (
        "there is no plate. What to do: choose one (E204)"
    )
    assert words.told_fault("", "It ended!", "") == "It ended!"


def test_flags_become_the_labels_of_the_form() -> None:
    said = "name their colour space with --colourspace, or --cdl-space, not --later"
    labels = {"colourspace": "From", "cdl_space": "CDL space"}
    assert words.in_labels(said, labels) == (
        "name their colour space with \u2018From\u2019, or \u2018CDL space\u2019, not --later"
    )


@pytest.mark.parametrize(
    ("before", "told"),
    [
        pytest.param(None, "", id="nothing"),
        pytest.param(
            {"job": "J-A", "state": "succeeded", "versions": ["demo:a/b/roto@v001", "x"]},
            "Published already as demo:a/b/roto@v001 and 1 other; tick New version to make another.",
            id="published",
        ),
        pytest.param({"job": "J-A", "state": "running"}, "J-A does the same already: it is running.", id="running"),
    ],
)
def test_what_did_the_same_before_is_told(before: dict[str, Any] | None, told: str) -> None:
    assert words.told_before(before) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param({"is_new": True, "tasks": 2}, "J-A is submitted: 2 tasks on local", id="new"),
        pytest.param({"is_new": False, "tasks": 2}, "The same job is there already: J-A is queued", id="twin"),
        pytest.param(
            {"is_new": False, "versions": [{}]},
            "The same was published already by J-A; tick New version to publish it again",
            id="published",
        ),
    ],
)
def test_what_became_of_a_submit_is_told(value: dict[str, Any], told: str) -> None:
    job = {"handle": "J-A", "engine": "local", "state": "queued"}
    assert words.told_submit({"job": job, **value}) == told
