"""One object's figures over all frames, and which of its frames should be looked at."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ....schema.roto_qc import (
    AgainstReference,
    CheckKind,
    FrameToCheck,
    ObjectFrame,
    ObjectQc,
    ReferenceSummary,
    Stability,
)
from .figures import Figures, Part, cut_out, edge_change, measured
from .jumps import deviations, enclosed, jump_places, surprises

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .figures import FloatImage

HALF = 0.5  # of the coverage: where an outline is
GAP = 2  # frames between two to check that are checked with them
LEAST_ROW = 6  # frames, below which nothing says what is usual


@dataclass(frozen=True)
class Limits:
    """What makes a frame worth a look.

    Attributes:
        confidence: below it.
        size_px: how far area, width or height must jump at least, as the edge's movement outwards.
        edge_px: how far the edge must move this way and that at least, on average.
        centre_px: same of the centre.
        outline_share: same of the outline's length, as a share of it.
    """

    confidence: float = 0.5
    size_px: float = 0.6
    edge_px: float = 0.35
    centre_px: float = 1.0
    outline_share: float = 0.08


@dataclass(frozen=True)
class Said:
    """What a backend said of an object on a frame."""

    confidence: float = 1.0
    reason: str = ""


@dataclass(frozen=True)
class _Seen:
    frame: int
    said: Said
    figures: Figures | None
    edge: float | None
    reference: AgainstReference | None


@dataclass
class Track:
    """What is known of one object; keeps the last matte's cut, and a few numbers a frame."""

    name: str
    limits: Limits = field(default_factory=Limits)
    _seen: list[_Seen] = field(default_factory=list)
    _before: tuple[Part, Figures] | None = None

    def add(self, frame: int, matte: FloatImage, said: Said, reference: FloatImage | None) -> None:
        """Look at the next frame's matte."""
        part = cut_out(matte)
        figures = measured(part) if part else None
        edge = None
        if part and figures and self._before:
            edge = edge_change(part, figures, *self._before)
        self._before = (part, figures) if part and figures else None
        beside = None if reference is None else _beside(matte, reference)
        self._seen.append(_Seen(frame, said, figures, edge, beside))

    def to_check(self) -> list[FrameToCheck]:
        """The frames of this object that should be looked at, ascending."""
        why: dict[int, dict[CheckKind, str]] = {}
        for seen in self._begun():
            if seen.figures is None:
                why.setdefault(seen.frame, {})[CheckKind.EMPTY] = "the matte is empty"
        for seen in self._seen:
            if seen.said.confidence < self.limits.confidence:
                words = f"confidence {seen.said.confidence:.2f}"
                reason = f"{words}: {seen.said.reason}" if seen.said.reason else words
                why.setdefault(seen.frame, {})[CheckKind.CONFIDENCE] = reason
        for frame, found in self._jumps().items():
            why.setdefault(frame, {}).update(found)
        self._close_gaps(why)
        return [
            FrameToCheck(frame=frame, object=self.name, kinds=tuple(found), reasons=tuple(found.values()))
            for frame, found in sorted(why.items())
        ]

    def summary(self) -> ObjectQc:
        """All figures of this object."""
        least = min(self._seen, key=lambda seen: seen.said.confidence)
        return ObjectQc(
            name=self.name,
            min_confidence=least.said.confidence,
            min_confidence_frame=least.frame,
            mean_confidence=_mean([seen.said.confidence for seen in self._seen]),
            stability=self._stability(),
            reference=self._reference(),
            frames=tuple(_frame_of(seen) for seen in self._seen),
        )

    def _close_gaps(self, why: dict[int, dict[CheckKind, str]]) -> None:
        """What lies between two frames to check, and near to both, is looked at as well."""
        frames = [seen.frame for seen in self._seen]
        marked = [place for place, frame in enumerate(frames) if frame in why]
        for before, after in itertools.pairwise(marked):
            if after - before <= GAP + 1:
                words = f"between {frames[before]} and {frames[after]}, which are to be checked"
                why.update({frame: {CheckKind.BETWEEN: words} for frame in frames[before + 1 : after]})

    def _begun(self) -> list[_Seen]:
        """The frames from the first on which there is something: before it, nobody asked for anything."""
        first = next((place for place, seen in enumerate(self._seen) if seen.figures), 0)
        return self._seen[first:]

    def _jumps(self) -> dict[int, dict[CheckKind, str]]:
        row = self._begun()
        if sum(seen.figures is not None for seen in row) < LEAST_ROW:
            return {}
        frames = [seen.frame for seen in row]
        said: dict[int, dict[CheckKind, str]] = {}
        for measure in _measures(row, self.limits):
            for place in jump_places(measure.found, least=measure.least, upwards=measure.kind is CheckKind.EDGE):
                said.setdefault(place + 1, {})[measure.kind] = measure.words(float(measure.found[place]), place + 1)
        places = sorted(said)
        wrong = [place for place in sorted(enclosed(places, len(row))) if row[place].figures]
        return {
            frames[place]: said.get(place) or {CheckKind.BETWEEN: _between(frames, places, place)} for place in wrong
        }

    def _stability(self) -> Stability:
        edges = [seen.edge for seen in self._seen if seen.edge is not None]
        centres = np.array([(seen.figures.x, seen.figures.y) for seen in self._seen if seen.figures])
        jerk = np.diff(centres, n=2, axis=0) if len(centres) > 2 else np.empty((0, 2))  # noqa: PLR2004 - of a second difference
        return Stability(
            mean_edge_change_px=_mean(edges) if edges else None,
            worst_edge_change_px=max(edges) if edges else None,
            centre_jerk_px=float(np.sqrt((jerk**2).sum(axis=1).mean())) if len(jerk) else None,
        )

    def _reference(self) -> ReferenceSummary | None:
        known = [(seen.frame, seen.reference) for seen in self._seen if seen.reference]
        if not known:
            return None
        worst = min(known, key=lambda one: one[1].region_j)
        first, second = ([one.boundary_f1 for _, one in known], [one.boundary_f2 for _, one in known])
        return ReferenceSummary(
            frames=len(known),
            mean_j=_mean([one.region_j for _, one in known]),
            min_j=worst[1].region_j,
            min_j_frame=worst[0],
            mean_f1=_mean(first),
            mean_f2=_mean(second),
            min_f1=min(first),
            min_f2=min(second),
        )


