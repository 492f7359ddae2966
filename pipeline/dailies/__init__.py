"""Movies of clips: dailies and proxies, one movie a clip, and the reel of a cut.

A movie is written by one task from its first frame to its last, never joined from chunks: coders of long groups of
pictures write other bytes for other chunks.
"""

from __future__ import annotations

from .steps import movie_steps

__all__ = ["movie_steps"]
