"""Synthetic clips for roto, with known truth: a textured thing that moves, turns and grows over a texture that pans.

Five kinds, each of any size, length and seed. Every length below is said at 640 x 360 and scales with the picture's
height; what moves 5 px a frame there does so at any size. Nothing here looks at the code under test.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from shotmill.schema.errors import InputMissingError

Picture = NDArray[np.uint8]
Plane = NDArray[np.float32]
Truth = NDArray[np.bool_]
FIRST_FRAME = 1001
STANDARD_HEIGHT = 360
SPEED = 5.0  # px a frame
SUPERSAMPLED = 4  # bits of sub-pixel precision of polygons, and pixels a side that make one
TILE = 512
GRAINS = {8: 0.8, 32: 1.0, 128: 0.7}  # cells a side: weight


class Kind(StrEnum):
    """What makes a clip hard."""

    PLAIN = "plain"
    LOW_CONTRAST = "low contrast"
    NOISY = "noisy"
    ARTICULATED = "articulated"
    OCCLUDED = "occluded"


@dataclass(frozen=True)
class _Look:
    contrast: float = 90.0  # between the mean colours of thing and ground, in 8-bit steps
    texture: float = 14.0  # standard deviation
    noise: float = 0.0  # standard deviation, new on each frame
    softness: float = 0.6  # sigma of the edge, px


LOOKS = {
    Kind.PLAIN: _Look(),
    Kind.LOW_CONTRAST: _Look(contrast=26.0, texture=10.0),
    Kind.NOISY: _Look(contrast=70.0, noise=16.0, softness=2.5),
    Kind.ARTICULATED: _Look(),
    Kind.OCCLUDED: _Look(),
}


@dataclass(frozen=True)
class _Pose:
    x: float
    y: float
    angle: float
    scale: float


@dataclass(frozen=True)
class _Tile:
    """A periodic texture: grain of three sizes, mostly in brightness, some in hue."""

    grids: list[NDArray[np.float64]]
    colour: NDArray[np.float64]
    spread: float

    @classmethod
    def draw(cls, dice: np.random.Generator, colour: NDArray[np.float64], spread: float) -> _Tile:
        grids = [dice.normal(size=(n, n, 1)) + 0.5 * dice.normal(size=(n, n, 3)) for n in GRAINS]
        return cls(grids, colour, spread)

    @cached_property
    def pixels(self) -> Plane:
        """(TILE, TILE, 3), made when it is looked at: few clips show all of theirs."""
        made = np.zeros((TILE, TILE, 3), np.float64)
        for grid, weight in zip(self.grids, GRAINS.values(), strict=True):
            step, wrapped = TILE // len(grid), np.pad(grid, ((2, 2), (2, 2), (0, 0)), mode="wrap")
            wide = cv2.resize(wrapped, None, fx=step, fy=step, interpolation=2)
            made += weight * wide[2 * step : -2 * step, 2 * step : -2 * step]
        return np.asarray(self.colour + made / made.std() * self.spread, np.float32)


def _two_colours(dice: np.random.Generator, contrast: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two mean colours that lie ``contrast`` apart, about mid grey."""
    way = dice.normal(size=3)
    way *= contrast / 2 / np.linalg.norm(way)
    middle = dice.uniform(105, 150, size=3)
    return middle + way, middle - way


