"""Tracks: which loop of one frame is which loop of the next.

A track is the life of one shape: it goes on as long as one loop of a frame has one successor, and ends where loops
split, merge or vanish.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby, product
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from .contours import Loop

MAP_PX = 256  # the longer side of the map that overlaps are counted on
SAME = 0.7  # of the larger of two loops: an overlap that makes them one, whatever else they touch
TOUCH = 0.3  # of the smaller of two loops: an overlap that makes them relatives
LARGEST_GROWTH = 4.0  # of a loop's area from one frame to the next; beyond it is another thing
LARGEST_GROWTH_APART = 2.0  # of a loop that moved so fast that it does not overlap itself
FARTHEST_APART = 3.0  # times the square root of its area that such a loop may move


@dataclass
class Track:
    """One loop through consecutive frames.

    Attributes:
        number: in the order in which tracks began.
        name: ``shape2`` of outlines, ``shape2_hole1`` of holes that began in it.
        depth: of its loops.
    """

    number: int
    name: str
    depth: int
    frames: list[int] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)

    @property
    def shift(self) -> NDArray[np.float64]:
        """(2,) pixels it moved in its last step."""
        if len(self.loops) < 2:  # noqa: PLR2004 - a step has two ends
            return np.zeros(2)
        return self.loops[-1].centre - self.loops[-2].centre


class Tracker:
    """Follows loops from frame to frame; ``add`` gives back the tracks that ended."""

    def __init__(self) -> None:
        self._alive: list[Track] = []
        self._count = self._outlines = 0
        self._holes: Counter[str] = Counter()

    def add(self, frame: int, loops: list[Loop]) -> list[Track]:
        """Take the loops of the next frame; the tracks that do not go on."""
        pairs = self._match(loops)
        owners: dict[int, Track] = {}
        for track_index, loop_index in pairs:
            owners[loop_index] = self._alive[track_index]
        going_on = {track.number for track in owners.values()}
        ended = [track for track in self._alive if track.number not in going_on]
        for index, loop in enumerate(loops):
            track = owners.get(index) or self._begin(loop, [(loops[at], owners[at]) for at in range(index)])
            owners[index] = track
            track.frames.append(frame)
            track.loops.append(loop)
        self._alive = [owners[index] for index in range(len(loops))]
        return ended

    def close(self) -> list[Track]:
        """The tracks that were still alive."""
        ended, self._alive = self._alive, []
        return ended

    def _begin(self, loop: Loop, before: list[tuple[Loop, Track]]) -> Track:
        self._count += 1
        if not loop.is_hole:
            self._outlines += 1
            return Track(self._count, f"shape{self._outlines}", loop.depth)
        x, y = (float(value) for value in loop.points[0])
        around = [
            track.name
            for outer, track in before
            if outer.depth == loop.depth - 1 and cv2.pointPolygonTest(outer.points, (x, y), measureDist=False) > 0
        ]
        parent = around[0]  # a hole comes after the outline around it
        self._holes[parent] += 1
        return Track(self._count, f"{parent}_hole{self._holes[parent]}", loop.depth)

    def _match(self, loops: list[Loop]) -> list[tuple[int, int]]:
        """Pairs of a living track and its loop on the next frame, by their indices."""
        pairs: list[tuple[int, int]] = []
        for depth, members in groupby(range(len(loops)), key=lambda index: loops[index].depth):
            new = list(members)
            old = [index for index, track in enumerate(self._alive) if track.depth == depth]
            if old:
                found = match_loops([self._alive[index] for index in old], [loops[index] for index in new])
                pairs += [(old[a], new[b]) for a, b in found]
        return pairs


class _Overlap(NamedTuple):
    shares: NDArray[np.float64]  # (old, new) pixels of the map
    old: NDArray[np.float64]
    new: NDArray[np.float64]


def match_loops(tracks: list[Track], loops: list[Loop]) -> list[tuple[int, int]]:
    """Pairs of indices that go on as one.

    First those that overlap nearly whole; then those that overlap one another and nothing else; then, of what touches
    nothing, the nearest of about the same size. Old loops are moved on by their last step before they are compared.
    """
    overlap = _count_overlaps(tracks, loops)
    larger = np.maximum(overlap.old[:, None], overlap.new[None])
    smaller = np.minimum(overlap.old[:, None], overlap.new[None])
    touches = overlap.shares >= TOUCH * np.maximum(smaller, 1)
    same = overlap.shares >= SAME * np.maximum(larger, 1)
    alone = touches & (touches.sum(axis=1, keepdims=True) == 1) & (touches.sum(axis=0, keepdims=True) == 1)
    growth = np.array([[_growth(track.loops[-1], loop) for loop in loops] for track in tracks])
    wanted = (same | alone) & (growth <= LARGEST_GROWTH)
    pairs = [(int(a), int(b)) for a, b in np.argwhere(wanted)]
    free_old = [index for index in range(len(tracks)) if not touches[index].any()]
    free_new = [index for index in range(len(loops)) if not touches[:, index].any()]
    return pairs + _match_apart(tracks, loops, free_old, free_new)


def _growth(old: Loop, new: Loop) -> float:
    return max(old.area, new.area) / max(min(old.area, new.area), 1e-6)


def _match_apart(
    tracks: list[Track],
    loops: list[Loop],
    free_old: list[int],
    free_new: list[int],
) -> list[tuple[int, int]]:
    """Pairs of what moved farther than its own size, nearest first."""
    candidates = []
    for a, b in product(free_old, free_new):
        old, new = tracks[a].loops[-1], loops[b]
        apart = float(np.hypot(*(new.centre - old.centre - tracks[a].shift)))
        near = apart <= FARTHEST_APART * max(old.area, new.area) ** 0.5
        if near and _growth(old, new) <= LARGEST_GROWTH_APART:
            candidates.append((apart, a, b))
    pairs: list[tuple[int, int]] = []
    for _, a, b in sorted(candidates):
        if all(a != other and b != another for other, another in pairs):
            pairs.append((a, b))
    return pairs


def _count_overlaps(tracks: list[Track], loops: list[Loop]) -> _Overlap:
    old = [track.loops[-1].points + track.shift.astype(np.float32) for track in tracks]
    new = [loop.points for loop in loops]
    corners = np.concatenate([old_or_new for points in (old, new) for old_or_new in points])
    start = corners.min(axis=0)
    extent = corners.max(axis=0) - start
    scale = min(1.0, MAP_PX / max(float(extent.max()), 1.0))
    width, height = (int(value) for value in np.ceil(extent * scale) + 2)
    old_map = _draw(old, start, scale, (height, width))
    new_map = _draw(new, start, scale, (height, width))
    columns = len(loops) + 1
    counts = np.bincount((old_map.astype(np.intp) * columns + new_map).ravel(), minlength=(len(tracks) + 1) * columns)
    shares = counts.reshape(len(tracks) + 1, columns).astype(np.float64)
    return _Overlap(shares[1:, 1:], shares[1:].sum(axis=1), shares[:, 1:].sum(axis=0))


def _draw(
    polygons: list[NDArray[np.float32]],
    start: NDArray[np.float32],
    scale: float,
    size: tuple[int, int],
) -> NDArray[np.int32]:
    """A small map with 1 + the index of the polygon that covers each pixel; small ones over large ones."""
    drawn = np.zeros(size, np.int32)
    for index, points in enumerate(polygons):
        corners = np.round((points - start) * scale).astype(np.int32)
        cv2.fillPoly(drawn, [corners], [index + 1])
    return drawn
