"""Clips for technical checks: a scene that moves, sound or with one fault planted on a known frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from image_makers import KINDS, Kind, write
from movie_makers import ffmpeg
from numpy.typing import NDArray

from shotmill.pipeline.media import clip_of, find_medium
from shotmill.schema.media import Clip, EntityKind, EntityRef

Picture = NDArray[np.float32]
SIZE = (128, 72)
FIRST, LAST = 1001, 1012


def scene(frame: int, size: tuple[int, int] = SIZE) -> Picture:
    """(h, w, 3) in 0.05 to 0.95: stripes that move, and grain; no two frames look alike."""
    width, height = size
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    step = frame - FIRST
    picture = np.empty((height, width, 3), dtype=np.float32)
    for channel, period in enumerate((11.0, 17.0, 23.0)):
        picture[:, :, channel] = 0.5 + 0.4 * np.sin((columns + 3 * step) / period + rows / 9)
    grain = np.random.default_rng(frame).normal(0, 0.008, picture.shape)
    return np.asarray(np.clip(picture + grain, 0.05, 0.95), dtype=np.float32)


def write_clip(
    folder: Path, kind: Kind = KINDS["EXR ZIP"], *, faults: Mapping[int, Callable[[Picture], Picture]] | None = None
) -> Clip:
    """Frames 1001 to 1012 of the scene, some of them changed; the clip of them."""
    for frame in range(FIRST, LAST + 1):
        picture = scene(frame)
        if faults and frame in faults:
            picture = faults[frame](picture)
        write(folder / f"plate.{frame}{kind.suffix}", kind, picture)
    return clip_at(folder / f"plate.####{kind.suffix}")


def write_movie(
    path: Path,
    *,
    frames: int = 12,
    faults: Mapping[int, Callable[[Picture], Picture]] | None = None,
    codec: tuple[str, ...] = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-g", "6", "-threads", "1"),
    levels: str = "tv",
    tagged: str = "",
) -> Clip:
    """An H.264 movie of the scene, 24 fps, counted from 0; the clip of it.

    Args:
        path: its suffix says the container.
        frames: how many.
        faults: changes by frame.
        codec: ffmpeg's options.
        levels: ``tv`` or ``pc``: the range that its codes have.
        tagged: the range that it says it has; empty: the same.
    """
    feed = b""
    for number in range(frames):
        picture = scene(FIRST + number)
        if faults and number in faults:
            picture = faults[number](picture)
        feed += np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8).tobytes()
    given = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", "24", "-i", "-")
    scale = f"scale=in_range=full:out_range={levels}:out_color_matrix=bt709,setparams=range={tagged or levels}"
    pixels = () if "-pix_fmt" in codec else ("-pix_fmt", "yuv420p")
    ffmpeg(*given, "-vf", scale, *pixels, *codec, path, feed=feed)
    return clip_at(path)


def clip_at(path: Path) -> Clip:
    """The clip of a path, of shot sq010/sh010."""
    owner = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")
    return clip_of(find_medium(str(path))).model_copy(update={"entity": owner})


def frame_file(clip: Clip, frame: int) -> Path:
    """The file of a frame."""
    return Path(clip.media.replace("####", f"{frame:04d}"))
