"""What a grade ends in, and the words by which files say so."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..schema.colour import Grade
from .colour import Colour

# Red, green, blue and white as x, y: SMPTE ST 2065-1, ACES S-2014-004, ITU-R BT.709, SMPTE EG 432-1, ITU-R BT.2020.
_ACES_WHITE = (0.32168, 0.33767)
_D65 = (0.3127, 0.3290)
PRIMARIES = {
    "ap0": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, *_ACES_WHITE),
    "ap1": (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, *_ACES_WHITE),
    "rec709": (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, *_D65),
    "p3d65": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, *_D65),
    "rec2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, *_D65),
}
_PRIMARIES = re.compile(r"_(ap0|ap1|rec709|p3d65|rec2020)_")


@dataclass(frozen=True)
class End:
    """Where a grade ends.

    Attributes:
        space: the colour space of the config that its pixels are in.
        shown: for people: the space, or the view that is applied and its display.
        interop: the name that all programs know it by, of the Color Interop Forum; empty: the config says none.
    """

    space: str
    shown: str
    interop: str

    @property
    def chromaticities(self) -> tuple[float, ...] | None:
        """Red, green, blue and white as x and y, where the name tells."""
        found = _PRIMARIES.search(self.interop)
        return PRIMARIES[found.group(1)] if found else None


def end_of(colour: Colour, grade: Grade) -> End:
    """Where a grade ends.

    Raises:
        ColourError: a name is not in the config, with the nearest three.
    """
    if grade.inverse or grade.space:
        space = colour.space(grade.source if grade.inverse else grade.space)
        shown = space
    else:
        display = colour.display(grade.display)
        view = colour.view(display, grade.view)
        space = str(colour.config.getDisplayViewColorSpaceName(display, view))
        space = display if space == "<USE_DISPLAY_NAME>" else space
        shown = f"{view} on {display}" if _passes_view(colour, grade, display, view) else space
    found = colour.config.getColorSpace(space)
    return End(space, shown, str(found.getInteropID()) if found is not None else "")


def view_passed(colour: Colour, grade: Grade) -> str:
    """The view by which a grade shows pixels; empty where they were made for a display, and pass none.

    Raises:
        ColourError: a name is not in the config, with the nearest three.
    """
    display = colour.display(grade.display)
    view = colour.view(display, grade.view)
    return view if _passes_view(colour, grade, display, view) else ""


def _passes_view(colour: Colour, grade: Grade, display: str, view: str) -> bool:
    """Whether pixels pass a view: those made for a display pass no view transform, only views that are a space."""
    if not colour.is_display_referred(colour.space(grade.source)):
        return True
    return not colour.config.getDisplayViewTransformName(display, view)


def start_of(colour: Colour, grade: Grade) -> str:
    """The colour space that a grade is handed: its source, or where it ends when it is gone the other way.

    Raises:
        ColourError: a name is not in the config, with the nearest three.
    """
    return end_of(colour, grade.model_copy(update={"inverse": not grade.inverse})).space
