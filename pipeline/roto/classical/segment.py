"""Finding a thing on one frame, from a box, clicks or a mask."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import cv2
import numpy as np

from ....schema.errors import EmptyMaskError
from ....schema.roto import PromptBox, PromptPoint
from ..backend import Choice, Hint, Mask
from .colours import Axes, Colours
from .cut import distances, settle, tidy
from .mend import Labels, click, cut_out, mend, obey
from .sharpen import sharpened
from .sight import calm
from .trust import DOUBT, told_apart
from .window import Box, Field, Picture, Region, Window, bounds

WORKING = 192  # px: the first cuts are made at this size
LEAST_AREA = 16  # px: less is nothing
AROUND = 0.35  # of a box, that is looked at beyond it
FILLS = (0.95, 0.75, 0.5)  # of a box's sides: ellipses that a thing may start as
RADII = (0.06, 0.12, 0.22)  # of the picture's height: how large a thing without a box may be
ROUNDS = 4


def make_segmenter(choice: Choice) -> ClassicalSegmenter:
    """What finds things; needs no weights, and no device but a CPU."""
    del choice  # it draws no lots, and has no options
    return ClassicalSegmenter()


class ClassicalSegmenter:
    """Finds things by their colours, with GrabCut."""

    def segment(self, picture: Picture, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        """A mask for each object that a hint was given for; see ``Segmenter``."""
        return {name: find(picture, name, hint) for name, hint in hints.items()}


def find(picture: Picture, name: str, hint: Hint) -> Mask:
    """What a hint says is an object.

    A mask is taken as it is, but for what clicks say of it. Of a box or clicks, several first guesses are cut out, and
    the one is kept whose colours differ most from those around it, and that best fills the box.

    Raises:
        EmptyMaskError: nothing, or next to nothing, is found.
    """
    if hint.mask is not None:
        logits = mend(picture, hint.mask, hint.points) if hint.points else distances(hint.mask > 0)
        return Mask(_at_least_something(logits, name))
    guesses = _in_box(picture, hint.box, hint.points) if hint.box else _about_points(picture, hint.points)
    best, score = None, 0.0
    for window, region, worth in guesses:
        if worth > score:
            best, score = (window, region), worth
    if best is None:
        raise _nothing(name)
    logits = obey(sharpened(picture, *best), hint.points)
    confidence = min(max((score - 0.5) / 0.3, 0.0), 1.0)
    reason = "" if confidence >= DOUBT else "its colours hardly differ from those around it"
    return Mask(_at_least_something(logits, name), confidence, reason)


def mended(picture: Picture, name: str, arrived: Field, hint: Hint) -> Mask:
    """What arrived on a frame, as a correction's clicks say; what was lost is found by them alone, or is not there.

    Raises:
        EmptyMaskError: something is inside, the clicks say, but nothing is found there.
    """
    if (arrived > 0).any():
        return Mask(mend(picture, arrived, hint.points))
    if any(point.inside for point in hint.points):
        return find(picture, name, Hint(points=hint.points, box=hint.box))
    return Mask(arrived)


def _at_least_something(logits: Field, name: str) -> Field:
    if int((logits > 0).sum()) < LEAST_AREA:
        raise _nothing(name)
    return logits


def _nothing(name: str) -> EmptyMaskError:
    return EmptyMaskError(
        f"object {name!r}: nothing is found where the prompts say",
        hint="draw the box closely around it, or click more points inside and outside of it",
        object=name,
    )


def _in_box(picture: Picture, box: PromptBox, points: Sequence[PromptPoint]) -> Iterator[tuple[Window, Region, float]]:
    """Guesses at a thing that a box holds, each with what it is worth."""
    height, width = picture.shape[:2]
    whole = Box(math.floor(box.left), math.floor(box.top), math.ceil(box.right), math.ceil(box.bottom))
    if not whole.overlaps(width, height):
        return
    seen = whole.within(width, height)
    around = seen.grown(max(AROUND * math.sqrt(seen.width * seen.height), 10)).within(width, height)
    window = Window(around, min(1.0, WORKING / max(around.width, around.height)))
    inside = _boxed(window, seen)
    small = calm(window.cut(picture))
    for fill in FILLS:
        labels = np.full(inside.shape, cv2.GC_BGD, np.uint8)
        labels[inside] = cv2.GC_PR_BGD
        labels[_ellipse(window, seen, fill) & inside] = cv2.GC_PR_FGD
        click(labels, window, points)
        for region in _cuts(small, labels):
            yield window, region, _worth(small, region) * (0.5 + 0.5 * _filled(window, seen, region))


def _about_points(picture: Picture, points: Sequence[PromptPoint]) -> Iterator[tuple[Window, Region, float]]:
    """Guesses at a thing that was clicked on, each with what it is worth: several sizes are tried."""
    height, width = picture.shape[:2]
    inside = [point for point in points if point.inside and 0 <= point.x < width and 0 <= point.y < height]
    if not inside:
        return
    spread = Box(*(math.floor(f(axis)) for f in (min, max) for axis in ([p.x for p in inside], [p.y for p in inside])))
    for radius in RADII:
        start = spread.grown(max(radius * height, 4))
        around = start.grown(max(1.6 * radius * height, 8)).within(width, height)
        window = Window(around, min(1.0, WORKING / max(around.width, around.height)))
        small = calm(window.cut(picture))
        labels = np.full(small.shape[:2], cv2.GC_PR_BGD, np.uint8)
        labels[_ellipse(window, start, 0.8)] = cv2.GC_PR_FGD
        for side in _sides(window, width, height):
            labels[side] = cv2.GC_BGD
        click(labels, window, points)
        for region in _cuts(small, labels):
            clicked = _of_the_clicks(region, labels == cv2.GC_FGD)
            yield window, clicked, _worth(small, clicked)


def _sides(window: Window, width: int, height: int) -> Iterator[tuple[slice, slice]]:
    """The window's sides, but for those that are the picture's."""
    box, every, rim = window.box, slice(None), 2
    sides = [
        (box.top > 0, (slice(None, rim), every)),
        (box.left > 0, (every, slice(None, rim))),
        (box.bottom < height, (slice(-rim, None), every)),
        (box.right < width, (every, slice(-rim, None))),
    ]
    return (side for is_ours, side in sides if is_ours)


def _cuts(small: Picture, labels: Labels) -> Iterator[Region]:
    """Two cuts of one guess: GrabCut's, and one by histograms, which holds where colours differ little."""
    sure, never = labels == cv2.GC_FGD, labels == cv2.GC_BGD
    yield tidy(cut_out(small, labels), sure)
    axes = Axes.of(small)
    bins = axes.bins(small)
    region = sure | (labels == cv2.GC_PR_FGD)
    for _ in range(ROUNDS):
        favour = Colours.of(axes, bins, region, ~region).favour(bins)
        favour = np.where(never, np.float32(-9), np.where(sure, np.float32(9), favour)).astype(np.float32)
        region = settle(favour) > 0.5  # noqa: PLR2004 - half
        if not region.any():
            break
    yield tidy(region, sure)


