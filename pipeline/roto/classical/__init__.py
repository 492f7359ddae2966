"""Roto without weights, on any CPU: colours, motion and cuts from OpenCV.

``segment`` finds things by GrabCut, ``propagate`` follows them by optical flow, and weighs on every frame what to
believe: the motion as a whole, the motion of each part, or the colours. Importing this loads nothing heavy.
"""

from __future__ import annotations

from ....schema.roto import Stage
from ..backend import Backend

__all__ = ["BACKEND"]

BACKEND = Backend(
    name="classical",
    makers={
        Stage.SEGMENT: "shotmill.pipeline.roto.classical.segment:make_segmenter",
        Stage.PROPAGATE: "shotmill.pipeline.roto.classical.propagate:make_propagator",
    },
)
