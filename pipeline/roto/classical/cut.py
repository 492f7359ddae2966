"""From evidence for each pixel to one region, and to distances from its edge."""

from __future__ import annotations

import cv2
import numpy as np

from ..metrics import signed_distance
from .window import FAR, Field, Region

ROUNDS = 5
NEAR = 1.6  # sigma, px: how far a pixel listens to its neighbours
PULL = 3.0  # nats: how loudly they speak when they all agree
SMOOTH = 0.7  # sigma, px: of the distances, so that an edge between pixels is no staircase


def settle(evidence: Field, *, rounds: int = ROUNDS) -> Field:
    """(h, w) shares 0..1 of being inside, once each pixel has listened to its neighbours.

    Source:
        mean-field inference with one Gaussian kernel, after P. Krähenbühl and V. Koltun, "Efficient Inference in Fully
        Connected CRFs with Gaussian Edge Potentials", NeurIPS 2011.
    """
    vote = np.tanh(evidence / 2)
    for _ in range(rounds):
        vote = np.tanh((evidence + np.float32(PULL) * blur(vote, NEAR)) / 2)
    return np.asarray((vote + 1) / 2, np.float32)


def decide(evidence: Field, core: Region, *, rounds: int = ROUNDS) -> Region:
    """The region that evidence (nats, above 0 inside) speaks for, without specks and pinholes; see ``tidy``."""
    return tidy(settle(evidence, rounds=rounds) > 0.5, core)  # noqa: PLR2004 - half


def blur(field: Field, sigma: float) -> Field:
    """A Gaussian blur."""
    return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)


def distances(region: Region) -> Field:
    """(h, w) px, above 0 inside, cut off at ``FAR``; smooth, so that the edge lies between pixels."""
    return blur(np.clip(signed_distance(region), -FAR, FAR), SMOOTH)


def tidy(region: Region, core: Region) -> Region:
    """Without specks and pinholes: pieces that touch ``core`` or are large stay, small holes close."""
    area = int(region.sum())
    kept = _without(region, least=max(area // 20, 4), core=core)
    return ~_without(~kept, least=max(area // 100, 4), core=~(core | kept))


def _without(region: Region, *, least: int, core: Region) -> Region:
    _, numbered, facts, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8), connectivity=4)
    labels, areas = np.asarray(numbered, np.intp), np.asarray(facts)[:, cv2.CC_STAT_AREA]
    stays = areas >= least
    touched = np.zeros(areas.size, bool)
    touched[labels[core & region]] = True
    stays |= touched & (areas >= least // 4)
    stays[0] = False
    return np.asarray(stays[labels])
