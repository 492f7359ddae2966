"""Fonts for tests, made of the built-in one: no font with letters of East Asia is shipped."""

from __future__ import annotations

import struct
from pathlib import Path

from shotmill.pipeline.images.pixels import FONT_FOLDER


def font_with(path: Path, letters: str, *, like: str = "A") -> Path:
    """Write a font that has these letters alone; each looks as the built-in font's ``like``.

    Its table of letters has one group for each, as format 12 of OpenType's ``cmap`` says.
    """
    source = (FONT_FOLDER / "DroidSans.ttf").read_bytes()
    tables = _tables(source)
    glyph = _glyph(tables[b"cmap"], ord(like))
    groups = b"".join(struct.pack(">3L", ord(one), ord(one), glyph) for one in sorted(letters))
    body = struct.pack(">HHLLL", 12, 0, 16 + len(groups), 0, len(letters)) + groups
    tables[b"cmap"] = struct.pack(">HHHHL", 0, 1, 3, 10, 12) + body
    path.write_bytes(_joined(source[:12], tables))
    return path


def _tables(font: bytes) -> dict[bytes, bytes]:
    count = struct.unpack(">H", font[4:6])[0]
    rows = (struct.unpack(">4sLLL", font[12 + 16 * row : 28 + 16 * row]) for row in range(count))
    return {name: font[start : start + length] for name, _sum, start, length in rows}


def _glyph(cmap: bytes, letter: int) -> int:
    """By the segments of format 4, whose glyphs lie at an offset or follow from the letter."""
    starts = [struct.unpack(">HHL", cmap[4 + 8 * row : 12 + 8 * row]) for row in range(cmap[3])]
    at = next(start for _platform, _encoding, start in starts if cmap[start : start + 2] == b"\0\4")
    half = struct.unpack(">H", cmap[at + 6 : at + 8])[0] // 2
    ends, begins, deltas, offsets = (
        struct.unpack(f">{half}H", cmap[place : place + 2 * half])
        for place in (at + 14, *(at + 16 + 2 * half * part for part in (1, 2, 3)))
    )
    row = next(number for number, end in enumerate(ends) if end >= letter)
    if not offsets[row]:
        return int((letter + deltas[row]) % 65536)
    place = at + 16 + 6 * half + 2 * row + offsets[row] + 2 * (letter - begins[row])
    return int(struct.unpack(">H", cmap[place : place + 2])[0])


def _joined(head: bytes, tables: dict[bytes, bytes]) -> bytes:
    at, rows, bodies = 12 + 16 * len(tables), b"", b""
    for name, body in sorted(tables.items()):
        rows += struct.pack(">4sLLL", name, 0, at + len(bodies), len(body))
        bodies += body + b"\0" * (-len(body) % 4)
    return head + rows + bodies
