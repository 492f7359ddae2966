"""Exact colour: what OpenColorIO's own processor makes of a grade, bit for bit; for bakes and movies."""

from __future__ import annotations

import copy
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, Literal

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
from numpy.typing import NDArray

from ..schema.colour import Cdl, Grade
from ..schema.errors import ColourError
from .colour import BAND_PIXELS, OCIO_ERRORS, Colour, near
from .colour_missing import missing_file
from .halves import as_float16, as_float32
from .vectors import clear_vectors

COLOURS = 3
Bits = Literal[8, 10, 12, 16]
CODES: dict[int, Any] = {
    8: ocio.BIT_DEPTH_UINT8,
    10: ocio.BIT_DEPTH_UINT10,
    12: ocio.BIT_DEPTH_UINT12,
    16: ocio.BIT_DEPTH_UINT16,
}
STORED = {
    "float32": ocio.BIT_DEPTH_F32,
    "uint8": ocio.BIT_DEPTH_UINT8,
    "uint16": ocio.BIT_DEPTH_UINT16,
}
_LOOK = re.compile(r"\s*[+-]?\s*([^,|:+-][^,|:]*?)\s*")


class Grader:
    """A grade of one config, ready for pixels. It may be used by several threads at once.

    Args:
        colour: the config.
        grade: with names, aliases or roles of that config.

    Attributes:
        ends_from: the colour space in which the last step begins, the one to a space or to a display.

    Raises:
        ColourError: a name is not in the config, with the nearest three; or a file of the way is missing or damaged.
    """

    def __init__(self, colour: Colour, grade: Grade) -> None:
        self.colour = colour
        self.grade = grade
        self._processors: dict[tuple[Any, Any], Any] = {}
        (transform, self.ends_from), context = _transform(colour, grade), context_of(colour, grade)
        try:
            self.processor = colour.config.getProcessor(
                context,
                transform,
                ocio.TRANSFORM_DIR_INVERSE if grade.inverse else ocio.TRANSFORM_DIR_FORWARD,
            )
        except OCIO_ERRORS as error:
            what = f"{colour.name} cannot make {_told(grade)}"
            if gone := missing_file(colour.config, context, str(error)):
                raise ColourError(f"{what}: {gone.message}", hint=gone.hint, **gone.fields) from error
            raise ColourError(f"{what}: {_first_line(error)}") from error

    def floats(self, pixels: NDArray[Any], *, threads: int = 1) -> NDArray[np.float32]:
        """Exactly what OCIO makes of pixels, NaN and infinities too.

        Args:
            pixels: (h, w, 3), or (h, w, 4) whose alpha stays as it is; half, float32, uint8 or uint16.
            threads: that share the work.

        Returns:
            float32 of the same shape. Halves give what the same numbers as float32 give: OCIO's own way with halves is
            a table, another one in the last bits, which takes NaN for 0.
        """
        target = np.empty(pixels.shape, dtype=np.float32)
        self._fill(target, ocio.BIT_DEPTH_F32, pixels, threads)
        return target

    def halves(self, pixels: NDArray[Any], *, threads: int = 1) -> NDArray[np.float16]:
        """The halves that are nearest to what ``floats`` makes of pixels."""
        target = np.empty(pixels.shape, dtype=np.float16)
        self._fill(target, ocio.BIT_DEPTH_F32, pixels, threads)
        return target

    def codes(self, pixels: NDArray[Any], *, bits: Bits = 8, threads: int = 1) -> NDArray[Any]:
        """What OCIO makes of pixels, as code values from 0 to ``2 ** bits - 1``, rounded and clamped by OCIO.

        Halves give what the same numbers as float32 give, as of ``floats``.

        Args:
            pixels: as for ``floats``.
            bits: 8 gives uint8; 10, 12 and 16 give uint16.
            threads: that share the work.
        """
        target = np.empty(pixels.shape, dtype=np.uint8 if bits == 8 else np.uint16)  # noqa: PLR2004 - of a byte
        self._fill(target, CODES[bits], pixels, threads)
        return target

    def exact(self, pixels: NDArray[Any], threads: int) -> NDArray[np.uint8]:
        """Code values of 8 bits; see ``codes``."""
        return self.codes(pixels, threads=threads)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files that it was made from, LUTs and CDLs, in order of their names."""
        return tuple(sorted(str(path) for path in self.processor.getProcessorMetadata().getFiles()))

    @cached_property
    def key(self) -> str:
        """A hash that changes with whatever changes pixels: parameters, the config's transforms, numbers in LUTs."""
        return hashlib.sha256(str(self.processor.getCacheID()).encode()).hexdigest()

    @property
    def is_identity(self) -> bool:
        """Whether nothing is changed."""
        return bool(self.processor.isNoOp())

    def _fill(self, target: NDArray[Any], depth: Any, pixels: NDArray[Any], threads: int) -> None:
        channels = pixels.shape[-1]
        source = np.ascontiguousarray(pixels).reshape(-1, channels)
        made = target.reshape(-1, channels)
        widens = source.dtype == np.float16  # OCIO's own way with halves is a table
        given = ocio.BIT_DEPTH_F32 if widens else STORED[source.dtype.name]
        processor = self._processor(given, depth)

        def band(top: int) -> None:
            rows = slice(top, top + BAND_PIXELS)
            part = as_float32(source[rows]) if widens else source[rows]
            plain = np.empty(part.shape, dtype=np.float32) if made.dtype == np.float16 else made[rows]
            clear_vectors()
            processor.apply(_described(_with_harmless_alpha(part), given), _described(plain, depth))
            if channels > COLOURS and part.dtype.kind == plain.dtype.kind == "f":
                plain[:, COLOURS] = part[:, COLOURS]
            if made.dtype == np.float16:
                as_float16(plain, made[rows])

        tops = range(0, len(source), BAND_PIXELS)
        if threads == 1:
            for top in tops:
                band(top)
            return
        with ThreadPoolExecutor(threads) as pool:  # OpenColorIO lets go of the interpreter
            list(pool.map(band, tops))

    def _processor(self, given: Any, made: Any) -> Any:
        if (given, made) not in self._processors:
            found = self.processor.getOptimizedCPUProcessor(given, made, ocio.OPTIMIZATION_DEFAULT)
            self._processors[given, made] = found
        return self._processors[given, made]


