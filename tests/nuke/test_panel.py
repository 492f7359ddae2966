"""Nuke: the panel, whose knobs are made of what Shotmill describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nuke_requests import MAPPED, kind_of
from nuke_scenes import KNOBS, nuke, open_script

from shotmill.jobs import job_type_names
from shotmill.submitters.nuke import menus
from shotmill.submitters.nuke.asks import JobKind
from shotmill.submitters.nuke.gather import Scene, gather
from shotmill.submitters.nuke.panel import SubmitPanel
from shotmill.submitters.nuke.problems import NukeProblem

SCENES = Path(__file__).parent / "scenes"
KINDS = [kind_of(name) for name in job_type_names()]


@pytest.fixture
def scene(world: Any) -> Scene:
    del world
    open_script(SCENES / "groups.nk")
    return gather({}, paths=MAPPED)


def panel_of(scene: Scene, job_type: str, **more: Any) -> Any:
    return SubmitPanel(KINDS, scene, job_type=job_type, **more)


def put(panel: Any, **values: Any) -> None:
    """Type values into knobs, as people do: the panel is told of each."""
    for name, value in values.items():
        knob = panel.knobs()[name]
        knob.setValue(value)
        panel.knobChanged(knob)


def pick(panel: Any, *keys: str) -> None:
    for number, (plate, _use, _frames) in enumerate(panel._plates):
        put(panel, **{f"use{number}": plate.key in keys})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_job_type_has_its_knobs(scene: Scene, kind: JobKind) -> None:
    """And as they stand they send nothing but what the node says: defaults are Shotmill's own."""
    panel = panel_of(scene, kind.name)
    asked = {str(field["name"]) for field in kind.fields if field.get("source") != "host"} - {"objects"}
    assert {name[2:] for name in panel.knobs() if name.startswith("p_")} == asked
    assert all(knob.tooltip() for name, knob in panel.knobs().items() if name.startswith("p_"))
    pick(panel, "Read1")
    for name in ("space", "colourspace"):
        if kind.name in {"lut_bake", "ocio_bake"}:
            put(panel, **{f"p_{name}": "ACEScg"})
    (ask,) = panel.asks()
    told = set(ask.args["params"]) - {"frames", "space", "colourspace"}
    assert told == set()


FIELDS: list[dict[str, Any]] = [
    {"name": "a", "type": "text", "label": "Text <b>&", "help": "what [exit] is"},
    {"name": "b", "type": "integer", "default": 3, "minimum": 1, "maximum": 9, "unit": "px"},
    {"name": "c", "type": "integer", "default": None},
    {"name": "d", "type": "number", "default": 0.5},
    {"name": "e", "type": "boolean", "default": True},
    {"name": "f", "type": "choice", "default": "x", "choices": ["x", "y"]},
    {"name": "g", "type": "choices", "default": ["x"], "choices": ["x", "y"]},
    {"name": "h", "type": "path", "default": ""},
    {"name": "i", "type": "folder", "default": ""},
    {"name": "j", "type": "frames", "default": None},
    {"name": "k", "type": "colour_space", "default": ""},
    {"name": "l", "type": "list", "default": [], "item": {"name": "l", "type": "text"}, "advanced": True},
    {"name": "m", "type": "object", "default": {}, "advanced": True, "group": "Deep"},
    {"name": "n", "type": "text", "default": "", "when": {"e": False}},
    {"name": "o", "type": "text", "default": "", "source": "host"},
    {"name": "p", "type": "hologram", "default": ""},
]
NEW = JobKind("new_one", "What nobody knew <script>", takes_plates=True, takes_many=True, fields=tuple(FIELDS))


def test_a_job_type_that_nobody_knew_appears_by_itself(scene: Scene) -> None:
    """Every type of field, one that is newer than the plug-in, and fields that matter only with others."""
    panel = SubmitPanel([*KINDS, NEW], scene)
    put(panel, job_type="new_one")
    knobs = panel.knobs()
    assert isinstance(knobs["p_b"], KNOBS.Int_Knob)
    assert isinstance(knobs["p_f"], KNOBS.Enumeration_Knob)
    assert (knobs["p_b"].label(), knobs["p_a"].label()) == ("b (px)", "Text &lt;b&gt;&amp;")
    assert knobs["p_a"].tooltip() == "what &#91;exit] is"
    assert not knobs["p_n"].visible()
    assert "p_o" not in knobs
    put(panel, p_b=4, p_c="7", p_d=0.25, p_e=False, p_f="y", p_g="x,y", p_h="/a b/é", p_j="1-5x2", p_l="u,v")
    put(panel, p_m='{"k": 1}', p_n="now it counts", p_p="as text")
    assert knobs["p_n"].visible()
    pick(panel, "Read1")
    (ask,) = panel.asks()
    assert ask.args["params"] == {
        "b": 4, "c": 7, "d": 0.25, "e": False, "f": "y", "g": ["x", "y"], "h": "/a b/é", "j": "1-5x2", "l": ["u", "v"],
        "m": {"k": 1}, "n": "now it counts", "p": "as text",
    }  # fmt: skip


def test_another_job_type_brings_its_own_knobs_and_takes_the_old_away(scene: Scene) -> None:
    panel = panel_of(scene, "roto", said=["hero @1001 box 1,2,3,4"])
    assert panel.knobs()["objects"].value() == "hero @1001 box 1,2,3,4"
    before = list(panel.knobs())
    put(panel, job_type="thumbnail")
    assert "objects" not in panel.knobs()
    assert "p_width" in panel.knobs()
    put(panel, job_type="roto")
    assert list(panel.knobs()) == before


