"""Roto shapes to export: curves that move, a hole that comes and goes, a blob that becomes two, a soft edge."""

from __future__ import annotations

import math
from collections.abc import Mapping

from shotmill.schema.media import Rate, Window
from shotmill.schema.shapes import Knot, RotoShapes, Shape, ShapeKey, ShapeMode, ShapesDocument

LABEL = "the hero's \"cape\" </script> ]] [exec rm -rf /] ${HOME} {$x} \\ 'quotes' '''more''' é 映画 --> <b>&amp;"


def oval(
    centre: tuple[float, float], radii: tuple[float, float], *, knots: int = 8, feather: float = 0.0, lean: float = 0.0
) -> tuple[Knot, ...]:
    """A closed curve near an ellipse, clockwise on the screen; some of its handles are not in one line."""
    reach = 4 / 3 * math.tan(math.pi / 2 / knots)
    found: list[Knot] = []
    for index in range(knots):
        angle = 2 * math.pi * index / knots + lean
        x, y = centre[0] + radii[0] * math.cos(angle), centre[1] + radii[1] * math.sin(angle)
        along = (-radii[0] * math.sin(angle) * reach, radii[1] * math.cos(angle) * reach)
        out = 1.3 if index % 3 == 0 else 1.0
        found.append((x, y, -along[0], -along[1], along[0] * out, along[1] * out, feather * (index % 2)))
    return tuple(found)


def shape(name: str, keys: Mapping[int, tuple[Knot, ...]], mode: ShapeMode = ShapeMode.ADD) -> Shape:
    made = tuple(ShapeKey(frame=frame, knots=knots) for frame, knots in keys.items())
    return Shape(name=name, first=min(keys), last=max(keys), mode=mode, keys=made)


def document(
    width: int = 97, height: int = 61, *, pixel_aspect: float = 1.0, first: int = 1001, rate: str = "24"
) -> ShapesDocument:
    """Ten frames, two objects of several shapes, on a plate of any size."""
    w, h, f = width, height, first
    outer = {
        f: oval((w * 0.35, h * 0.4), (w * 0.2, h * 0.3), feather=2.5),
        f + 4: oval((w * 0.42, h * 0.5), (w * 0.25, h * 0.28), feather=4.0, lean=0.2),
        f + 9: oval((w * 0.55, h * 0.55), (w * 0.2, h * 0.35), feather=1.0, lean=0.1),
    }
    hole = {
        f + 2: oval((w * 0.39, h * 0.45), (w * 0.08, h * 0.1), knots=5),
        f + 7: oval((w * 0.5, h * 0.55), (w * 0.1, h * 0.12), knots=5),
    }
    after = {f + 5: oval((w * 0.5, h * 0.5), (w * 0.03, h * 0.04), knots=4)}
    blob = {
        f: oval((w * 0.75, h * 0.3), (w * 0.2, h * 0.12), knots=6),
        f + 3: oval((w * 0.7, h * 0.3), (w * 0.25, h * 0.1), knots=6),
    }
    halves = {
        side: {
            f + 4: oval((w * (0.7 + at), h * 0.3), (w * 0.08, h * 0.1), knots=4),
            f + 9: oval((w * (0.7 + 1.5 * at), h * 0.4), (w * 0.09, h * 0.1), knots=4),
        }
        for side, at in (("left", -0.12), ("right", 0.12))
    }
    hero = RotoShapes(
        name="hero",
        label=LABEL,
        colour=(0.1, 0.8, 0.3),
        shapes=(shape("outer", outer), shape("hole", hole, ShapeMode.SUBTRACT), shape("pupil", after)),
    )
    crowd = RotoShapes(
        name="crowd-2.b",
        shapes=(shape("blob", blob), *(shape(side, keys) for side, keys in halves.items())),
    )
    return ShapesDocument(
        width=w,
        height=h,
        pixel_aspect=pixel_aspect,
        data_window=Window(x=-4, y=-2, width=w + 8, height=h + 4),
        rate=Rate.parse(rate),
        first=f,
        last=f + 9,
        fit_px=0.75,
        key_px=1.0,
        objects=(hero, crowd),
    )
