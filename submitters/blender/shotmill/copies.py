"""Copies of scenes for the farm: the artist's own file is never written, and never needed by a job."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it

from . import gather
from .state import forgotten

FOLDER = "shotmill_scenes"
PIECE = 1 << 20
MARK = 12  # characters of the hash that a copy is named by


def copy_of_scene(folder: str = "", *, unchanged: bool = False) -> Path:
    """A copy of the open file as it is now, named by its content; the open file stays open, and as it is.

    Args:
        folder: that takes copies; empty: one beside the file, or of the user's own for what was never saved.
        unchanged: whether the scene is known to be as its file; a Blender without a window cannot tell by itself.

    Raises:
        NotReadyError: it cannot be saved there; says why.
    """
    own = Path(bpy.data.filepath) if bpy.data.filepath else None
    place = _place(own, folder)
    stem = own.stem if own else "untitled"
    try:
        place.mkdir(parents=True, exist_ok=True)
        if own is not None and own.is_file() and (unchanged or not bpy.data.is_dirty):
            made = place / f"{stem}-{_digest(own)}.blend"
            return made if made.is_file() else _saved(made)
        made = _saved(place / f".{stem}-{uuid.uuid4().hex}.blend")
        named = place / f"{stem}-{_digest(made)}.blend"
        made.replace(named)
    except (OSError, RuntimeError) as error:
        msg = f"the scene cannot be copied to {place}: {str(error).strip()}"
        raise gather.NotReadyError(msg) from error
    return named


def _place(own: Any, folder: str) -> Path:
    if folder:
        return Path(bpy.path.abspath(folder))
    if own is not None:
        return Path(own).parent / FOLDER
    return Path(bpy.utils.user_resource("DATAFILES", path=FOLDER, create=True))


def _saved(path: Path) -> Path:
    """The open file's copy; paths inside of it are mended for where it lies."""
    beside = path.with_name(path.stem + ".part.blend")
    with forgotten(bpy.data.scenes):
        bpy.ops.wm.save_as_mainfile(filepath=str(beside), copy=True, relative_remap=True, check_existing=False)
    beside.replace(path)
    return path


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as stream:
        for piece in iter(lambda: stream.read(PIECE), b""):
            found.update(piece)
    return found.hexdigest()[:MARK]


def unsaved_images() -> list[str]:
    """Images that somebody painted on, and that are in no file as they are."""
    return [
        one.name for one in bpy.data.images if one.is_dirty and one.packed_file is None and not one.is_embedded_data
    ]
