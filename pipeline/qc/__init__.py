"""Technical checks of frames: what pixels measure, what is wrong with them, and what was found as report and sheet.

Measuring looks at one frame and needs no other; judging needs only what was measured. So a clip may be measured in any
number of parts, and what is found is the same to the byte.
"""

from __future__ import annotations

from .encoding import Encoding
from .figures import measure_pixels
from .groups import Group, groups_of, told_lines, verdict_line
from .judge import Judge, Wanted
from .measure import Measured, Trouble, measure_clip
from .records import read_measured, write_measured
from .report import Check, check_clip
from .sheet import draw_findings
from .signature import Signature, is_same, sign

__all__ = [
    "Check",
    "Encoding",
    "Group",
    "Judge",
    "Measured",
    "Signature",
    "Trouble",
    "Wanted",
    "check_clip",
    "draw_findings",
    "groups_of",
    "is_same",
    "measure_clip",
    "measure_pixels",
    "read_measured",
    "sign",
    "told_lines",
    "verdict_line",
    "write_measured",
]
