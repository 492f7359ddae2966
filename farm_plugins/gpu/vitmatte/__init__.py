"""ViTMatte: mattes with hair and soft edges, of masks.

The weights ``vitmatte`` are a folder as transformers writes it. Public ones were trained on pictures whose licences
allow research alone: whether they may be used is for the studio to say.
"""

from __future__ import annotations

from ....pipeline.roto.backend import Backend
from ....schema.job import Needs
from ....schema.roto import Stage

BACKEND = Backend(
    name="vitmatte",
    makers={Stage.MATTE: f"{__name__}.matting:make_matter"},
    needs={Stage.MATTE: Needs(cpu=2, memory_mib=8192, gpu=1, gpu_memory_mib=6144)},
    weights=("vitmatte",),
    extra="gpu",
)
