"""Small files that claim, or hold, far more than they look: pictures and movies by name."""

from __future__ import annotations

import functools
import os
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

from shotmill.pipeline.movies import encoder_program

MOST = 2**31 - 1
PADDING = 4 << 20  # readers look whether the size of the file fits what it claims
NOISE = functools.cache(os.urandom)


def png(width: int, height: int, rows: bytes, *, bits: int = 8, kind: int = 2, padding: int = 0) -> bytes:
    """A PNG; kind 2 is RGB, 6 is RGBA."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    extra = chunk(b"teST", NOISE(padding)) if padding else b""
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def black_rows(width: int, height: int) -> bytes:
    """Compressed rows of a black RGB picture; a thousandth of its size."""
    made = zlib.compressobj(1)
    return b"".join(made.compress(bytes(width * 3 + 1)) for _ in range(height)) + made.flush()


def tiff(width: int, height: int, *, after: int = 0) -> bytes:
    """A grey TIFF of one strip of four bytes; ``after`` is where the next part is said to lie (12: this one)."""
    tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, height), (279, 4)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return (
        b"II*\0" + struct.pack("<I", 12) + bytes(4) + struct.pack("<H", len(tags)) + entries + struct.pack("<I", after)
    )


def dpx(width: int, height: int) -> bytes:
    """A 10-bit RGB DPX with sixteen bytes of picture."""
    made = bytearray(2064)
    struct.pack_into(">4sI4s", made, 0, b"SDPX", 2048, b"V1.0\0")
    struct.pack_into(">I", made, 16, len(made))
    struct.pack_into(">II", made, 24, 1664, 384)
    struct.pack_into(">HHII", made, 768, 0, 1, width, height)
    struct.pack_into(">BBBBHHI", made, 800, 50, 2, 2, 10, 1, 0, 2048)
    return bytes(made)


def exr(data: tuple[int, ...], display: tuple[int, ...], *, channels: int = 3, padding: int = 0) -> bytes:
    """A ZIP EXR of half channels, without its blocks."""

    def attribute(name: bytes, kind: bytes, value: bytes) -> bytes:
        return name + b"\0" + kind + b"\0" + struct.pack("<i", len(value)) + value

    names = (f"{'RGB'[n]}" if channels == len("RGB") else f"c{n:04d}" for n in range(channels))
    listed = b"".join(name.encode() + b"\0" + struct.pack("<iIii", 1, 0, 1, 1) for name in sorted(names)) + b"\0"
    return b"".join(
        [
            struct.pack("<ii", 20000630, 2),
            attribute(b"channels", b"chlist", listed),
            attribute(b"compression", b"compression", b"\3"),
            attribute(b"dataWindow", b"box2i", struct.pack("<iiii", *data)),
            attribute(b"displayWindow", b"box2i", struct.pack("<iiii", *display)),
            attribute(b"lineOrder", b"lineOrder", b"\0"),
            attribute(b"pixelAspectRatio", b"float", struct.pack("<f", 1)),
            attribute(b"screenWindowCenter", b"v2f", struct.pack("<ff", 0, 0)),
            attribute(b"screenWindowWidth", b"float", struct.pack("<f", 1)),
            b"\0",
            NOISE(padding) if padding else b"",
        ]
    )


def jpeg_of(size: tuple[int, int], jpeg: bytes, *, frame: int = 1) -> bytes:
    """A JPEG, or a movie of them, whose frame (counted from 1) claims another size, and all after it."""
    made, at, seen = bytearray(jpeg), 0, 0
    while (at := made.find(b"\xff\xc0\0\x11", at)) >= 0:
        seen += 1
        if seen >= frame:
            struct.pack_into(">HH", made, at + 5, *size)
        at += 4
    assert seen >= frame
    return bytes(made)


@functools.cache
def movie(suffix: str, codec: str, size: str = "64x64") -> bytes:
    """Three black frames."""
    path = Path(f"/proc/self/fd/{(handle := os.memfd_create('movie'))}")
    words = ["-f", "lavfi", "-i", f"color=black:s={size}", "-frames:v", "3", "-c:v", codec, "-pix_fmt", "yuvj420p"]
    where = [encoder_program(), "-y", "-v", "error", *words, "-f", suffix, str(path)]
    subprocess.run(where, check=True, pass_fds=[handle], capture_output=True)
    with os.fdopen(handle, "rb") as made:
        made.seek(0)
        return made.read()


def patched(content: bytes, box: bytes, offset: int, form: str, *values: int) -> bytes:
    """A movie with numbers in one of its boxes replaced."""
    made = bytearray(content)
    struct.pack_into(form, made, made.index(box) + 4 + offset, *values)
    return bytes(made)


def long_matroska() -> bytes:
    """A Matroska movie whose length is a number of a billion digits."""
    made = movie("matroska", "libx264")
    at = made.index(b"00:00:00.", made.index(b"DURATIOND"))
    return made[:at] + b"0:0:1e999999999\0\0\0" + made[at + 18 :]


SMALL, HUGE, LARGE = (0, 0, 15, 15), (0, 0, 2**30, 2**30), (0, 0, 21_999, 21_999)
PICTURES: dict[str, Callable[[], bytes]] = {
    "the largest number.png": lambda: png(MOST, MOST, b""),
    "a billion pixels.png": lambda: png(32_000, 32_000, zlib.compress(b""), padding=PADDING),
    "three gigabytes of 16 bit.png": lambda: png(20_000, 20_000, b"", bits=16, kind=6, padding=PADDING),
    "the largest number.tif": lambda: tiff(MOST, MOST),
    "four hundred million pixels.tif": lambda: tiff(20_000, 20_000),
    "the largest number.dpx": lambda: dpx(MOST, MOST),
    "sixteen thousand square.dpx": lambda: dpx(16_000, 16_000) + NOISE(PADDING),
    "windows of a billion lines.exr": lambda: exr(HUGE, HUGE),
    "a display of a billion lines.exr": lambda: exr(SMALL, HUGE),
    "a large display, little in it.exr": lambda: exr(SMALL, LARGE, padding=PADDING),
    "a large data window.exr": lambda: exr(LARGE, SMALL, padding=PADDING),
    "a window inside out.exr": lambda: exr((9, 9, 0, 0), SMALL),
    "a thousand channels.exr": lambda: exr((0, 0, 7_999, 3_999), (0, 0, 7_999, 3_999), channels=1000, padding=PADDING),
    "a window over the edge of numbers.exr": lambda: exr((-MOST, -MOST, MOST, MOST), SMALL),
    "the largest number.bmp": lambda: (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, MOST, MOST, 1, 24, *[0] * 6)
    ),
    "the largest number.hdr": f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {MOST} +X {MOST}\n".encode,
    "the largest number.tga": lambda: (
        struct.pack("<BBBHHBHHHHBB", 0, 0, 10, 0, 0, 0, 0, 0, 65_535, 65_535, 32, 0) + bytes(9)
    ),
    "sixty-five thousand square.jpg": lambda: jpeg_of((65_500, 65_500), movie("mjpeg", "mjpeg")),
}
MOVIES: dict[str, Callable[[], bytes]] = {
    "nine thousand square.mov": lambda: movie("mov", "mjpeg", "9216x9216"),
    "a frame larger than the header.mov": lambda: jpeg_of((65_500, 65_500), movie("mov", "mjpeg"), frame=2),
    "two billion frames of one length.mov": lambda: patched(movie("mov", "mjpeg"), b"stts", 8, ">I", MOST),
    "two billion frames of one size.mov": lambda: patched(movie("mov", "mjpeg"), b"stsz", 4, ">II", 1, MOST),
    "a list of other files.mov": lambda: b"#EXTM3U\n#EXTINF:10.0,\n/etc/passwd\n#EXT-X-ENDLIST\n",
    "a list of other movies.mov": lambda: b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "an address.mov": lambda: b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n",
}  # fmt: skip
