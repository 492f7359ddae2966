"""Frames with other colour: read, graded exactly and written, several at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..schema.errors import BadRequestError, ShotmillError

if TYPE_CHECKING:
    from .colour_grade import Bits, Grader
    from .colour_tags import End
    from .images import Header, Limits

THREADS = 2  # one reads or writes while the other converts; more tasks at once use more cores
DEPTHS = {
    ".exr": ("half", "float"),
    ".dpx": ("uint8", "uint10", "uint12", "uint16"),
    ".png": ("uint8", "uint16"),
    ".tif": ("uint8", "uint16", "half", "float"),
}
USUAL = {".exr": "half", ".dpx": "uint10", ".png": "uint16", ".tif": "uint16"}
MAX_DPX_TEXT = 31


@dataclass(frozen=True)
class FrameBake:
    """How the frames of one clip are baked.

    Attributes:
        grader: what happens to colour.
        end: where that ends.
        first: header of the clip's first frame; the others must be alike.
        sample: how colour is stored; empty: as in the source, or as is usual.
        limits: the largest image that is read.
    """

    grader: Grader
    end: End
    first: Header
    sample: str
    limits: Limits
    entries: Mapping[str, Any] = field(default_factory=dict)


def bake_frames(
    bake: FrameBake,
    ways: Sequence[tuple[int, Path, Path]],
    *,
    threads: int = THREADS,
    told: Callable[[float, str], object] = lambda _done, _name: None,
) -> None:
    """Bake frames, each appearing when it was written whole.

    Memory is that of ``threads`` frames, however many there are. The bytes of a frame depend on nothing but itself.

    Args:
        bake: how.
        ways: frame number, what is read, what is written.
        threads: frames at once.
        told: hears how far it is.

    Raises:
        InputMissingError, InputCorruptError, BadRequestError: names the file and the frame.
    """
    with ThreadPoolExecutor(threads) as pool:  # OpenImageIO and OpenColorIO let go of the interpreter
        waiting = [(frame, pool.submit(_bake_one, bake, frame, source, target)) for frame, source, target in ways]
        try:
            for done, (frame, one) in enumerate(waiting):
                told(done / len(waiting), f"frame {frame}")
                one.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _bake_one(bake: FrameBake, frame: int, source: Path, target: Path) -> None:
    from .images import read_original, write_like  # noqa: PLC0415 - heavy: OpenImageIO

    try:
        original = read_original(source, bake.limits)
        refuse_unlike(original.header, bake.first)
        sample = stored_as(target.suffix, bake.sample, original.sample)
        light = original.light
        if sample.startswith("uint"):
            colour = bake.grader.codes(light, bits=cast("Bits", int(sample.removeprefix("uint"))))
        else:
            colour = bake.grader.halves(light) if sample == "half" else bake.grader.floats(light)
        entries = {**entries_of(bake.end, bake.grader.colour.name, target.suffix), **bake.entries}
        write_like(target, original, colour, sample=sample, entries=entries, limits=bake.limits)
    except ShotmillError as error:
        error.fields.setdefault("frame", str(frame))
        raise


def refuse_unlike(header: Header, first: Header) -> None:
    """Refuse a frame that is not like the first of its clip.

    Raises:
        BadRequestError: it is of another size, or says that it is in another colour space.
    """
    if (header.width, header.height) != (first.width, first.height):
        raise BadRequestError(
            f"{header.path} has {header.width}x{header.height} pixels, and {first.path.name}, the first frame, "
            f"{first.width}x{first.height}; one bake has one size: render it again, or bake it apart",
            path=header.path,
        )
    if header.colourspace != first.colourspace:
        raise BadRequestError(
            f"{header.path} says that it is in {header.colourspace!r}, and {first.path.name}, the first frame, "
            f"{first.colourspace!r}; name the colour space of both with --colourspace, or bake them apart",
            path=header.path,
        )


def stored_as(suffix: str, wanted: str, source: str) -> str:
    """How colour is stored in a file of a suffix: as wanted, else as in the source where the format can, else as usual.

    Raises:
        BadRequestError: files of that kind cannot hold what is wanted.
    """
    kind = ".tif" if suffix.lower() == ".tiff" else suffix.lower()
    if wanted and wanted not in DEPTHS[kind]:
        listed = ", ".join(DEPTHS[kind])
        raise BadRequestError(f"{kind} files cannot hold {wanted}; choose one of: {listed}", field="depth")
    if wanted:
        return wanted
    return source if source in DEPTHS[kind] else USUAL[kind]


def entries_of(end: End, config: str, suffix: str) -> dict[str, Any]:
    """Header entries that say which colours a file holds now; None: an entry that must not stay."""
    if suffix.lower() == ".dpx":
        return {"dpx:ImageDescription": None, "ImageDescription": end.space[:MAX_DPX_TEXT], "oiio:ColorSpace": None}
    found: dict[str, Any] = {
        "shotmill:colourspace": end.space,
        "shotmill:config": config,
        "oiio:ColorSpace": end.interop or end.space,
        "colorInteropID": end.interop or None,
    }
    if suffix.lower() == ".exr" and end.chromaticities:
        found["chromaticities"] = end.chromaticities
    return found
