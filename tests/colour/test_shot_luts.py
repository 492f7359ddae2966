"""The LUT of a shot is what is said of its colour, number by number, and what OpenColorIO's own processor says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
import pytest
from graded_shot import GradedShot, Pixels, as_ocio, ocios_own, read_lut
from show_colour import write_show

from shotmill.jobs.lut_bake.params import LutBakeParams
from shotmill.pipeline.colour_hash import config_hash
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.colour import Cdl
from shotmill.schema.errors import ColourError
from shotmill.schema.luts import LutReport
from shotmill.schema.media import EntityKind, EntityRef

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CDL = Cdl(slope=(1.25, 0.75, 1), offset=(0, 0.0625, 0.125), power=(1, 1.5, 1), saturation=0.75)
OTHER = Cdl(slope=(0.5, 1, 1))
ASSET = EntityRef(project="demo", kind=EntityKind.ASSET, parent="lut", name="show")
SEQUENCE = EntityRef(project="demo", kind=EntityKind.SEQUENCE, name="sq010")
VIEW: dict[str, Any] = {"colourspace": "lin", "display": "Desk"}
SHOWN = ocio.DisplayViewTransform("lin", "Desk", "Film")
SIZE = 9  # nodes along an axis
STEPS = np.arange(SIZE, dtype=np.float32) / np.float32(SIZE - 1)
NODES: Pixels = np.stack(np.meshgrid(STEPS, STEPS, STEPS, indexing="ij"), axis=-1).reshape(-1, 3)
WARM = ocio.LookTransform("lin", "lin", "warm")


def graded(cdl: Cdl, *more: Any) -> list[Any]:
    """A correction as the show has it, in the space ``half``."""
    return [ocio.ColorSpaceTransform("lin", "half"), as_ocio(cdl), ocio.ColorSpaceTransform("half", "lin"), *more]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_show(tmp_path / "show")


@pytest.fixture
def shot(tmp_path: Path, settings: Settings, database: Database, config: Path) -> GradedShot:
    """A shot of a project whose config is another one than that of the settings."""
    made = GradedShot(tmp_path, settings.model_copy(update={"ocio": "ocio://default"}), database)
    made.cut("plain")
    made.say(config=str(config), cdl_space="half")
    return made


def same(found: Any, wanted: Any) -> None:
    """But for OpenColorIO's quick powers, and for the six digits that a cube has."""
    np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=2e-5)


def baked(shot: GradedShot, **params: Any) -> tuple[Pixels, LutReport]:
    """What a cube makes of its own nodes, where nothing lies in between; and its report."""
    files = shot.run("lut_bake", formats="cube", size=SIZE, **{**VIEW, **params})
    return read_lut(files["lut.cube"], NODES), LutReport.model_validate_json(files["lut.lut.json"].read_bytes())


def test_the_lut_holds_the_cdl_and_the_look_of_its_shot(shot: GradedShot, config: Path) -> None:
    shot.say("sq010", "sh010", cdl=CDL, look="warm")
    found, report = baked(shot, shot_grade=True)
    same(found, ocios_own(str(config), *graded(CDL), WARM, SHOWN, pixels=NODES))
    assert (report.config, report.config_hash) == (str(config), config_hash(str(config)))
    assert (report.grade.cdl, report.grade.cdl_space, report.grade.look) == (CDL, "half", "warm")


def test_the_lut_holds_the_cdl_of_the_shot_s_cut(shot: GradedShot, config: Path) -> None:
    shot.say("sq010", cdl=OTHER)  # the cut is nearer
    shot.cut("main", CDL)
    found, _report = baked(shot, shot_grade=True)
    same(found, ocios_own(str(config), *graded(CDL), SHOWN, pixels=NODES))


def test_between_its_nodes_the_lut_is_as_far_off_as_its_report_says(shot: GradedShot, config: Path) -> None:
    shot.say("sq010", "sh010", cdl=CDL, look="warm")
    files = shot.run("lut_bake", formats="cube", size=SIZE, shot_grade=True, **VIEW)
    dice = np.random.default_rng(3).random((2000, 3), dtype=np.float32)
    wanted = ocios_own(str(config), *graded(CDL), WARM, SHOWN, pixels=dice)
    [lut] = LutReport.model_validate_json(files["lut.lut.json"].read_bytes()).luts
    assert 0 < np.abs(read_lut(files["lut.cube"], dice) - wanted).max() <= lut.worst < 0.01
    for one in lut.points:  # the report is held against the same processor
        at = np.array([one.worst_at], dtype=np.float32)
        same(one.exact, ocios_own(str(config), *graded(CDL), WARM, SHOWN, pixels=at)[0])


