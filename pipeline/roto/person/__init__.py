"""People found without a graphics card: the selfie model of MediaPipe, a quarter of a megabyte, read by OpenCV.

The weights ``person`` are its file ``selfie_segmentation.tflite`` (Apache-2.0), which a studio
puts where its settings say.
"""

from __future__ import annotations

from ....schema.job import Needs
from ....schema.roto import Stage
from ..backend import Backend

BACKEND = Backend(
    name="person",
    makers={Stage.DETECT: f"{__name__}.detection:make_detector"},
    needs={Stage.DETECT: Needs(cpu=1, memory_mib=1024)},
    weights=("person",),
)
