"""SMPTE timecode: the code of a frame that lies some frames after another."""

from __future__ import annotations

import re
from fractions import Fraction

_CODE = re.compile(r"(\d\d):([0-5]\d):([0-5]\d)([:;.])(\d\d)\Z")
_HOURS = 24
DROP_RATES = (Fraction(30000, 1001), Fraction(60000, 1001))


def count_frames(timecode: str, rate: Fraction) -> int:
    """How many frames a timecode lies after ``00:00:00:00``.

    Args:
        timecode: ``hh:mm:ss:ff``, or with ``;`` before the frames for drop-frame.
        rate: frames per second.

    Raises:
        ValueError: no timecode, or one that this rate does not have.
    """
    return _parse(timecode, rate)[0]


def check_timecode(timecode: str, rate: Fraction) -> None:
    """Refuse what nobody means to type; tapes that ran on past midnight say 24 hours and more, and count on.

    Args:
        timecode: ``hh:mm:ss:ff``, or with ``;`` before the frames for drop-frame.
        rate: frames per second.

    Raises:
        ValueError: no timecode of a day, or one that this rate does not have.
    """
    count_frames(timecode, rate)
    if int(timecode[:2]) >= _HOURS:
        raise ValueError(f"{timecode!r} is not a timecode of a day, which ends at 23:59:59")


def advance(timecode: str, frames: int, rate: Fraction) -> str:
    """The timecode ``frames`` after (or, negative, before) another; it wraps after 24 hours.

    Args:
        timecode: ``hh:mm:ss:ff``, or with ``;`` before the frames for drop-frame.
        frames: how many frames later.
        rate: frames per second.

    Raises:
        ValueError: no timecode, or one that this rate does not have.

    Source:
        SMPTE ST 12-1: drop-frame leaves out the first two (at 60 fps four) numbers of each minute but every tenth.
    """
    number, base, dropped = _parse(timecode, rate)
    return _code(number + frames, base, dropped)


def timecode_of_frame(number: int, rate: Fraction, *, drop_frame: bool = False) -> str:
    """The timecode of the frame that lies ``number`` frames after midnight.

    Args:
        number: of the frame.
        rate: frames per second.
        drop_frame: count as drop-frame does; at rates that have none, it changes nothing.
    """
    return advance("00:00:00;00" if drop_frame and rate in DROP_RATES else "00:00:00:00", number, rate)


def _parse(timecode: str, rate: Fraction) -> tuple[int, int, int]:
    """The frame number, the numbers in a second, and how many drop-frame leaves out in a minute."""
    match = _CODE.match(timecode)
    if match is None:
        raise ValueError(f"{timecode!r} is not a timecode; it reads hh:mm:ss:ff")
    drop = match.group(4) in ";."
    if drop and rate not in DROP_RATES:
        raise ValueError(f"{timecode!r} is drop-frame, which {rate} fps does not have")
    base = -(-rate.numerator // rate.denominator)  # 23.976 counts 24 numbers a second
    dropped = base // 15 if drop else 0
    hours, minutes, seconds, count = (int(match.group(group)) for group in (1, 2, 3, 5))
    if count >= base:
        raise ValueError(f"{timecode!r} has frame {count}, but {rate} fps counts to {base - 1}")
    total_minutes = hours * 60 + minutes
    number = (total_minutes * 60 + seconds) * base + count - dropped * (total_minutes - total_minutes // 10)
    return number, base, dropped


def _code(number: int, base: int, dropped: int) -> str:
    per_ten = base * 600 - dropped * 9
    number %= per_ten * 144  # frames of a day
    tens, rest = divmod(number, per_ten)
    per_minute = base * 60 - dropped
    # the first minute of ten drops nothing
    skipped = dropped * (9 * tens + (max(0, rest - base * 60) // per_minute + (rest >= base * 60)))
    number += skipped
    seconds, frame = divmod(number, base)
    mark = ";" if dropped else ":"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{frame:02d}"
