"""What a shot says of its colour is applied where it was asked for, and its context always."""

from __future__ import annotations

import pytest

from shotmill.jobs.lut_bake.params import LutBakeParams
from shotmill.jobs.ocio_bake.params import OcioBakeParams
from shotmill.schema.colour import Cdl
from shotmill.schema.errors import ParamsError
from shotmill.schema.media import Clip
from shotmill.schema.shot_colour import ShotColour

CLIP = Clip(name="plate", media="/plates/plate.exr", colourspace="ACEScg")
SHOT = ShotColour(
    config="ocio://default",
    working_space="ACEScg",
    display="sRGB - Display",
    view="ACES 2.0 - SDR 100 nits (Rec.709)",
    look="warm",
    look_space="ACEScct",
    cdl=Cdl(saturation=0.5),
    cdl_space="ACEScct",
    context={"SHOT": "sh010"},
)


def params(**given: object) -> OcioBakeParams:
    return OcioBakeParams.model_validate({"clips": [CLIP], "colours": {"plate": SHOT}, **given})


def test_without_being_asked_only_the_context_of_the_shot_counts() -> None:
    grade = params(space="ACES2065-1").grade_of(CLIP)
    assert (grade.cdl, grade.look, grade.space, grade.context) == (None, "", "ACES2065-1", {"SHOT": "sh010"})


def test_the_grade_of_the_shot_is_applied_when_asked_for() -> None:
    grade = params(display="sRGB - Display", shot_grade=True).grade_of(CLIP)
    assert (grade.cdl, grade.cdl_space) == (SHOT.cdl, "ACEScct")
    assert (grade.look, grade.look_space, grade.view) == ("warm", "ACEScct", SHOT.view)


def test_a_bake_that_goes_nowhere_is_refused() -> None:
    with pytest.raises(ParamsError, match="say where the colours go"):
        params().grade_of(CLIP)


def test_a_lut_job_of_an_earlier_version_bakes_what_it_was_given() -> None:
    params = LutBakeParams(colourspace="ACEScct", space="ACEScg", cdl=SHOT.cdl, cdl_space="ACEScct", look="warm")
    assert (params.grade.cdl, params.grade.look, params.grade.context) == (SHOT.cdl, "warm", {})
    with pytest.raises(ParamsError, match="its shot's grade, which was not filled in; submit the job"):
        _ = params.model_copy(update={"shot_grade": True}).grade
