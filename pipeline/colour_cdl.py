"""CDL files (.cc, .ccc, .cdl), read by OpenColorIO after a look at what they are."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
from pydantic import ValidationError

from ..schema.colour import Cdl
from ..schema.errors import ColourError
from .colour import OCIO_ERRORS
from .colour_files import check_xml
from .colour_missing import nearest_files
from .files import read_file

KINDS = (".cc", ".ccc", ".cdl")
MAX_CDL = 16 * 1024 * 1024  # a film's whole collection has one
SHOWN = 12


def read_cdl(text: str) -> Cdl:
    """The colour correction of a file.

    Args:
        text: the path of a .cc, .ccc or .cdl file; ``#ID`` after it chooses one of a collection.

    Raises:
        ColourError: the file cannot be read, is none of these, or holds several corrections and no ID chooses one.
    """
    path, wanted = _split(text)
    _check(path)
    try:
        found = list(ocio.CDLTransform.CreateGroupFromFile(str(path)))
    except OCIO_ERRORS as error:
        raise ColourError(
            f"{path} holds no CDL that can be read: {_reason(error)}", hint="export it again", path=path
        ) from error
    return _cdl(path, _chosen(path, found, wanted))


def _split(text: str) -> tuple[Path, str]:
    """The path and the ID; a file whose own name has a ``#`` is that file."""
    path, mark, wanted = text.rpartition("#")
    if not mark or Path(text).is_file():
        return Path(text).absolute(), ""
    return Path(path).absolute(), wanted


def _check(path: Path) -> None:
    if path.suffix.lower() not in KINDS:
        raise ColourError(f"{path} is no CDL file; give one of {', '.join(KINDS)}", hint="--cdl FILE[#ID]", path=path)
    try:
        content = read_file(path, most=MAX_CDL)
    except FileNotFoundError as error:
        near = nearest_files(path.name, [path.parent], kinds=KINDS)
        raise ColourError(f"CDL file {path} is not there; {near}", hint="--cdl FILE[#ID]", path=path) from error
    except OSError as error:
        raise ColourError(
            f"{path} cannot be read: {error.strerror or error}", hint="--cdl FILE[#ID]", path=path
        ) from error
    check_xml(str(path), content)


def _chosen(path: Path, found: list[Any], wanted: str) -> Any:
    """The one that is meant."""
    if not found:
        raise ColourError(f"{path} holds no correction; export it again", path=path)
    ids = [str(one.getID()) for one in found]
    if not wanted:
        if len(found) == 1:
            return found[0]
        shown = ", ".join(ids[:SHOWN]) + (f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else "")
        raise ColourError(
            f"{path} holds {len(found)} corrections; choose one of: {shown}", hint=f"--cdl {path}#{ids[0]}", path=path
        )
    same = [one for one, name in zip(found, ids, strict=True) if name == wanted]
    if len(same) == 1:
        return same[0]
    if same:
        raise ColourError(f"{path} holds {len(same)} corrections named {wanted!r}; rename all but one", path=path)
    near = difflib.get_close_matches(wanted, ids, n=3, cutoff=0.0)
    raise ColourError(f"{path} holds no correction {wanted!r}; nearest: {', '.join(near)}", path=path)


def _cdl(path: Path, found: Any) -> Cdl:
    try:
        return Cdl(
            slope=tuple(found.getSlope()),
            offset=tuple(found.getOffset()),
            power=tuple(found.getPower()),
            saturation=found.getSat(),
            id=str(found.getID()),
        )
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ColourError(f"{path}: correction {found.getID()!r}: {reason}", path=path) from error


def _reason(error: Exception) -> str:
    """What OpenColorIO says of the format that the suffix names."""
    return str(error).strip().splitlines()[-1].strip()
