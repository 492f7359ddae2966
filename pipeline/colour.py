"""Colour, through OpenColorIO; only ``colour*.py`` and ``viewtable*.py``, a faster way for eyes, import it.

A picture for people is made for one display and one view of one config. Two kinds of sources get there differently:

- scene-referred pixels (EXR, camera log) pass the display's view, which tone-maps them;
- display-referred pixels (movies, PNG, JPEG) were tone-mapped when they were made. They are converted from their own
  display encoding to the display's, and never tone-mapped a second time.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
from numpy.typing import NDArray

from ..schema.errors import ColourError
from .halves import as_float32
from .movie_tags import DISPLAYS
from .vectors import clear_vectors

BAND_PIXELS = 16_384  # OpenColorIO is several times faster on bands than on a whole frame
THREADS = 2
LARGEST = 65504.0  # of a half
ANY_NAME = "/-"  # a rule that takes this, too, looks at the suffix alone, as the built-in configs' do
_DEPTHS: dict[type, Any] = {np.uint8: ocio.BIT_DEPTH_UINT8, np.float32: ocio.BIT_DEPTH_F32}
OCIO_ERRORS = (ocio.Exception, ocio.ExceptionMissingFile)  # the second is no kind of the first in Python


@dataclass(frozen=True)
class Found:
    """A colour space of the config, and which rule found it; ``guessed``: from the kind of file alone."""

    space: str
    rule: str
    guessed: bool = False


class Colour:
    """One OCIO config.

    Args:
        config: a path or an ``ocio://`` name.

    Raises:
        ColourError: it cannot be loaded.
    """

    def __init__(self, config: str) -> None:
        self.source = config
        try:
            self.config = ocio.Config.CreateFromFile(config)
            self.config.validate()
        except OCIO_ERRORS as error:
            raise ColourError(
                f"OCIO config {config!r} cannot be loaded: {str(error).splitlines()[0]}",
                hint="set OCIO or the setting 'ocio' to a config.ocio, or to ocio://default",
                path=config,
            ) from error
        self._processors: dict[tuple[str, ...], Any] = {}

    @property
    def name(self) -> str:
        """The config's own name, or where it came from."""
        return str(self.config.getName() or self.source)

    @property
    def hash(self) -> str:
        """Changes when the config's content changes; SHA-256 of its text in hex."""
        return hashlib.sha256(self.config.serialize().encode()).hexdigest()

    def spaces(self) -> list[str]:
        """Names of all colour spaces."""
        return list(self.config.getColorSpaceNames())

    def space(self, name: str) -> str:
        """The colour space that a name, alias or role means.

        Raises:
            ColourError: there is none; the message lists the nearest three.
        """
        found = self.config.getColorSpace(name)
        if found is None:
            raise ColourError(f"colour space {name!r} is not in {self.name}; nearest: {near(name, self.spaces())}")
        return str(found.getName())

    def display(self, name: str = "") -> str:
        """The display of this name, or the config's sRGB display.

        Raises:
            ColourError: there is no such display, or no sRGB one and none was named.
        """
        displays = list(self.config.getDisplays())
        if name:
            if name not in displays:
                raise ColourError(f"display {name!r} is not in {self.name}; nearest: {near(name, displays)}")
            return name
        for candidate in displays:
            if "srgb" in str(candidate).lower():
                return str(candidate)
        raise ColourError(f"{self.name} has no sRGB display; name one of: {', '.join(displays)}", hint="--display NAME")

    def view(self, display: str, name: str = "") -> str:
        """The view of this name on a display, or the display's default one.

        Raises:
            ColourError: the display has no such view.
        """
        views = list(self.config.getViews(display))
        if not name:
            return str(self.config.getDefaultView(display))
        if name not in views:
            raise ColourError(f"view {name!r} is not on {display!r} of {self.name}; nearest: {near(name, views)}")
        return name

    def is_display_referred(self, space: str) -> bool:
        """Whether pixels in this space were already made for a display."""
        found = self.config.getColorSpace(space)
        if found.getReferenceSpaceType() == ocio.REFERENCE_SPACE_DISPLAY:
            return True
        # Encoded textures, such as sRGB PNG files, are pictures for a display in a scene-referred wrapping.
        return str(found.getEncoding()) in {"sdr-video", "hdr-video"}

    def is_scene_light(self, space: str) -> bool:
        """Whether pixels in this space are pictures that were not made for a display yet."""
        return not (self.is_display_referred(space) or self.config.getColorSpace(space).isData())

    def to_display(
        self, pixels: NDArray[Any], space: str, *, display: str, view: str, threads: int = THREADS
    ) -> NDArray[np.uint8]:
        """Pixels as they are shown.

        Args:
            pixels: (h, w, 3) half or float32 in ``space``; NaN becomes 0.
            space: a colour space of the config.
            display: for scene-referred and display-referred pixels alike.
            view: for scene-referred pixels only.
            threads: that work on it.

        Returns:
            (h, w, 3) uint8 in the display's encoding.

        Raises:
            ColourError: the config has no way from the space to the display.
        """
        source = shown_light(pixels)
        target = np.empty(source.shape, dtype=np.uint8)
        way = self._processor(space, display, view)
        convert(way, source.reshape(-1, 3), target.reshape(-1, 3), threads=threads)
        return target

    def exposed(self, pixels: NDArray[Any], space: str, stops: float) -> tuple[NDArray[np.float32], str]:
        """Pixels with more light, and the space that they are in then, which is the config's ``scene_linear``.

        Args:
            pixels: (h, w, 3) half or float32 in ``space``; NaN becomes 0.
            space: a scene-referred colour space of the config.
            stops: how often the light is doubled.

        Raises:
            ColourError: the pixels were made for a display, where light is no more.
        """
        if self.is_display_referred(space):
            raise ColourError(
                f"exposure needs the light of a scene, and {space!r} was made for a display; leave it at 0",
                hint="--exposure 0",
            )
        linear = self.space("scene_linear")
        source = shown_light(pixels)
        target = np.empty(source.shape, dtype=np.float32)
        convert(made_for(self.between(space, linear), np.float32), source.reshape(-1, 3), target.reshape(-1, 3))
        return target * np.float32(2.0**stops), linear

    def way(self, space: str, display: str, view: str) -> Any:
        """OCIO's exact processor from a space to what is shown, for any depth.

        Raises:
            ColourError: the config has no way from the space to the display.
        """
        try:
            return self.config.getProcessor(self.showing(space, display, view))
        except OCIO_ERRORS as error:
            raise ColourError(f"{self.name} has no way from {space!r} to {view!r} on {display!r}: {error}") from error

    def between(self, space: str, other: str) -> Any:
        """OCIO's exact processor from one space to another.

        Raises:
            ColourError: the config has no way.
        """
        try:
            return self.config.getProcessor(space, other)
        except OCIO_ERRORS as error:
            raise ColourError(f"{self.name} has no way from {space!r} to {other!r}: {error}") from error

    def is_linear(self, space: str) -> bool:
        """Whether numbers in this space are proportional to the light of the scene."""
        return bool(self.config.isColorSpaceLinear(space, ocio.REFERENCE_SPACE_SCENE))

    def _processor(self, space: str, display: str, view: str) -> Any:
        key = (space, display, view)
        if key not in self._processors:
            self._processors[key] = made_for(self.way(*key), np.uint8)
        return self._processors[key]

    def showing(self, space: str, display: str, view: str, *, source: str = "") -> Any:
        """OCIO's transform from a space to what is shown; pixels made for a display are not tone-mapped again.

        Args:
            space: that pixels are in now.
            display: that they are made for.
            view: of it.
            source: the space that they were in before they were graded, if they were.
        """
        if not self.is_display_referred(source or space):
            return ocio.DisplayViewTransform(src=space, display=display, view=view)
        target = self.config.getDisplayViewColorSpaceName(display, view)
        if target == "<USE_DISPLAY_NAME>":
            target = display
        return ocio.ColorSpaceTransform(src=space, dst=target)

    def space_of_file(self, path: Path, *, hint: str | None, floating: bool, movie: bool) -> Found:
        """The colour space of a file that nobody named one for.

        The rules, in order: the file's own tag, when the config knows it; the config's file rules, but for their
        catch-all; floating point is the config's ``scene_linear``; a movie without tags is Rec.709 for a Rec.1886
        display, as ITU-R BT.1886 says; other integer pictures are sRGB. What is found by the kind of file alone is
        ``guessed``: good enough to look at, and for nothing else.

        Args:
            path: of the file.
            hint: what the file says of itself.
            floating: whether its pixels are floating point.
            movie: whether it is a movie.

        Raises:
            ColourError: no rule applies, such as for DPX, which says nothing and may be anything; or a movie's tags say
                what the config has no space for.
        """
        if hint and (tagged := self.known([hint, *TAGS.get(hint.lower(), ())])):
            return Found(tagged, f"tag {hint!r} in the file")
        if hint and movie:
            raise ColourError(
                f"the tags of {path.name} say {hint}, which {self.name} has no colour space for; name one",
                hint="--colourspace NAME",
                path=path,
            )
        space, rule = self.config.getColorSpaceFromFilepath(str(path))
        if not self.config.filepathOnlyMatchesDefaultRule(str(path)):
            rules = self.config.getFileRules()
            by_suffix = self.config.getColorSpaceFromFilepath(ANY_NAME + path.suffix)[1] == rule
            return Found(str(space), f"file rule {rules.getName(rule)!r} of the config", guessed=by_suffix)
        if floating and (linear := self.known(["scene_linear"])):
            return Found(linear, "floating point is scene_linear", guessed=True)
        if movie and (video := self.known(REC709)):
            return Found(video, "a movie without tags is Rec.709", guessed=True)
        if path.suffix.lower() not in {".dpx", ".cin"} and not movie and (srgb := self.known(SRGB)):
            return Found(srgb, "integer pictures are sRGB", guessed=True)
        raise ColourError(
            f"nothing says which colour space {path.name} is in, and {path.suffix} files may be in any; name it",
            hint="--colourspace NAME",
            path=path,
        )

    def known(self, names: Iterable[str]) -> str | None:
        """The first of these names, aliases or roles that the config has, as the colour space that it means."""
        for name in names:
            found = self.config.getColorSpace(name)
            if found is not None:
                return str(found.getName())
        return None


