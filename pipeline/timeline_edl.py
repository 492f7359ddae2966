"""Drop-frame timecode in an EDL: by the mark in its codes, else by the line ``FCM: DROP FRAME`` above its events.

Its reader knows the marks alone. Runs in the reading process and imports nothing of ours.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import chain, repeat

DROP_RATES = (Fraction(30000, 1001), Fraction(60000, 1001))
_CODE = re.compile(r"\b(\d\d):(\d\d):(\d\d)([:;.])(\d\d)\b")
_SOURCE = 2  # codes in an event before those of the cut


def counted_text(text: str, rate: Fraction) -> tuple[str, bool]:
    """An EDL whose codes are marked as they count, and whether the cut's own timecode is drop-frame.

    Codes without a mark under ``FCM: DROP FRAME`` get theirs, unless codes elsewhere are marked, or are numbers that
    drop-frame leaves out: then the line says nothing. Of later lines, each speaks of the source codes that follow.

    Source:
        CMX 3600: FCM, "frame code mode". SMPTE ST 12-1: the numbers that are left out.
    """
    if rate not in DROP_RATES:
        return text, False
    lines = text.splitlines(keepends=True)
    events = [_CODE.findall(line) for line in lines if line[:1].isdigit()]
    if any(code[3] in ";." for codes in events for code in codes):
        return text, any(code[3] in ";." for codes in events for code in codes[_SOURCE:])
    modes = [_mode(line) for line in lines if not line[:1].isdigit()]
    if next((mode for mode in modes if mode is not None), None) is not True:
        return text, False
    marked = _marked(lines)
    first_frames = 2 if rate == DROP_RATES[0] else 4
    if any(_is_left_out(code, first_frames) for line in marked for code in _CODE.findall(line) if line[:1].isdigit()):
        return text, False
    return "".join(marked), True


def _mode(line: str) -> bool | None:
    """What a line says of the codes below it: drop-frame, not, or nothing."""
    name, _, mode = line.partition(":")
    if name.strip().upper() != "FCM":
        return None
    return mode.strip().upper().startswith("DROP")


def _marked(lines: list[str]) -> list[str]:
    """Events with marks: the cut's codes by the first line that speaks of them, those of sources by the last."""
    marked, drops = [], True
    for line in lines:
        if line[:1].isdigit():
            marked.append(_with_marks(line, ";" if drops else ":"))
        else:
            mode = _mode(line)
            drops = drops if mode is None else mode
            marked.append(line)
    return marked


def _with_marks(event: str, source: str) -> str:
    """An event whose first two codes have the mark of its source, and all others that of drop-frame."""
    marks = chain((source, source), repeat(";"))
    return _CODE.sub(lambda code: _with(code, next(marks)), event)


def _with(code: re.Match[str], mark: str) -> str:
    return f"{code[1]}:{code[2]}:{code[3]}{mark}{code[5]}"


def _is_left_out(code: tuple[str, ...], first_frames: int) -> bool:
    _hours, minutes, seconds, mark, frame = code
    return mark == ";" and minutes[1] != "0" and seconds == "00" and int(frame) < first_frames
