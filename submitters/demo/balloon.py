"""A balloon that turns and sways over a landscape, in scene-linear light: what the demo of roto cuts out.

Where the balloon is on each frame is known, so that a prompt can be given and a matte be compared.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...pipeline.files import write_whole
from ...pipeline.images import shrink, write_image
from ...pipeline.media import frame_path
from ...schema.frames import FrameSet
from .scene import DAWN, DAY, Linear, Scene

VERSION = 1  # raised when the plate looks different: an old one is then made anew
WIDTH, HEIGHT = 640, 360
FRAMES = FrameSet.span(1001, 1032)
RATE = 24.0
SPACE = "lin_ap1_scene"  # ACEScg, by its colour interop id
THREADS = 2  # numpy lets go of the interpreter
# A slow pan: a part of a longer day, whose sun is above the hills.
SKY = Scene("", seed=31, lights=(DAWN, DAY, DAY), frames=260)
SKY_FIRST = 214
GRAIN = 0.012  # standard deviation, as a share of the light
GORES = 8
COLOURS = ((0.82, 0.10, 0.05), (0.95, 0.72, 0.30))  # of the gores, in turn
BASKET = (0.16, 0.075, 0.03)
SUN = (0.50, -0.72, 0.48)  # where the light comes from: right, above, towards us
BASKET_TOP = 1.41  # in radii of the crown, below its centre


@dataclass(frozen=True)
class Pose:
    """Where the balloon is: its crown's centre and radius in pixels, how far it leans and has turned, in radians."""

    x: float
    y: float
    radius: float
    lean: float
    turn: float


def pose_of(frame: int) -> Pose:
    """The balloon on a frame: it drifts to the right and up, comes nearer, sways and turns about itself."""
    time = (frame - FRAMES.first) / (len(FRAMES) - 1)
    return Pose(
        x=WIDTH * (0.31 + 0.36 * time + 0.02 * math.sin(2 * math.pi * time)),
        y=HEIGHT * (0.42 - 0.08 * time + 0.03 * math.sin(3 * math.pi * time)),
        radius=HEIGHT * (0.165 + 0.035 * time),
        lean=0.16 * math.sin(2.6 * math.pi * time + 0.4),
        turn=1.9 * time,
    )


def balloon_box(frame: int, *, margin_px: float = 6.0) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a box around the balloon, as somebody draws it: with a margin."""
    rows, columns = np.nonzero(coverage(frame) > 0.5)  # noqa: PLR2004 - half covered
    margin = round(margin_px)
    return (
        int(columns.min()) - margin,
        int(rows.min()) - margin,
        int(columns.max()) + 1 + margin,
        int(rows.max()) + 1 + margin,
    )


def coverage(frame: int) -> Linear:
    """(360, 640) float32: how much of each pixel the balloon covers."""
    across, down = _own(pose_of(frame))
    return np.asarray(np.clip(0.5 - _distance(across, down) * pose_of(frame).radius, 0.0, 1.0), dtype=np.float32)


def render(frame: int) -> Linear:
    """(360, 640, 3) float32, scene-linear."""
    picture = shrink(SKY.render(SKY_FIRST + frame - FRAMES.first, frame), WIDTH, HEIGHT)
    pose = pose_of(frame)
    across, down = _own(pose)
    cover = coverage(frame)[..., np.newaxis]
    picture = picture + (_painted(across, down, pose) - picture) * cover
    dice = np.random.Generator(np.random.PCG64(frame))
    grain = 1 + np.float32(GRAIN) * dice.standard_normal(picture.shape, dtype=np.float32)
    return np.asarray(picture * grain, dtype=np.float32)


def make_plate(folder: Path) -> Path:
    """Make the plate in a folder; what is there already, made by this version, is left.

    Returns:
        ``balloon.####.exr`` with its padding as ``#``: ACEScg, half, ZIP; frames ``FRAMES``.

    Raises:
        DiskFullError: no space is left.
        StorageError: a file could not be written.
    """
    pattern, stamp = folder.absolute() / "balloon.####.exr", folder / ".version"
    pattern.parent.mkdir(parents=True, exist_ok=True)
    anew = not (stamp.is_file() and stamp.read_bytes() == f"{VERSION}\n".encode())
    files = {frame: frame_path(str(pattern), frame) for frame in FRAMES}
    with ThreadPoolExecutor(THREADS) as pool:
        list(
            pool.map(
                lambda frame: _write(files[frame], frame),
                [frame for frame, path in files.items() if anew or not path.is_file()],
            )
        )
    if anew:
        write_whole(stamp, f"{VERSION}\n".encode())
    return pattern


def _write(path: Path, frame: int) -> None:
    write_image(path, render(frame).astype(np.float16), attributes={"colorInteropID": SPACE, "FramesPerSecond": RATE})


def _own(pose: Pose) -> tuple[Linear, Linear]:
    """Each pixel in the balloon's own measure: its crown has radius 1 about 0, 0; y down along it."""
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32) + np.float32(0.5)
    across, down = (across - np.float32(pose.x)) / pose.radius, (down - np.float32(pose.y)) / pose.radius
    cos, sin = np.float32(math.cos(pose.lean)), np.float32(math.sin(pose.lean))
    return np.asarray(across * cos + down * sin), np.asarray(down * cos - across * sin)


