"""Jobs of scenes, in a file of the user's own: whoever closes Blender without saving the scene finds them again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it

FILE = "jobs.json"
MOST = 500  # lines; the oldest are forgotten
NEWEST = 5  # of a scene that come back: as many as its panel shows
PARTS = 4  # of a line


def _file() -> Path:
    return Path(bpy.utils.extension_path_user(__package__, path="", create=True)) / FILE


def _lines() -> list[list[str]]:
    """``[scene file, scene, handle, job type]``, oldest first."""
    try:
        found: Any = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):  # nothing was ever remembered, or a disk was full: jobs in the scene itself remain
        return []
    return [one for one in found if isinstance(one, list) and len(one) == PARTS] if isinstance(found, list) else []


def remember(scene_file: str, scene: str, handle: str, job_type: str) -> None:
    """Keep whose job this is; one of a scene that was never saved is kept by nobody."""
    line = [scene_file, scene, handle, job_type]
    if not scene_file:
        return
    lines = [one for one in _lines() if one != line] + [line]
    beside = _file().with_suffix(".part")
    try:
        beside.write_text(json.dumps(lines[-MOST:]), encoding="utf-8")
        beside.replace(_file())
    except OSError as error:
        print(f"Shotmill: {beside} cannot be written: {error.strerror}")  # noqa: T201 - what Blender's console is for


def jobs_of(scene_file: str, scene: str) -> list[tuple[str, str]]:
    """Handles and types of the newest jobs of a scene, oldest first."""
    found = [(one[2], one[3]) for one in _lines() if scene_file and one[:2] == [scene_file, scene]]
    return found[-NEWEST:]
