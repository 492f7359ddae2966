"""Rules for names and for text that travels into jobs."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PureWindowsPath

from .errors import NameRuleError, PathJailError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
MAX_NAME = 64  # OpenJD 2023-09: names of steps, environments and parameters
MAX_JOB_NAME = 128  # OpenJD 2023-09: job name
MAX_TEXT = 1024  # OpenJD 2023-09: length of a STRING parameter
MAX_PATH = 1024
# Device names of Windows, which own every folder; a studio's shares are mounted there too.
RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))],
)


def check_name(value: str, *, field: str, max_length: int = MAX_NAME) -> str:
    """Return a name that is safe as a folder, a database key and a farm's layer name.

    Raises:
        NameRuleError: names the field, the rule and the fix.
    """
    if not value:
        raise NameRuleError(f"{field} is empty; give it a name such as 'sh010'", field=field)
    if len(value) > max_length:
        raise NameRuleError(
            f"{field} has {len(value)} characters, {max_length} are allowed; shorten {value[:40]!r}...",
            field=field,
        )
    if not NAME.match(value) or ".." in value or value.endswith("."):
        raise NameRuleError(
            f"{field} {value[:80]!r} may hold letters, digits, '_', '-' and single dots inside, "
            "and starts with a letter or digit; rename it",
            field=field,
        )
    if value.split(".", maxsplit=1)[0].lower() in RESERVED:
        raise NameRuleError(f"{field} {value!r} is a device name on Windows; choose another", field=field)
    return value


def check_text(value: str, *, field: str, max_length: int = MAX_TEXT) -> str:
    """Return text that may travel: no NUL, no newline, no other control or direction-changing characters.

    Raises:
        NameRuleError: names the field, the rule and the fix.
    """
    if len(value) > max_length:
        raise NameRuleError(
            f"{field} has {len(value)} characters, {max_length} are allowed; shorten it",
            field=field,
        )
    if value.isascii() and value.isprintable():  # nearly all text, and cuts bring it by the thousand
        return value
    for index, char in enumerate(value):
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            raise NameRuleError(
                f"{field} holds the character U+{ord(char):04X} at position {index}; "
                "control and direction characters are refused, remove it",
                field=field,
            )
    return value


def check_media_path(value: str, *, field: str) -> str:
    """Return an absolute, normalised path to existing media.

    Raises:
        PathJailError: the path is relative, climbs with '..', or is a UNC or device path.
        NameRuleError: it holds control characters or is too long.
    """
    check_text(value, field=field, max_length=MAX_PATH)
    is_absolute = value.startswith("/")
    if value.startswith(("//", "\\\\")) or (not is_absolute and PureWindowsPath(value).drive):
        raise PathJailError(
            f"{field} {value!r} is a network or drive path; map it to a mounted folder and give that",
            field=field,
            path=value,
        )
    if not is_absolute:
        raise PathJailError(f"{field} {value!r} is relative; give the absolute path", field=field, path=value)
    if ".." in value.split("/"):
        raise PathJailError(f"{field} {value!r} climbs with '..'; give the path it means", field=field, path=value)
    return value


def check_relative_path(value: str, *, field: str) -> str:
    """Return a path that stays below the folder it is joined to, on any operating system.

    Raises:
        PathJailError: it is absolute, empty, climbs, or holds a reserved or odd part.
        NameRuleError: it holds control characters or is too long.
    """
    check_text(value, field=field, max_length=MAX_PATH)
    parts = value.split("/")
    bad = (
        not value
        or "\\" in value
        or ":" in value
        or any(part in {"", ".", ".."} or part.endswith((" ", ".")) for part in parts)
        or any(part.split(".", maxsplit=1)[0].lower() in RESERVED for part in parts)
    )
    if bad:
        raise PathJailError(
            f"{field} {value[:120]!r} must stay below its folder: no '..', no leading '/', no '\\', no drive, "
            "no device name",
            field=field,
            path=value[:200],
        )
    return value


def plain_text(text: str) -> str:
    """Text that JSON, UTF-8 and PostgreSQL can hold: surrogates and NUL are written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def counted(number: int, word: str) -> str:
    """``1 task``, ``2 tasks``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
