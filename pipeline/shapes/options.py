"""What is asked of shapes, and what is said of those that were made."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...schema.errors import ParamsError

if TYPE_CHECKING:
    from collections.abc import Mapping

FEWEST_POINTS = 4  # a closed cubic outline of fewer has no room for a corner or an S
MOST_POINTS = 256  # more is no outline that a person edits


@dataclass(frozen=True)
class FitOptions:
    """How near shapes stay to a matte, and what they may cost an artist's patience.

    Attributes:
        fit_px: how far a curve may lie from the matte's half-way contour, in pixels, on each frame.
        key_px: how far the curve between two keys may lie from the curve that was fitted there; 0 keeps every key.
        points_max: knots of a shape, as long as ``fit_px`` holds with them.
        points_limit: knots of a shape where ``points_max`` do not hold ``fit_px``; never more. Where these do not hold
            it either, they are taken only if they come much nearer.
        smooth_frames: sigma of the smoothing in time, in frames; 0 for none. It yields where it would break ``fit_px``.
        holes: make ``subtract`` shapes of holes; without, outlines are filled.
        feather: measure the matte's softness; without, every knot's feather is 0.
        calm: fit noisy contours without their noise, where ``points_max`` do not hold ``fit_px`` with it; the report
            says how far that is from the contours.
        min_area_px: components and holes of a smaller area, in pixels, are dropped.
        feather_max_px: the farthest a soft edge is looked for.

    Raises:
        ParamsError: a number is out of its range.
    """

    fit_px: float = 0.75
    key_px: float = 2.0
    points_max: int = 16
    points_limit: int = 48
    smooth_frames: float = 0.8
    holes: bool = True
    feather: bool = True
    calm: bool = True
    min_area_px: float = 16.0
    feather_max_px: float = 32.0

    def __post_init__(self) -> None:
        ranges: Mapping[str, tuple[float, float]] = {
            "fit_px": (0.05, 100.0),
            "key_px": (0.0, 100.0),
            "points_max": (FEWEST_POINTS, MOST_POINTS),
            "points_limit": (self.points_max, MOST_POINTS),
            "smooth_frames": (0.0, 10.0),
            "min_area_px": (0.0, math.inf),
            "feather_max_px": (1.0, 256.0),
        }
        for name, (least, most) in ranges.items():
            value = float(getattr(self, name))
            if not least <= value <= most:
                raise ParamsError(f"{name} of the shapes is {value:g}; give a number from {least:g} to {most:g}")


@dataclass(frozen=True)
class ShapeReport:
    """What one shape cost, and how near it is.

    Attributes:
        name: the shape's.
        first, last: frames of its life.
        points: knots it has.
        points_max: knots that were asked for; more means that ``fit_px`` needed them.
        keys: frames of its keys.
        fitted: frames that were fitted, which is all frames of its life that were asked for.
        error_px: by frame, the true largest distance between the fitted curve and the line it was fitted to, both ways
            round: the matte's half-way contour, or that contour without its noise where ``calmed_px`` says so.
        fit_px: what was asked.
        calmed_px: by frame, how far the matte's own contour lies from the line that was fitted; empty where that is the
            contour itself.
    """

    name: str
    first: int
    last: int
    points: int
    points_max: int
    keys: tuple[int, ...]
    fitted: int
    fit_px: float
    error_px: Mapping[int, float] = field(default_factory=dict)
    calmed_px: Mapping[int, float] = field(default_factory=dict)

    @property
    def worst_px(self) -> float:
        """The largest error of all its frames."""
        return max(self.error_px.values(), default=0.0)

    @property
    def is_held(self) -> bool:
        """Whether ``fit_px`` holds on every frame."""
        return self.worst_px <= self.fit_px