def _distance(across: Linear, down: Linear) -> Linear:
    """From the outline, in radii of the crown, below 0 inside: a crown and a mouth, their hull, and a basket under it.

    The hull of two discs: beside the flanks it is the distance from a line, above and below them from a disc.
    """
    mouth_y, mouth = 1.32, 0.26
    slope = (1.0 - mouth) / mouth_y
    flank = math.sqrt(1.0 - slope * slope)
    side = np.abs(across)
    along = side * -slope + down * flank  # along a flank, from the crown's side
    hull = np.where(
        along < 0.0,
        np.hypot(side, down) - 1.0,
        np.where(along > flank * mouth_y, np.hypot(side, down - mouth_y) - mouth, side * flank + down * slope - 1.0),
    )
    out_x, out_y = side - 0.21, np.abs(down - 1.62) - 0.20
    basket = np.hypot(np.maximum(out_x, 0), np.maximum(out_y, 0)) + np.minimum(np.maximum(out_x, out_y), 0) - 0.03
    return np.asarray(np.minimum(hull, basket), dtype=np.float32)


def _painted(across: Linear, down: Linear, pose: Pose) -> Linear:
    """The balloon's own light everywhere: gores that run from the crown to the mouth, lit from the right."""
    wide = np.clip(
        np.sqrt(np.maximum(1.0 - np.minimum(down, 0.35) ** 2, 0.04)) - 0.46 * np.maximum(down - 0.2, 0), 0.12, 1
    )
    place = np.clip(across / wide, -0.999, 0.999)
    angle = np.arcsin(place) + np.float32(pose.turn)
    odd = 0.5 + 0.5 * np.tanh(np.sin(angle * (GORES / 2)) * 9)  # an edge that is a little soft
    first, second = (np.asarray(colour, dtype=np.float32) for colour in COLOURS)
    fabric = first + (second - first) * odd[..., np.newaxis]
    towards = np.sqrt(np.maximum(1.0 - place**2, 0.0))
    light = place * SUN[0] + np.clip(down, -1, 1) * -abs(SUN[1]) * 0.6 + towards * SUN[2]
    shade: NDArray[np.float32] = np.asarray(0.34 + 0.95 * np.clip(light, 0.0, 1.0), dtype=np.float32)[..., np.newaxis]
    basket = (
        np.asarray(BASKET, dtype=np.float32) * (1 + 0.25 * np.sin(across * 60) * np.sin(down * 70))[..., np.newaxis]
    )
    return np.asarray(np.where((down > BASKET_TOP)[..., np.newaxis], basket, fabric * shade), dtype=np.float32)
