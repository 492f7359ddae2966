"""Shapes as readers of the tests give them back, and their pictures, by no code of the program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shotmill.schema.shapes import ShapeMode, ShapesDocument

Floats = NDArray[np.float64]
FINE = 4  # samples across a pixel, each way
STEPS = 12  # straight pieces of a curve between two knots


@dataclass(frozen=True)
class ReadShape:
    """A shape in plate pixels, y down, at plate frames.

    Attributes:
        keys: frame -> (n, 6) x, y, in x, in y, out x, out y; between them straight, outside of them held.
        life: frame -> opacity 0..1, held from one to the next; before the first, as at the first; empty: always 1.
    """

    name: str
    subtract: bool
    keys: Mapping[int, Floats]
    life: Mapping[int, float] = field(default_factory=dict)

    def at(self, frame: int) -> Floats:
        frames = sorted(self.keys)
        stacked = np.stack([self.keys[each] for each in frames])
        flat = stacked.reshape(len(frames), -1)
        found = [np.interp(frame, frames, flat[:, column]) for column in range(flat.shape[1])]
        return np.array(found).reshape(stacked.shape[1:])

    def opacity(self, frame: int) -> float:
        before = [each for each in sorted(self.life) if each <= frame]
        return self.life[before[-1]] if before else self.life[min(self.life)] if self.life else 1.0


# An object: groups of shapes; within a group, one shape works on those before; the groups are laid over each other.
ReadObject = list[list[ReadShape]]


def as_read(document: ShapesDocument) -> dict[str, ReadObject]:
    """What a perfect reader of a perfect file would give back."""
    return {
        item.name: [
            [
                ReadShape(
                    shape.name,
                    shape.mode is ShapeMode.SUBTRACT,
                    {key.frame: np.array(key.knots)[:, :6] for key in shape.keys},
                    {shape.first - 1: 0, shape.first: 1, shape.last + 1: 0},
                )
                for shape in item.shapes
            ]
        ]
        for item in document.objects
    }


def matte(item: ReadObject, frame: int, width: int, height: int) -> Floats:
    """(height, width) coverage 0..1 of an object at a frame."""
    whole = np.zeros((height * FINE, width * FINE))
    for group in item:
        inside = np.zeros_like(whole)
        for shape in group:
            covered = filled(shape.at(frame), width, height) * shape.opacity(frame)
            inside = inside * (1 - covered) if shape.subtract else np.maximum(inside, covered)
        whole = np.maximum(whole, inside)
    blocks: Floats = whole.reshape(height, FINE, width, FINE).mean(axis=(1, 3))
    return blocks


def filled(knots: Floats, width: int, height: int) -> Floats:
    """1.0 at the samples that a curve winds around, 0.0 elsewhere."""
    start = outline(knots) * FINE
    end = np.roll(start, -1, axis=0)
    rows = np.arange(height * FINE) + 0.5
    upper, lower = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    edge, row = np.nonzero((upper[:, None] <= rows) & (rows < lower[:, None]))
    share = (rows[row] - start[edge, 1]) / (end[edge, 1] - start[edge, 1])
    across = start[edge, 0] + share * (end[edge, 0] - start[edge, 0])
    column = np.clip(np.ceil(across - 0.5), 0, width * FINE).astype(int)
    turns = np.zeros((height * FINE, width * FINE + 1))
    np.add.at(turns, (row, column), np.sign(end[edge, 1] - start[edge, 1]))
    inside: Floats = (np.cumsum(turns, axis=1)[:, :-1] != 0).astype(np.float64)
    return inside


def outline(knots: Floats) -> Floats:
    """(n * STEPS, 2) points along a closed cubic curve."""
    place, came, left = knots[:, :2], knots[:, 2:4], knots[:, 4:6]
    after = np.roll(place, -1, axis=0)
    corners: Sequence[Any] = (place, place + left, after + np.roll(came, -1, axis=0), after)
    t = np.arange(STEPS) / STEPS
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    pieces = [w[None, :, None] * c[:, None, :] for w, c in zip(weights, corners, strict=True)]
    curve: Floats = np.sum(pieces, axis=0).reshape(-1, 2)
    return curve


def iou(one: Floats, other: Floats) -> float:
    """How alike two mattes are; 1.0 when both are empty."""
    union = np.maximum(one, other).sum()
    return float(np.minimum(one, other).sum() / union) if union else 1.0
