"""``qc.json``: what a technical check of a medium found, frame by frame, and the limits that it was checked against."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue, model_validator

from .base import Document
from .frames import FrameSet
from .media import Rate, Window

QC_VERSION = 1
SAMPLE = r"^(half|float|\d{1,2} bit( (video|full) range)?)?$"
Share = Annotated[float, Field(ge=0, le=1)]


class Severity(StrEnum):
    """How bad a finding is: ``error`` has to be mended, ``warning`` looked at, ``note`` known."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class FindingKind(StrEnum):
    """What can be found; see ``docs/qc.md`` for each."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    RANGE = "range"
    RESOLUTION = "resolution"
    ASPECT = "aspect"
    WINDOW = "window"
    CHANNELS = "channels"
    DEPTH = "depth"
    RATE = "rate"
    NAN = "nan"
    INFINITE = "infinite"
    CEILING = "ceiling"
    NEGATIVE = "negative"
    LEGAL = "legal"
    CLIPPED = "clipped"
    BLACK = "black"
    FLAT = "flat"
    FROZEN = "frozen"
    DUPLICATE = "duplicate"
    FLASH = "flash"
    EXPOSURE = "exposure"
    GAMMA = "gamma"
    COLOUR = "colour"


# How bad each is where the params say nothing else.
SEVERITIES: dict[FindingKind, Severity] = {
    FindingKind.MISSING: Severity.ERROR,
    FindingKind.UNREADABLE: Severity.ERROR,
    FindingKind.RANGE: Severity.ERROR,
    FindingKind.RESOLUTION: Severity.ERROR,
    FindingKind.ASPECT: Severity.ERROR,
    FindingKind.WINDOW: Severity.WARNING,
    FindingKind.CHANNELS: Severity.ERROR,
    FindingKind.DEPTH: Severity.WARNING,
    FindingKind.RATE: Severity.ERROR,
    FindingKind.NAN: Severity.ERROR,
    FindingKind.INFINITE: Severity.ERROR,
    FindingKind.CEILING: Severity.WARNING,
    FindingKind.NEGATIVE: Severity.WARNING,
    FindingKind.LEGAL: Severity.WARNING,
    FindingKind.CLIPPED: Severity.NOTE,
    FindingKind.BLACK: Severity.ERROR,
    FindingKind.FLAT: Severity.WARNING,
    FindingKind.FROZEN: Severity.WARNING,
    FindingKind.DUPLICATE: Severity.WARNING,
    FindingKind.FLASH: Severity.WARNING,
    FindingKind.EXPOSURE: Severity.WARNING,
    FindingKind.GAMMA: Severity.WARNING,
    FindingKind.COLOUR: Severity.NOTE,
}

# Where forms show what is allowed, and what frames should be.
LIMIT: dict[str, JsonValue] = {"group": "Limits", "advanced": True}
EXPECTED: dict[str, JsonValue] = {"group": "Expected", "advanced": True}


class QcLimits(Document):
    """What makes a frame worth a finding.

    Levels count from black, 0, to white, 1: the largest code of an integer file, 1.0 of a floating-point file, from
    legal black to legal white in video range.
    """

    black_mean: float = Field(
        default=0.002, ge=0, le=1, title="Black, mean",
        description="a frame is black where its mean is at most this level (0 is black, 1 is white) ...",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    black_max: float = Field(
        default=0.02, ge=0, le=1, title="Black, max",
        description="... and no pixel is above this level; log plates: about 0.11",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    same: float = Field(
        default=0.002, ge=0, le=1, title="Same",
        description="two frames are the same where they differ by no more than this level on average; 0: not at all",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    frozen_allow: int = Field(
        default=0, ge=0, le=10_000, title="Frozen, allowed",
        description="frames in a row that may equal the one before, such as 1 for animation on twos",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    duplicate_back: int = Field(
        default=2000, ge=0, le=100_000, title="Duplicates, how far back",
        description="frames back that nearly the same one is looked for; exactly the same ones are always found",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    ceiling: float = Field(
        default=65_504.0, gt=0, title="Ceiling",
        description="largest value that a floating-point pixel may have; half holds 65504",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    negative: Share = Field(
        default=0.01, title="Negative",
        description="share of a channel's pixels that may be negative",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    legal: Share = Field(
        default=0.01, title="Illegal",
        description="share of a movie's pixels that may be under or over legal range; EBU R 103: 0.01",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    clipped_high: Share = Field(
        default=0.05, title="Clipped, top",
        description="share of a channel's pixels that may lie at the top of the encoding",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    clipped_low: Share = Field(
        default=0.5, title="Clipped, bottom",
        description="share of a channel's pixels that may lie at the bottom of an integer encoding",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    flash: float = Field(
        default=0.1, gt=0, le=1, title="Flash",
        description="jump of the mean level, there and back, that makes one frame a flash (0 is black, 1 is white)",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    exposure: float = Field(
        default=0.25, gt=0, le=20, title="Exposure jump",
        description="stops that the same picture may become brighter or darker from one frame to the next",
        json_schema_extra=LIMIT,
    )  # fmt: skip
    gamma: float = Field(
        default=0.1, gt=0, le=5, title="Gamma jump",
        description="how far the contrast of the same picture may change from one frame to the next; 0.1 is a tenth",
        json_schema_extra=LIMIT,
    )  # fmt: skip


class QcExpected(Document):
    """What a medium should be; what is left open is as its first frame that can be read."""

    width: int = Field(
        default=0, ge=0, le=1_000_000, title="Width", description="pixels that a frame must be wide; 0: as the first"
    )
    height: int = Field(
        default=0, ge=0, le=1_000_000, title="Height", description="pixels that a frame must be high; 0: as the first"
    )
    pixel_aspect: float = Field(
        default=0.0, ge=0, le=100, title="Pixel aspect",
        description="width of a pixel over its height, such as 2 for anamorphic; 0: as the first",
        json_schema_extra=EXPECTED,
    )  # fmt: skip
    sample: str = Field(
        default="", pattern=SAMPLE, title="Stored as",
        description="how pixels must be stored: half, float, such as 10 bit, and for a movie its range too, such as "
        "'10 bit video range'; empty: as the first",
        json_schema_extra=EXPECTED,
    )  # fmt: skip


class Spots(Document):
    """Pixels of one kind in a channel: how many, and the first of them, from the display window's upper left corner."""

    count: int = Field(ge=1)
    x: int
    y: int


