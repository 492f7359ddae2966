"""Quality of mattes: figures, frames to check, a contact sheet with overlays, and a preview movie.

``write_qc`` makes all of it; the rest is for those who need a part. Pictures are as shown, in square pixels; mattes are
coverage in stored pixels.
"""

from __future__ import annotations

from .check import Checker, RotoFrame, check_mattes
from .files import QcPlan, write_qc
from .overlay import object_colour, overlaid
from .preview import write_preview
from .sheet import frames_to_show, overlay_sheet
from .track import Limits, Said

__all__ = [
    "Checker",
    "Limits",
    "QcPlan",
    "RotoFrame",
    "Said",
    "check_mattes",
    "frames_to_show",
    "object_colour",
    "overlaid",
    "overlay_sheet",
    "write_preview",
    "write_qc",
]
