"""Cutie: follows objects whose masks are given, by what it remembers of earlier frames, pixel by pixel.

It takes masks alone: another backend finds the first ones, and what the points of a correction say is cut out of the
picture as the backend ``classical`` does it. Each object has a memory of its own, so that one may lie within another.

Options, as text: ``model`` (``base``, ``small``; empty: read from the checkpoint), ``image_size`` (480: pixels of the
shorter side that pictures are shrunk to), ``precision`` (``float32``, ``bfloat16``), ``memory`` (``recent``: prompted
frames and the last few remembered ones; ``long``: a digest of older ones, too), ``mem_every`` (5: frames from one
that is remembered to the next) and ``random_weights`` (says what for; the masks then say so, and are worth nothing).
"""

from __future__ import annotations

from ....pipeline.roto.backend import Backend
from ....schema.job import Needs
from ....schema.roto import Stage

BACKEND = Backend(
    name="cutie",
    makers={Stage.PROPAGATE: f"{__name__}.makers:make_propagator"},
    needs={Stage.PROPAGATE: Needs(cpu=2, memory_mib=8192, gpu=1, gpu_memory_mib=8192)},
    weights=("cutie",),
    extra="cutie",
)
