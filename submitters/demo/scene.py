"""Pictures of a landscape over a day, in scene-linear light: what the demo's media show.

Everything is computed: no picture comes from elsewhere, and the same frame always has the same pixels. Each frame
carries its number twice: large for people, and as a row of sixteen black and white blocks for programs.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...pipeline import drawing

Linear = NDArray[np.float32]

WIDTH, HEIGHT = 960, 540
CODE_BITS = 16
CODE_BOX = (40, 500, 12, 8)  # x, y of the first block, its width and height, in pixels from the upper left corner
RIDGES = 6
RIDGE_POINTS = 4096
BITS_ON, BITS_OFF = 1.6, 0.02
CODE_THRESHOLD = 110  # of 255: between the two in any view, of the movie and of the plate


@dataclass(frozen=True)
class Patch:
    """A square of one known colour.

    Attributes:
        x, y, size: of the square in pixels, from the upper left corner.
        linear: scene-linear RGB.
    """

    name: str
    x: int
    y: int
    size: int
    linear: tuple[float, float, float]


# Values of a half, so that an EXR holds exactly them.
PATCHES = (
    Patch("white", 796, 468, 40, (0.900390625, 0.900390625, 0.900390625)),
    Patch("grey", 836, 468, 40, (0.1800537109375, 0.1800537109375, 0.1800537109375)),
    Patch("clay", 876, 468, 40, (0.39990234375, 0.1500244140625, 0.0799560546875)),
)


@dataclass(frozen=True)
class Light:
    """The light at one time of day, scene-linear RGB."""

    zenith: tuple[float, float, float]
    horizon: tuple[float, float, float]
    sun: tuple[float, float, float]
    near: tuple[float, float, float]


NIGHT = Light((0.004, 0.007, 0.020), (0.020, 0.030, 0.060), (0.55, 0.60, 0.70), (0.002, 0.003, 0.006))
DAWN = Light((0.070, 0.120, 0.260), (0.900, 0.420, 0.230), (4.50, 2.20, 0.90), (0.020, 0.018, 0.030))
DAY = Light((0.090, 0.230, 0.520), (0.520, 0.680, 0.780), (5.50, 5.00, 4.00), (0.028, 0.052, 0.034))
DUSK = Light((0.060, 0.045, 0.150), (0.950, 0.260, 0.120), (5.00, 1.30, 0.35), (0.016, 0.008, 0.018))


@dataclass(frozen=True)
class Scene:
    """A landscape.

    Attributes:
        title: burnt in above the number; empty: nothing is burnt in.
        seed: of the ridges.
        lights: passed through from the first frame to the last.
        frames: how many frames the whole day has.
    """

    title: str
    seed: int
    lights: tuple[Light, ...]
    frames: int

    def render(self, index: int, number: int) -> Linear:
        """One frame.

        Args:
            index: 0 for the first; decides the time of day.
            number: burnt in.

        Returns:
            (540, 960, 3) float32, scene-linear.
        """
        time = index / max(1, self.frames - 1)
        light = _light_at(self.lights, time)
        picture = _sky(light)
        _add_sun(picture, light, time)
        _add_ridges(picture, light, _ridge_lines(self.seed), time)
        if self.title:
            _burn_in(picture, self.title, number)
        return picture


def encoded_for_video(picture: Linear) -> NDArray[np.uint8]:
    """Scene-linear light as an 8-bit picture for a Rec.1886 display: softly rolled off, then gamma 2.4."""
    shown = 1.0 - np.exp(-1.35 * picture)
    return np.asarray(np.rint(np.power(shown, 1 / 2.4, dtype=np.float32) * 255), dtype=np.uint8)


def read_number(picture: NDArray[np.uint8]) -> int:
    """The number that a picture's blocks spell, in a picture of any size that shows the whole frame."""
    scale_x, scale_y = picture.shape[1] / WIDTH, picture.shape[0] / HEIGHT
    left, top, width, height = CODE_BOX
    row = picture[int((top + height / 2) * scale_y)].mean(axis=1)
    levels = [row[int((left + (bit + 0.5) * width) * scale_x)] for bit in range(CODE_BITS)]
    return sum(1 << (CODE_BITS - 1 - bit) for bit, level in enumerate(levels) if level > CODE_THRESHOLD)


def _light_at(lights: tuple[Light, ...], time: float) -> Light:
    place = time * (len(lights) - 1)
    index = min(int(place), len(lights) - 2)
    part = place - index
    part = part * part * (3 - 2 * part)  # linger at each light
    before, after = lights[index], lights[index + 1]

    def mixed(name: str) -> tuple[float, float, float]:
        first, second = getattr(before, name), getattr(after, name)
        red, green, blue = (one + (two - one) * part for one, two in zip(first, second, strict=True))
        return red, green, blue

    return Light(mixed("zenith"), mixed("horizon"), mixed("sun"), mixed("near"))