@dataclass(frozen=True)
class _Measure:
    """How far each frame but the first is from what was to be expected, how small that may be, and in words."""

    kind: CheckKind
    found: NDArray[np.float64]
    least: float
    words: Callable[[float, int], str]


def _measures(row: Sequence[_Seen], limits: Limits) -> list[_Measure]:
    """What is looked at; lengths are in pixels, so that a jump of one is as large as it looks."""
    outlines = [seen.figures.outline if seen.figures else math.nan for seen in row]
    size = float(np.nanmedian(outlines))
    areas = _row(row, lambda one: one.area)

    def by_area(found: float, place: int) -> str:
        return f"the area jumps by {100 * found * size / areas[place - 1]:+.0f} %"

    def by_pixels(what: str) -> Callable[[float, int], str]:
        return lambda found, _place: f"the {what} jumps by {abs(found):.1f} px"

    def by_share(found: float, _place: int) -> str:
        return f"the outline is {100 * abs(math.expm1(found)):.0f} % {'longer' if found > 0 else 'shorter'} at once"

    edges = [math.nan if seen.edge is None else seen.edge for seen in row[1:]]
    scalars = (
        (CheckKind.AREA, [area / size for area in areas], limits.size_px, by_area),
        (CheckKind.CENTRE, _row(row, lambda one: one.x), limits.centre_px, by_pixels("centre")),
        (CheckKind.CENTRE, _row(row, lambda one: one.y), limits.centre_px, by_pixels("centre")),
        (CheckKind.SPREAD, _row(row, lambda one: one.spread_x), limits.size_px, by_pixels("width")),
        (CheckKind.SPREAD, _row(row, lambda one: one.spread_y), limits.size_px, by_pixels("height")),
        (CheckKind.OUTLINE, [math.log(outline) for outline in outlines], limits.outline_share, by_share),
    )
    made = [_Measure(kind, surprises(values), least, words) for kind, values, least, words in scalars]
    return [*made, _Measure(CheckKind.EDGE, deviations(edges), limits.edge_px, by_pixels("edge"))]


def _row(row: Sequence[_Seen], figure: Callable[[Figures], float]) -> list[float]:
    """One figure of every frame; NaN where the matte is empty."""
    return [figure(seen.figures) if seen.figures else math.nan for seen in row]


def _between(frames: Sequence[int], places: Sequence[int], place: int) -> str:
    before = [frames[one] for one in places if one <= place]
    after = [frames[one] for one in places if one > place]
    if before and after:
        return f"between jumps on {before[-1]} and {after[0]}"
    return f"after a jump on {before[-1]}" if before else f"before a jump on {after[0]}"


def _beside(matte: FloatImage, reference: FloatImage) -> AgainstReference:
    from ..metrics import boundary_f, region_j  # noqa: PLC0415 - heavy: OpenCV

    mask: NDArray[np.bool_] = matte > HALF
    truth: NDArray[np.bool_] = reference > HALF
    return AgainstReference(
        region_j=region_j(mask, truth),
        boundary_f1=boundary_f(mask, truth, tolerance_px=1),
        boundary_f2=boundary_f(mask, truth, tolerance_px=2),
    )


def _frame_of(seen: _Seen) -> ObjectFrame:
    return ObjectFrame(
        frame=seen.frame,
        confidence=seen.said.confidence,
        area_px=seen.figures.area if seen.figures else 0.0,
        edge_change_px=seen.edge,
        reference=seen.reference,
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
