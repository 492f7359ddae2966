"""ftrack: versions with their files, thumbnails and review media; notes and statuses; and what it knows of productions.

``ftrack_api`` is imported in ``session`` alone, and that when a letter is carried.
"""

from __future__ import annotations

from .section import FtrackSection
from .target import FtrackTarget, make

__all__ = ["FtrackSection", "FtrackTarget", "make"]
