"""The text of cubes, many numbers at once: the bytes of OpenColorIO's baker, in a fifth of its time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..schema.luts import LutFormat

Bytes = NDArray[np.uint8]
PLACES = 6  # behind the point, of fixed numbers
MOST = 9.0  # one digit before the point
WIDTH = PLACES + 4  # sign, digit, point, places, and what stands between
POINT, MINUS, BLANK, BREAK = (ord(char) for char in ".- \n")
GROUP = 10_000

# Numbers of eight digits, as C's %.8g writes them; those between 0 and LEAST have an exponent.
SIGNIFICANT, LEAST, DECIMALS = 8, 1e-4, 11
COLUMN, WIDEST = 11, len("-1.2345678e-05")  # where a number is wider than those before it, the column grows
ROOM = WIDEST - 1  # blanks, at most
SIGN, DIGIT, DOT, FIRST = ROOM, ROOM + 1, ROOM + 2, ROOM + 3  # where they stand in a field
FIELD = FIRST + DECIMALS + 1
CHUNK = 3 * 2048  # numbers at once: what is made of them stays in the cache

_NO_ID = "urn:uuid:00000000-0000-0000-0000-000000000000"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n<ProcessList {said} id="{id}">\n'
_CUBE_OPENS = '    <LUT3D inBitDepth="32f" outBitDepth="32f">\n        <Array dim="{n} {n} {n} 3">\n'
_CUBE_ENDS = "        </Array>\n    </LUT3D>\n</ProcessList>\n"
_SAID = {
    LutFormat.CLF: 'compCLFversion="3" xmlns="http://www.smpte-ra.org/ns/2136-1/2024"',
    LutFormat.CTF: 'version="1.3"',
}


def cube_text(nodes: NDArray[np.float32], form: LutFormat) -> str | None:
    """A cube as the text of a format, with an id of zeros where the format has ids.

    Args:
        nodes: (n, n, n, 3), the first axis blue and the third red.
        form: one of ``WRITTEN``.

    Returns:
        None where a number needs more than one digit before its point, or is none.
    """
    if not (np.abs(nodes) < MOST).all():
        return None
    return _FORMS[form](nodes, form)


def _plain(nodes: NDArray[np.float32], form: LutFormat) -> str:
    del form
    return f"LUT_3D_SIZE {len(nodes)}\n{_fixed(nodes)}"


def _cinespace(nodes: NDArray[np.float32], form: LutFormat) -> str:
    del form
    straight = "2\n0.000000 1.000000\n0.000000 1.000000\n" * 3
    size = f"{len(nodes)} {len(nodes)} {len(nodes)}"
    return f"CSPLUTV100\n3D\n\nBEGIN METADATA\nEND METADATA\n\n{straight}\n{size}\n{_fixed(nodes)}\n"


def _common(nodes: NDArray[np.float32], form: LutFormat) -> str:
    head = _XML.format(said=_SAID[form], id=_NO_ID) + _CUBE_OPENS.format(n=len(nodes))
    return head + _significant(np.ascontiguousarray(nodes.transpose(2, 1, 0, 3))) + _CUBE_ENDS


_FORMS: dict[LutFormat, Callable[[NDArray[np.float32], LutFormat], str]] = {
    LutFormat.CUBE: _plain,
    LutFormat.RESOLVE_CUBE: _plain,
    LutFormat.CSP: _cinespace,
    LutFormat.CLF: _common,
    LutFormat.CTF: _common,
}
WRITTEN = frozenset(_FORMS)


def _fixed(nodes: NDArray[np.float32]) -> str:
    """Three numbers a line, six places each."""
    values = nodes.reshape(-1).astype(np.float64)
    fields = np.empty((len(values), WIDTH), dtype=np.uint8)
    fields[:, 0] = np.signbit(values) * np.uint8(MINUS)
    digits = _digits(*_split(np.rint(np.abs(values) * 10**PLACES).astype(np.int64)))
    fields[:, 1], fields[:, 2], fields[:, 3:-1] = digits[:, 1], POINT, digits[:, 2:]
    return _lines(fields)


def _significant(nodes: NDArray[np.float32]) -> str:
    """Three numbers a line, eight digits each without zeros at their end, in columns."""
    values = nodes.reshape(-1)
    column, lines = COLUMN, []
    for first in range(0, len(values), CHUNK):
        text, column = _columns(values[first : first + CHUNK].astype(np.float64), column)
        lines.append(text)
    return "".join(lines)


def _columns(values: NDArray[np.float64], column: int) -> tuple[str, int]:
    """Some whole lines of it, and how wide a column is behind them."""
    sizes = np.abs(values)
    leading = sum((sizes < edge).astype(np.intp) for edge in (1.0, 0.1, 0.01, 0.001))  # zeros, to the first digit
    whole = np.rint(sizes * _SCALES.take(leading)) * _FILLS.take(leading)  # exact: 24 bits by 26
    rest, low = _split(whole.astype(np.int64))
    high, middle = _split(rest)
    empty = _ZEROS.take(low) + (low == 0) * (_ZEROS.take(middle) + (middle == 0) * np.minimum(_ZEROS.take(high), 3))
    kind = 2 * (DECIMALS - empty) + np.signbit(values)
    lengths = _LENGTHS.take(kind)
    rare = {at: b"%.8g" % values[at] for at in np.flatnonzero((sizes < LEAST) & (sizes > 0))}
    for at, text in rare.items():
        lengths[at] = len(text)
    widths = np.maximum.accumulate(np.maximum(lengths, column))
    digits = _digits(high, middle, low)
    fields = _FRAMES.take(kind * WIDEST + widths - lengths, axis=0)
    fields[:, DIGIT] = digits[:, 0]
    np.bitwise_and(digits[:, 1:], _KEPT.take(kind, axis=0), out=fields[:, FIRST:-1])
    for at, text in rare.items():
        fields[at, ROOM:] = np.frombuffer(text.ljust(FIELD - ROOM, b"\0"), dtype=np.uint8)
    return _lines(fields), int(widths[-1])


def _split(whole: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Without their last four digits, and these: numpy's ``divmod`` takes three times as long."""
    rest = whole // GROUP
    return rest, whole - rest * GROUP


