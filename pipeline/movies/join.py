"""Joining: parts of our own movies one behind the other, packet by packet, and nothing is encoded again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.error

from ...schema.errors import BadRequestError, InputCorruptError, StorageError
from ...schema.media import Rate


@dataclass(frozen=True)
class Piece:
    """Part of a movie; its first frame, and the one behind its last, are keyframes with closed groups before them.

    Attributes:
        path: of the movie.
        first: counted from 0.
        frames: how many.
        name: of the shot, for messages.
    """

    path: Path
    first: int
    frames: int
    name: str = ""


def join(path: Path, pieces: Sequence[Piece], *, rate: Rate) -> None:
    """Write pieces one behind the other; the same pieces give the same bytes.

    Args:
        path: it appears under this name only when it was written whole.
        pieces: all coded alike; at least one.
        rate: frames per second of all.

    Raises:
        BadRequestError: two of them are coded differently; names both.
        InputCorruptError: one lacks frames.
        StorageError: it could not be written.
    """
    half_written = path.with_name(f".{path.stem}.part{path.suffix}")
    options = {"fflags": "+bitexact"}
    try:
        with av.open(str(half_written), "w", options=options) as target:
            _Joiner(target, rate).add(pieces)
        half_written.replace(path)
    except av.error.FFmpegError as error:
        raise StorageError(f"{path} could not be joined: {error.strerror or error}", path=path) from error
    finally:
        half_written.unlink(missing_ok=True)


class _Joiner:
    def __init__(self, target: Any, rate: Rate) -> None:
        self._target, self._rate = target, rate
        self._stream: Any = None
        self._form: tuple[Any, ...] = ()
        self._named = ""
        self._at = self._ahead = 0

    def add(self, pieces: Sequence[Piece]) -> None:
        self._ahead = max(_frames_ahead(piece, self._rate) for piece in pieces)
        for piece in pieces:
            with av.open(str(piece.path)) as source:
                self._add(piece, source)

    def _add(self, piece: Piece, source: Any) -> None:
        stream = source.streams.video[0]
        form = _form_of(stream)
        if self._stream is None:
            self._stream = self._target.add_stream_from_template(stream)
            self._stream.time_base = stream.time_base
            self._form, self._named = form, piece.name
        elif form != self._form:
            raise BadRequestError(
                f"{piece.name or piece.path} is {_told(form)}, {self._named} is {_told(self._form)}: a reel joins "
                "movies that are coded alike; give --width and --height, or --no-reel",
                path=piece.path,
            )
        step = 1 / (self._rate * stream.time_base)
        shift = round((self._at - piece.first) * step) - (stream.start_time or 0)
        count = 0
        for packet in _packets(source, stream, piece, step):
            packet.pts += shift
            # All are decoded as early as the one that needs it most: movies of a frame or two need less.
            packet.dts = round((self._at + count - self._ahead) * step)
            packet.stream = self._stream
            self._target.mux_one(packet)
            count += 1
        if count != piece.frames:
            raise InputCorruptError(
                f"{piece.path} has {count} of the {piece.frames} frames from {piece.first} on; run its task again",
                path=piece.path,
            )
        self._at += piece.frames


def _frames_ahead(piece: Piece, rate: Rate) -> int:
    """How many frames before it is shown the first frame of a movie is decoded, as others may refer to later ones."""
    with av.open(str(piece.path)) as source:
        stream: Any = source.streams.video[0]
        first = next((packet.dts for packet in source.demux(stream) if packet.dts is not None), 0)
        return int(max(0, round(((stream.start_time or 0) - first) * (rate * stream.time_base))))


def _packets(source: Any, stream: Any, piece: Piece, step: Any) -> Iterator[Any]:
    begin = stream.start_time or 0
    for packet in source.demux(stream):
        if packet.pts is not None and packet.dts is not None:
            frame = round((packet.pts - begin) / step)
            if piece.first <= frame < piece.first + piece.frames:
                yield packet


def _form_of(stream: Any) -> tuple[Any, ...]:
    """What must be the same of movies that are joined."""
    context = stream.codec_context
    colour = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
    rate = stream.average_rate
    return (context.name, context.width, context.height, str(rate), stream.time_base, colour, context.extradata or b"")


def _told(form: tuple[Any, ...]) -> str:
    name, width, height, rate = form[:4]
    return f"{name} {width}x{height} at {rate}"
