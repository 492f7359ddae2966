"""What the colours of Blender's frames are called in the studio's OCIO config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...schema.errors import ColourError
from ..colour import SRGB
from ..colour_tags import End

if TYPE_CHECKING:
    from ..colour import Colour
    from .facts import SceneFacts

# What spaces of Blender's own config are called in those of the ACES and of studios; the first that is known is meant.
LINEAR = {
    "Linear Rec.709": ("lin_rec709_scene", "lin_rec709", "Linear Rec.709 (sRGB)", "lin_srgb"),
    "Linear": ("lin_rec709_scene", "lin_rec709", "Linear Rec.709 (sRGB)", "lin_srgb"),  # before Blender 4
    "Linear Rec.2020": ("lin_rec2020_scene", "lin_rec2020"),
    "Linear DCI-P3 D65": ("lin_p3d65_scene", "lin_p3d65", "Linear P3-D65"),
    "ACEScg": ("lin_ap1_scene", "acescg", "ACEScg"),
    "ACES2065-1": ("lin_ap0_scene", "aces2065_1", "ACES2065-1"),
}
DISPLAYS = {"sRGB": SRGB, "Display P3": ("srgb_p3d65_display", "Display P3 - Display"), "Rec.1886": ()}


@dataclass(frozen=True)
class RenderColour:
    """Colours of rendered frames.

    Attributes:
        end: what they are in the studio's config.
        config: name of that config.
        blender: what Blender calls them.
    """

    end: End
    config: str
    blender: str

    @property
    def space(self) -> str:
        """The colour space of the studio's config."""
        return self.end.space


def space_of_render(facts: SceneFacts, colour: Colour, *, given: str, light: bool) -> RenderColour:
    """What the colours of a scene's frames are called in a config.

    Args:
        facts: of the scene.
        colour: the studio's config.
        given: the name that somebody chose; empty: none.
        light: whether frames hold the light of the scene, as EXR do, and not a picture of it.

    Raises:
        ColourError: the config does not know what Blender calls them; or the chosen name.
    """
    own = facts.linear if light else facts.display
    words = own if light else f"{facts.view} on {facts.display}"
    names = (own, *LINEAR.get(own, ())) if light else DISPLAYS.get(own, (own,))
    space = colour.space(given) if given else colour.known(names)
    if space is None:
        raise ColourError(
            f"{colour.name} does not know what Blender calls {own!r}, the colours of {facts.file}",
            hint="name the colour space with --colourspace",
            path=facts.file,
        )
    found = colour.config.getColorSpace(space)
    return RenderColour(End(space, words, str(found.getInteropID()) if found is not None else ""), colour.name, words)
