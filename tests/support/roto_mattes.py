"""Mattes of a known object over a known plate, and ways to spoil a few of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from shotmill.pipeline.roto.qc import RotoFrame

Matte = NDArray[np.float32]
KERNEL = np.ones((3, 3), np.uint8)
FIRST = 1001


def ellipse_frames(count: int, *, width: int = 240, height: int = 136, noise_px: float = 0.0) -> Iterator[RotoFrame]:
    """An ellipse that flies a figure of eight, turns and breathes: at most 4 px and 8 degrees a frame.

    Args:
        count: of frames, from 1001.
        width: of plate and mattes.
        height: same.
        noise_px: how ragged the edge is, another way on each frame.
    """
    dice = np.random.default_rng(5)
    ground = cv2.resize(dice.uniform(30, 200, (9, 16, 3)).astype(np.float32), (width, height))
    for index in range(count):
        turn = 2 * math.pi * index / 60
        distance = _distance(turn, width, height)
        if noise_px:
            ragged = cv2.GaussianBlur(dice.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 2)
            distance += ragged * np.float32(noise_px / float(ragged.std()))
        matte = np.clip(distance + 0.5, 0, 1).astype(np.float32)
        colour = np.array([210, 150, 70], np.float32)
        picture = ground + (colour - ground) * matte[..., np.newaxis]
        yield RotoFrame(FIRST + index, np.rint(picture).astype(np.uint8), {"ball": matte})


def _distance(turn: float, width: int, height: int) -> Matte:
    """Pixels from the edge of the ellipse, above 0 inside; right near the edge."""
    down, across = np.mgrid[0:height, 0:width].astype(np.float32) + np.float32(0.5)
    across = across - np.float32(width * (0.5 + 0.22 * math.sin(turn)))
    down = down - np.float32(height * (0.5 + 0.12 * math.sin(2 * turn)))
    cos, sin, size = math.cos(turn), math.sin(turn), 1 + 0.12 * math.sin(turn / 2)
    long, short = height * 0.24 * size, height * 0.15 * size
    one, other = (across * cos + down * sin) / long, (down * cos - across * sin) / short
    radius = np.sqrt(one**2 + other**2)
    slope = np.sqrt((one / long) ** 2 + (other / short) ** 2) / np.maximum(radius, 1e-6)
    return np.asarray((1 - radius) / np.maximum(slope, 1e-6), np.float32)


def spoilt(frames: Iterator[RotoFrame], wrong: range, spoil: Callable[[Matte], Matte]) -> Iterator[RotoFrame]:
    """The frames, with the mattes of some of them spoilt."""
    for frame in frames:
        mattes = {name: spoil(matte) if frame.number in wrong else matte for name, matte in frame.mattes.items()}
        yield RotoFrame(frame.number, frame.picture, mattes, frame.said)


def shifted(matte: Matte) -> Matte:
    return np.roll(matte, 6, axis=1)


def grown(matte: Matte) -> Matte:
    return np.asarray(cv2.dilate(matte, KERNEL), np.float32)


def shrunk(matte: Matte) -> Matte:
    return np.asarray(cv2.erode(matte, KERNEL, iterations=2), np.float32)


def holed(matte: Matte) -> Matte:
    rows, columns = np.nonzero(matte > 0.5)
    row, column = int(rows.mean()), int(columns.mean())
    copy = matte.copy()
    copy[row - 4 : row + 4, column - 5 : column + 5] = 0
    return copy


def with_speck(matte: Matte) -> Matte:
    copy = matte.copy()
    copy[4:14, 4:14] = 1
    return copy


def emptied(matte: Matte) -> Matte:
    return np.zeros_like(matte)


def ragged(matte: Matte) -> Matte:
    """The edge chewed in another way for each matte, its size kept."""
    dice = np.random.default_rng(int(matte.sum() * 1000))
    band = cv2.dilate(matte, KERNEL, iterations=2) - cv2.erode(matte, KERNEL, iterations=2)
    chewed = matte + dice.normal(0, 1, matte.shape).astype(np.float32) * band
    return np.clip(cv2.GaussianBlur(chewed, (0, 0), 1), 0, 1).astype(np.float32)
