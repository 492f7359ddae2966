"""Small plates for roto jobs: a red square that moves by a known way over noise, as PNG or EXR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
from movie_makers import BT709, LONG_GOP, ffmpeg

WIDTH, HEIGHT = 96, 54
SIDE = 22
FIRST, LAST = 1001, 1008


@dataclass(frozen=True)
class Plate:
    """A sequence on disk: its pattern, and where the square is on each frame."""

    pattern: str
    first: int = FIRST
    last: int = LAST

    def square(self, frame: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in stored pixels; it moves by 3 to the right and 1 down a frame."""
        step = frame - self.first
        left, top = 12 + 3 * step, 10 + step
        return (left, top, left + SIDE, top + SIDE)

    def truth(self, frame: int) -> np.ndarray:
        left, top, right, bottom = self.square(frame)
        inside = np.zeros((HEIGHT, WIDTH), dtype=bool)
        inside[top:bottom, left:right] = True
        return inside

    def box(self, frame: int, *, margin: int = 0) -> str:
        left, top, right, bottom = self.square(frame)
        return f"{left - margin},{top - margin},{right + margin},{bottom + margin}"

    def path(self, frame: int) -> Path:
        return Path(self.pattern.replace("####", f"{frame:04d}"))


def picture(plate: Plate, frame: int) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) uint8 as a display shows it."""
    pixels = np.random.default_rng(7).integers(20, 70, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    inside = plate.truth(frame)
    pixels[inside] = (190, 60, 40)
    return pixels


def make_plate(folder: Path, *, first: int = FIRST, last: int = LAST, suffix: str = "png") -> Plate:
    """The plate as 8-bit PNG, or as scene-linear half EXR that looks the same on a plain display."""
    folder.mkdir(parents=True, exist_ok=True)
    plate = Plate(str(folder / f"plate.####.{suffix}"), first, last)
    for frame in range(first, last + 1):
        pixels = picture(plate, frame)
        if suffix == "png":
            write(plate.path(frame), pixels)
        else:
            encoded = pixels / 255.0
            linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)  # IEC 61966-2-1
            write(plate.path(frame), linear.astype(np.float16))
    return plate


def make_movie(path: Path, *, count: int, aspect: str = "1", options: Sequence[str] = ()) -> Plate:
    """The plate as an H.264 movie, whose first frame is 0; 24000/1001 frames a second."""
    plate = Plate(str(path), 0, count - 1)
    raw = b"".join(picture(plate, frame).tobytes() for frame in range(count))
    given = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "24000/1001", "-i", "-")
    levels = f"scale=in_range=full:out_range=tv:out_color_matrix=bt709,{BT709}:range=tv,setsar={aspect}"
    ffmpeg(*given, "-vf", levels, *LONG_GOP, *options, path, feed=raw)
    return plate


def write(path: Path, pixels: np.ndarray, **attributes: Any) -> None:
    """A picture as a program of its own would write it."""
    kind = {"uint8": "uint8", "float16": "half", "float32": "float"}[pixels.dtype.name]
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], kind)
    for name, value in attributes.items():
        spec.attribute(name, value)
    output: Any = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_image(np.ascontiguousarray(pixels))
    assert output.close()


def common(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two masks."""
    return float((one & other).sum() / max((one | other).sum(), 1))
