"""Media on disk: which movie, still or sequence a path means, and what is in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..schema.errors import BadRequestError, FrameSpecError, InputCorruptError, InputMissingError
from ..schema.frames import MAX_FRAMES, FrameSet
from ..schema.media import Clip, MediaInfo, MediaKind, Rate
from ..schema.names import check_media_path
from .sequences import Numbered, is_alone, not_there, numbers, padding_of

if TYPE_CHECKING:  # finding media opens none; submitting a job need not load what would
    from .colour import Colour
    from .images import Limits
    from .movies import Movie

MOVIES = frozenset({".mov", ".mp4", ".m4v", ".mxf", ".mkv", ".avi", ".webm", ".mts", ".m2ts"})
IMAGES = frozenset({".exr", ".dpx", ".cin", ".png", ".tif", ".tiff", ".jpg", ".jpeg", ".tga", ".hdr", ".bmp", ".webp"})
KNOWN = MOVIES | IMAGES
_HASHES = re.compile(r"#+")
_PADDINGS = (_HASHES, re.compile(r"%0?(?P<width>\d*)d"), re.compile(r"@+"), re.compile(r"\$F(?P<width>\d*)"))


class Medium(NamedTuple):
    """One medium on disk.

    Attributes:
        path: absolute; sequences with their padding as ``#``.
        frames: from the first to the last; None for a movie, whose length only opening it tells, and for a still.
        missing: gaps between the first and the last frame.
        frame: the one that the path named, where it means the whole sequence.
    """

    path: str
    kind: MediaKind
    frames: FrameSet | None = None
    missing: FrameSet | None = None
    frame: int | None = None


def find_medium(text: str, *, base: Path | None = None) -> Medium:
    """The movie, still or sequence that a path means; opens no file.

    Args:
        text: a movie, a still, ``name.####.exr`` (or ``%04d``, ``@@@@``, ``$F4``), one frame of a sequence (which then
            means the whole sequence, and that frame where one is shown), or a folder that holds exactly one medium.
            Relative to ``base`` or the current folder.
        base: folder that a relative path starts from.

    Raises:
        InputMissingError: nothing is there.
        BadRequestError: the path is empty, a folder holds several media, or the suffix is unknown.
        PathJailError: the path is not one that may travel.
    """
    if not text.strip():
        raise BadRequestError("the path of a medium is empty; give a movie, an image or a folder", field="media")
    path = Path(text) if Path(text).is_absolute() else (base or Path.cwd()) / text
    path = Path(check_media_path(str(path), field="media"))
    is_file = path.is_file()
    pattern = None if is_file else _as_hashes(path)
    if pattern is not None:
        return _sequence(path.parent, *pattern)
    if path.is_dir():
        return _only_one(path)
    if not is_file:
        raise not_there(path)
    if "#" in path.name:
        raise BadRequestError(f"{path} has a # in its name, which stands for frame numbers; rename the file", path=path)
    if path.suffix.lower() in MOVIES:
        return Medium(str(path), MediaKind.MOVIE)
    if path.suffix.lower() not in IMAGES:
        known = " ".join(sorted(MOVIES | IMAGES))
        raise BadRequestError(
            f"{path} is neither a movie nor an image that is known; known suffixes: {known}", path=path
        )
    return _still_or_sequence(path)


def frame_path(pattern: str, frame: int) -> Path:
    """The file of one frame: ``#`` replaced by the number with its padding; a path without ``#`` is itself."""
    found = _HASHES.search(Path(pattern).name)
    if found is None:
        return Path(pattern)
    width = len(found.group())
    digits = f"{frame:0{width + (frame < 0)}d}"
    name = Path(pattern).name
    return Path(pattern).with_name(name[: found.start()] + digits + name[found.end() :])


def is_movie(path: str) -> bool:
    """Whether a path names a movie, by its suffix."""
    return Path(path).suffix.lower() in MOVIES


def clip_of(medium: Medium, *, name: str | None = None) -> Clip:
    """A clip that uses all of a medium, named after its file; a frame that was pointed at is the one to show."""
    return Clip(
        name=name or clip_name(medium.path),
        media=medium.path,
        frames=medium.frames,
        holes=medium.missing,
        frame=medium.frame,
    )


def with_frames(clip: Clip) -> Clip:
    """The clip; a sequence that names no frames gets those on disk, with its gaps.

    Raises:
        InputMissingError: no frame is there.
    """
    if clip.frames is not None or "#" not in Path(clip.media).name:
        return clip
    found = find_medium(clip.media)
    return clip.model_copy(update={"frames": found.frames, "holes": found.missing})