def test_without_being_asked_the_config_and_the_context_of_the_shot_count_alone(shot: GradedShot, config: Path) -> None:
    shot.say("sq010", "sh010", cdl=CDL, look="warm", view="Graded", context={"SHOT": "sh010"})
    found, report = baked(shot)
    view = ocio.DisplayViewTransform("lin", "Desk", "Graded")
    wanted = ocios_own(str(config), view, pixels=NODES, context={"SHOT": "sh010"})
    same(found, wanted)
    assert found.max() == pytest.approx(0.25)  # by hand: 1 of light by sh010's LUT, and half of it on the display
    assert (report.grade.cdl, report.grade.look, report.grade.context) == (None, "", {"SHOT": "sh010"})


@pytest.mark.parametrize("asks", [False, True], ids=["alone", "in the shot's grade"])
def test_what_the_artist_gives_wins(shot: GradedShot, config: Path, asks: bool) -> None:
    shot.say("sq010", "sh010", cdl=CDL, look="warm")
    given = {"cdl": OTHER.model_dump(), "cdl_space": "lin", "look": "cool", "display": "", "space": "half"}
    found, _report = baked(shot, shot_grade=asks, **given)
    look, end = ocio.LookTransform("lin", "lin", "cool"), ocio.ColorSpaceTransform("lin", "half")
    same(found, ocios_own(str(config), as_ocio(OTHER), look, end, pixels=NODES))


@pytest.mark.parametrize("owner", [ASSET, SEQUENCE], ids=["an asset", "a sequence"])
def test_the_lut_of_no_shot_has_what_the_levels_above_say(shot: GradedShot, config: Path, owner: EntityRef) -> None:
    shot.say("sq010", "sh010", look="warm")
    if owner is SEQUENCE:
        shot.say(config=str(config), cdl=OTHER)
        shot.say("sq010", cdl=CDL)
    else:
        shot.say("sq010", cdl=OTHER)
        shot.say(config=str(config), cdl=CDL)
    found, _report = baked(shot, owner=owner, shot_grade=True)
    same(found, ocios_own(str(config), *graded(CDL), SHOWN, pixels=NODES))


def test_a_lut_of_which_nobody_says_anything_has_the_settings_config(settings: Settings, database: Database) -> None:
    shot = GradedShot(settings.home, settings.model_copy(update={"ocio": "ocio://default"}), database)
    spec = shot.plan("lut_bake", owner=None, colourspace="ACEScct", space="ACEScg")
    assert spec.colour_config == "ocio://default"
    grade = LutBakeParams.model_validate(spec.params).grade
    assert (grade.source, grade.space, grade.cdl, grade.look, grade.context) == ("ACEScct", "ACEScg", None, "", {})


def test_cuts_that_differ_are_not_chosen_from(shot: GradedShot) -> None:
    shot.cut("main", CDL)
    shot.cut("alt", OTHER)
    with pytest.raises(ColourError, match=r"belongs to demo/sq010/sh010: the CDLs .* \(alt v001, main v001\)") as told:
        shot.plan("lut_bake", shot_grade=True, **VIEW)
    assert told.value.hint == "give --cdl FILE --cdl-space NAME, or: shotmill colour set demo:sq010/sh010 --cdl FILE"
    shot.plan("lut_bake", cdl=OTHER.model_dump(), cdl_space="half", **VIEW)
    assert LutBakeParams.model_validate(shot.plan("lut_bake", **VIEW).params).grade.cdl is None  # nobody asks for one
    shot.say("sq010", "sh010", cdl=CDL)
    shot.plan("lut_bake", shot_grade=True, **VIEW)


def test_the_key_follows_what_is_said_of_the_shot(shot: GradedShot, config: Path) -> None:
    keys = [shot.plan("lut_bake", shot_grade=True, **VIEW).key for _ in range(2)]
    shot.say("sq010", "sh010", cdl=CDL)
    keys.append(shot.plan("lut_bake", shot_grade=True, **VIEW).key)
    shot.say("sq010", cdl=OTHER)  # the shot says its own
    keys.append(shot.plan("lut_bake", shot_grade=True, **VIEW).key)
    shot.say("sq010", "sh010", look="cool")
    spec = shot.plan("lut_bake", shot_grade=True, **VIEW)
    assert [Path(file.path).name for file in spec.colour_files] == ["cool.spi1d"]
    config.write_text(config.read_text() + "# more\n")
    keys += [spec.key, shot.plan("lut_bake", shot_grade=True, **VIEW).key]
    assert [keys.index(key) for key in keys] == [0, 0, 2, 2, 4, 5]


def test_a_wrong_name_says_who_said_it(shot: GradedShot) -> None:
    shot.say("sq010", "sh010", look="wram")
    with pytest.raises(ColourError, match=r"look, as shot demo:sq010/sh010 says: look 'wram' .*nearest: warm"):
        shot.plan("lut_bake", shot_grade=True, **VIEW)
