"""Grounding DINO: boxes around what a text names.

The weights ``groundingdino`` are a folder as transformers writes it, with its tokenizer.
"""

from __future__ import annotations

from ....pipeline.roto.backend import Backend
from ....schema.job import Needs
from ....schema.roto import Stage

BACKEND = Backend(
    name="groundingdino",
    makers={Stage.DETECT: f"{__name__}.detection:make_detector"},
    needs={Stage.DETECT: Needs(cpu=2, memory_mib=8192, gpu=1, gpu_memory_mib=6144)},
    weights=("groundingdino",),
    extra="gpu",
)
