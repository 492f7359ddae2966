"""What is written on dailies, as far as it is known when they are submitted, and the font that it is written with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ...pipeline.dailies.lettering import PLAIN, Pen, lacking
from ...pipeline.hashes import hash_file
from ...pipeline.images import has_letter
from ...schema.errors import BadRequestError, InputCorruptError, InputMissingError, StorageError
from ...schema.job import clip_owner
from ...schema.media import Clip
from .params import DailiesParams

FONTS = (".ttf", ".otf", ".ttc")
SHOWN = 20  # letters in a note
_VERSION = re.compile(r"(?:^|[._-])(v\d{2,5})(?=[._-]|$)", re.IGNORECASE)


def words_of_clip(params: DailiesParams, clip: Clip, user: str) -> dict[str, str]:
    """What most fields of burn-in stand for; the same from the first frame to the last."""
    owner = clip_owner(clip)
    return {
        "project": owner.project,
        "sequence": owner.parent,
        "shot": owner.name,
        "name": clip.name,
        "version": params.version or version_in(clip.media),
        "artist": params.artist or user,
        "text": params.text,
        "source": PurePosixPath(clip.media).name,
    }


def version_in(media: str) -> str:
    """The version that a medium's name says, such as ``v012``; empty where it says none."""
    found = _VERSION.findall(PurePosixPath(media).name)
    return str(found[-1]) if found else ""


def note_of_letters(params: DailiesParams, texts: Iterable[str]) -> str:
    """What is to be said of letters that no font has; empty: all are drawn."""
    if not (params.slate or params.burn_in):
        return ""
    everything = "".join((*texts, params.date, *params.patterns))
    gone = lacking(everything, Pen(spare=params.font).font(PLAIN))
    if not gone:
        return ""
    more = f" and {len(gone) - SHOWN} more" if len(gone) > SHOWN else ""
    where = f"neither the built-in font nor {params.font} has" if params.font else "the built-in font lacks"
    letters = " ".join(f"{one} (U+{ord(one):04X})" for one in gone[:SHOWN])
    return f"{where} {letters}{more}: ? stands for each; name a font with --font FILE, or in the setting 'font'"


def check_font(path: str, mark: str = "") -> None:
    """Refuse a font that cannot be used; none is fine.

    Args:
        path: of the file; empty: none.
        mark: the checksum that it must have; empty: any.

    Raises:
        InputMissingError: it is not there.
        InputCorruptError: it is not what it was when the job was submitted.
        BadRequestError: it is no font.
    """
    if not path:
        return
    if Path(path).suffix.lower() not in FONTS:
        raise BadRequestError(f"{path} is no font file; name one of {', '.join(FONTS)}", hint="--font FILE", path=path)
    try:
        found = hash_file(path)[0] if mark else ""
        has_letter("A", path)
    except OSError as error:
        raise InputMissingError(f"font {path} cannot be read: {error.strerror}; bring it", path=path) from error
    except StorageError as error:
        raise BadRequestError(f"font {path} cannot be used; name another: {error.message}", path=path) from error
    if found != mark:
        raise InputCorruptError(
            f"font {path} is not what it was when the job was submitted",
            hint="shotmill retry submits it again, as a new job with the font of now",
            path=path,
        )