def forget_files() -> None:
    """Let OpenColorIO read LUTs anew: it keeps them by their path, whatever has become of the file."""
    ocio.ClearAllCaches()


# What files call their colour space -> names and aliases in the ACES configs and in older studio configs.
SRGB = ("srgb_display", "sRGB - Display", "sRGB Encoded Rec.709 (sRGB)", "srgb_texture", "sRGB - Texture", "sRGB")
REC709 = ("rec1886_rec709_display", "Rec.1886 Rec.709 - Display", "Rec.709", "rec709")
TAGS = {
    **{str(tag): names for tag, names in DISPLAYS.items()},
    "srgb_rec709_scene": SRGB,
    "srgb_rec709_display": SRGB,
    "srgb": SRGB,
    "bt709": REC709,
    "rec709": REC709,
    "lin_rec709_scene": ("lin_rec709", "Linear Rec.709 (sRGB)"),
    "lin_rec709": ("lin_rec709_scene", "Linear Rec.709 (sRGB)"),
    "lin_ap1_scene": ("ACEScg", "acescg"),
    "lin_ap0_scene": ("ACES2065-1", "aces2065_1"),
    "linear": ("scene_linear",),
}


def shown_light(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """What of pixels can be shown: float32 in rows one behind the other; NaN is 0, infinity is a half's largest."""
    plain = as_float32(pixels) if pixels.dtype == np.float16 else pixels.astype(np.float32, copy=False)
    if not np.isfinite(plain).all():
        plain = np.nan_to_num(plain, posinf=LARGEST, neginf=-LARGEST)
    return np.ascontiguousarray(plain)


def made_for(way: Any, depth: type[np.uint8 | np.float32]) -> Any:
    """A CPU processor from float32 to uint8 or float32."""
    return way.getOptimizedCPUProcessor(ocio.BIT_DEPTH_F32, _DEPTHS[depth], ocio.OPTIMIZATION_DEFAULT)


def convert(processor: Any, source: NDArray[np.float32], target: NDArray[Any], *, threads: int = THREADS) -> None:
    """Fill ``target`` (n, 3), uint8 or float32, with what a processor of its depth makes of ``source`` (n, 3)."""

    def band(part: slice) -> None:
        convert_band(processor, source[part], target[part])

    share = max(-(-len(source) // threads), 1)  # of few pixels, each thread gets some
    each_band(band, len(source), min(BAND_PIXELS, share), threads=threads)


def each_band(work: Callable[[slice], None], pixels: int, size: int, *, threads: int) -> None:
    """Call ``work`` with each so many of the pixels, by several threads: OpenColorIO lets go of the interpreter."""
    bands = [slice(top, top + size) for top in range(0, pixels, size)]
    workers = max(min(threads, len(bands)), 1)

    def some(first: int) -> None:
        for part in bands[first::workers]:
            work(part)

    if workers == 1:
        some(0)
        return
    with ThreadPoolExecutor(workers - 1) as pool:  # this thread is one, too
        others = pool.map(some, range(1, workers))
        some(0)
        list(others)


def convert_band(processor: Any, source: NDArray[np.float32], target: NDArray[Any]) -> None:
    """The same for so few pixels that one thread does."""
    apply(processor, described(source), described(target))


def apply(processor: Any, source: Any, target: Any) -> None:
    """The same for what ``described`` made of both."""
    clear_vectors()
    processor.apply(source, target)


def described(pixels: NDArray[Any]) -> Any:
    """(n, 3) or (n, 4) pixels as OpenColorIO wants them; that takes 30 us, so keep it where it can be used again."""
    count, channels = pixels.shape
    size = pixels.itemsize
    depth = _DEPTHS[pixels.dtype.type]
    return ocio.PackedImageDesc(pixels, count, 1, channels, depth, size, channels * size, channels * size * count)


def near(name: str, known: list[str]) -> str:
    """The three names that are most like one that is not known, for people."""
    folded = {candidate.lower(): candidate for candidate in known}
    near = [folded[match] for match in difflib.get_close_matches(name.lower(), folded, n=3, cutoff=0.0)]
    return ", ".join(near)
