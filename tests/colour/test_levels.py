"""Who has a say in a shot's colour: the nearest wins, part by part, and what nobody says is the config's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from show_colour import write_show

from shotmill.pipeline.colour import Colour
from shotmill.pipeline.colour_grade import Grader
from shotmill.pipeline.colour_shot import completed
from shotmill.schema.colour import Cdl, ColourSetup
from shotmill.schema.errors import ColourError
from shotmill.schema.shot_colour import Level, Origin, Said, ShotColour, joined

SHOT, PROJECT = Origin(Level.SHOT, "demo:sq010/sh010"), Origin(Level.PROJECT, "demo")


@pytest.fixture(scope="module")
def colour(tmp_path_factory: pytest.TempPathFactory) -> Colour:
    return Colour(str(write_show(tmp_path_factory.mktemp("show"))))


def whole(colour: Colour, *said: Said) -> tuple[ShotColour, Mapping[str, Origin]]:
    return completed(colour, *joined(said))


def test_the_nearest_who_says_something_is_heard() -> None:
    setup, origins = joined(
        [
            Said(SHOT, ColourSetup(look="warm", context={"SHOT": "sh010"})),
            Said(PROJECT, ColourSetup(look="cool", view="Film", context={"SHOT": "x", "SHOW": "demo"})),
        ]
    )
    assert (setup.look, setup.view, setup.context) == ("warm", "Film", {"SHOT": "sh010", "SHOW": "demo"})
    assert origins == {"look": SHOT, "context.SHOT": SHOT, "view": PROJECT, "context.SHOW": PROJECT}


def test_an_empty_look_is_said_too() -> None:
    setup, origins = joined([Said(SHOT, ColourSetup(look="")), Said(PROJECT, ColourSetup(look="warm"))])
    assert (setup.look, origins["look"]) == ("", SHOT)


def test_what_nobody_says_is_the_config_s_own(colour: Colour) -> None:
    found, origins = whole(colour)
    assert (found.working_space, found.display, found.view) == ("lin", "Desk", "Film")
    assert (found.look, found.cdl, found.cdl_space, found.context) == ("", None, "lin", {"SHOT": "any"})
    assert {part: str(origin) for part, origin in origins.items()} == {
        **dict.fromkeys(("working_space", "display", "view", "look_space", "cdl_space", "context.SHOT"), "config"),
        **dict.fromkeys(("look", "cdl"), "nobody"),
    }


def test_aliases_become_names(colour: Colour) -> None:
    found, _ = whole(colour, Said(SHOT, ColourSetup(working_space="linear_light", cdl_space="half")))
    assert (found.working_space, found.cdl_space, found.look_space) == ("lin", "half", "lin")


def test_the_surroundings_of_the_submitter_are_frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOT", "sh010")
    found, origins = whole(Colour(str(write_show(tmp_path / "show"))))
    assert (found.context, origins["context.SHOT"]) == ({"SHOT": "sh010"}, Origin(Level.ENVIRONMENT))


def test_a_correction_that_changes_nothing_is_none(colour: Colour) -> None:
    found, origins = whole(colour, Said(SHOT, ColourSetup(cdl=Cdl(id="none"))))
    assert (found.cdl, origins["cdl"]) == (None, SHOT)


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        pytest.param(
            {"view": "Flim"}, "view, as project demo says: view 'Flim' is not on 'Desk'.*nearest: Film", id="view"
        ),
        pytest.param({"display": "Dsk"}, "display, as project demo says.*nearest: Desk", id="display"),
        pytest.param({"look": "wram"}, "look 'wram'.*nearest: warm", id="look"),
        pytest.param({"cdl_space": "hlaf"}, "cdl space, as project demo says.*nearest: half", id="CDL space"),
        pytest.param({"display": "Wall", "view": "Film"}, "nearest: .*Bright", id="view of another display"),
    ],
)
def test_a_wrong_name_is_refused_with_who_said_it_and_the_nearest(
    colour: Colour, setup: dict[str, str], said: str
) -> None:
    with pytest.raises(ColourError, match=said):
        whole(colour, Said(PROJECT, ColourSetup.model_validate(setup)))


def test_a_config_without_a_scene_linear_role_needs_a_name_for_a_cdl_alone(tmp_path: Path) -> None:
    config = write_show(tmp_path / "show")
    config.write_text(config.read_text().replace("scene_linear: lin, ", ""))
    colour = Colour(str(config))
    found, _ = whole(colour, Said(SHOT, ColourSetup(look="warm")))
    assert (found.working_space, Grader(colour, found.to_display("half")).is_identity) == ("", False)
    graded = Said(SHOT, ColourSetup(cdl=Cdl(saturation=0.5)))
    with pytest.raises(ColourError, match="nobody says which colour space the CDL works in"):
        whole(colour, graded)
    assert whole(colour, graded, Said(PROJECT, ColourSetup(cdl_space="lin")))[0].cdl_space == "lin"


def test_pixels_go_through_cdl_look_and_view_in_this_order(colour: Colour) -> None:
    """By hand: half is doubled to lin, the CDL adds 0.25 there, warm doubles red, film halves."""
    setup = ColourSetup(cdl=Cdl(offset=(0.25, 0.25, 0.25)), look="warm", view="Film")
    found, _ = whole(colour, Said(SHOT, setup))
    pixels = np.full((1, 1, 3), 0.125, np.float32)
    shown = Grader(colour, found.to_display("half")).floats(pixels)
    assert shown[0, 0].tolist() == [0.5, 0.25, 0.25]
    linear = Grader(colour, found.to_space("half")).floats(pixels)
    assert linear[0, 0].tolist() == [1.0, 0.5, 0.5]


def test_a_context_variable_chooses_the_look_s_file(colour: Colour) -> None:
    """By hand: sh010.spi1d halves, and film halves again."""
    found, _ = whole(colour, Said(SHOT, ColourSetup(look="shot", context={"SHOT": "sh010"})))
    grader = Grader(colour, found.to_display("lin"))
    assert [Path(path).name for path in grader.files] == ["sh010.spi1d"]
    assert grader.floats(np.full((1, 1, 3), 1.0, np.float32))[0, 0].tolist() == [0.25, 0.25, 0.25]