class SyntheticClip:
    """Pictures of one thing with known truth; each is made when it is asked for.

    Attributes:
        numbers: the frames there are, from 1001.
    """

    def __init__(self, kind: Kind, seed: int, *, width: int = 640, height: int = 360, count: int = 48) -> None:
        self.kind, self.seed, self.width, self.height = kind, seed, width, height
        self.numbers: Sequence[int] = range(FIRST_FRAME, FIRST_FRAME + count)
        self._look = LOOKS[kind]
        self._unit = height / STANDARD_HEIGHT
        dice = np.random.default_rng([seed, list(Kind).index(kind)])
        thing, ground = _two_colours(dice, self._look.contrast)
        self._thing = _Tile.draw(dice, thing, self._look.texture)
        self._ground = _Tile.draw(dice, ground, self._look.texture)
        self._bar = _Tile.draw(dice, dice.uniform(60, 200, size=3), self._look.texture)
        self._size = dice.uniform(52, 64)
        self._lobes = [(k, dice.uniform(0.06, 0.13), dice.uniform(0, 2 * math.pi)) for k in (2, 3, 5)]
        self._heading = dice.choice([0.0, math.pi]) + dice.uniform(-0.2, 0.2)
        self._start = dice.uniform(-8, 8, size=2)
        self._turn = math.radians(dice.uniform(0.8, 1.6)) * dice.choice([-1, 1])
        self._growth = dice.uniform(1.002, 1.005)
        self._pan = dice.uniform(1.0, 2.0) * np.array([math.cos(a := dice.uniform(0, 2 * math.pi)), math.sin(a)])
        self._limbs = [(dice.uniform(-0.4, 0.4) + side, dice.uniform(0, 2 * math.pi)) for side in (0.0, math.pi)]

    def __getitem__(self, frame: int) -> Picture:
        """(height, width, 3) uint8 RGB; the same bytes each time."""
        at = self._at(frame)
        pan_x, pan_y = self._pan * at
        picture = self._paint(self._ground, _Pose(pan_x, pan_y, 0.0, 1.0))
        for cover, colours in self._layers(at):
            soft = cv2.GaussianBlur(cover, (0, 0), max(self._look.softness * self._unit, 0.3))[..., np.newaxis]
            picture += soft * (colours - picture)
        if self._look.noise:
            dice = np.random.default_rng([self.seed, frame])
            picture += dice.normal(scale=self._look.noise, size=picture.shape).astype(np.float32)
        return np.clip(np.rint(picture), 0, 255).astype(np.uint8)

    def truth(self, frame: int) -> Truth:
        """(height, width) bool: where more than half of a pixel is the thing, and nothing is before it."""
        at = self._at(frame)
        thing = self._thing_cover(at)
        if self.kind is Kind.OCCLUDED:
            thing = thing * (1 - self._bar_cover(at))
        return np.asarray(thing > 0.5)

    def shown(self, frame: int) -> float:
        """The share of the thing that nothing is before, 0 to 1; what leaves the picture is not counted as hidden."""
        return float(self.truth(frame).sum() / max((self._thing_cover(self._at(frame)) > 0.5).sum(), 1))

    @cached_property
    def hidden(self) -> list[int]:
        """The frames on which less than a twentieth of the thing is seen."""
        return [frame for frame in self.numbers if self.shown(frame) < 0.05]

    def _at(self, frame: int) -> float:
        if frame not in self.numbers:
            raise InputMissingError(f"the clip has no frame {frame}", frame=frame)
        return float(frame - self.numbers[0])

    def _pose(self, at: float) -> _Pose:
        """Straight ahead through the picture's middle at half time; what would leave the picture turns back."""
        went = SPEED * (at - (len(self.numbers) - 1) / 2)
        reach = max(self.width / self._unit / 2 - 100, 20.0)
        went = abs((went + reach) % (4 * reach) - 2 * reach) - reach  # a triangle wave
        x, y = self._start + went * np.array([-math.cos(self._heading), -math.sin(self._heading)])
        return _Pose(
            self.width / 2 + x * self._unit,
            self.height / 2 + y * self._unit,
            self._turn * at,
            self._unit * self._growth**at,
        )

    def _layers(self, at: float) -> list[tuple[Plane, Plane]]:
        """Coverage and colours of what lies over the ground, the farthest first."""
        layers = [(self._polygons([outline]), self._paint(self._thing, pose)) for outline, pose in self._parts(at)]
        if self.kind is Kind.OCCLUDED:
            pose = self._pose(at)
            layers.append((self._bar_cover(at), self._paint(self._bar, _Pose(pose.x, 0.0, 0.0, self._unit))))
        return layers

    def _parts(self, at: float) -> list[tuple[NDArray[np.float64], _Pose]]:
        """Outlines in px and the poses that their textures have: the limbs, then the body."""
        body = self._pose(at)
        parts = [(self._outline(body), body)]
        if self.kind is Kind.ARTICULATED:
            parts[:0] = [self._limb(body, rest, phase, at) for rest, phase in self._limbs]
        return parts

    def _outline(self, pose: _Pose) -> NDArray[np.float64]:
        turns = np.linspace(0, 2 * math.pi, 240, endpoint=False)
        radius = self._size * (1 + sum(by * np.cos(k * turns + phase) for k, by, phase in self._lobes))
        return _placed(np.stack([radius * np.cos(turns), radius * np.sin(turns)], axis=1), pose)

    def _limb(self, body: _Pose, rest: float, phase: float, at: float) -> tuple[NDArray[np.float64], _Pose]:
        """A rounded bar that swings by 35 degrees about the body's rim, once in 24 frames."""
        swing = rest + body.angle + math.radians(35) * math.sin(2 * math.pi * at / 24 + phase)
        hinge = rest + body.angle
        length, half = self._size * 0.95, self._size * 0.22
        turns = np.linspace(-math.pi / 2, math.pi / 2, 24)
        cap = np.stack([length + half * np.cos(turns), half * np.sin(turns)], axis=1)
        outline = np.concatenate([cap, -cap + [length, 0]])
        out = self._size * 0.55 * body.scale
        pose = _Pose(body.x + out * math.cos(hinge), body.y + out * math.sin(hinge), swing, body.scale)
        return _placed(outline, pose), pose

    def _thing_cover(self, at: float) -> Plane:
        return self._polygons([outline for outline, _ in self._parts(at)])

    def _bar_cover(self, at: float) -> Plane:
        """An upright bar that crosses the thing's way, and hides all of it for some frames about half time."""
        span = len(self.numbers) * 0.6
        thing = 2 * self._size * 1.25
        wide = thing * 1.35
        off = (at - (len(self.numbers) - 1) / 2) * (thing + wide) / span * -math.copysign(1, math.cos(self._heading))
        left = self._pose(at).x + (off - wide / 2) * self._unit
        right = left + wide * self._unit
        return self._polygons([np.array([[left, -9], [right, -9], [right, self.height + 9], [left, self.height + 9]])])

    def _polygons(self, outlines: Sequence[NDArray[np.float64]]) -> Plane:
        """(height, width) coverage in 0..1 of closed outlines together, in px."""
        times, bits = SUPERSAMPLED, SUPERSAMPLED
        drawn = np.zeros((self.height * times, self.width * times), np.uint8)
        for outline in outlines:
            fixed = np.rint((outline * times - 0.5) * (1 << bits)).astype(np.int32)
            cv2.fillPoly(drawn, [fixed], 255, shift=bits)
        small = cv2.resize(drawn, (self.width, self.height), interpolation=cv2.INTER_AREA)
        return np.asarray(small / 255, np.float32)

    def _paint(self, tile: _Tile, pose: _Pose) -> Plane:
        """The whole picture filled with a texture that lies at a pose."""
        cos, sin = math.cos(pose.angle) * pose.scale, math.sin(pose.angle) * pose.scale
        forward = np.array([[cos, -sin, pose.x], [sin, cos, pose.y]])
        flags = cv2.INTER_LINEAR
        return np.asarray(
            cv2.warpAffine(tile.pixels, forward, (self.width, self.height), flags=flags, borderMode=cv2.BORDER_WRAP),
            np.float32,
        )


def _placed(outline: NDArray[np.float64], pose: _Pose) -> NDArray[np.float64]:
    cos, sin = math.cos(pose.angle), math.sin(pose.angle)
    turned = outline @ np.array([[cos, sin], [-sin, cos]])
    return np.asarray(turned * pose.scale + [pose.x, pose.y], np.float64)