def with_counted_frames(clip: Clip) -> Clip:
    """The clip; a movie that names no frames gets all of its own, counted from 0.

    Raises:
        InputMissingError: it is not there.
        InputCorruptError: it is no movie.
    """
    if clip.frames is not None or clip.offline or not is_movie(clip.media):
        return clip
    from .movies import Movie  # noqa: PLC0415 - heavy: PyAV

    with Movie(Path(clip.media)) as opened:
        return clip.model_copy(update={"frames": FrameSet.span(0, opened.header.frames - 1)})


def with_holes(clips: Sequence[Clip]) -> list[Clip]:
    """The clips; of sequences whose frames are given, those that are not on disk are their holes.

    Raises:
        InputMissingError: a folder cannot be read, or none of a clip's frames is there.
    """
    known: dict[str, frozenset[int]] = {}
    return [_with_holes(clip, known) for clip in clips]


def _with_holes(clip: Clip, known: dict[str, frozenset[int]]) -> Clip:
    path = Path(clip.media)
    found = None if clip.offline or clip.holes is not None else _HASHES.search(path.name)
    if found is None or clip.frames is None:
        return clip
    if clip.media not in known:  # a cut has many clips of one plate
        head, tail = path.name[: found.start()], path.name[found.end() :]
        known[clip.media] = frozenset(map(int, numbers(path.parent, head, tail, padding=len(found.group()))))
    gone = clip.frames.minus(known[clip.media])
    if len(gone) == len(clip.frames):
        raise InputMissingError(f"no frame {clip.frames} of {path} is there; check the path", path=path, clip=clip.name)
    return clip.model_copy(update={"holes": FrameSet.of(gone)}) if gone else clip


def clip_name(path: str) -> str:
    """What people call a medium: its file name without padding and suffix."""
    stem = _HASHES.sub("", Path(path).name)
    return stem.rpartition(".")[0].rstrip("._-") or stem


def probe(clip: Clip, colour: Colour, *, limits: Limits | None = None, movie: Movie | None = None) -> MediaInfo:
    """Open a medium and say what is in it; sequences by their first frame that is there.

    Args:
        clip: what to look into.
        colour: decides which colour space it is in.
        limits: the largest image that is read.
        movie: the clip's, where it is open already.

    Raises:
        InputMissingError: it, or its first frame, is not there.
        InputCorruptError: it cannot be read.
        InputTooLargeError: it is larger than the limits allow.
    """
    if not is_movie(clip.media):
        return _probe_images(clip, colour, limits)
    if movie is not None:
        return _probe_movie(clip, colour, movie)
    from .movies import Movie  # noqa: PLC0415 - heavy: PyAV

    with Movie(Path(clip.media)) as opened:
        return _probe_movie(clip, colour, opened)


def _probe_movie(clip: Clip, colour: Colour, movie: Movie) -> MediaInfo:
    path, header, turn = Path(clip.media), movie.header, movie.turn
    if header.lost:
        raise InputCorruptError(
            f"movie {path} is cut off: {header.lost} of its {header.frames} frames are not there; copy it again",
            path=path,
        )
    width, height = turn.size(header.width, header.height)
    space, rule = _space(clip, colour, path, hint=header.colour, floating=False, movie=True)
    return MediaInfo(
        path=clip.media,
        kind=MediaKind.MOVIE,
        container=header.container,
        codec=header.codec,
        width=width,
        height=height,
        pixel_aspect=turn.aspect(header.pixel_aspect),
        rotation=turn.rotation,
        mirrored=turn.mirrored,
        rate=header.rate,
        frames=FrameSet.span(0, header.frames - 1),
        duration_s=float(header.frames / header.rate),
        timecode=header.timecode,
        colourspace=space,
        colourspace_from=rule,
        channels=header.channels,
        bits=header.bits,
        sample="uint",
        audio_streams=header.audio_streams,
        size_bytes=path.stat().st_size,
    )


def _probe_images(clip: Clip, colour: Colour, limits: Limits | None) -> MediaInfo:
    frames = clip.frames or FrameSet((0,))
    sizes = _sizes(clip.media, frames.minus(clip.holes or ()))
    there = tuple(sizes) or frames.frames
    first = frame_path(clip.media, there[0])
    from .images import CODECS, read_header  # noqa: PLC0415 - heavy: numpy and OpenImageIO

    header = read_header(first, limits)
    floating = header.sample == "float"
    space, rule = _space(clip, colour, first, hint=header.colourspace, floating=floating)
    sequence = "#" in Path(clip.media).name
    rate = clip.rate or _rate(header.rate)
    window = header.data
    whole = (window.x, window.y, window.width, window.height) == (0, 0, header.width, header.height)
    return MediaInfo(
        path=clip.media,
        kind=MediaKind.SEQUENCE if sequence else MediaKind.STILL,
        container=CODECS.get(header.codec, header.codec),
        codec=header.compression if header.codec == "openexr" else header.codec,
        width=header.width,
        height=header.height,
        data_window=None if whole else window,
        pixel_aspect=header.pixel_aspect,
        rate=rate,
        frames=FrameSet(there),
        missing=FrameSet.of(gaps) if (gaps := frames.minus(there)) else None,
        duration_s=float(len(frames) / rate) if rate and sequence else None,
        timecode=header.timecode,
        colourspace=space,
        colourspace_from=rule,
        channels=header.channels,
        bits=header.bits,
        sample=header.sample,
        parts=header.parts,
        size_bytes=sum(sizes.values()),
    )