def look_names(look: str) -> list[str]:
    """The names in OCIO's words for looks: ``+grade, -neutral | other`` has three."""
    return [found.group(1) for part in re.split(r"[,|:]", look) if (found := _LOOK.fullmatch(part))]


def check_looks(colour: Colour, look: str) -> None:
    """Refuse looks that a config does not have.

    Raises:
        ColourError: names the one, and the nearest three.
    """
    known = [str(name) for name in colour.config.getLookNames()]
    for name in look_names(look):
        if name not in known:
            raise ColourError(f"look {name!r} is not in {colour.name}; nearest: {near(name, known)}")


def _transform(colour: Colour, grade: Grade) -> tuple[Any, str]:
    """All steps as one transform, which OCIO makes one processor from; and the space that the last one begins in."""
    chain = ocio.GroupTransform()
    at = colour.space(grade.source)
    if grade.cdl is not None:
        there = colour.space(grade.cdl_space)
        chain.appendTransform(ocio.ColorSpaceTransform(src=at, dst=there))
        chain.appendTransform(_cdl_transform(grade.cdl))
        at = there
    if grade.look:
        check_looks(colour, grade.look)
        there = colour.space(grade.look_space) if grade.look_space else at
        chain.appendTransform(ocio.ColorSpaceTransform(src=at, dst=there))
        chain.appendTransform(ocio.LookTransform(src=there, dst=there, looks=grade.look))
        at = there
    chain.appendTransform(_ending(colour, grade, at))
    return chain, at


def _ending(colour: Colour, grade: Grade, at: str) -> Any:
    if grade.space:
        return ocio.ColorSpaceTransform(src=at, dst=colour.space(grade.space))
    display = colour.display(grade.display)
    return colour.showing(at, display, colour.view(display, grade.view), source=colour.space(grade.source))


def _cdl_transform(cdl: Cdl) -> Any:
    made = ocio.CDLTransform()
    made.setSlope(list(cdl.slope))
    made.setOffset(list(cdl.offset))
    made.setPower(list(cdl.power))
    made.setSat(cdl.saturation)
    made.setStyle(ocio.CDL_NO_CLAMP)
    return made


def context_of(colour: Colour, grade: Grade) -> Any:
    """OCIO's context of a config, with the variables of a grade."""
    context = copy.deepcopy(colour.config.getCurrentContext())
    for name, value in sorted(grade.context.items()):
        context.setStringVar(name, value)
    return context


def _with_harmless_alpha(pixels: NDArray[Any]) -> NDArray[Any]:
    """Pixels whose alpha cannot reach their colour: OCIO's matrices add alpha times 0, which may be NaN."""
    if pixels.shape[1] == COLOURS or pixels.dtype.kind != "f" or np.isfinite(pixels[:, COLOURS]).all():
        return pixels
    harmless = pixels.copy()
    harmless[:, COLOURS] = np.nan_to_num(harmless[:, COLOURS], posinf=1.0, neginf=0.0)
    return harmless


def _described(pixels: NDArray[Any], depth: Any) -> Any:
    count, channels = pixels.shape
    size = pixels.itemsize
    step = channels * size
    return ocio.PackedImageDesc(pixels, count, 1, channels, depth, size, step, step * count)


def _told(grade: Grade) -> str:
    end = repr(grade.space) if grade.space else f"{grade.view or 'the default view'!r} on {grade.display!r}"
    return f"the way from {grade.source!r} to {end}"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
