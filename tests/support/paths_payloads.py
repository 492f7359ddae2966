"""Paths made to lead elsewhere, to name devices, or to be another path to another system: 200 payloads and more."""

from __future__ import annotations

_CLIMBING = ("..", "../x", "../../x", "x/../..", "x/../../y", "./../x", "x/./../../y", "..//x", "x/..", "x//..//..//y")
_DOTS = (
    ".",
    "./x",
    "x/.",
    "x/./y",
    "...",
    "x/.../y",
    " ..",
    ".. ",
    "..\t",
    "..;/x",
    "..%2fx",
    "%2e%2e/x",
    "x/%2e%2e/y",
)
_ABSOLUTE = ("/", "/x", "//x", "///x", "/etc/passwd", "/dev/null", "/dev/zero", "/proc/self/mem", "/proc/self/root/x")
_WINDOWS = (
    "\\", "\\x", "..\\x", "x\\..\\..\\y", "C:", "C:x", "C:\\x", "C:/x", "c:..\\x", "\\\\server\\share\\x",
    "//server/share/x", "\\\\?\\C:\\x", "\\\\.\\PhysicalDrive0", "x:stream", "x::$DATA", "file:///x", "http://x/y",
)  # fmt: skip
_RESERVED = (
    "con",
    "CON",
    "nul",
    "Nul.txt",
    "prn",
    "aux.exr",
    "com1",
    "COM9.png",
    "lpt1",
    "x/con",
    "x/nul.exr",
    "con/x",
)
_ENDINGS = ("x.", "x ", "x..", "x. ", "x/y.", "x/y ", "x./y", "x /y", "x/", "x//", "x//y", "")
_CONTROL = (
    "\0",
    "x\0",
    "x\0/../y",
    "x\ny",
    "x\ry",
    "x\ty",
    "\x1b[2Jx",
    "\x7f",
    "\u202ex",
    "x\u2028y",
    "\udcffx",
    "x\u200b",
)
_LONG = ("x" * 1025, "x/" * 600, "../" * 400, "/" + "x" * 1024, "x" * 100_000, "\u00e9" * 1025)
_BASES = (*_CLIMBING, *_DOTS, *_ABSOLUTE, *_WINDOWS, *_RESERVED, *_ENDINGS, *_CONTROL, *_LONG)
# Each also behind a sound folder, in front of a sound file, and with a suffix, where that makes it no better.
_MORE = (
    *(f"frames/{one}" for one in (*_CLIMBING[:3], *_RESERVED, *_ENDINGS[:4], *_CONTROL, "../../x", "../../../x")),
    *(f"{one}/frame.exr" for one in (*_CLIMBING, *_ABSOLUTE, *_WINDOWS, *_RESERVED[:9], *_CONTROL, *_LONG[:4])),
    *(f"{one}.exr" for one in (*_ABSOLUTE[1:], *_RESERVED[:9], *_CONTROL[1:], "..\\x", "C:x", "../x", "x/../../y")),
    *("/".join([".."] * depth) + "/etc/passwd" for depth in range(1, 25)),
)
PATHS = tuple(dict.fromkeys((*_BASES, *_MORE)))
HARMLESS = ("..;/x", "..%2fx", "%2e%2e/x", "x/%2e%2e/y")  # odd names that lead nowhere
HOSTILE = tuple(one for one in PATHS if one not in HARMLESS)
