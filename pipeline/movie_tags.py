"""What a movie says of its colour, by the display that it was made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..schema.codecs import TAGS, TagName
from ..schema.errors import ColourError

if TYPE_CHECKING:
    from .colour import Colour

# Ids of the Color Interop Forum, names and aliases of displays in the ACES configs, and of older studio configs.
DISPLAYS = {
    TagName.REC709: ("g24_rec709_display", "rec1886_rec709_display", "Rec.1886 Rec.709 - Display"),
    TagName.SRGB: ("srgb_rec709_display", "srgb_display", "sRGB - Display"),
    TagName.GAMMA22: ("g22_rec709_display", "Gamma 2.2 Rec.709 - Display"),
    TagName.DISPLAY_P3: ("srgb_p3d65_display", "displayp3_display", "Display P3 - Display"),
    TagName.P3_D65: ("g26_p3d65_display", "p3d65_display", "P3-D65 - Display", "Gamma 2.6 P3-D65 - Display"),
    TagName.REC2020: ("g24_rec2020_display", "rec1886_rec2020_display", "Rec.1886 Rec.2020 - Display"),
    TagName.PQ: ("pq_rec2020_display", "rec2100_pq_display", "Rec.2100-PQ - Display"),
    TagName.PQ_P3: ("pq_p3d65_display", "st2084_p3d65_display", "ST2084-P3-D65 - Display"),
    TagName.HLG: ("hlg_rec2020_display", "rec2100_hlg_display", "Rec.2100-HLG - Display"),
}
_USE_DISPLAY = "<USE_DISPLAY_NAME>"


def tags_for(colour: Colour, display: str, view: str) -> TagName:
    """What movies for a view of a display are tagged with: by its colour space's interop id, name or aliases.

    Raises:
        ColourError: nobody knows; names what there is to choose from.
    """
    space = str(colour.config.getDisplayViewColorSpaceName(display, view))
    found = colour.config.getColorSpace(display if space == _USE_DISPLAY else space)
    if found is not None:
        names = {str(found.getInteropID()), str(found.getName()), *map(str, found.getAliases())}
        for tag, known in DISPLAYS.items():
            if not names.isdisjoint(known):
                return tag
    raise ColourError(
        f"nobody knows what a movie for {view!r} on {display!r} of {colour.name} is tagged with; say it: "
        f"{', '.join(TAGS)}",
        hint="--tags NAME, or another --display",
    )
