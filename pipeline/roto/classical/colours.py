"""What colours a thing has, and what colours are around it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from .window import Field, Picture, Region

BINS = 20  # along each of three axes
REACH = 3.2  # standard deviations that the bins span, to either side
SPREAD = 0.9  # sigma of the histograms' smoothing, in bins
ENOUGH = 100_000  # px to find axes by
CERTAIN = 4.0  # no colour says more than this, in nats
FEW = 1e-5  # the share that a colour never seen is taken to have


@dataclass(frozen=True)
class Axes:
    """The axes along which colours are told apart: those of the picture around the thing, each of spread 1.

    Attributes:
        turn: (3, 4): a colour of three 8-bit numbers, and 1, becomes three bins.
    """

    turn: NDArray[np.float64]

    @classmethod
    def of(cls, picture: Picture) -> Axes:
        """The principal axes of a picture's colours."""
        every = max(picture.size // 3 // ENOUGH, 1)
        pixels = picture.reshape(-1, 3)[::every].astype(np.float64)
        middle = pixels.mean(axis=0)
        values, ways = np.linalg.eigh(np.cov((pixels - middle).T) + np.eye(3) * 4.0)
        scaled = (ways / np.sqrt(values)).T * (BINS / 2 / REACH)
        return cls(np.concatenate([scaled, (BINS / 2 - scaled @ middle)[:, np.newaxis]], axis=1))

    def bins(self, picture: Picture) -> NDArray[np.intp]:
        """(h, w): the number of the bin that each colour falls in."""
        along = np.clip(cv2.transform(picture.astype(np.float32), self.turn), 0, BINS - 1).astype(np.intp)
        return np.asarray((along[..., 0] * BINS + along[..., 1]) * BINS + along[..., 2], np.intp)


@dataclass(frozen=True)
class Colours:
    """Two histograms over the bins of some axes: of the thing, and of what is around it; each adds up to 1."""

    axes: Axes
    thing: Field
    around: Field

    @classmethod
    def of(cls, axes: Axes, bins: NDArray[np.intp], inside: Region, outside: Region) -> Colours:
        """Those of two regions of a picture."""
        return cls(axes, _histogram(bins[inside]), _histogram(bins[outside]))

    def mixed(self, other: Colours, *, thing: float, around: float) -> Colours:
        """Both, the other one at these weights."""
        return replace(
            self,
            thing=self.thing * np.float32(1 - thing) + other.thing * np.float32(thing),
            around=self.around * np.float32(1 - around) + other.around * np.float32(around),
        )

    def favour(self, bins: NDArray[np.intp]) -> Field:
        """(h, w) nats: above 0 where a colour is likelier the thing's."""
        ratio = np.log((self.thing + FEW) / (self.around + FEW)).astype(np.float32)
        return np.clip(ratio, -CERTAIN, CERTAIN)[bins]

    def weighed_favour(self, bins: NDArray[np.intp]) -> Field:
        """``favour``, less loud the more alike the two are."""
        return np.asarray(min(max(1.2 - self.overlap(), 0.15), 1.0) * self.favour(bins), np.float32)

    def overlap(self) -> float:
        """0 where no colour is in both, 1 where they are alike (Bhattacharyya's coefficient)."""
        return float(np.sqrt(self.thing * self.around).sum())


def learn_colours(picture: Picture, inner: Field) -> Colours:
    """Those of a thing on one picture, by its distances, and axes that suit them."""
    axes = Axes.of(picture)
    return Colours.of(axes, axes.bins(picture), inner > 1, inner < -1)


def _histogram(bins: NDArray[np.intp]) -> Field:
    counted = np.bincount(bins, minlength=BINS**3).astype(np.float32).reshape(BINS, BINS * BINS)
    first = cv2.GaussianBlur(counted, (1, 5), sigmaX=0.01, sigmaY=SPREAD, borderType=cv2.BORDER_REPLICATE)
    rest = [cv2.GaussianBlur(one.reshape(BINS, BINS), (5, 5), SPREAD, borderType=cv2.BORDER_REPLICATE) for one in first]
    made = np.asarray(rest, np.float32).reshape(-1)
    return np.asarray(made / max(float(made.sum()), 1.0), np.float32)
