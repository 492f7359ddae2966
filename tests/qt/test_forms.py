"""Forms made from job types: every type's form opens, fills, and is what Shotmill takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6 import QtCore, QtGui, QtWidgets
from rpc_host import ask

from shotmill.jobs import job_type_names
from shotmill.submitters.qt import Facts
from shotmill.submitters.qt.around import all_fields, source_values, split_values
from shotmill.submitters.qt.nested import ListEditor, ObjectEditor
from shotmill.submitters.qt.view import FormView, with_mnemonic

pytestmark = pytest.mark.usefixtures("app")
# What somebody has to fill in before the job means anything; all else is at its default.
NEEDED: dict[str, dict[str, Any]] = {
    "blender_render": {"frames": "1-2"},
    "dailies": {"rate": "24"},
    "lut_bake": {"colourspace": "ACEScct", "space": "ACEScg"},
    "ocio_bake": {"space": "ACEScg", "format": "exr"},
    "proxy": {"rate": "24"},
    "roto": {"objects": [{"name": "hero", "prompts": [{"frame": 0, "points": [{"x": 8.0, "y": 8.0}]}]}]},
}

LACKING = {"blender_render": ["E113"]}  # what only this machine lacks: Blender


def fields_of(described: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return all_fields(next(one for one in described["job_types"] if one["name"] == name))


def form(*fields: dict[str, Any], facts: Facts | None = None) -> FormView:
    blank = {"label": "Label", "default": None, "required": False, "help": ""}
    view = FormView([{**blank, **field} for field in fields], facts or Facts(), set())
    view.show()
    return view


def type_in(view: FormView, name: str, value: Any) -> None:
    view.rows[name].editor.set_value(value)


@pytest.mark.parametrize("name", job_type_names())
def test_every_form_opens_with_defaults_and_gives_what_shotmill_accepts(
    name: str, described: dict[str, Any], plate: str, tmp_path: Path
) -> None:
    by_host = {"scene_file": plate} if name == "blender_render" else {}
    facts = Facts(plates=(plate,), shot="sq010/sh020", params=by_host)
    known = replace(facts, params={**by_host, **source_values(facts)})
    view = FormView(fields_of(described, name), known, set())
    assert split_values(view.values())["params"] == by_host
    assert view.form.problems() == []
    needed = NEEDED.get(name, {})
    for field, value in needed.items():
        type_in(view, field, value)
    asked = {"job_type": name, **split_values(view.values())}
    assert asked["params"] == {**by_host, **needed}
    told = ask(tmp_path / "home", "validate", asked).value
    assert [one["code"] for one in told["problems"]] == LACKING.get(name, []), told


@pytest.mark.parametrize("name", ["dailies", "proxy"])
def test_frames_that_say_no_rate_are_told_at_the_field_that_says_it(name: str, plate: str, tmp_path: Path) -> None:
    told = ask(tmp_path / "home", "validate", {"job_type": name, "plates": [plate], "shot": "sq010/sh020"}).value
    assert [(one["field"], one["code"], one["hint"]) for one in told["problems"]] == [("rate", "E200", "--rate 24")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param({"type": "text", "default": ""}, "sh\u00f6t", id="text"),
        pytest.param({"type": "integer", "default": 5, "minimum": 1, "maximum": 9, "unit": "px"}, 7, id="integer"),
        pytest.param({"type": "integer", "default": None, "minimum": 0, "maximum": 51}, 0, id="open integer"),
        pytest.param({"type": "number", "default": 0.75, "minimum": 0}, 0.125, id="number"),
        pytest.param({"type": "boolean", "default": True}, False, id="boolean"),
        pytest.param({"type": "choice", "default": "jpg", "choices": ["jpg", "png"]}, "png", id="choice"),
        pytest.param({"type": "choice", "default": None, "choices": ["jpg", "png"]}, "jpg", id="open choice"),
        pytest.param({"type": "choices", "default": [], "choices": ["a", "b", "c"]}, ["a", "c"], id="choices"),
        pytest.param({"type": "path", "default": ""}, "/a b/#1 'x'.exr", id="path"),
        pytest.param({"type": "frames", "default": None}, "1001-1100x2", id="frames"),
        pytest.param({"type": "colour_space", "default": ""}, "ACES - ACEScg", id="colour space"),
        pytest.param({"type": "object", "default": {}, "fields": None}, {"a": "b"}, id="names with values"),
        pytest.param(
            {"type": "list", "default": [], "item": {"name": "", "label": "x", "type": "text", "default": ""}},
            ["R", "G"],
            id="list",
        ),
    ],
)
def test_every_type_of_field_gives_back_what_was_filled_in(field: dict[str, Any], value: Any) -> None:
    view = form({"name": "it", **field})
    assert view.values() == {}
    type_in(view, "it", value)
    assert view.values() == {"it": value}
    type_in(view, "it", field["default"])
    assert view.values() == {}


def test_numbers_keep_to_their_limits_and_say_their_unit() -> None:
    view = form({"name": "band_px", "type": "number", "default": 8.0, "minimum": 0.5, "maximum": 200, "unit": "px"})
    box: Any = view.rows["band_px"].editor.focusProxy()
    box.setValue(1000)
    assert box.text() == "200 px"


def test_what_is_left_open_says_what_happens_then() -> None:
    view = form({"name": "quality", "type": "integer", "default": None, "help": "0 is best; empty: 18, of hevc 20"})
    box: Any = view.rows["quality"].editor.focusProxy()
    assert box.text() == "18, of hevc 20"


def test_frames_are_read_back_beside_the_line() -> None:
    view = form({"name": "frames", "type": "frames"})
    editor: Any = view.rows["frames"].editor
    editor.line.setText("1001-1100")
    assert editor.echo.text() == "1001-1100, 100 frames"
    editor.line.setText("1001-")
    assert "1001-1096" in editor.echo.text()
    view.show_problems([{"field": "frames", "message": "no range"}])
    assert not editor.echo.isVisible()
    view.show_problems([])
    assert editor.echo.isVisible()


def test_a_field_shows_only_while_another_makes_it_matter() -> None:
    burn = {"name": "burn_in", "type": "boolean", "default": True}
    view = form(burn, {"name": "text", "type": "text", "default": "", "when": {"burn_in": True}})
    type_in(view, "text", "WIP")
    type_in(view, "burn_in", value=False)
    assert not view.rows["text"].isVisibleTo(view)
    assert view.values() == {"burn_in": False}
    type_in(view, "burn_in", value=True)
    assert view.rows["text"].isVisibleTo(view)
    assert view.values() == {"text": "WIP"}


def test_few_people_see_advanced_fields_until_one_is_wrong() -> None:
    view = form({"name": "seed", "type": "integer", "default": 0, "advanced": True})
    row = view.rows["seed"]
    assert not row.isVisibleTo(view)
    assert view.show_problems([{"field": "seed", "message": "too small"}]) == []
    assert row.isVisibleTo(view)
    assert row.problem.text() == "too small"


def test_fields_of_a_group_stand_under_its_name() -> None:
    view = form(
        {"name": "a", "type": "text", "group": "Colour"},
        {"name": "b", "type": "text", "group": "Size"},
        {"name": "c", "type": "text", "group": "Colour"},
    )
    labels: Any = view.findChildren(QtWidgets.QLabel)
    assert [label.text() for label in labels if label.font().bold()] == ["Colour", "Size"]
    assert list(view.rows) == ["a", "c", "b"]


def test_a_problem_marks_the_part_of_a_list_that_it_is_about(described: dict[str, Any]) -> None:
    view = FormView(fields_of(described, "roto"), Facts(), set())
    type_in(view, "objects", NEEDED["roto"]["objects"])
    view.show_problems([{"field": "objects.0.name", "message": "no such name"}])
    objects = view.rows["objects"].editor
    assert isinstance(objects, ListEditor)
    entry = objects.entries[0].editor
    assert isinstance(entry, ObjectEditor)
    line: Any = entry.parts["name"].focusProxy()
    text = QtGui.QPalette.ColorRole.Text
    assert line.palette().color(text) != view.palette().color(text)
    view.show_problems([])
    assert line.palette().color(text) == view.palette().color(text)


def test_a_problem_without_a_field_stands_at_the_one_that_its_message_names() -> None:
    view = form({"name": "objects", "label": "Objects", "type": "list", "default": []})
    assert view.show_problems([{"field": "params", "message": "name one with --object 'hero'"}]) == []
    assert view.rows["objects"].problem.text() == "name one with \u2018Objects\u2019 'hero'"


def test_what_the_host_fills_in_is_sent_and_not_asked_for() -> None:
    strokes = {"name": "objects", "label": "Objects", "type": "list", "default": [], "source": "host"}
    painted = [{"name": "hero"}]
    hidden = form(strokes, facts=Facts(params={"objects": painted}))
    assert (list(hidden.rows), hidden.values()) == ([], {"objects": painted})
    asked = form(strokes)
    assert asked.rows["objects"].isVisible()
    facts = Facts(params={"objects": ["hero"]}, notes={"objects": "1 stroke on frame 1001"})
    noted = form({**strokes, "advanced": True}, facts=facts)
    row = noted.rows["objects"]
    assert not noted.more.isAncestorOf(row)
    assert not row.editor.isVisible()
    row.show_button.click()
    assert row.editor.isVisible()
    assert noted.values() == {"objects": ["hero"]}


def test_a_wheel_over_a_field_scrolls_the_form_instead_of_changing_the_field() -> None:
    view = form({"name": "width", "type": "integer", "default": 512, "minimum": 16, "maximum": 4096})
    box: Any = view.rows["width"].editor.focusProxy()
    turn = QtGui.QWheelEvent(
        QtCore.QPointF(2, 2), QtCore.QPointF(2, 2), QtCore.QPoint(0, 0), QtCore.QPoint(0, 120),
        QtCore.Qt.MouseButton.NoButton, QtCore.Qt.KeyboardModifier.NoModifier, QtCore.Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QtWidgets.QApplication.sendEvent(box, turn)
    assert box.value() == 512


def test_no_two_labels_have_the_same_mnemonic() -> None:
    used: set[str] = set()
    assert [with_mnemonic(text, used) for text in ("Frames", "Format", "For", "F")] == [
        "&Frames", "F&ormat", "Fo&r", "F"
    ]  # fmt: skip
