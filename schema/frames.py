"""Frame sets: text such as ``1001-1096,1100-1200x2`` and the frames it means, ascending and unique."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from .errors import FrameSpecError

MAX_FRAMES = 1_000_000  # more than eleven hours at 24 fps: beyond it a range is a typing error
MAX_ABS_FRAME = 2**31 - 1  # task parameters are 32-bit integers in several farms
_PLAIN_RANGE = re.compile(r"(-?[0-9]{1,10})-(-?[0-9]{1,10})")  # what nearly all ranges are; fileseq reads the rest
_SPEC_CHARACTERS = frozenset("0123456789-,:x ")
MAX_DIGITS = 12
MAX_SPEC_LENGTH = 4000  # OpenCue: width of the range column


@dataclass(frozen=True, slots=True)
class FrameSet:
    """Ascending, unique frame numbers."""

    frames: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> FrameSet:
        """Read ``1-10``, ``1-10x2``, ``-5--1``, ``1-3,7`` and unions of them.

        Raises:
            FrameSpecError: says what is wrong and shows the form that works.
        """
        cleaned = text.strip()
        if not cleaned:
            raise FrameSpecError("the frame range is empty; give one such as 1001-1096", field="frames")
        if len(cleaned) <= MAX_DIGITS and cleaned.isascii() and cleaned.removeprefix("-").isdigit():
            return cls.of((int(cleaned),))
        if (plain := _PLAIN_RANGE.fullmatch(cleaned)) and int(plain[1]) <= int(plain[2]):
            _check_count(int(plain[2]) - int(plain[1]) + 1)
            return cls.of(range(int(plain[1]), int(plain[2]) + 1))
        from fileseq.exceptions import FileSeqException  # noqa: PLC0415 - heavy: 40 ms, and few commands read a range
        from fileseq.frameset import FrameSet as Parsed  # noqa: PLC0415 - same

        if len(cleaned) > MAX_SPEC_LENGTH:
            raise FrameSpecError(
                f"the frame range has {len(cleaned)} characters, {MAX_SPEC_LENGTH} are allowed; "
                "split the job or use steps such as 1-100x2",
                field="frames",
            )
        if not cleaned.isascii() or any(char not in _SPEC_CHARACTERS for char in cleaned):
            raise FrameSpecError(
                f"frame range {cleaned[:80]!r} holds characters that no range has; write it as 1001-1096 or 1-100x2",
                field="frames",
            )
        try:
            found = Parsed(cleaned.replace(":", "x"))
            frames = tuple(sorted({int(frame) for frame in found}))
        except (FileSeqException, ValueError, OverflowError) as error:
            raise FrameSpecError(
                f"frame range {cleaned[:80]!r} cannot be read; write it as 1001-1096, 1-100x2 or 1-5,9",
                field="frames",
            ) from error
        return cls.of(frames)

    @classmethod
    def of(cls, frames: Iterable[int]) -> FrameSet:
        """The set of these frames.

        Raises:
            FrameSpecError: none, too many, or numbers outside 32 bits.
        """
        ordered = tuple(sorted(set(frames)))
        if not ordered:
            raise FrameSpecError("the frame range holds no frame; give one such as 1001-1096", field="frames")
        _check_count(len(ordered))
        if max(abs(ordered[0]), abs(ordered[-1])) > MAX_ABS_FRAME:
            raise FrameSpecError(
                f"frame {ordered[-1]} does not fit 32 bits; check the range for a typing error",
                field="frames",
            )
        return cls(ordered)

    @classmethod
    def span(cls, first: int, last: int) -> FrameSet:
        """All frames from first to last, both included; see ``of``."""
        _check_count(last + 1 - first)  # before a typing error fills the memory
        return cls.of(range(first, last + 1))

    def chunks(self, size: int, *, contiguous: bool = False) -> list[FrameSet]:
        """Split into sets of at most ``size`` frames, in order; contiguous ones never cross a gap."""
        pieces: list[FrameSet] = []
        start = 0
        for index in range(1, len(self.frames) + 1):
            full = index - start == size
            gap = contiguous and index < len(self.frames) and self.frames[index] != self.frames[index - 1] + 1
            if full or gap or index == len(self.frames):
                pieces.append(FrameSet(self.frames[start:index]))
                start = index
        return pieces

    def minus(self, other: Iterable[int]) -> tuple[int, ...]:
        """Frames of this set that are not in the other."""
        gone = set(other)
        return tuple(frame for frame in self.frames if frame not in gone)

    @property
    def first(self) -> int:
        """The lowest frame."""
        return self.frames[0]

    @property
    def last(self) -> int:
        """The highest frame."""
        return self.frames[-1]

    @property
    def openjd(self) -> str:
        """The set as an OpenJD range expression, such as ``1-9:2,20``."""
        return str(self).replace("x", ":")

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[int]:
        return iter(self.frames)

    def __contains__(self, frame: object) -> bool:
        return frame in self.frames

    def __str__(self) -> str:
        return frames_text(self.frames)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Read from text, written as text."""
        del source, handler
        return core_schema.no_info_plain_validator_function(
            _validate,
            serialization=core_schema.to_string_ser_schema(),
            json_schema_input_schema=core_schema.str_schema(pattern=r"^[0-9x:,\- ]+$"),
        )


def _check_count(frames: int) -> None:
    if frames > MAX_FRAMES:
        raise FrameSpecError(
            f"the frame range holds {frames} frames, {MAX_FRAMES} are allowed; split the job",
            field="frames",
        )


def _validate(value: object) -> FrameSet:
    if isinstance(value, FrameSet):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return FrameSet.of([value])
    if isinstance(value, str):
        try:
            return FrameSet.parse(value)
        except FrameSpecError as error:
            raise ValueError(error.message) from error
    raise ValueError("a frame range is text such as 1001-1096")


def frames_text(frames: Sequence[int]) -> str:
    """The shortest plain text for ascending frames: ``1-5,9-21x4``; equal sets give equal text."""
    if len(frames) == 1:  # what most tasks are
        return str(frames[0])
    if len(frames) > 1 and frames[-1] - frames[0] == len(frames) - 1:
        return f"{frames[0]}-{frames[-1]}"
    parts: list[str] = []
    index = 0
    while index < len(frames):
        end, step = _run_end(frames, index)
        if end == index:
            parts.append(str(frames[index]))
        elif step == 1:
            parts.append(f"{frames[index]}-{frames[end]}")
        else:
            parts.append(f"{frames[index]}-{frames[end]}x{step}")
        index = end + 1
    return ",".join(parts)


def _run_end(frames: Sequence[int], start: int) -> tuple[int, int]:
    """Where the run of equal steps that begins at ``start`` ends; stepped runs need three frames."""
    if start + 1 >= len(frames):
        return start, 1
    step = frames[start + 1] - frames[start]
    end = start + 1
    while end + 1 < len(frames) and frames[end + 1] - frames[end] == step:
        end += 1
    if step > 1 and end - start < 2:  # noqa: PLR2004 - two frames are not yet a step
        return start, 1
    return end, step
