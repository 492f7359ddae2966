"""Reading a clip's frames, each once, and measuring them; what cannot be read is told of in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from ...schema.base import Document
from ...schema.errors import InputCorruptError, InputMissingError, InputTooLargeError, ShotmillError
from ...schema.media import Rate, Window
from ...schema.qc import ChannelFigures, FormFigures
from ..media import frame_path, is_movie
from .encoding import Encoding

if TYPE_CHECKING:
    from ...schema.media import Clip
    from ..images import Header, Limits, Stored
    from ..movies import Movie, Plane

HALF_BITS = 16
LARGEST = 65_504.0


class Trouble(StrEnum):
    """Why a frame has no figures."""

    MISSING = "missing"
    UNREADABLE = "unreadable"


class Measured(Document):
    """One frame that was looked at.

    Attributes:
        frame: in the medium's own numbering; None: the medium as a whole, which cannot be read.
        trouble: why it was not measured; ``said``: the same for people.
        form: how it is stored.
        content, looks: its signature, packed.
        length: frames of the movie that it is of.
    """

    frame: int | None
    trouble: Trouble | None = None
    said: str = ""
    form: FormFigures | None = None
    channels: tuple[ChannelFigures, ...] = ()
    brightness: float = 0.0
    content: str = ""
    looks: str = ""
    length: int | None = Field(default=None, ge=0)


def measure_clip(
    clip: Clip, frames: Sequence[int] | None, *, ceiling: float = float("inf"), limits: Limits | None = None
) -> Iterator[Measured]:
    """Measure frames of a clip, ascending, one at a time in memory; each is read once.

    Args:
        clip: a movie, a sequence or a still.
        frames: in the clip's own numbering; None: all of a movie.
        ceiling: the value above which floating-point pixels are counted.
        limits: the largest image that is read.

    Raises:
        InputMissingError: the folder of the frames is not there: a disk that is not mounted is no finding.
    """
    folder = Path(clip.media).parent
    if not folder.is_dir():
        raise InputMissingError(
            f"folder {folder} is not there; check the path, or mount its disk on this host", path=folder
        )
    if is_movie(clip.media):
        return _movie(Path(clip.media), frames, ceiling)
    return (_image(frame_path(clip.media, frame), frame, ceiling, limits) for frame in sorted(frames or (0,)))


def _image(path: Path, frame: int, ceiling: float, limits: Limits | None) -> Measured:
    from ..images import read_stored  # noqa: PLC0415 - heavy: OpenImageIO

    try:
        stored = read_stored(path, limits=limits)
    except InputMissingError as error:
        return Measured(frame=frame, trouble=_kind_of(error), said=_said(error))
    except (InputCorruptError, InputTooLargeError) as error:
        return Measured(frame=frame, trouble=Trouble.UNREADABLE, said=_said(error))
    header = stored.header
    encodings = [Encoding.of_image(stored.pixels.dtype, name) for name in stored.channels]
    found = _Frame([stored.pixels], [stored.channels], [encodings], (header.data.x, header.data.y))
    return found.measured(frame, _form_of_image(stored), ceiling=ceiling)


def _kind_of(error: InputMissingError) -> Trouble:
    """What an image is that cannot be reached: not there, or not for us.

    Raises:
        InputMissingError: the disk or the network failed; whoever tries again may get it.
    """
    cause = error.__cause__
    if isinstance(cause, FileNotFoundError | NotADirectoryError):
        return Trouble.MISSING
    if isinstance(cause, PermissionError):
        return Trouble.UNREADABLE
    raise error


def _said(error: ShotmillError) -> str:
    return error.message


def _form_of_image(stored: Stored) -> FormFigures:
    header = stored.header
    return FormFigures(
        width=header.width,
        height=header.height,
        pixel_aspect=round(header.pixel_aspect, 6),
        window=header.data,
        channels=header.channels,
        sample=_sample(header),
        rate=_rate(header.rate),
    )


def _sample(header: Header) -> str:
    if header.sample != "float":
        return f"{header.bits} bit"
    return "half" if header.bits == HALF_BITS else "float"


def _rate(found: float | None) -> Rate | None:
    """The rate that a file claims; one that cannot be is none."""
    try:
        return Rate.parse(found) if found else None
    except ValueError:
        return None


def _movie(path: Path, frames: Sequence[int] | None, ceiling: float) -> Iterator[Measured]:
    from ..movies import Movie  # noqa: PLC0415 - heavy: PyAV

    try:
        movie = Movie(path)
    except (InputMissingError, InputCorruptError, InputTooLargeError) as error:
        kind = Trouble.MISSING if isinstance(error, InputMissingError) else Trouble.UNREADABLE
        yield Measured(frame=None, trouble=kind, said=_said(error))
        return
    with movie:
        length = movie.header.frames
        for frame, found in movie.walk(range(length) if frames is None else frames):
            if isinstance(found, InputMissingError):
                yield Measured(frame=frame, trouble=Trouble.MISSING, said=_said(found), length=length)
            elif isinstance(found, ShotmillError):
                yield Measured(frame=frame, trouble=Trouble.UNREADABLE, said=_said(found), length=length)
            else:
                measured = _of_planes(found).measured(frame, _form_of_movie(movie, found), ceiling=ceiling)
                yield measured.model_copy(update={"length": length})


def _of_planes(planes: Sequence[Plane]) -> _Frame:
    return _Frame(
        [plane.codes[:, :, None] for plane in planes],
        [(plane.name,) for plane in planes],
        [[Encoding.of_plane(plane.name, plane.bits, is_full=plane.is_full)] for plane in planes],
        (0, 0),
    )


def _form_of_movie(movie: Movie, planes: Sequence[Plane]) -> FormFigures:
    height, width = planes[0].codes.shape
    first = planes[0]
    return FormFigures(
        width=width,
        height=height,
        pixel_aspect=round(movie.header.pixel_aspect, 6),
        window=Window(x=0, y=0, width=width, height=height),
        channels=tuple(plane.name for plane in planes),
        sample=f"{first.bits} bit {'full' if first.is_full else 'video'} range",
        rate=movie.header.rate,
    )


class _Frame:
    """The pixels of one frame: one array with all channels, or one for each.

    Args:
        pixels: (h, w, c) arrays.
        names: of the channels of each.
        encodings: of the channels of each.
        origin: x and y of their upper left pixel, from the display window's.
    """

    def __init__(
        self,
        pixels: Sequence[Any],
        names: Sequence[Sequence[str]],
        encodings: Sequence[Sequence[Encoding]],
        origin: tuple[int, int],
    ) -> None:
        self._pixels = pixels
        self._names = names
        self._encodings = encodings
        self._origin = origin

    def measured(self, frame: int, form: FormFigures, *, ceiling: float) -> Measured:
        """All of its figures."""
        from .figures import Channel, extremes_of, measure_pixels  # noqa: PLC0415 - heavy: numpy
        from .signature import sign  # noqa: PLC0415 - same

        extremes = [extremes_of(pixels) for pixels in self._pixels]
        is_plain = self._pixels[0].dtype.kind != "f" or all(
            one.is_finite and one.low >= -LARGEST and one.high <= LARGEST for some in extremes for one in some
        )
        flat = [encoding for some in self._encodings for encoding in some]
        signature, means = sign(self._pixels, flat, is_plain=is_plain)
        left = iter(means)
        channels: list[ChannelFigures] = []
        for pixels, names, encodings, found in zip(self._pixels, self._names, self._encodings, extremes, strict=True):
            known = [Channel(*one, next(left)) for one in zip(names, encodings, found, strict=True)]
            channels += measure_pixels(pixels, known, ceiling=ceiling, origin=self._origin)
        return Measured(
            frame=frame,
            form=form,
            channels=tuple(channels),
            brightness=signature.brightness,
            content=signature.content,
            looks=signature.packed(),
        )
