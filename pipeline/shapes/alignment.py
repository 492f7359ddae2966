"""Alignment: places on a line that stay the same places of the object while it moves, turns and bends.

Each frame's line is matched to the frame before by a path of least cost around it: cost is distance after the whole
object's affine motion, a different direction of the line, and a bend that differs from the one the place had so far.
So corners stay corners, and places do not slide along the line as the frames go by.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .affine import fit_affine, fit_sliding, move, turn_only
from .curves import dot, square, unit
from .outlines import Outline

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
FINE = 2  # places of the finer grid to one place
PLACE_PX = 4.0  # aimed at between places
FEWEST_PLACES, MOST_PLACES = 64, 160
REACH = 0.06  # of the line, that places are looked for on either side
STEP_REACH = 3  # of the finer grid, that a step between places may differ from before
ARM = 0.025  # of the line, on each side of a place, that bends are measured over
NEAR = 0.015  # of the line, a distance that counts as one
FARTHEST = 16.0  # distances are cut there, squared, so that parts that moved on their own do not pull
DIRECTION_WEIGHT, BEND_WEIGHT, STEP_WEIGHT = 2.0, 40.0, 0.3
MEMORY = 0.97  # of a place's bend from one frame to the next
SMOOTH = 2.0  # places: sigma along the line of what moves places by less than the grid
ROUNDS = 3  # of fits, each from better pairs


class _Line(NamedTuple):
    """A line on an even grid: (n, 2) points and unit directions, (n,) bends in half turns."""

    points: Floats
    directions: Floats
    bends: Floats


def count_places(outlines: list[Outline]) -> int:
    """How many places to follow on lines as long as these."""
    longest = max(outline.length for outline in outlines)
    return int(np.clip(round(longest / PLACE_PX / FINE) * FINE, FEWEST_PLACES, MOST_PLACES))


def align(outlines: list[Outline], count: int) -> Floats:
    """(frames, count) where on each frame's line each place is; ascending over less than one turn, not cut at 1."""
    places = np.arange(count) / count
    result = [places]
    bends = _sample(outlines[0], places).bends
    for before, after in pairwise(outlines):
        places, found = _follow(before, after, places, bends)
        bends = MEMORY * bends + (1 - MEMORY) * found
        result.append(places)
    return np.array(result)


def _sample(outline: Outline, places: Floats) -> _Line:
    points = outline.at(places)
    ahead, behind = outline.at(places + ARM) - points, points - outline.at(places - ARM)
    cross = behind[:, 0] * ahead[:, 1] - behind[:, 1] * ahead[:, 0]
    bends = np.arctan2(cross, dot(behind, ahead)) / np.pi
    return _Line(points, unit(outline.at(places + ARM / 2) - outline.at(places - ARM / 2)), bends)


def _follow(before: Outline, after: Outline, places: Floats, bends: Floats) -> tuple[Floats, Floats]:
    """The next frame's places, and the bends found there."""
    count = places.size
    old = _sample(before, places)
    grid = count * FINE
    line = _sample(after, np.arange(grid) / grid)
    base = _shift_whole(old.points, line.points[::FINE]) * FINE + np.arange(count) * FINE
    motion = fit_affine(old.points, line.points[base % grid])
    for _ in range(ROUNDS):
        moved_points = move(old.points, motion)
        nearest = _nearest(moved_points, line, base) % grid
        apart = np.hypot(*(moved_points - line.points[nearest]).T)
        trust = 1 / (1 + (apart / (NEAR * after.length)) ** 2)
        motion = fit_sliding(old.points, line.points[nearest], line.directions[nearest], trust)
    moved = _Line(move(old.points, motion), unit(turn_only(old.directions, motion)), bends)
    offsets = _best_path(_costs(moved, line, base, after.length))
    steps = np.clip(np.diff(base + offsets, append=base[0] + offsets[0] + grid), 0, None)
    along = _smooth_steps(base[0] + offsets[0], steps, grid)
    found = _settle(moved.points, after, along / grid)
    return found, _sample(after, found).bends


def _smooth_steps(start: int, steps: Ints, grid: int) -> Floats:
    """(places,) on the grid, ascending, from the path's whole steps; their sum is one turn."""
    smooth = blur_round(steps.astype(np.float64), SMOOTH / 2) + 0.02 * FINE
    smooth *= grid / smooth.sum()
    along = np.concatenate([[0.0], np.cumsum(smooth)[:-1]])
    whole = np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    return start + along + float((whole - along).mean())


