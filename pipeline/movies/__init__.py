"""Movies: exact frames through PyAV, encoding through the ffmpeg of imageio-ffmpeg; the only folder with either.

Frames count from 0. A frame is found by its time: frame ``n`` is the one shown at ``start + n / rate``; what an edit
list hides is no frame. Pictures are handed out upright, as their display matrix says.
"""

from __future__ import annotations

from .decode import Movie
from .encode import encode, encoder_program
from .header import PLATE_CODECS, MovieHeader, missing_codecs
from .planes import Plane
from .upright import Turn

__all__ = ["PLATE_CODECS", "Movie", "MovieHeader", "Plane", "Turn", "encode", "encoder_program", "missing_codecs"]
