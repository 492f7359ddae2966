"""What makes the segmenter and the propagator; importing this loads torch and sam2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import load_model
from .propagation import Sam2Propagator
from .segmentation import Sam2Segmenter

if TYPE_CHECKING:
    from ....pipeline.roto.backend import Choice


def make_segmenter(choice: Choice) -> Sam2Segmenter:
    """What finds objects on one frame; raises as ``load_model``."""
    return Sam2Segmenter(load_model(choice))


def make_propagator(choice: Choice) -> Sam2Propagator:
    """What follows objects; raises as ``load_model``."""
    return Sam2Propagator(load_model(choice))
