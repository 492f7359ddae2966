"""What media are: clips given to a job, and what a probe found in a file."""

from __future__ import annotations

import re
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, field_validator, model_validator
from pydantic_core import core_schema

from .base import Document
from .errors import ShotmillError
from .frames import FrameSet
from .names import check_media_path, check_name, check_text

MAX_RATE_TEXT = 40
_RATE = re.compile(r"\d{1,12}(?:\.\d{0,20}|/\d{1,12})?", re.ASCII)


def _shown(value: object) -> str:
    return repr(value if isinstance(value, float) else str(value)[:MAX_RATE_TEXT])


class Rate(Fraction):
    """Frames per second as an exact fraction: 23.976 means 24000/1001."""

    @classmethod
    def parse(cls, value: object) -> Rate:
        """Read ``24``, ``23.976``, ``24000/1001`` or a number; the NTSC decimals become exact.

        Raises:
            ValueError: not a rate between 1/100 and 1000 fps.
        """
        try:
            text = str(value).strip()
            exact = Fraction(text if _RATE.fullmatch(text) else "")  # it would compute an exponent such as 1e999999999
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(f"{_shown(value)} is not a frame rate; write 24, 23.976 or 24000/1001") from error
        for whole in (24, 30, 48, 60, 120):
            ntsc = Fraction(whole * 1000, 1001)
            if exact != whole and abs(exact - ntsc) < Fraction(5, 1000):  # cameras print 23.98
                exact = ntsc
        if not Fraction(1, 100) <= exact <= 1000:  # noqa: PLR2004 - the bounds the docstring gives
            raise ValueError(f"{_shown(value)} frames per second is out of bounds (0.01 to 1000)")
        return cls(exact)

    def __str__(self) -> str:
        return str(self.numerator) if self.denominator == 1 else f"{self.numerator}/{self.denominator}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Read from text or number, written as text."""
        del source, handler
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.to_string_ser_schema(),
            json_schema_input_schema=core_schema.str_schema(),
        )


def _named(field: str) -> AfterValidator:
    def check(value: str) -> str:
        return as_value_error(check_name, value, field=field)

    return AfterValidator(check)


def as_value_error(check: Any, value: str, *, field: str) -> str:
    """Run one of the rules of ``names`` where pydantic wants a ValueError."""
    try:
        return str(check(value, field=field))
    except ShotmillError as error:
        raise ValueError(error.message) from error


class EntityKind(StrEnum):
    """What a product can belong to."""

    SHOT = "shot"
    ASSET = "asset"
    SEQUENCE = "sequence"


class EntityRef(Document):
    """The shot, asset or sequence that a product belongs to.

    Attributes:
        project: code of the project.
        kind: shot, asset or sequence.
        parent: the sequence of a shot, the type of an asset (``plate``, ``character``); empty for a sequence.
        name: its own code.
    """

    project: Annotated[str, _named("project")]
    kind: EntityKind
    parent: str = ""
    name: Annotated[str, _named("name")]

    @model_validator(mode="after")
    def _parent_fits_kind(self) -> Self:
        if self.kind is EntityKind.SEQUENCE:
            if self.parent:
                raise ValueError("a sequence has no parent; leave it empty")
        else:
            as_value_error(check_name, self.parent, field="parent")
        return self

    @property
    def path(self) -> str:
        """``sq010/sh010`` for a shot, ``plate/hero`` for an asset, ``sq010`` for a sequence."""
        return f"{self.parent}/{self.name}" if self.parent else self.name

    def __str__(self) -> str:
        return f"{self.project}/{self.path}"


class MediaKind(StrEnum):
    """How the frames of a medium are stored."""

    MOVIE = "movie"
    SEQUENCE = "sequence"
    STILL = "still"


def _check_clip_name(value: str, *, field: str) -> str:
    if not value.strip():
        raise ValueError(f"{field} is empty; give it one, such as that of its file")
    return check_text(value, field=field)


class Clip(Document):
    """One medium that a job reads.

    Attributes:
        name: unique in its job; names the tile, the product key and the log line.
        media: absolute path: a movie, a still, or a sequence with its frame padding as ``#`` (``plate.####.exr``).
        frames: the frames to use, in the file's own numbering; movies count from 0. None: all there are.
        frame: the one frame to show; None: the middle one.
        colourspace: name in the OCIO config; None: found from the file, and an error if that fails.
        entity: whom results belong to; None: decided by the submitter.
        rate: frames per second; None: the file's own.
        holes: frames known to be missing from the sequence at submission.
        offline: the cut names media that is not there; only jobs that can show so get such clips.
    """

    name: Annotated[str, AfterValidator(lambda value: as_value_error(_check_clip_name, value, field="clip name"))]
    media: str
    frames: FrameSet | None = None
    frame: int | None = None
    colourspace: str | None = None
    entity: EntityRef | None = None
    rate: Rate | None = None
    holes: FrameSet | None = None
    offline: bool = False

    @field_validator("media")
    @classmethod
    def _media_is_a_safe_path(cls, value: str) -> str:
        return as_value_error(check_media_path, value, field="media")

    @field_validator("colourspace")
    @classmethod
    def _colourspace_is_text(cls, value: str | None) -> str | None:
        return None if value is None else as_value_error(check_text, value, field="colourspace")


class Window(Document):
    """A rectangle of pixels, origin at the top left, y downwards, as in OpenEXR."""

    x: int
    y: int
    width: int = Field(gt=0)
    height: int = Field(gt=0)


class MediaInfo(Document):
    """What a probe found in a medium; the shipped JSON Schema of ``shotmill probe --json``.

    Attributes:
        width, height: size of the display window as shown, in pixels as they are stored.
        data_window: where the stored pixels lie, when it differs from the display window.
        pixel_aspect: width of a pixel over its height, as shown.
        rotation: degrees that stored pictures are turned clockwise to be shown; ``mirrored``: after left and right were
            exchanged.
        frames: frame numbers that are there; movies count from 0.
        missing: gaps inside the first to last frame.
        timecode: SMPTE timecode of the first frame, ``hh:mm:ss:ff`` or with ``;`` for drop-frame.
        colourspace: name as found, and ``colourspace_from`` which rule found it.
        bits: bits per channel as stored; ``sample`` is ``uint`` or ``float``.
    """

    path: str
    kind: MediaKind
    container: str
    codec: str
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    data_window: Window | None = None
    pixel_aspect: float = Field(default=1.0, gt=0)
    rotation: int = 0
    mirrored: bool = False
    rate: Rate | None = None
    frames: FrameSet
    missing: FrameSet | None = None
    duration_s: float | None = None
    timecode: str | None = None
    colourspace: str | None = None
    colourspace_from: str | None = None
    channels: tuple[str, ...]
    bits: int
    sample: str
    parts: int = 1
    audio_streams: int = 0
    size_bytes: int
