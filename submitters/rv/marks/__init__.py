"""What artists draw on frames in RV, as prompts for roto and as review notes.

Standard library only, in the syntax of Python 3.7: the folder is copied whole into RV's package as ``shotmill_marks``,
and reads session files outside of RV as well. Nothing here touches RV, Qt or the disk.
"""

from __future__ import annotations

from .media import media_pattern
from .notes import FrameNote, frame_notes
from .paint import Component, Mark, Paint, read_paint
from .place import Picture
from .prompts import FrameMarks, Prompts, make_prompts

__all__ = [
    "Component",
    "FrameMarks",
    "FrameNote",
    "Mark",
    "Paint",
    "Picture",
    "Prompts",
    "frame_notes",
    "make_prompts",
    "media_pattern",
    "read_paint",
]
