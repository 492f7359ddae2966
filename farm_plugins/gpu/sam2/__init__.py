"""SAM 2: finds objects on a frame from points, boxes or masks, and follows them through a shot.

Options, as text: ``model`` (``tiny``, ``small``, ``base+``, ``large``; empty: read from the checkpoint), ``image_size``
(1024), ``precision`` (``auto``, ``float32``, ``bfloat16``), ``compile`` (a compiler of torch's, such as ``inductor``),
``logits`` (``pixels`` from the edge, or the ``model``'s own), ``pinholes`` (largest hole that is filled, in the model's
own small pixels) and ``random_weights`` (says what for; the masks then say so, and are worth nothing).
"""

from __future__ import annotations

from ....pipeline.roto.backend import Backend
from ....schema.job import Needs
from ....schema.roto import Stage

_MAKERS = f"{__name__}.makers"

BACKEND = Backend(
    name="sam2",
    makers={Stage.SEGMENT: f"{_MAKERS}:make_segmenter", Stage.PROPAGATE: f"{_MAKERS}:make_propagator"},
    needs={
        Stage.SEGMENT: Needs(cpu=2, memory_mib=8192, gpu=1, gpu_memory_mib=8192),
        Stage.PROPAGATE: Needs(cpu=2, memory_mib=8192, gpu=1, gpu_memory_mib=8192),
    },
    weights=("sam2",),
    extra="gpu",
)
