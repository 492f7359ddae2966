"""What is said of a shot's colour is in the pixels of frames and movies, as OpenColorIO's own processor makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
import pytest
from graded_shot import GradedShot, Pixels, as_ocio, ocios_own
from movie_jobs import luma, planes
from show_colour import write_show

from shotmill.pipeline.images import read_image, write_image
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.colour import Cdl

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CDL = Cdl(slope=(1.25, 0.75, 1), offset=(0, 0.0625, 0.125), power=(1, 1.5, 1), saturation=0.75)
ACES = "ocio://default"
IN_LOG = Cdl(slope=(1.1, 0.95, 0.9), offset=(0.02, 0, -0.02), power=(1, 1.1, 1), saturation=1.2)
GAMUT = "ACES 1.3 Reference Gamut Compression"
TO_HALF, FROM_HALF = ocio.ColorSpaceTransform("lin", "half"), ocio.ColorSpaceTransform("half", "lin")
WARM = ocio.LookTransform("lin", "lin", "warm")
SHOWN = ocio.DisplayViewTransform("lin", "Desk", "Film")


def shot_of(folder: Path, settings: Settings, database: Database, config: str, **said: str) -> GradedShot:
    """A shot that a cut uses, of a project with a config."""
    made = GradedShot(folder, settings, database)
    made.cut("plain")
    made.say(config=config, **said)
    return made


class Frames:
    """A plate of a show whose config is small, and frames of it that ``ocio_bake`` makes."""

    def __init__(self, shot: GradedShot, config: str) -> None:
        self.shot, self.config, self.path = shot, config, shot.folder / "plate.exr"
        dice = np.random.default_rng(7).random((12, 16, 3), dtype=np.float32)
        self.light = dice.astype(np.float16).astype(np.float32)  # as the plate holds it
        write_image(self.path, self.light)

    def baked(self, **params: Any) -> Pixels:
        plates = [] if params.get("cut") else [self.path]
        files = self.shot.run("ocio_bake", *plates, colourspace="lin", display="Desk", depth="float", **params)
        [path] = files.values()
        return np.asarray(read_image(path).pixels, dtype=np.float32)

    def own(self, *ways: Any) -> Pixels:
        return ocios_own(self.config, *ways, pixels=self.light)


@pytest.fixture
def frames(tmp_path: Path, settings: Settings, database: Database) -> Frames:
    config = str(write_show(tmp_path / "show"))
    return Frames(shot_of(tmp_path, settings, database, config, cdl_space="half"), config)


@pytest.mark.parametrize("ways", ["a plate", "a cut"])
def test_a_frame_has_the_cdl_of_the_cut(frames: Frames, ways: str) -> None:
    frames.shot.cut("main", CDL, str(frames.path))
    given = {"cut": "main", "owner": None} if ways == "a cut" else {}
    found = frames.baked(shot_grade=True, **given)
    assert found.tobytes() == frames.own(TO_HALF, as_ocio(CDL), FROM_HALF, SHOWN).tobytes()


def test_a_frame_has_the_cdl_and_the_look_of_the_shot(frames: Frames) -> None:
    frames.shot.cut("main", Cdl(saturation=0))
    frames.shot.say("sq010", "sh010", cdl=CDL, look="warm")
    found = frames.baked(shot_grade=True)
    assert found.tobytes() == frames.own(TO_HALF, as_ocio(CDL), FROM_HALF, WARM, SHOWN).tobytes()


def test_a_frame_whose_grade_was_not_asked_for_has_none_of_it(frames: Frames) -> None:
    frames.shot.say("sq010", "sh010", cdl=CDL, look="warm")
    assert frames.baked().tobytes() == frames.own(SHOWN).tobytes()


class Movies:
    """A plate of flat patches that coders keep, and what movies of it hold, as Y', Cb and Cr of BT.709."""

    PATCHES = np.array([[0.18, 0.18, 0.18], [0.8, 0.05, -0.1], [-0.1, 0.3, 0.02], [0.1, 0.02, 0.5]], np.float32)
    SIZE = (384, 216)  # so many pixels that 8 bits are shown by a table

    def __init__(self, shot: GradedShot) -> None:
        self.shot, self.path = shot, shot.folder / "plate.exr"
        write_image(self.path, np.tile(np.repeat(self.PATCHES, self.SIZE[0] // 4, axis=0), (self.SIZE[1], 1, 1)))

    def shown(self, codec: str, **params: Any) -> Pixels:
        given = {
            "colourspace": "ACEScg",
            "slate": 0,
            "burn_in": False,
            "sound": "none",
            "reel": False,
            "rate": "24",
            **params,
        }
        plates = [] if params.get("cut") else [self.path]
        files = self.shot.run("dailies", *plates, codec=codec, **given)
        [movie] = [path for name, path in files.items() if name.endswith((".mov", ".mp4"))]
        middles = []
        for plane in planes(movie, 0):
            side = plane.shape[1] // len(self.PATCHES)
            middles.append(plane[plane.shape[0] // 2, side // 2 :: side])
        return np.stack(middles, axis=-1)

    def own(self, *ways: Any) -> Pixels:
        shown = ocios_own(ACES, *ways, pixels=self.PATCHES).clip(0, 1)
        y = luma(shown)
        return np.stack([y, (shown[:, 2] - y) / 1.8556, (shown[:, 0] - y) / 1.5748], axis=-1)


LOGGED, LIT = ocio.ColorSpaceTransform("ACEScg", "ACEScct"), ocio.ColorSpaceTransform("ACEScct", "ACEScg")
LOOKED = ocio.LookTransform("ACEScg", "ACEScg", GAMUT)
VIEWED = ocio.DisplayViewTransform("ACEScg", "sRGB - Display", "ACES 2.0 - SDR 100 nits (Rec.709)")
CLOSE = 2.5 / 255  # a table is within 1 of 255, and so is a coder
CODECS = pytest.mark.parametrize("codec", ["h264", "dnxhr-444"], ids=["8 bits by a table", "10 bits"])


@pytest.fixture
def movies(tmp_path: Path, settings: Settings, database: Database) -> Movies:
    shot = shot_of(tmp_path, settings, database, ACES, cdl_space="ACEScct", display="sRGB - Display")
    return Movies(shot)


@CODECS
@pytest.mark.parametrize("ways", ["a plate", "a cut"])
def test_a_movie_has_the_cdl_of_the_cut(movies: Movies, codec: str, ways: str) -> None:
    movies.shot.cut("main", IN_LOG, str(movies.path))
    given = {"cut": "main", "owner": None} if ways == "a cut" else {}
    found, wanted = movies.shown(codec, **given), movies.own(LOGGED, as_ocio(IN_LOG), LIT, VIEWED)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=CLOSE)
    assert np.abs(wanted - movies.own(VIEWED)).max() > 5 * CLOSE  # or the CDL could have been left out


@CODECS
def test_a_movie_has_the_cdl_and_the_look_of_the_shot(movies: Movies, codec: str) -> None:
    movies.shot.cut("main", Cdl(saturation=0))
    movies.shot.say("sq010", "sh010", cdl=IN_LOG, look=GAMUT)
    found, wanted = movies.shown(codec), movies.own(LOGGED, as_ocio(IN_LOG), LIT, LOOKED, VIEWED)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=CLOSE)
    without = [movies.own(VIEWED), movies.own(LOGGED, as_ocio(IN_LOG), LIT, VIEWED), movies.own(LOOKED, VIEWED)]
    assert min(np.abs(wanted - one).max() for one in without) > 5 * CLOSE
