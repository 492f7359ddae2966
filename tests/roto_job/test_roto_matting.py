"""Soft mattes: an edge of one pixel where nothing is looked at, and what the picture says where it is."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from shotmill.pipeline.roto import Choice, make_backend
from shotmill.pipeline.roto.backend import Mask
from shotmill.pipeline.roto.masks import edge_distance
from shotmill.schema.errors import TaskFailedError
from shotmill.schema.roto import Stage

WIDTH, HEIGHT = 96, 72


@pytest.fixture(scope="module")
def compiled() -> None:
    """What numba compiles is on disk: made by a process whose lines nobody counts, which takes half the time."""
    make = "from shotmill.pipeline.roto.pymatting import make_matter; make_matter(None)"
    subprocess.run([sys.executable, "-c", make], check=True)


def soft_disc(softness_px: float) -> tuple[np.ndarray, np.ndarray]:
    """A picture of an orange disc on blue whose edge is as soft as a lens makes it, and its true coverage."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    away = 24 - np.hypot(x - WIDTH / 2, y - HEIGHT / 2)
    truth = np.clip(0.5 + away / (2 * softness_px), 0, 1)
    over, under = np.array([230.0, 120.0, 30.0]), np.array([30.0, 60.0, 150.0])
    picture = truth[..., np.newaxis] * over + (1 - truth[..., np.newaxis]) * under
    return np.round(picture).astype(np.uint8), truth.astype(np.float32)


def mask_of(truth: np.ndarray) -> Mask:
    return Mask(edge_distance(truth > 0.5))


def error(matte: np.ndarray, truth: np.ndarray) -> float:
    """Sum of absolute differences, per pixel of the true edge."""
    return float(np.abs(matte - truth).sum() / ((truth > 0) & (truth < 1)).sum())


def test_an_edge_is_half_covered_and_one_pixel_soft() -> None:
    inside = np.zeros((5, 8), bool)
    inside[:, :4] = True
    matter = make_backend("edge", Stage.MATTE, Choice())
    matte = matter.matte(np.zeros((5, 8, 3), np.uint8), Mask(edge_distance(inside)), band_px=8.0)
    assert matte[2].tolist() == [1.0, 1.0, 1.0, 0.75, 0.25, 0.0, 0.0, 0.0]


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
def test_matting_finds_the_softness_that_the_picture_has() -> None:
    picture, truth = soft_disc(4.0)
    by_picture = make_backend("pymatting", Stage.MATTE, Choice())
    by_edge = make_backend("edge", Stage.MATTE, Choice())
    soft = by_picture.matte(picture, mask_of(truth), band_px=8.0)
    assert error(soft, truth) < 0.1 < error(by_edge.matte(picture, mask_of(truth), band_px=8.0), truth)
    distance = edge_distance(truth > 0.5)
    assert set(np.unique(soft[np.abs(distance) >= 8])) == {0.0, 1.0}
    assert not any(name.split(".")[0] == "pymatting" for name in sys.modules)


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
def test_matting_of_nothing_is_nothing_and_of_thin_things_is_something() -> None:
    matter = make_backend("pymatting", Stage.MATTE, Choice())
    picture, _truth = soft_disc(2.0)
    empty = np.zeros((HEIGHT, WIDTH), bool)
    assert not matter.matte(picture, Mask(edge_distance(empty)), band_px=8.0).any()
    wire = empty.copy()
    wire[30:33, 10:80] = True
    thin = np.full((HEIGHT, WIDTH, 3), 20, np.uint8)
    thin[wire] = 220
    assert matter.matte(thin, Mask(edge_distance(wire)), band_px=8.0)[31, 40] > 0.9


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
def test_a_band_that_is_too_large_is_refused() -> None:
    matter = make_backend("pymatting", Stage.MATTE, Choice())
    inside = np.zeros((800, 800), bool)
    inside[10:790, 10:790] = True
    with pytest.raises(TaskFailedError, match="at most can be solved"):
        matter.matte(np.zeros((800, 800, 3), np.uint8), Mask(edge_distance(inside)), band_px=200.0)
