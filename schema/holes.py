"""Marks of frames that will never be done, as people on a farm decided: it counts them as done, and nobody did them."""

from __future__ import annotations

from pydantic import AwareDatetime

from .base import Document
from .frames import FrameSet


class HoleMark(Document):
    """A farm's word that frames are left out.

    Attributes:
        farm: whose word it is; the engine's name.
        task: the farm's own name for the task.
        said: what happened to it there, such as ``eaten``.
        user: who looked at the farm.
        host: from where.
        seen: when.
    """

    job: str
    step: str
    frames: FrameSet
    farm: str
    task: str
    said: str
    user: str
    host: str
    seen: AwareDatetime
