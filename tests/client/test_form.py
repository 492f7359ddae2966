"""The form without a window: what is filled in, what is shown, what is wrong, and what is sent."""

from __future__ import annotations

from typing import Any

import pytest

from shotmill.jobs import find_job_type, job_type_names
from shotmill.submitters.client import Form
from shotmill.submitters.fields import form_of


def form(name: str, **values: Any) -> Form:
    """The form of a job type, as ``describe`` sends it."""
    return Form(form_of(find_job_type(name)).model_dump(mode="json")["fields"], values)


@pytest.mark.parametrize("name", job_type_names())
def test_a_form_that_nobody_touched_sends_nothing(name: str) -> None:
    untouched = form(name)
    assert untouched.to_params() == {}
    required = {field.name for field in untouched.fields if field.required}
    assert {one["field"] for one in untouched.problems()} <= required


def test_only_what_differs_from_the_defaults_is_sent() -> None:
    filled = form("thumbnail", width="640", frame="last", quality="92")
    assert filled.to_params() == {"width": 640, "frame": "last"}
    filled.reset("width")
    assert filled.to_params() == {"frame": "last"}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        pytest.param("width", "5", "Width: at least 16 px", id="too small"),
        pytest.param("width", "9999", "Width: at most 4096 px", id="too large"),
        pytest.param("width", "wide", "Width: write a whole number", id="no number"),
        pytest.param("width", "1.5", "Width: write a whole number", id="a fraction"),
        pytest.param("format", "gif", "Format: choose one of: jpg, png", id="no choice"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(name: str, value: str, says: str) -> None:
    filled = form("thumbnail", **{name: value})
    assert filled.problems() == [{"field": name, "message": says}]
    filled.reset(name)
    assert filled.problems() == []


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        *[(right, True) for right in ("1001-1096", "1-100x2", "1-5, 9", "-5--1", "7", "")],
        *[(wrong, False) for wrong in ("1001-", "a-b", "1,,2", "1001..1096")],
    ],
)
def test_frames_are_looked_at_before_they_are_sent(text: str, is_right: bool) -> None:
    assert (form("dailies", frames=text).problems() == []) is is_right


def test_fields_come_and_go_with_those_they_depend_on() -> None:
    filled = form("thumbnail", quality=80)
    assert "quality" in [field.name for field in filled.visible()]
    filled.set("format", "png")
    assert "quality" not in [field.name for field in filled.visible()]
    assert filled.to_params() == {"format": "png"}, "what is not shown is not sent"
    movie = form("dailies", codec="hevc")
    assert movie.field("quality") in movie.visible()
    movie.set("codec", "prores-hq")
    assert movie.field("quality") not in movie.visible()


def test_most_people_see_few_fields_in_groups_of_their_own() -> None:
    roto = form("roto")
    assert len(roto.visible(advanced=False)) < len(roto.visible()) / 2
    assert [name for name, _fields in roto.groups(advanced=False)][:2] == ["Colour", "Again"]
    assert "objects" not in [field.name for field in roto.visible()], "the host fills it in"
    roto.set("objects", [{"name": "hero", "prompts": [{"frame": 1, "text": "man"}]}])
    assert set(roto.to_params()) == {"objects"}


@pytest.mark.parametrize(
    ("job_type", "name", "typed", "sent"),
    [
        pytest.param("qc", "ignore", "black, flash", ["black", "flash"], id="choices"),
        pytest.param("qc", "channels", "R,G, B", ["R", "G", "B"], id="list"),
        pytest.param("qc", "strict", "yes", True, id="boolean"),
        pytest.param("qc", "black_mean", "0.5", 0.5, id="number"),
        pytest.param("roto", "options", '{"a": "b"}', {"a": "b"}, id="object"),
        pytest.param("dailies", "context", "SHOT=a", "SHOT=a", id="text that the server reads"),
    ],
)
def test_what_is_typed_becomes_what_the_server_takes(job_type: str, name: str, typed: str, sent: Any) -> None:
    assert form(job_type, **{name: typed}).to_params() == {name: sent}


@pytest.mark.parametrize(
    ("job_type", "name", "typed", "says"),
    [
        ("qc", "strict", "perhaps", "write yes or no"),
        ("qc", "black_mean", "nan", "write a number"),
        ("qc", "ignore", "black,beige", "beige is not one of"),
        ("roto", "options", "[1]", "write a JSON object"),
    ],
)
def test_what_cannot_be_read_is_said(job_type: str, name: str, typed: str, says: str) -> None:
    assert any(says in one["message"] for one in form(job_type, **{name: typed}).problems())


def test_what_the_server_found_stays_until_its_field_changes() -> None:
    filled = form("thumbnail")
    found = [{"field": "colourspace", "message": "no such space"}, {"field": "plates", "message": "not there"}]
    assert filled.tell(found) == ["not there"]
    assert filled.problems() == [{"field": "colourspace", "message": "no such space"}]
    filled.set("colourspace", "ACEScg")
    assert filled.problems() == []
