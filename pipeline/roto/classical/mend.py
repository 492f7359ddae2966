"""GrabCut with an artist's clicks, which always hold."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ....schema.roto import PromptPoint
from .cut import distances, tidy
from .window import Box, Field, Picture, Region, Window, bounds

Labels = NDArray[np.uint8]
WORKING = 256  # px: larger windows are cut at this size
CLICK_PX = 2.5  # around a click that is as the click says
REACH = 0.45  # of the thing's size: so far a click may change what is there
ROUNDS = 3
SEED = 7  # of GrabCut's k-means


def cut_out(picture: Picture, labels: Labels, *, rounds: int = ROUNDS) -> Region:
    """GrabCut from first labels; the same picture and labels give the same region.

    Source:
        C. Rother et al., "GrabCut: Interactive Foreground Extraction using Iterated Graph Cuts", SIGGRAPH 2004.
    """
    inside = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    if inside.all() or not inside.any():
        return np.asarray(inside)
    cv2.setRNGSeed(SEED)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    made = cv2.grabCut(picture, labels.copy(), (0, 0, 1, 1), *models, rounds, cv2.GC_INIT_WITH_MASK)[0]
    return np.asarray((made == cv2.GC_FGD) | (made == cv2.GC_PR_FGD))


def mend(picture: Picture, logits: Field, points: Sequence[PromptPoint]) -> Field:
    """Distances that agree with every click: near each the picture is cut anew, elsewhere nothing changes."""
    region = logits > 0
    box = bounds(region)
    for point in points:
        at = Box(math.floor(point.x), math.floor(point.y), math.floor(point.x) + 1, math.floor(point.y) + 1)
        box = at if box is None else box.joined(at)
    height, width = region.shape
    whole = (box or Box(0, 0, width, height)).grown(24).within(width, height)
    window = Window(whole, min(1.0, WORKING / max(whole.width, whole.height)))
    inner = window.cut_field(logits)
    near = reach_of(window, points, REACH * math.sqrt(max(int(region.sum()), 400)))
    labels = np.where(inner > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[(inner > 0) & ~near] = cv2.GC_FGD
    labels[(inner <= 0) & ~near] = cv2.GC_BGD
    click(labels, window, points)
    made = tidy(cut_out(window.cut(picture), labels), labels == cv2.GC_FGD)
    made = (made | (labels == cv2.GC_FGD)) & (labels != cv2.GC_BGD)
    return obey(window.paste(distances(made), width, height), points)


def click(labels: Labels, window: Window, points: Sequence[PromptPoint]) -> None:
    """Set what is under each click for good."""
    for point in points:
        sure = cv2.GC_FGD if point.inside else cv2.GC_BGD
        _disc(labels, window, point, CLICK_PX, sure)


def reach_of(window: Window, points: Sequence[PromptPoint], radius_px: float) -> Region:
    """(h, w): what lies within so many px of the picture of a click."""
    made = np.zeros(window.size[::-1], np.uint8)
    for point in points:
        _disc(made, window, point, radius_px, 1)
    return made > 0


def obey(logits: Field, points: Sequence[PromptPoint]) -> Field:
    """Right under each click, whatever the cut found."""
    height, width = logits.shape
    for point in points:
        x, y = math.floor(point.x), math.floor(point.y)
        if 0 <= x < width and 0 <= y < height and (logits[y, x] > 0) != point.inside:
            disc = np.zeros((height, width), np.uint8)
            _disc(disc, Window(Box(0, 0, width, height)), point, CLICK_PX, 1)
            logits = distances((logits > 0) | (disc > 0) if point.inside else (logits > 0) & (disc == 0))
    return logits


def _disc(picture: Labels, window: Window, point: PromptPoint, radius_px: float, value: int) -> None:
    x, y = ((point.x - window.box.left) * window.scale, (point.y - window.box.top) * window.scale)
    radius = max(radius_px * window.scale, 1.0)
    cv2.circle(picture, (math.floor(x), math.floor(y)), round(radius), value, thickness=-1)