def _rate(found: float | None) -> Rate | None:
    """A rate that a file claims; one that cannot be is none."""
    try:
        return Rate.parse(found) if found else None
    except ValueError:
        return None


def _sizes(pattern: str, frames: Iterable[int]) -> dict[int, int]:
    """Bytes of each frame that is there."""
    sizes = {}
    for frame in frames:
        try:
            sizes[frame] = frame_path(pattern, frame).stat().st_size
        except FileNotFoundError:
            continue
    return sizes


def _space(
    clip: Clip, colour: Colour, path: Path, *, hint: str | None, floating: bool, movie: bool = False
) -> tuple[str | None, str | None]:
    """A probe reports what it can find; a file that says nothing is reported as such, not refused."""
    from ..schema.errors import ColourError  # noqa: PLC0415 - used here only

    if clip.colourspace:
        return colour.space(clip.colourspace), "given"
    try:
        found = colour.space_of_file(path, hint=hint, floating=floating, movie=movie)
    except ColourError:
        return None, None
    return found.space, found.rule


def _as_hashes(path: Path) -> tuple[str, int | None, str] | None:
    """Head, padding and tail of a name that holds ``####``, ``@@@@``, ``%04d`` or ``$F4``; None when it holds none.

    A lone ``#`` stands for any padding: None.
    """
    for pattern in _PADDINGS:
        found = pattern.search(path.name)
        if found:
            width = found.groupdict().get("width")
            padding = len(found.group()) if width is None else int(width or 1)
            return path.name[: found.start()], padding if padding > 1 else None, path.name[found.end() :]
    return None


def _sequence(folder: Path, head: str, padding: int | None, tail: str) -> Medium:
    digits = numbers(folder, head, tail, padding=padding)
    if not digits:
        pattern = folder / f"{head}{'#' * (padding or 1)}{tail}"
        raise InputMissingError(f"no frame of {pattern} is there; check the path and the padding", path=pattern)
    return _sequence_of(digits, folder, head, tail)


def _sequence_of(digits: Sequence[str], folder: Path, head: str, tail: str) -> Medium:
    pattern = folder / f"{head}{'#' * padding_of(digits)}{tail}"
    frames = list(map(int, digits))
    first, last = min(frames), max(frames)
    if last - first >= MAX_FRAMES:
        names = " and ".join(frame_path(str(pattern), frame).name for frame in (first, last))
        raise FrameSpecError(
            f"{names} in {folder} are {last - first} frames apart; a sequence has at most {MAX_FRAMES}: put the file "
            "that is no frame of it into another folder",
            path=pattern,
        )
    span = FrameSet.span(first, last)
    gaps = span.minus(frames)
    missing = FrameSet.of(gaps) if gaps else None
    return Medium(str(pattern), MediaKind.SEQUENCE, frames=span, missing=missing)


def _still_or_sequence(path: Path) -> Medium:
    found = Numbered.parse(path.name)
    if found:
        digits = numbers(path.parent, found.head, found.tail, padding=found.padding)
        if not is_alone(found.digits, digits):
            return _sequence_of(digits, path.parent, found.head, found.tail)._replace(frame=int(found.digits))
    return Medium(str(path), MediaKind.STILL)


def _only_one(folder: Path) -> Medium:
    media: dict[tuple[str, ...], Path] = {}
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 - thousands of names: a Path object each costs more
        stem, dot, ending = name.rpartition(".")
        suffix = dot + ending.lower()
        if stem and suffix in KNOWN and not name.startswith("."):
            found = None if suffix in MOVIES else Numbered.parse(name)
            media.setdefault((found.head, found.tail) if found else (name,), folder / name)
    if len(media) != 1:
        names = ", ".join(sorted("#".join(key) for key in media)[:5]) or "none"
        raise BadRequestError(f"folder {folder} holds {len(media)} media ({names}); name one of them", path=folder)
    [(key, path)] = media.items()
    sequence = _sequence(folder, key[0], None, key[1]) if len(key) > 1 else None
    if sequence is None or len(sequence.frames or ()) == 1:
        return find_medium(str(path))._replace(frame=None)
    return sequence