def _digits(*groups: NDArray[np.int64]) -> Bytes:
    """The characters of numbers that are given as groups of four digits."""
    return np.stack([_DIGITS.take(group) for group in groups], axis=1).view(np.uint8)


def _lines(fields: Bytes) -> str:
    fields[:, -1] = BLANK
    fields[2::3, -1] = BREAK
    return fields.tobytes().translate(None, b"\0").decode("ascii")


def _frames() -> tuple[Bytes, Bytes]:
    """What stands around digits: by places behind the point, whether the number is negative, and blanks before it.

    And which of its decimals stay: by places and sign alone.
    """
    frames = np.zeros((DECIMALS + 1, 2, WIDEST, FIELD), dtype=np.uint8)
    frames[..., :ROOM] = np.tri(WIDEST, ROOM, -1, dtype=np.uint8) * np.uint8(BLANK)
    frames[:, 1, :, SIGN] = MINUS
    frames[1:, :, :, DOT] = POINT
    kept = np.repeat(np.tri(DECIMALS + 1, DECIMALS, -1, dtype=np.uint8) * np.uint8(0xFF), 2, axis=0)
    return frames.reshape(-1, FIELD), kept


_DIGITS = np.frombuffer(b"".join(b"%04d" % number for number in range(GROUP)), dtype=np.uint32)  # four characters each
_ZEROS = np.sum([np.arange(GROUP) % ten == 0 for ten in (10, 100, 1000, GROUP)], axis=0)  # at the end of four digits
_SCALES = 10.0 ** np.arange(SIGNIFICANT - 1, DECIMALS + 1)
_FILLS = _SCALES[::-1] / _SCALES[0]
_FRAMES, _KEPT = _frames()
_LENGTHS = np.count_nonzero(_FRAMES[::WIDEST], axis=1) + 1 + np.count_nonzero(_KEPT, axis=1)
