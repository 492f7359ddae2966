"""Shapes: mattes become closed Bezier curves that people edit, and curves become coverage.

Heavy: numpy and OpenCV; import it where it is used. ``fit_shapes`` makes shapes of a clip of mattes, ``rasterise``
draws what they cover, ``measure_error`` says how far a curve is from a contour.
"""

from __future__ import annotations

from .coverage import rasterise
from .fits import fit_shapes
from .options import FitOptions, ShapeReport

__all__ = ["FitOptions", "ShapeReport", "fit_shapes", "rasterise"]
