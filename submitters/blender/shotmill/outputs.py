"""What was rendered of a scene: by its jobs, or by Blender itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it

from . import gather, state


def rendered(scene: Any) -> str:
    """What the newest render of a scene published, else what Blender has written, as a path with ``#`` for frames.

    Raises:
        NotReadyError: nothing was rendered.
    """
    for job in state.notes_of(scene).jobs:
        if job.path and job.job_type == "blender_render":
            return str(job.path)
    path = bpy.path.abspath(scene.render.frame_path(frame=scene.frame_start))
    if not Path(path).is_file():
        msg = f"nothing was rendered of this scene: {path} is not there"
        raise gather.NotReadyError(msg)
    return gather.pattern_of(path)