class ChannelFigures(Document):
    """One channel of one frame.

    Attributes:
        low, high: levels of its finite pixels, see ``QcLimits``; None where it has none.
        mean: level, of every second row from 540 rows on; what is no number counts as 0.
        pixels: how many it has.
        clipped_low, clipped_high: pixels at the bottom and the top of the encoding.
        illegal: under or over legal range.
    """

    name: str
    low: float | None
    high: float | None
    mean: float | None
    pixels: int
    clipped_low: int = 0
    clipped_high: int = 0
    nan: Spots | None = None
    infinite: Spots | None = None
    negative: Spots | None = None
    ceiling: Spots | None = None
    illegal: Spots | None = None


class FormFigures(Document):
    """How a frame is stored.

    Attributes:
        width, height: of the display window in pixels.
        window: the data window, from the display window's upper left corner.
        sample: such as ``half``, ``float``, ``10 bit``, ``8 bit video range``.
        rate: that the file itself says; None: it says none.
    """

    width: int
    height: int
    pixel_aspect: float
    window: Window
    channels: tuple[str, ...]
    sample: str
    rate: Rate | None = None


class FrameFigures(Document):
    """One frame that could be read.

    Attributes:
        brightness: mean level of its colour as people see it: of floating-point files, encoded with 1/2.4.
        content: hash of its pixels; equal pixels have equal hashes.
    """

    frame: int
    brightness: float
    content: str
    channels: tuple[ChannelFigures, ...]


class Finding(Document):
    """One thing that was found.

    Attributes:
        frame: in the medium's own numbering; None: it is about all of it.
        text: for people.
        channel: in which it is.
        x, y: the first pixel, from the display window's upper left corner; row 0 is the top.
        amount: what was measured; ``limit``: what it may be.
        like: the frame that it repeats.
    """

    frame: int | None
    kind: FindingKind
    severity: Severity
    text: str
    channel: str | None = None
    x: int | None = None
    y: int | None = None
    amount: float | None = None
    limit: float | None = None
    like: int | None = None


class QcReport(Document):
    """``qc.json`` of a medium.

    Attributes:
        frames: those that it should have; None: it could not be counted.
        form: of its first frame that could be read.
        errors, warnings, notes: how many findings there are of each.
        findings: by frame; those about all of the medium first.
        figures: of each frame that could be read.
    """

    qc_version: int = QC_VERSION
    clip: str
    media: str
    frames: FrameSet | None
    form: FormFigures | None
    limits: QcLimits
    errors: int
    warnings: int
    notes: int
    findings: tuple[Finding, ...] = ()
    figures: tuple[FrameFigures, ...] = ()

    @model_validator(mode="after")
    def _counts_fit(self) -> QcReport:
        for severity, count in zip(Severity, (self.errors, self.warnings, self.notes), strict=True):
            if count != sum(one.severity is severity for one in self.findings):
                raise ValueError(f"the number of {severity.value}s is not that of the findings")
        return self
