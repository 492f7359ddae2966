"""Movies: exact frames through PyAV, encoding through the ffmpeg of imageio-ffmpeg; the only folder with either.

Frames count from 0. A frame is found by its time: frame ``n`` is the one shown at ``start + n / rate``; what an edit
list hides is no frame. Pictures are handed out upright, as their display matrix says.
"""

from __future__ import annotations

from .decode import Movie
from .encode import MovieForm, encode, encode_movie, encoder_program, rewrap
from .header import PLATE_CODECS, MovieHeader, missing_codecs
from .join import Piece, join
from .measure import Measured, measure
from .planes import Plane
from .presets import video_options
from .sound import ENCODED, SoundFile, SoundTrack, check_copy, read_sound
from .upright import Turn

__all__ = [
    "ENCODED",
    "PLATE_CODECS",
    "Measured",
    "Movie",
    "MovieForm",
    "MovieHeader",
    "Piece",
    "Plane",
    "SoundFile",
    "SoundTrack",
    "Turn",
    "check_copy",
    "encode",
    "encode_movie",
    "encoder_program",
    "join",
    "measure",
    "missing_codecs",
    "read_sound",
    "rewrap",
    "video_options",
]
