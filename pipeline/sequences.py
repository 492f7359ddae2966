"""Numbered files: which files of a folder are frames of one sequence, and how their numbers are padded."""

from __future__ import annotations

import difflib
import itertools
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..schema.errors import BadRequestError, InputMissingError
from ..schema.frames import MAX_ABS_FRAME, MAX_FRAMES, frames_text

SHORT = 10  # digits; fewer always fit 32 bits
MAX_LOOKED_AT = 2000  # names of a folder that a mistyped one is compared with

# A minus belongs to the number behind a dot or an underscore; elsewhere it joins words, as in shot-010.exr.
_NUMBERED = re.compile(r"(?P<head>.*?)(?P<digits>(?:(?<![^._])-)?[0-9]+)(?P<tail>\.[A-Za-z0-9]+)\Z")


class Numbered(NamedTuple):  # a frozen dataclass takes five times as long to make, and folders hold thousands
    """The name of a frame, taken apart: ``plate.``, ``1001``, ``.exr``."""

    head: str
    digits: str
    tail: str

    @classmethod
    def parse(cls, name: str) -> Numbered | None:
        """Take a file's name apart; None when it is no frame's: a time such as ``20241231235958`` is no frame."""
        found = _NUMBERED.match(name)
        return cls(*found.groups()) if found and _is_frame(found[2]) else None

    @property
    def padding(self) -> int | None:
        """How many digits its sequence has at least, where this name tells: ``10`` may be of ``#`` or of ``##``."""
        width = _width(self.digits)
        return width if width == 1 or _has_zero(self.digits) else None


def numbers(folder: Path, head: str, tail: str, *, padding: int | None) -> list[str]:
    """The numbers of a sequence's files as they are written, in no order.

    Args:
        folder: where they lie.
        head: of their names, before the number.
        tail: of their names, behind the number.
        padding: how many digits they have at least; None: as few as one of them has.

    Raises:
        InputMissingError: the folder cannot be read.
        BadRequestError: no padding is given, and no one padding gives all files their names.
    """
    form = re.compile(re.escape(head) + r"(-?[0-9]+)" + re.escape(tail) + r"\Z")
    try:
        with os.scandir(folder) as entries:  # reads 10,000 names in one pass
            matches = [form.match(entry.name) for entry in entries]
    except OSError as error:
        raise InputMissingError(
            f"folder {folder} cannot be read: {error.strerror}; check the path", path=folder
        ) from error
    found = [match[1] for match in matches if match and _is_frame(match[1])]
    if padding is not None or not found:
        return _padded(found, padding or 1)
    fitting = _padded(found, padding_of(found))
    if len(fitting) < len(found):
        raise _two_paddings(folder, head, tail, fitting, sorted(set(found) - set(fitting)))
    return fitting


def padding_of(digits: Sequence[str]) -> int:
    """How many digits the shortest number has."""
    return min(map(_width, digits))


def is_padded(digits: str, padding: int) -> bool:
    """Whether a number is written so in a sequence of this padding; a longer one has no zero in front."""
    width = _width(digits)
    return width == padding or (width > padding and not _has_zero(digits))


def not_there(path: Path) -> InputMissingError:
    """What to say of a file that is not there: the frames its sequence has, the folder that is not, or its likes."""
    if not path.parent.is_dir():
        folder = next(folder for folder in path.parents if folder.is_dir())
        hint = (
            f"{folder} is there, {path.relative_to(folder).parts[0]!r} in it is not; check the path, or mount its disk"
        )
        return InputMissingError(f"{path} is not there", hint=hint, path=path)
    return _frame_not_there(path) or _name_not_there(path)


def _frame_not_there(path: Path) -> InputMissingError | None:
    found = Numbered.parse(path.name)
    if found is None:
        return None
    digits = numbers(path.parent, found.head, found.tail, padding=found.padding or _width(found.digits))
    frames = sorted({int(one) for one in digits} - {int(found.digits)})  # a link to nowhere is no frame
    if not frames:
        return None
    pattern = path.with_name(f"{found.head}{'#' * padding_of(digits)}{found.tail}")
    return InputMissingError(
        f"{path} is not there: frame {int(found.digits)} is missing; the sequence has {frames_text(frames)}",
        hint=f"name one of those frames, or the sequence: {pattern}",
        path=path,
        frame=int(found.digits),
    )


def _name_not_there(path: Path) -> InputMissingError:
    with os.scandir(path.parent) as entries:
        names = [entry.name for entry in itertools.islice(entries, MAX_LOOKED_AT)]
    near = [str(path.with_name(name)) for name in difflib.get_close_matches(path.name, names, n=3)]
    hint = f"did you mean: {', '.join(near)}" if near else f"check the name; folder {path.parent} is there"
    return InputMissingError(f"{path} is not there", hint=hint, path=path)


def is_alone(digits: str, others: Sequence[str]) -> bool:
    """Whether no other number is so near that both can be frames of one sequence."""
    return all(digits == other or abs(int(digits) - int(other)) >= MAX_FRAMES for other in others)


def _is_frame(digits: str) -> bool:
    if len(digits) < SHORT and digits[0] != "-":
        return True
    number = int(digits)
    return abs(number) <= MAX_ABS_FRAME and not (number == 0 and digits[0] == "-")


def _padded(found: list[str], padding: int) -> list[str]:
    if {len(digits) for digits in found} == {padding} and not any(digits[0] == "-" for digits in found):
        return found  # nearly every sequence
    return [digits for digits in found if is_padded(digits, padding)]


def _width(digits: str) -> int:
    return len(digits.lstrip("-"))


def _has_zero(digits: str) -> bool:
    return digits.lstrip("-")[0] == "0"


def _two_paddings(folder: Path, head: str, tail: str, fitting: Sequence[str], left: Sequence[str]) -> BadRequestError:
    other = left[0]
    one = min(fitting, key=lambda digits: (int(digits) != int(other), int(digits)))
    pattern = f"{head}{'#' * _width(other)}{tail}"
    return BadRequestError(
        f"{head}{one}{tail} and {head}{other}{tail} in {folder} are padded differently: two sequences; name one of "
        f"them by its first frame, or by its padding, such as {pattern}",
        path=folder / f"{head}#{tail}",
    )
