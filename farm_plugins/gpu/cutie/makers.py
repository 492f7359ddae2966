"""What makes the propagator; importing this loads torch and Cutie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import load_model
from .propagation import CutiePropagator

if TYPE_CHECKING:
    from ....pipeline.roto.backend import Choice


def make_propagator(choice: Choice) -> CutiePropagator:
    """What follows objects; raises as ``load_model``."""
    return CutiePropagator(load_model(choice))
