"""Still images, through OpenImageIO, and most EXR through OpenEXR; the only folder that imports them.

Pixels are numpy arrays of shape (height, width, channels), row 0 at the top, composited into the display window: what
lies outside the data window is zero. The wheel of OpenImageIO reads no movies; see ``movies``.
"""

from __future__ import annotations

from .bare import write_bare
from .frames import Stored, read_frame, read_stored
from .like import Original, check_original, other_channels, read_original, write_like
from .mattes import Placed, read_matte, write_mattes
from .pixels import FONTS, Font, fit_width, has_letter, largest_difference, shrink, text_mask, to_float
from .read import (
    CODECS,
    LOSSLESS_WITH_CHECKSUM,
    Header,
    Image,
    Limits,
    Pixels,
    check_whole,
    exr_compression,
    read_header,
    read_image,
)
from .small import Finish, read_small
from .views import read_views
from .write import rewrite_zip, write_image

__all__ = [
    "CODECS",
    "FONTS",
    "LOSSLESS_WITH_CHECKSUM",
    "Finish",
    "Font",
    "Header",
    "Image",
    "Limits",
    "Original",
    "Pixels",
    "Placed",
    "Stored",
    "check_original",
    "check_whole",
    "exr_compression",
    "fit_width",
    "has_letter",
    "largest_difference",
    "other_channels",
    "read_frame",
    "read_header",
    "read_image",
    "read_matte",
    "read_original",
    "read_small",
    "read_stored",
    "read_views",
    "rewrite_zip",
    "shrink",
    "text_mask",
    "to_float",
    "write_bare",
    "write_image",
    "write_like",
    "write_mattes",
]
