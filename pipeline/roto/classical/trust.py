"""How sure one is of what was found on a frame, and why not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cut import distances
from .sight import Sight
from .window import Field, Region

DOUBT = 0.5  # below this a frame is given a reason
LOST = 0.12  # below this the thing is taken to be gone
FOLLOWS_PX = 1.0
EDGE_PX, RING_PX = 0.5, 6.0  # what is looked at on both sides of an edge: from here, up to there
CORE_PX = 1.5


@dataclass(frozen=True)
class Doubt:
    """One measure of trust, 0 to 1.

    Attributes:
        value: what was measured.
        none, full: values that give a trust of 0 and of 1.
        reason: for people, with the measure in per cent.
    """

    value: float
    none: float
    full: float
    reason: str

    @property
    def trust(self) -> float:
        """0 to 1."""
        return min(max((self.value - self.none) / (self.full - self.none), 0.0), 1.0)

    def __str__(self) -> str:
        """The reason in words."""
        return self.reason.format(round(100 * self.value))


@dataclass(frozen=True)
class Verdict:
    """The least trust, and its reason; empty where there is little doubt.

    Attributes:
        lost: what was found is not the thing.
    """

    confidence: float
    reason: str = ""
    lost: bool = False


def judge(sight: Sight, foretold: Field, region: Region, evidence: Field, left: float) -> Verdict:
    """What to think of a region.

    Args:
        sight: of both frames.
        foretold: distances as motion had them.
        region: what was found.
        evidence: nats of colour and motion, above 0 for the thing.
        left: of its usual area.
    """
    doubts = [
        Doubt(_followed(sight), 0.15, 0.7, "only {} % of it could be followed from the frame before"),
        Doubt(_shared(foretold > 0, region), 0.4, 0.85, "its outline shares only {} % with what its motion foretold"),
        Doubt(_same_size(sight, region), 0.45, 0.85, "its area changed at once, to a share of {} %"),
        Doubt(
            told_apart(distances(region), evidence),
            0.6,
            0.85,
            "only {} % along its edge tells it from what is around it",
        ),
    ]
    lost = min(doubt.trust for doubt in doubts) < LOST
    worst = min(
        [*doubts, Doubt(left, 0.05, 0.75, "only {} % of its usual area is seen")], key=lambda doubt: doubt.trust
    )
    return Verdict(worst.trust, str(worst) if worst.trust < DOUBT else "", lost)


def told_apart(inner: Field, evidence: Field) -> float:
    """Share of the pixels along an edge (given by distances), on both sides, whose evidence is for their side."""
    within, without = (inner > EDGE_PX) & (inner < RING_PX), (inner < -EDGE_PX) & (inner > -RING_PX)
    if not without.any():
        return float((inner > 0).any())  # it fills all that is looked at
    if not within.any():
        return 0.0
    return float((np.mean(evidence[within] > 0) + np.mean(evidence[without] < 0)) / 2)


def _followed(sight: Sight) -> float:
    core = sight.inner > CORE_PX
    return float(np.mean(sight.flow.lost[core] < FOLLOWS_PX)) if core.any() else 0.0


def _same_size(sight: Sight, region: Region) -> float:
    areas = sorted((float(region.sum()), float((sight.inner > 0).sum())))
    return areas[0] / max(areas[1], 1.0)


def _shared(one: Region, other: Region) -> float:
    return float((one & other).sum()) / max(float((one | other).sum()), 1.0)
