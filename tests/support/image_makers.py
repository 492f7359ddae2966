"""Still images for tests, written by OpenImageIO itself: every frame carries its number; see ``numbered``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
from numbered import numbered, with_patch
from numpy.typing import NDArray

SIZE = (256, 144)
PATCH = (0.39990234375, 0.1500244140625, 0.0799560546875)  # a half holds exactly these
LAYERS = ("R", "G", "B", "A", "diffuse.R", "diffuse.G", "diffuse.B", "N.X", "N.Y", "N.Z", "P.X", "P.Y", "P.Z")


@dataclass(frozen=True)
class Kind:
    """How an image is stored.

    Attributes:
        suffix: with its dot; says the format.
        sample: OpenImageIO's name of the type in the file.
        channels: names; R, G and B get the picture, A is 1, the others 0.75.
        facts: header entries.
    """

    suffix: str
    sample: str
    channels: Sequence[str] = ("R", "G", "B")
    facts: dict[str, Any] = field(default_factory=dict)


def _exr(compression: str, channels: Sequence[str] = ("R", "G", "B"), sample: str = "half") -> Kind:
    return Kind(".exr", sample, channels, {"compression": compression, "colorInteropID": "lin_ap1_scene"})


KINDS = {
    "EXR ZIP": _exr("zip"),
    "EXR ZIPS": _exr("zips"),
    "EXR PIZ": _exr("piz"),
    "EXR DWAA": _exr("dwaa"),
    "EXR DWAB": _exr("dwab"),
    "EXR RLE": _exr("rle"),
    "EXR uncompressed": _exr("none"),
    "EXR float": _exr("zip", sample="float"),
    "EXR of 13 channels": _exr("zip", LAYERS),
    "EXR of one layer": _exr("zip", ("beauty.R", "beauty.G", "beauty.B", "depth.Z")),
    "EXR with channels in another order": _exr("zip", ("A", "B", "G", "R", "Z")),
    "DPX 10 bit": Kind(".dpx", "uint10"),
    "DPX 8 bit": Kind(".dpx", "uint8"),
    "DPX 16 bit": Kind(".dpx", "uint16"),
    "PNG 8 bit": Kind(".png", "uint8"),
    "PNG 16 bit": Kind(".png", "uint16"),
    "PNG with alpha": Kind(".png", "uint8", ("R", "G", "B", "A")),
    "TIFF 8 bit": Kind(".tif", "uint8", facts={"compression": "zip"}),
    "TIFF 16 bit": Kind(".tif", "uint16", facts={"compression": "zip"}),
    "TIFF float": Kind(".tif", "float", facts={"compression": "zip"}),
    "TIFF LZW": Kind(".tif", "uint8", facts={"compression": "lzw"}),
    "TIFF uncompressed": Kind(".tif", "uint16", facts={"compression": "none"}),
    "JPEG": Kind(".jpg", "uint8", facts={"compression": "jpeg:95"}),
    "TGA": Kind(".tga", "uint8"),
    "BMP": Kind(".bmp", "uint8"),
    "WebP": Kind(".webp", "uint8", facts={"compression": "webp:100"}),
    "Radiance HDR": Kind(".hdr", "float"),
}


def picture(number: int, size: tuple[int, int] = SIZE) -> NDArray[np.float32]:
    """What ``image`` stores."""
    return with_patch(numbered(number, size=size), PATCH)


def image(path: Path, kind: Kind, number: int, *, size: tuple[int, int] = SIZE) -> Path:
    """Write one numbered image; its pixels are stored as they are, whatever the space is called."""
    return write(path, kind, picture(number, size))


def write(path: Path, kind: Kind, pixels: NDArray[np.float32], *, shape: Callable[[Any], None] | None = None) -> Path:
    """Write pixels.

    Args:
        path: with the kind's suffix.
        kind: how to store them.
        pixels: (h, w, 3).
        shape: changes the header, such as its windows.
    """
    spec = spec_of(kind, (pixels.shape[1], pixels.shape[0]))
    if shape:
        shape(spec)
    path.parent.mkdir(parents=True, exist_ok=True)
    output: Any = oiio.ImageOutput.create(str(path))
    if not output.open(str(path), spec) or not output.write_image(spread(pixels, kind.channels)) or not output.close():
        raise RuntimeError(output.geterror())
    return path


def spec_of(kind: Kind, size: tuple[int, int]) -> Any:
    bits = {"uint10": 10}.get(kind.sample)
    spec = oiio.ImageSpec(*size, len(kind.channels), "uint16" if bits else kind.sample)
    spec.channelnames = tuple(kind.channels)
    if bits:
        spec.attribute("oiio:BitsPerSample", bits)
    for name, value in kind.facts.items():
        spec.attribute(name, value)
    return spec


def spread(pixels: NDArray[np.float32], channels: Sequence[str]) -> NDArray[np.float32]:
    """The picture in its channels, wherever they are, 1 in alpha and 0.75 in the others, other layers' too."""
    whole = np.full((*pixels.shape[:2], len(channels)), 0.75, dtype=np.float32)
    for index, name in enumerate(channels):
        layer, _, channel = name.rpartition(".")
        if name == "A":
            whole[:, :, index] = 1.0
        if layer in {"", "beauty"} and channel in {"R", "G", "B"}:
            whole[:, :, index] = pixels[:, :, "RGB".index(channel)]
    return whole


def parts(path: Path, named: Sequence[tuple[str, Sequence[str]]], number: int) -> Path:
    """Write an EXR of several parts, each with its own channels."""
    specs = []
    for name, channels in named:
        spec = spec_of(_exr("zip", channels), SIZE)
        spec.attribute("oiio:subimagename", name)
        specs.append(spec)
    output: Any = oiio.ImageOutput.create(str(path))
    if not output.open(str(path), tuple(specs)):
        raise RuntimeError(output.geterror())
    for index, (spec, (_name, channels)) in enumerate(zip(specs, named, strict=True)):
        if index and not output.open(str(path), spec, "AppendSubimage"):
            raise RuntimeError(output.geterror())
        output.write_image(spread(picture(number), channels))
    output.close()
    return path


def deep(path: Path, size: tuple[int, int] = SIZE) -> Path:
    """A deep EXR: two samples in each pixel, one behind the other."""
    spec = oiio.ImageSpec(*size, 5, "float")
    spec.channelnames, spec.deep = ("R", "G", "B", "A", "Z"), True
    spec.attribute("colorInteropID", "lin_ap1_scene")
    data = oiio.DeepData()
    data.init(size[0] * size[1], 5, (oiio.TypeFloat,) * 5, spec.channelnames)
    for pixel in range(size[0] * size[1]):
        data.set_samples(pixel, 2)
    output: Any = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_deep_image(data)
    output.close()
    return path
