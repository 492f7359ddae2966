"""LUTs: their formats, and the document beside them that says how far they are from the exact transform."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .base import Document
from .colour import Grade

LUT_REPORT_VERSION = 1
Amount = Annotated[float, Field(ge=0)]
Colour3 = tuple[float, float, float]


class LutFormat(StrEnum):
    """The formats that LUTs are written in, by plain names."""

    CUBE = "cube"
    RESOLVE_CUBE = "resolve-cube"
    CLF = "clf"
    CTF = "ctf"
    CSP = "csp"
    FLAME_3DL = "flame-3dl"
    LUSTRE_3DL = "lustre-3dl"
    SPI1D = "spi1d"
    SPI3D = "spi3d"
    HOUDINI_LUT = "houdini-lut"
    ITX = "itx"
    TRUELIGHT_CUB = "truelight-cub"

    @property
    def extension(self) -> str:
        """Of its files; formats that share one are told apart by the word before it."""
        shared = {
            LutFormat.RESOLVE_CUBE: "resolve.cube",
            LutFormat.FLAME_3DL: "flame.3dl",
            LutFormat.LUSTRE_3DL: "lustre.3dl",
            LutFormat.HOUDINI_LUT: "lut",
            LutFormat.TRUELIGHT_CUB: "cub",
        }
        return shared.get(self, self.value)


class LutHost(StrEnum):
    """Programs that a LUT is made ready for."""

    NUKE = "nuke"
    RV = "rv"


class LutPoints(Document):
    """How far a LUT is from the exact transform over one kind of points.

    Attributes:
        kind: ``midpoints`` between the nodes of the grid, ``greys``, ``saturated`` (one or two channels alone), or
            ``random``.
        count: how many points.
        worst, mean: largest and mean absolute difference of a channel, in the values that the transform ends in.
        worst_at: the source colour of the worst point; ``exact`` and ``baked``: what becomes of it.
    """

    kind: str
    count: int = Field(gt=0)
    worst: Amount
    mean: Amount
    worst_at: Colour3
    exact: Colour3
    baked: Colour3


class LutFile(Document):
    """One LUT.

    Attributes:
        is_exact: whether the file holds the transform itself rather than samples of it.
        curve: whether it has curves alone, one for each channel.
        size: nodes along an axis of the cube, or of the curves; None where it is exact.
        shaper_size: points of the curve that brings colours into the cube; None: it has none.
        worst, mean: over all points.
        note: why a format that can be exact is not.
    """

    format: LutFormat
    extension: str
    is_exact: bool
    curve: bool
    size: int | None
    shaper_size: int | None = None
    worst: Amount
    mean: Amount
    points: tuple[LutPoints, ...]
    note: str = ""


class LutReport(Document):
    """``lut.json``: what was baked, and how far each file is from the exact transform.

    Attributes:
        config, config_hash: OCIO config.
        grade: the transform, from its source space to its end.
        made_for: where it ends, for people.
        domain: which colours were measured.
        shaper_space: the space that the grid lies in; empty: the source's own, from 0 to 1.
        interpolation: how OCIO read the files for the measurement.
        seed: of the random points.
        library: OpenColorIO's version.
    """

    lut_report_version: int = LUT_REPORT_VERSION
    config: str
    config_hash: str
    grade: Grade
    made_for: str
    domain: str
    shaper_space: str
    interpolation: str
    seed: int
    library: str
    luts: tuple[LutFile, ...]