def test_any_subset_of_plates_is_submitted_each_with_its_own_frames(scene: Scene) -> None:
    panel = panel_of(scene, "qc")
    pick(panel, "Read1", "Write_limited")
    put(panel, frames0="1001-1010x3")
    asks = panel.asks()
    assert [(ask.node, ask.args["params"]["frames"]) for ask in asks] == [
        ("Read1", "1001-1010x3"),
        ("Write_limited", "1010-1020"),
    ]


def test_one_job_for_all_where_the_job_type_takes_several(scene: Scene) -> None:
    panel = panel_of(scene, "contactsheet")
    pick(panel, "Read1", "Write_all")
    put(panel, together=True)
    (ask,) = panel.asks()
    assert [path.rpartition("/")[2] for path in ask.args["plates"]] == ["plate.####.exr", "comp_v003.####.exr"]
    alone = panel_of(scene, "roto")
    pick(alone, "Read1", "Write_all")
    put(alone, together=True)
    assert len(alone.asks()) == 2


def test_frames_that_the_job_type_cannot_be_told_are_refused_rather_than_forgotten(scene: Scene) -> None:
    panel = panel_of(scene, "thumbnail")
    pick(panel, "Read1")
    put(panel, frames0="1001-1002")
    with pytest.raises(NukeProblem, match="thumbnail cannot be told frames 1001-1002 of Read1"):
        panel.asks()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param({"p_width": 3}, "Width: at least 16 px", id="out of bounds"),
        pytest.param({"p_quality": 101}, "Quality: at most 100", id="too much"),
    ],
)
def test_what_is_wrong_is_shown_at_once_and_not_sent(scene: Scene, values: dict[str, Any], said: str) -> None:
    panel = panel_of(scene, "thumbnail")
    pick(panel, "Read1")
    put(panel, **values)
    assert panel.knobs()["status"].value() == said
    with pytest.raises(NukeProblem, match=said):
        panel.asks()


def test_without_a_plate_nothing_is_sent(scene: Scene) -> None:
    panel = panel_of(scene, "thumbnail")
    pick(panel)
    with pytest.raises(NukeProblem, match="no plate is chosen"):
        panel.asks()


def test_two_clicks_send_the_same_ids_and_another_choice_another(scene: Scene) -> None:
    panel = panel_of(scene, "thumbnail")
    pick(panel, "Read1")
    first, second = panel.asks(), panel.asks()
    assert [ask.id for ask in first] == [ask.id for ask in second]
    put(panel, p_width=64)
    assert panel.asks()[0].id != first[0].id


def test_what_every_job_may_be_told_is_sent_when_it_was_filled_in(scene: Scene) -> None:
    panel = panel_of(scene, "thumbnail")
    pick(panel, "Read1")
    put(panel, project="demo", shot=" sq010/sh010 ", comment="für Zoë", priority="high", force=True, allow_holes=True)
    args = panel.asks()[0].args
    assert {name: args[name] for name in args if name not in {"params", "plates", "job_type"}} == {
        "project": "demo", "shot": "sq010/sh010", "comment": "für Zoë", "priority": "high", "force": True,
        "allow_holes": True,
    }  # fmt: skip


def test_objects_may_be_given_as_json_and_what_is_no_json_is_refused(scene: Scene) -> None:
    panel = panel_of(scene, "roto")
    pick(panel, "Read1")
    put(panel, objects='[{"name": "hero"}]')
    assert panel.asks()[0].args["params"]["objects"] == [{"name": "hero"}]
    put(panel, objects="[oops")
    with pytest.raises(NukeProblem, match="no JSON"):
        panel.asks()


@pytest.mark.hostile
def test_hostile_names_are_shown_as_text(world: Any) -> None:
    del world
    open_script(SCENES / "names.nk")
    panel = panel_of(gather({}, paths=MAPPED), "thumbnail")
    label = panel.knobs()["use0"].label()
    assert label == "Read &lt;img src=x&gt; &#91;exit]   plate (final).####.exr"
    assert nuke.root().name().endswith("<b>v1.nk")


def test_what_was_selected_is_ticked_and_else_the_only_read(scene: Scene) -> None:
    ticked = panel_of(scene, "thumbnail", ticked=["Write_all", "Outputs.Write1"])._chosen()[0]
    assert [plate.node for plate in ticked] == ["Outputs.Write1", "Write_all"]
    assert [plate.node for plate in panel_of(scene, "thumbnail")._chosen()[0]] == ["Read1"]


def test_check_says_what_is_wrong_before_anybody_is_asked(scene: Scene) -> None:
    asked: list[Any] = []

    def check(asks: list[Any], answer: Any) -> None:
        asked.append(asks)
        answer("3 tasks <ok>")

    panel = panel_of(scene, "thumbnail", check=check)
    pick(panel)
    panel.knobChanged(panel.knobs()["check"])
    assert panel.knobs()["status"].value().startswith("no plate is chosen")
    pick(panel, "Read1")
    panel.knobChanged(panel.knobs()["check"])
    assert (len(asked), panel.knobs()["status"].value()) == (1, "3 tasks &lt;ok&gt;")


def test_what_is_wrong_is_told_and_the_panel_opens_again_as_it_was(scene: Scene) -> None:
    panel = panel_of(scene, "thumbnail")
    world = nuke._scene.world()
    opened: list[Any] = []

    def use(shown: Any) -> bool:
        pick(shown, *(["Read1"] if opened else []))
        opened.append(shown)
        return True

    world.open_panel = use
    (ask,) = menus._chosen(panel)
    assert (ask.node, opened) == ("Read1", [panel, panel])
    assert world.said == ["no plate is chosen; choose at least one Read, or the output of a Write"]
    world.open_panel = lambda _panel: False
    assert menus._chosen(panel) == []
