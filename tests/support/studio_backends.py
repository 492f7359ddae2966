"""A roto backend as a studio's own wheel brings it: it finds what has the colour that was clicked on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from shotmill.pipeline.images import write_image
from shotmill.schema.roto import PromptPoint
from shotmill.schema.segment import SegmentObject, SegmentRequest

NAME = "samecolour"
CODE = """
from __future__ import annotations
import numpy as np
from shotmill.pipeline.roto import Backend, Mask
from shotmill.schema.errors import EmptyMaskError
from shotmill.schema.roto import Stage

BACKEND = Backend(name="samecolour", makers={Stage.SEGMENT: "studio_samecolour:make"})
made = 0

def make(choice):
    global made
    made += 1
    return SameColour()

class SameColour:
    def segment(self, picture, hints):
        return {name: self._one(name, picture, hint) for name, hint in hints.items()}

    def _one(self, name, picture, hint):
        inside = [point for point in hint.points if point.inside]
        if hint.box is not None:
            at = ((hint.box.left + hint.box.right) / 2, (hint.box.top + hint.box.bottom) / 2)
        else:
            at = (inside[0].x, inside[0].y)
        wanted = picture[int(at[1]), int(at[0])].astype(int)
        if wanted.max() < 8:
            raise EmptyMaskError(f"object {name!r}: nothing but black there", object=name)
        near = np.abs(picture.astype(int) - wanted).max(axis=2) < 24
        return Mask(np.where(near, 1.0, -1.0).astype(np.float32), 0.9)
"""


def install_backend(folder: Path) -> Path:
    """Lay the wheel out as pip would; the folder belongs on the path that Python looks for modules on."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "studio_samecolour.py").write_text(CODE)
    metadata = folder / "studio_samecolour-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: studio-samecolour\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[shotmill.roto]\n{NAME} = studio_samecolour:BACKEND\n")
    return folder


def write_sign_plate(folder: Path, *frames: int, pixel_aspect: float = 1.0, suffix: str = "png") -> Path:
    """A sequence whose frames show a yellow sign of 20x12 px on blue, black on the left; its pattern.

    On frame n the sign's upper left corner is at (20 + 2 * (n - first), 10) of 64x36 px.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for frame in frames:
        pixels = np.zeros((36, 64, 3), np.uint8)
        pixels[:, 8:] = (20, 40, 160)
        left = 20 + 2 * (frame - frames[0])
        pixels[10:22, left : left + 20] = (240, 210, 40)
        stored = pixels if suffix != "exr" else (pixels / 255).astype(np.float16)
        attributes = {"PixelAspectRatio": pixel_aspect} if pixel_aspect != 1.0 else {}
        write_image(folder / f"sign.{frame:04d}.{suffix}", stored, attributes=attributes)
    return folder / f"sign.####.{suffix}"


def request_for(plate: Path, x: float = 30.0, y: float = 15.0, *, frame: int | None = 1001) -> SegmentRequest:
    """A click on the sign."""
    said = SegmentObject(name="sign", points=(PromptPoint(x=x, y=y),))
    return SegmentRequest(media=str(plate), frame=frame, objects=(said,), backend=NAME)