def _worth(small: Picture, region: Region) -> float:
    """0 to 1: how well the colours of a region are told from those around it, all over and along its edge."""
    share = float(region.mean())
    if int(region.sum()) < LEAST_AREA or share > 0.95:  # noqa: PLR2004 - all of it is none of it
        return 0.0
    axes = Axes.of(small)
    bins = axes.bins(small)
    colours = Colours.of(axes, bins, region, ~region)
    return (1 - colours.overlap()) * 0.5 + 0.5 * told_apart(distances(region), colours.favour(bins))


def _filled(window: Window, box: Box, region: Region) -> float:
    """0 to 1: how nearly a region reaches all four sides of its box; a box is drawn closely around a thing."""
    found = bounds(region)
    if found is None:
        return 0.0
    scale = window.scale
    left, top = (box.left - window.box.left) * scale, (box.top - window.box.top) * scale
    wide, high = box.width * scale, box.height * scale
    gaps = (
        (found.left - left) / wide,
        (left + wide - found.right) / wide,
        (found.top - top) / high,
        (top + high - found.bottom) / high,
    )
    return max(1.0 - sum(max(abs(gap) - 0.02, 0.0) for gap in gaps) * 2, 0.0)


def _boxed(window: Window, box: Box) -> Region:
    made = np.zeros(window.size[::-1], bool)
    left, top, right, bottom = _scaled(window, box)
    made[round(top) : round(bottom), round(left) : round(right)] = True
    return made


def _ellipse(window: Window, box: Box, fill: float) -> Region:
    wide, high = window.size
    left, top, right, bottom = _scaled(window, box)
    across = (np.arange(wide) + 0.5 - (left + right) / 2) / max((right - left) / 2 * fill, 1)
    down = (np.arange(high) + 0.5 - (top + bottom) / 2) / max((bottom - top) / 2 * fill, 1)
    return np.asarray(across[np.newaxis] ** 2 + down[:, np.newaxis] ** 2 <= 1)


def _scaled(window: Window, box: Box) -> tuple[float, float, float, float]:
    scale, left, top = window.scale, window.box.left, window.box.top
    return (box.left - left) * scale, (box.top - top) * scale, (box.right - left) * scale, (box.bottom - top) * scale


def _of_the_clicks(region: Region, clicks: Region) -> Region:
    """The pieces that were clicked on."""
    _, labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    return np.asarray(region & np.isin(labels, np.unique(labels[clicks & region])))
