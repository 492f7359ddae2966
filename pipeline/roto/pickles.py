"""What is in a pickle, told without loading it: loading one runs whatever it names."""

from __future__ import annotations

import pickletools
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

ZIP, PICKLE = b"PK\x03\x04", b"\x80"
MOST_PICKLED = 64 * 1024 * 1024  # of a checkpoint, without its tensors; they lie beside it
LEGACY = 5  # pickles at the head of a file of torch's before 1.6: magic number, version, system, tensors, keys
STRINGS = frozenset(
    {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE", "STRING", "BINSTRING", "SHORT_BINSTRING"}
)
# What tensors and plain containers are made of; as torch's own loading of weights alone has it.
PLAIN = re.compile(
    r"collections (OrderedDict|Counter)|(builtins|__builtin__) (set|bytearray|complex)|_codecs encode"
    r"|torch(\.storage|\.cuda)? \w+Storage|torch (Size|device|u?int\d+|b?float\d+|complex\d+|bool)"
    r"|torch\._utils _rebuild_(tensor|tensor_v2|parameter)|torch\.nn\.parameter Parameter"
    r"|torch\.serialization _get_layout"
)


def calls_in(path: Path) -> list[str]:
    """What loading a file would call beyond making tensors and plain containers, such as ``os system``; sorted.

    Args:
        path: a checkpoint; one that is neither a pickle nor an archive with one calls nothing.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(len(ZIP))
    if start == ZIP:
        pickles = _archived(path)
    elif start[:1] == PICKLE:
        pickles = _at_the_head(path)
    else:
        return []
    return sorted({name for one in pickles for name in _named(one) if not PLAIN.fullmatch(name)})


def _archived(path: Path) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            for one in archive.infolist():
                if one.filename.endswith(".pkl"):
                    with archive.open(one) as stream:
                        yield stream.read(MOST_PICKLED)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return  # no archive after all, or one that nothing opens


def _at_the_head(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        rest = BytesIO(file.read(MOST_PICKLED))
    for _ in range(LEGACY):
        start = rest.tell()
        if not rest.getvalue()[start:].startswith(PICKLE):
            return
        try:
            for _code in pickletools.genops(rest):
                pass
        except ValueError:
            rest.seek(0, 2)
        yield rest.getvalue()[start : rest.tell()]


def _named(content: bytes) -> Iterator[str]:
    """Module and name of each thing that a pickle asks for; what cannot be told is ``unknown``."""
    strings: list[str | None] = [None, None]  # the two things that were pushed last, where they are texts
    memo: dict[int, str | None] = {}
    try:
        for code, given, _place in pickletools.genops(content):
            if code.name in {"GLOBAL", "INST"}:
                yield str(given)
            elif code.name == "STACK_GLOBAL":
                yield " ".join(strings[-2:]) if None not in strings[-2:] else "unknown"  # type: ignore[arg-type]
            elif code.name.startswith("EXT"):
                yield "unknown"
            if code.name == "MEMOIZE":
                memo[len(memo)] = strings[-1]
            elif code.name in {"PUT", "BINPUT", "LONG_BINPUT"}:
                memo[int(given or 0)] = strings[-1]
            elif code.name in {"GET", "BINGET", "LONG_BINGET"}:
                strings.append(memo.get(int(given or 0)))
            elif code.name not in {"PROTO", "FRAME"}:
                strings.append(str(given) if code.name in STRINGS else None)
            del strings[:-2]
    except ValueError:
        return  # cut short; whoever loads it says so
