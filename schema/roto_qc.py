"""``qc.json``: how steady and how sure mattes are, frame by frame, and which frames a person should look at."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .base import Document
from .media import Rate

QC_VERSION = 1
FIRST_FRAME_TARGET_S = 0.5  # a click answered before the artist looks up
PROPAGATION_TARGET_FPS = 10.0
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class CheckKind(StrEnum):
    """Why a frame should be looked at; ``between``: it lies between two frames that jump."""

    CONFIDENCE = "confidence"
    EMPTY = "empty"
    AREA = "area"
    CENTRE = "centre"
    SPREAD = "spread"
    OUTLINE = "outline"
    EDGE = "edge"
    BETWEEN = "between"


class Verdict(StrEnum):
    """Whether a target was met; targets are for graphics cards, and are not measured elsewhere."""

    MET = "met"
    MISSED = "missed"
    NOT_MEASURED = "not measured"


class FrameToCheck(Document):
    """One object on one frame that a person should look at.

    Attributes:
        kinds: for programs.
        reasons: the same for people, such as ``the area jumps by 14 %``.
    """

    frame: int
    object: str
    kinds: tuple[CheckKind, ...] = Field(min_length=1)
    reasons: tuple[str, ...]


class AgainstReference(Document):
    """A matte beside a reference of the same frame, both cut at one half.

    Attributes:
        region_j: shared area over the area of both.
        boundary_f1, boundary_f2: agreement of the outlines within 1 and 2 pixels.
    """

    region_j: Share
    boundary_f1: Share
    boundary_f2: Share


class ObjectFrame(Document):
    """One object on one frame.

    Attributes:
        confidence: of the backend, 0 to 1.
        area_px: sum of the coverage, in stored pixels.
        edge_change_px: how far the outline moved against the frame before, on average, apart from the movement,
            turning and growth of the whole object; None where there is no frame before.
        reference: None where no reference was given.
    """

    frame: int
    confidence: Share
    area_px: Amount
    edge_change_px: Amount | None = None
    reference: AgainstReference | None = None


class Stability(Document):
    """How steady an object's matte is over the frames.

    Attributes:
        mean_edge_change_px, worst_edge_change_px: of ``ObjectFrame.edge_change_px``; None with fewer than two frames.
        centre_jerk_px: root mean square of the centre's second difference in time.
    """

    mean_edge_change_px: Amount | None = None
    worst_edge_change_px: Amount | None = None
    centre_jerk_px: Amount | None = None


class ReferenceSummary(Document):
    """An object beside its reference over all frames that have one."""

    frames: int = Field(ge=1)
    mean_j: Share
    min_j: Share
    min_j_frame: int
    mean_f1: Share
    mean_f2: Share
    min_f1: Share
    min_f2: Share


class ObjectQc(Document):
    """One object over all frames.

    Attributes:
        min_confidence_frame: where it is lowest.
    """

    name: str
    min_confidence: Share
    min_confidence_frame: int
    mean_confidence: Share
    stability: Stability
    reference: ReferenceSummary | None = None
    frames: tuple[ObjectFrame, ...]


class RotoSpeed(Document):
    """How long the work took, and on what; None: it was not measured.

    Attributes:
        device: its name, such as ``NVIDIA A100`` or ``AMD EPYC 7763``.
        is_gpu: whether that is a graphics card.
        first_frame_s: from a frame and its prompts to the first mask.
        propagation_fps: frames per second of the propagation, all objects of it together.
        export_s: of all vector formats together.
    """

    device: str = ""
    is_gpu: bool = False
    first_frame_s: Amount | None = None
    propagation_fps: Amount | None = None
    export_s: Amount | None = None


class Target(Document):
    """What is wanted of a speed, and what it was."""

    name: str
    wanted: str
    measured: Amount | None
    verdict: Verdict


class RotoQc(Document):
    """``qc.json`` of a roto.

    Attributes:
        width, height: of the mattes in stored pixels.
        frames: how many there are.
        to_check: by frame, then object.
        to_check_share: frames with anything to check over all frames.
        targets: the speeds that are promised on a graphics card.
    """

    qc_version: int = QC_VERSION
    first: int
    last: int
    frames: int = Field(ge=1)
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    rate: Rate
    to_check: tuple[FrameToCheck, ...] = ()
    to_check_share: Share = 0.0
    objects: tuple[ObjectQc, ...]
    speed: RotoSpeed = Field(default_factory=RotoSpeed)
    targets: tuple[Target, ...] = ()


def speed_targets(speed: RotoSpeed) -> tuple[Target, ...]:
    """The targets of interactive and of farm work, judged only where a graphics card did the work."""
    return (
        _target("first frame", f"under {FIRST_FRAME_TARGET_S:g} s", speed, speed.first_frame_s, most=True),
        _target(
            "propagation", f"at least {PROPAGATION_TARGET_FPS:g} frames/s", speed, speed.propagation_fps, most=False
        ),
    )


def _target(name: str, wanted: str, speed: RotoSpeed, measured: float | None, *, most: bool) -> Target:
    if measured is None or not speed.is_gpu:
        return Target(name=name, wanted=wanted, measured=measured, verdict=Verdict.NOT_MEASURED)
    met = measured < FIRST_FRAME_TARGET_S if most else measured >= PROPAGATION_TARGET_FPS
    return Target(name=name, wanted=wanted, measured=measured, verdict=Verdict.MET if met else Verdict.MISSED)