def _shift_whole(old: Floats, new: Floats) -> int:
    """By how many places the new line's start lies before the old one's, for the least turn of the whole."""
    a = (old - old.mean(axis=0)) @ np.array([1, 1j])
    b = (new - new.mean(axis=0)) @ np.array([1, 1j])
    agreement = np.fft.ifft(np.fft.fft(b) * np.conj(np.fft.fft(a))).real
    return int(np.argmax(agreement))


def _nearest(points: Floats, line: _Line, base: Ints) -> Ints:
    """(places,) on the grid, within reach of where each place is thought to be."""
    offsets = _offsets(base.size)
    candidates = line.points[(base[:, None] + offsets) % len(line.points)]
    squares = square(candidates - points[:, None])
    result: Ints = base + offsets[squares.argmin(axis=1)]
    return result


def _offsets(count: int) -> Ints:
    reach = max(round(count * FINE * REACH), 4)
    return np.arange(-reach, reach + 1)


def _costs(moved: _Line, line: _Line, base: Ints, length: float) -> Floats:
    """(places, offsets) of putting each place there."""
    at = (base[:, None] + _offsets(base.size)) % len(line.points)
    squares = square(line.points[at] - moved.points[:, None]) / (NEAR * length) ** 2
    directions = 1 - dot(line.directions[at], moved.directions[:, None])
    bends = (line.bends[at] - moved.bends[:, None]) ** 2
    near = FARTHEST * squares / (FARTHEST + squares)
    result: Floats = near + DIRECTION_WEIGHT * directions + BEND_WEIGHT * bends
    return result


def _best_path(costs: Floats) -> Ints:
    """(places,) offsets of the least cost, neighbours differing little, the last agreeing with the first.

    Source:
        A. Viterbi, "Error bounds for convolutional codes", IEEE Trans. Inform. Theory, 1967; once and a half round, of
        which the middle turn is taken.
    """
    count, width = costs.shape
    steps = np.arange(-STEP_REACH, STEP_REACH + 1)
    # A place may not fall behind the one before it by more than their distance.
    penalty = np.where(steps < -FINE, np.inf, STEP_WEIGHT * steps**2)
    total = count + count // 2
    back = np.zeros((total, width), np.intp)
    padded = np.full(width + 2 * STEP_REACH, np.inf)
    windows = sliding_window_view(padded, 2 * STEP_REACH + 1)
    # Windows run over the offset before, from larger steps to smaller ones.
    reverse = penalty[::-1]
    padded[STEP_REACH:-STEP_REACH] = costs[0]
    rows = np.arange(width)
    for index in range(1, total):
        arrivals = windows + reverse
        best = arrivals.argmin(axis=1)
        back[index] = best
        padded[STEP_REACH:-STEP_REACH] = arrivals[rows, best] + costs[index % count]
    path = np.zeros(total, np.intp)
    path[-1] = int(padded[STEP_REACH:-STEP_REACH].argmin())
    for index in range(total - 1, 0, -1):
        path[index - 1] = path[index] + back[index, path[index]] - STEP_REACH
    quarter = count // 4
    turn = path[quarter : quarter + count]
    result: Ints = np.roll(turn, quarter) - width // 2
    return result


def _settle(moved: Floats, outline: Outline, places: Floats) -> Floats:
    """Move places along the line towards where the whole object's motion puts them, by less than the grid."""
    grid = 1 / (places.size * FINE)
    for _ in range(ROUNDS):
        ahead = unit(outline.at(places + grid) - outline.at(places - grid))
        off = dot(moved - outline.at(places), ahead) / outline.length
        places = places + blur_round(np.clip(off, -grid, grid), SMOOTH)
    # Ascending by at least a hundredth of the even step.
    steps = np.maximum(np.diff(places, append=places[0] + 1), 0.01 / places.size)
    steps /= steps.sum()
    ascending = np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    return ascending + float((places - ascending).mean())


def blur_round(values: Floats, sigma: float) -> Floats:
    """A closed row of numbers, blurred by a Gaussian along it."""
    waves = np.fft.rfft(values)
    turns = np.fft.rfftfreq(values.size)
    result: Floats = np.fft.irfft(waves * np.exp(-2 * (np.pi * sigma * turns) ** 2), values.size)
    return result