def _colour(values: tuple[float, float, float]) -> Linear:
    return np.asarray(values, dtype=np.float32)


def _sky(light: Light) -> Linear:
    height = np.linspace(0.0, 1.0, HEIGHT, dtype=np.float32)[:, np.newaxis]
    column = (
        _colour(light.zenith) + (_colour(light.horizon) - _colour(light.zenith)) * np.clip(height * 1.35, 0, 1) ** 2
    )
    return np.asarray(np.repeat(column[:, np.newaxis, :], WIDTH, axis=1), dtype=np.float32)


def _add_sun(picture: Linear, light: Light, time: float) -> None:
    centre_x = WIDTH * (0.10 + 0.80 * time)
    centre_y = HEIGHT * (0.52 - 0.36 * np.sin(np.pi * time))
    rows = np.arange(HEIGHT, dtype=np.float32)[:, np.newaxis] - np.float32(centre_y)
    columns = np.arange(WIDTH, dtype=np.float32)[np.newaxis, :] - np.float32(centre_x)
    square = rows * rows + columns * columns
    disc = np.clip(np.float32(31.0) - np.sqrt(square), 0.0, 1.0)
    glow = np.float32(0.16) / (1 + square * np.float32(1 / 46**2))
    picture += (disc + glow)[:, :, np.newaxis] * _colour(light.sun)


@functools.lru_cache(maxsize=8)
def _ridge_lines(seed: int) -> tuple[Linear, ...]:
    """Heights of each ridge over its whole length, farthest first: sums of waves, as rows from the top."""
    random = np.random.Generator(np.random.PCG64(seed))
    along = np.arange(RIDGE_POINTS, dtype=np.float32) / WIDTH
    lines = []
    for ridge in range(RIDGES):
        nearness = ridge / (RIDGES - 1)
        line = np.zeros(RIDGE_POINTS, dtype=np.float32)
        for octave in range(7):
            waves = (1.1 + 0.35 * ridge) * 1.9**octave
            phase, strength = random.uniform(0, 2 * np.pi), random.uniform(0.6, 1.0)
            line += np.float32(strength * 0.52**octave) * np.sin(2 * np.pi * waves * along + np.float32(phase))
        base = HEIGHT * (0.54 + 0.36 * nearness)
        lines.append((base - HEIGHT * (0.055 + 0.03 * nearness) * line).astype(np.float32))
    return tuple(lines)


def _add_ridges(picture: Linear, light: Light, lines: tuple[Linear, ...], time: float) -> None:
    rows = np.arange(HEIGHT, dtype=np.float32)[:, np.newaxis]
    haze, near = _colour(light.horizon), _colour(light.near)
    for ridge, line in enumerate(lines):
        nearness = (ridge + 0.6) / RIDGES
        start = time * (60 + 620 * nearness**2)  # nearer ridges pass faster
        crest = np.interp(np.arange(WIDTH) + start, np.arange(RIDGE_POINTS), line).astype(np.float32)
        highest, lowest = max(0, int(crest.min()) - 1), min(HEIGHT, int(crest.max()) + 2)
        depth = np.clip((rows - crest.min()) / (HEIGHT * 0.34), 0.0, 1.0)
        mist = np.float32((1.0 - nearness) ** 1.3 * 0.62) * (0.55 + 0.45 * depth)  # it rises from the valley
        colour = (near + (haze - near) * mist)[:, np.newaxis, :]
        cover = np.clip(rows[highest:lowest] - crest + 0.5, 0.0, 1.0)[:, :, np.newaxis]  # an edge one pixel soft
        part = picture[highest:lowest]
        part += (colour[highest:lowest] - part) * cover
        picture[lowest:] = colour[lowest:]


def _burn_in(picture: Linear, title: str, number: int) -> None:
    drawing.write(picture, title, (42, 404), 22, (1.1, 1.1, 1.1))
    drawing.write(picture, f"{number:04d}", (36, 482), 88, (1.6, 1.6, 1.6), font="DroidSans-Bold")
    left, top, width, height = CODE_BOX
    for bit in range(CODE_BITS):
        level = BITS_ON if number >> (CODE_BITS - 1 - bit) & 1 else BITS_OFF
        drawing.fill(picture, left + bit * width, top, (width, height), (level, level, level))
    for patch in PATCHES:
        drawing.fill(picture, patch.x, patch.y, (patch.size, patch.size), patch.linear)
