"""The page about one publish that people read: one HTML file, whole in itself, that runs nothing and fetches nothing.

``gather`` collects what is known into one value, ``draw_page`` makes the page of it; neither changes anything.
"""

from __future__ import annotations

from .facts import PageFacts
from .page import draw_page
from .sources import gather

__all__ = ["PageFacts", "draw_page", "gather"]
