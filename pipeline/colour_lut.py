"""LUTs: a grade baked into a file of any format that OpenColorIO writes, and how far that is from the grade itself."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
from numpy.typing import NDArray

from ..schema.colour import Grade
from ..schema.errors import ColourError
from ..schema.luts import LutFile, LutFormat, LutPoints
from .colour import OCIO_ERRORS, THREADS, Colour
from .colour_grade import Grader
from .colour_tags import start_of
from .files import write_whole
from .lut_text import WRITTEN, cube_text
from .vectors import clear_vectors

Points = NDArray[np.float32]
NAMES = {
    LutFormat.CUBE: "iridas_cube",
    LutFormat.RESOLVE_CUBE: "resolve_cube",
    LutFormat.CLF: "Academy/ASC Common LUT Format",
    LutFormat.CTF: "Color Transform Format",
    LutFormat.CSP: "cinespace",
    LutFormat.FLAME_3DL: "flame",
    LutFormat.LUSTRE_3DL: "lustre",
    LutFormat.SPI1D: "spi1d",
    LutFormat.SPI3D: "spi3d",
    LutFormat.HOUDINI_LUT: "houdini",
    LutFormat.ITX: "iridas_itx",
    LutFormat.TRUELIGHT_CUB: "truelight",
}
EXACT = frozenset({LutFormat.CLF, LutFormat.CTF})  # they hold transforms, not samples alone
# Of a grade without crosstalk these hold a curve for each channel instead of a cube.
CURVES = frozenset({LutFormat.SPI1D, LutFormat.RESOLVE_CUBE, LutFormat.CLF, LutFormat.CTF})
SHAPED = frozenset(
    {
        LutFormat.CSP,
        LutFormat.RESOLVE_CUBE,
        LutFormat.HOUDINI_LUT,
        LutFormat.CLF,
        LutFormat.CTF,
        LutFormat.SPI1D,
    }
)
# Points of shapers that nobody gave a size. CSP spaces them as the shaper does, CLF and CTF have one for each half; in
# the others they lie evenly in the light of a scene, where OpenColorIO's 1024 or 4096 leave mid grey off by a tenth.
SHAPERS = {
    LutFormat.CSP: 1024,
    LutFormat.RESOLVE_CUBE: 65_536,
    LutFormat.HOUDINI_LUT: 65_536,
    LutFormat.CLF: 65_536,
    LutFormat.CTF: 65_536,
}
WIDE_CURVE = 65_536  # as many as the shapers that lie evenly have
EVENLY = frozenset({LutFormat.RESOLVE_CUBE, LutFormat.HOUDINI_LUT})
WHOLE = frozenset({LutFormat.FLAME_3DL, LutFormat.LUSTRE_3DL})  # whole numbers
_ID = re.compile(r' id="urn:uuid:[0-9a-f-]{36}"')
INTERPOLATION = "linear"
SEED = 7
RANDOM, GREYS, RAMP = 20_000, 1024, 256
MOST_MIDDLES = 32  # along an axis
SOURCE, TARGET, SHAPER = "shotmill_source", "shotmill_target", "shotmill_shaper"


@dataclass(frozen=True)
class LutSize:
    """How fine LUTs are.

    Attributes:
        cube: nodes along each axis of a cube.
        curve: points of a curve, where a format has curves and no cube is needed, and no shaper is named.
        shaper: points of the shaper, two at least, or of curves that span what its space does; 0: as many as the
            format needs.
    """

    cube: int = 33
    curve: int = 4096
    shaper: int = 0


class LutMaker:
    """Bakes one grade into LUTs.

    Args:
        colour: the config.
        grade: with names, aliases or roles of that config.
        shaper_space: colour space that cubes are spaced in, needed where the source reaches beyond 0..1; empty: none.
        size: how fine.

    Raises:
        ColourError: a name is not in the config, with the nearest three; or a file of the way is missing.
    """

    def __init__(self, colour: Colour, grade: Grade, *, shaper_space: str = "", size: LutSize | None = None) -> None:
        self.colour = colour
        self.grader = Grader(colour, grade)
        self.shaper_space = colour.space(shaper_space) if shaper_space else ""
        self.size = size or LutSize()
        self.start = start_of(colour, grade)

    @cached_property
    def _slow(self) -> Any:
        """The grade without quick logarithms and powers, as OpenColorIO's baker evaluates it."""
        return self.grader.processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)

    @property
    def has_crosstalk(self) -> bool:
        """Whether a channel of the result depends on another one of the source: curves cannot hold that.

        Matrices that undo each other, as on the way from ACEScg to ACEScct, mix nothing.
        """
        return bool(self._slow.hasChannelCrosstalk())

    def check(self, form: LutFormat, *, exact: bool = True) -> None:
        """Refuse what a format cannot hold.

        Raises:
            ColourError: it holds curves alone, or no curves that can be read again, or has no shaper.
        """
        if form is LutFormat.SPI1D and self.has_crosstalk:
            raise ColourError(
                "spi1d holds a curve for each channel, and in this grade channels depend on each other; choose spi3d, "
                "cube or clf",
                hint="--formats spi3d",
            )
        if form is LutFormat.HOUDINI_LUT and not self.has_crosstalk:
            raise ColourError(
                "of a grade whose channels do not mix, OpenColorIO writes a houdini-lut that it cannot read again, so "
                "that its error is not known; choose spi1d or csp",
                hint="--formats spi1d",
            )
        if self.shaper_space and form not in SHAPED and not (exact and form in EXACT):
            named = ", ".join(sorted(SHAPED))
            raise ColourError(f"{form} has no shaper for {self.shaper_space!r}; choose one of: {named}")

    def write(self, path: Path, form: LutFormat, *, exact: bool = True) -> LutFile:
        """Write a LUT and measure it.

        Args:
            path: with the format's suffix.
            form: the format.
            exact: whether formats that can are to hold the transform itself.

        Raises:
            ColourError: the format cannot hold this grade.
            DiskFullError, StorageError: it could not be written.
        """
        self.check(form, exact=exact)
        text, note = (self._exact(form) if exact else None), ""
        if form in WHOLE:
            note = "it holds whole numbers: what lies outside 0 to 1 is cut off"
        if exact and form in EXACT and text is None:
            note = f"{form} cannot hold this transform itself; it holds samples of it"
        is_exact = text is not None
        write_whole(path, _named_by_content(text if text is not None else self.bake(form)).encode())
        points = tuple(self.measure(path))
        total = sum(one.count for one in points)
        return LutFile(
            format=form,
            extension=form.extension,
            is_exact=is_exact,
            curve=not is_exact and self._is_curve(form),
            size=None if is_exact else self._nodes(form),
            shaper_size=None if is_exact else self._shaper_points(form),
            worst=max(one.worst for one in points),
            mean=sum(one.mean * one.count for one in points) / total,
            points=points,
            note=note,
        )

    def bake(self, form: LutFormat) -> str:
        """The text of a LUT of samples.

        Raises:
            ColourError: the format cannot hold this grade.
        """
        if not (self.shaper_space or self._is_curve(form)) and form in WRITTEN:
            text = cube_text(self._nodes_of_cube(), form)
            if text is not None:
                return text
        baker = ocio.Baker()
        baker.setConfig(self._config())
        baker.setFormat(NAMES[form])
        baker.setInputSpace(SOURCE)
        baker.setTargetSpace(TARGET)
        if self.shaper_space:
            baker.setShaperSpace(SHAPER)
            if self.size.shaper or form in EVENLY:
                baker.setShaperSize(self.size.shaper or SHAPERS[form])
        baker.setCubeSize(self._nodes(form))
        try:
            return str(baker.bake())
        except OCIO_ERRORS as error:
            words = str(error).strip().splitlines()[0]
            raise ColourError(f"{form} cannot hold this grade: {words}; choose another format") from error

    def measure(self, path: Path) -> Iterator[LutPoints]:
        """How far a LUT file, read by OCIO, is from the exact transform, by kind of points.

        Raises:
            ColourError: OCIO cannot read it.
        """
        transform = ocio.FileTransform(src=str(path), interpolation=ocio.INTERP_LINEAR)
        try:
            read = ocio.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor()
        except OCIO_ERRORS as error:
            raise ColourError(f"the LUT {path.name} cannot be read again: {error}", path=path) from error
        for kind, unit in self._points():
            source = self._into_source(unit)
            exact = self.grader.floats(source[np.newaxis])[0]
            baked = np.ascontiguousarray(source).copy()
            read.apply(ocio.PackedImageDesc(baked, len(baked), 1, 3))
            yield _compared(kind, source, exact, baked)

    def _exact(self, form: LutFormat) -> str | None:
        """The transform itself as text; None where the format has no words for it."""
        if form not in EXACT:
            return None
        try:
            lean = self.grader.processor.getOptimizedProcessor(ocio.OPTIMIZATION_LOSSLESS)
            return str(lean.createGroupTransform().write(NAMES[form], self.colour.config))
        except OCIO_ERRORS:
            return None

    def _config(self) -> Any:
        """A config of three spaces: any grade then is a way from one to the next, with its files and context in it."""
        config = ocio.Config.CreateRaw()
        ways = {SOURCE: None, TARGET: self.grader.processor}
        if self.shaper_space:
            ways[SHAPER] = self.colour.between(self.start, self.shaper_space)
        for name, way in ways.items():
            space = ocio.ColorSpace(name=name)
            if way is not None:
                space.setTransform(way.createGroupTransform(), ocio.COLORSPACE_DIR_FROM_REFERENCE)
            config.addColorSpace(space)
        return config

    def _nodes_of_cube(self) -> NDArray[np.float32]:
        """What the grade makes of a cube's nodes; the first axis is blue, the last before the channels red."""
        steps = (np.arange(self.size.cube) / np.float32(self.size.cube - 1)).astype(np.float32)
        blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
        nodes = np.ascontiguousarray(np.stack([red, green, blue], axis=-1))

        def evaluate(band: NDArray[np.float32]) -> None:
            clear_vectors()
            self._slow.apply(ocio.PackedImageDesc(band, len(band), 1, 3))

        with ThreadPoolExecutor(THREADS) as pool:  # OpenColorIO lets go of the interpreter
            list(pool.map(evaluate, nodes.reshape(-1, self.size.cube**2, 3)))
        return nodes

    def _is_curve(self, form: LutFormat) -> bool:
        return form in CURVES and not self.has_crosstalk

    def _nodes(self, form: LutFormat) -> int:
        if not self._is_curve(form):
            return self.size.cube
        return (self.size.shaper or WIDE_CURVE) if self.shaper_space else self.size.curve

    def _shaper_points(self, form: LutFormat) -> int | None:
        if not self.shaper_space or self._is_curve(form):
            return None
        return self.size.shaper or SHAPERS[form]

    def _points(self) -> Iterator[tuple[str, Points]]:
        """Points of the unit cube that the grid lies in."""
        cells = self.size.cube - 1
        step = -(-cells // MOST_MIDDLES)
        middles = ((np.arange(0, cells, step) + 0.5) / cells).astype(np.float32)
        yield "midpoints", np.stack(np.meshgrid(middles, middles, middles, indexing="ij"), axis=-1).reshape(-1, 3)
        yield "greys", np.repeat(np.linspace(0, 1, GREYS, dtype=np.float32)[:, np.newaxis], 3, axis=1)
        ramp = np.linspace(0, 1, RAMP, dtype=np.float32)
        lit = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1), (1, 0, 1)]
        yield "saturated", np.concatenate([ramp[:, np.newaxis] * np.array(one, dtype=np.float32) for one in lit])
        yield "random", np.random.Generator(np.random.PCG64(SEED)).random((RANDOM, 3), dtype=np.float32)

    def _into_source(self, unit: Points) -> Points:
        """Points of the grid's space as colours of the source."""
        if not self.shaper_space:
            return np.ascontiguousarray(unit)
        way = self.colour.between(self.shaper_space, self.start).getDefaultCPUProcessor()
        made = np.ascontiguousarray(unit).copy()
        way.apply(ocio.PackedImageDesc(made, len(made), 1, 3))
        return made


def _named_by_content(text: str) -> str:
    """A CLF or CTF whose id, which OpenColorIO draws by lot, follows from what is in it: same grade, same bytes."""
    plain = _ID.sub("", text)
    return _ID.sub(f' id="urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, plain)}"', text)


def _compared(kind: str, source: Points, exact: Points, baked: Points) -> LutPoints:
    with np.errstate(invalid="ignore"):  # of two infinities
        apart = np.abs(exact.astype(np.float64) - baked)
    alike = (exact == baked) | (np.isnan(exact) & np.isnan(baked))
    apart = np.nan_to_num(np.where(alike, 0.0, apart), nan=np.inf)
    worst = int(apart.max(axis=1).argmax())
    return LutPoints(
        kind=kind,
        count=len(source),
        worst=float(apart[worst].max()),
        mean=float(apart.mean()),
        worst_at=_triple(source[worst]),
        exact=_triple(exact[worst]),
        baked=_triple(baked[worst]),
    )


def _triple(colour: NDArray[Any]) -> tuple[float, float, float]:
    red, green, blue = (float(one) for one in colour)
    return red, green, blue
