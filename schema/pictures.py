"""Parameters that all jobs which make pictures share, and the rule that picks a frame."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .frames import FrameSet
from .job import ClipParams
from .media import as_value_error
from .names import check_text


def _text(field: str) -> AfterValidator:
    def check(value: str | None) -> str | None:
        return value if value is None else as_value_error(check_text, value, field=field)

    return AfterValidator(check)


class PictureFormat(StrEnum):
    """How pictures for people are stored."""

    JPG = "jpg"
    PNG = "png"


# `middle` first, so that text which is a number is read as one.
FrameChoice = Literal["middle", "first", "last"] | int


class LookParams(ClipParams):
    """Parameters of a job that shows pixels to people.

    Attributes:
        display, view: names of the OCIO config; None: the studio's own.
        colourspace: of every clip; None: the clip's own, else found from the file.
    """

    display: Annotated[str | None, _text("display")] = Field(
        default=None, description="OCIO display that pictures are made for; empty: the studio's sRGB display"
    )
    view: Annotated[str | None, _text("view")] = Field(
        default=None, description="OCIO view of that display; empty: its default view"
    )
    colourspace: Annotated[str | None, _text("colourspace")] = Field(
        default=None, description="OCIO colour space the media are in; empty: found from each file"
    )


class PictureParams(LookParams):
    """Parameters of a job that writes pictures for people."""

    format: PictureFormat = Field(default=PictureFormat.JPG, description="File format of the picture")
    quality: int = Field(default=92, ge=1, le=100, description="Quality of a JPEG; PNG is always lossless")


FRAME_HELP = "Which frame to show: middle, first, last, or a frame number in the file's own counting (movies from 0)"


def pick_frame(choice: FrameChoice, wanted: FrameSet, *, marked: int | None = None, holes: Collection[int] = ()) -> int:
    """The frame to show.

    ``middle`` is the frame marked on the clip, else the existing frame nearest to the middle of the range (the earlier
    of two equally near). ``first`` and ``last`` are the first and last that exist. A number is itself, there or not:
    whoever asks for a frame gets that frame or an error, never another one.

    Args:
        choice: what the artist asked for.
        wanted: the clip's frames, holes included.
        marked: the frame that the clip itself asks for.
        holes: frames that are known to be missing.
    """
    if isinstance(choice, int):
        return choice
    if choice == "middle" and marked is not None:
        return marked
    there = wanted.minus(holes) or wanted.frames
    if choice == "first":
        return there[0]
    if choice == "last":
        return there[-1]
    middle = (wanted.first + wanted.last) // 2
    return min(there, key=lambda frame: (abs(frame - middle), frame))


def spread_frames(count: int, wanted: FrameSet, *, holes: Collection[int] = ()) -> list[int]:
    """At most ``count`` frames, evenly spaced from the first to the last, each the nearest one that exists."""
    there = wanted.minus(holes) or wanted.frames
    if count >= len(there):
        return list(there)
    if count == 1:
        return [pick_frame("middle", wanted, holes=holes)]
    last = len(there) - 1
    return [there[(2 * index * last + count - 1) // (2 * (count - 1))] for index in range(count)]
