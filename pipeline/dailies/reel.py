"""The reel of a cut: its movies in order, without slates and handles; gaps are black, lost shots are cards."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ...schema.codecs import container_of
from ...schema.errors import BadRequestError, ReceiptMismatchError
from ...schema.movies import Edit, MovieParams, Sound
from ...schema.timecode import timecode_of_frame
from ..movies import ENCODED, MovieForm, Piece, SoundTrack, check_copy, encode_movie, join, read_sound, rewrap
from .lettering import Pen
from .plan import MoviesPlan
from .shot import form_of
from .slate import draw_card
from .steps import reel_order


@dataclass(frozen=True)
class ShotMovie:
    """The movie of a shot, and where its pictures begin in it, its handles left out."""

    path: Path
    first: int
    frames: int


@dataclass(frozen=True)
class Reel:
    """What was joined: frames, shots that are cards, and how long the gaps are."""

    frames: int
    missing: tuple[str, ...]
    gap_frames: int
    sound: bool


def write_reel(path: Path, params: MovieParams, plan: MoviesPlan, movies: Mapping[str, ShotMovie], *, pen: Pen) -> Reel:
    """Join the movies of a cut in record order.

    Args:
        path: it appears under this name only when it was written whole; cards and gaps lie beside it meanwhile.
        params: of the job.
        plan: of its movies.
        movies: by clip name; a shot that has none is a card with its name.
        pen: writes the cards.

    Raises:
        BadRequestError: movies are coded differently; names two.
        StorageError: it could not be written.
    """
    edit = params.edit
    if edit is None or not plan.clips:
        raise BadRequestError("a reel needs a cut; submit with --cut", field="edit")
    form = form_of(params, plan.clips[0])
    scraps = _Scraps(path, form, pen)
    pieces, missing, gaps, at = [], [], 0, 0
    try:
        for name, place in reel_order(edit):
            if place.record_in > at:
                pieces.append(scraps.black(place.record_in - at))
                gaps += place.record_in - at
            length = place.record_out - place.record_in + 1
            if name in movies:
                pieces.append(_piece(name, movies[name], length))
            else:
                pieces.append(scraps.card(name, length))
                missing.append(name)
            at = place.record_out + 1
        if edit.duration > at:
            pieces.append(scraps.black(edit.duration - at))
            gaps, at = gaps + edit.duration - at, edit.duration
        silent = scraps.path()
        join(silent, pieces, rate=edit.rate)
        sound = _sound(params, edit, frames=at)
        code = timecode_of_frame(edit.start_frame, edit.rate, drop_frame=edit.drop_frame)
        rewrap(path, silent, sound, timecode=code)
    finally:
        scraps.remove()
    return Reel(at, tuple(missing), gaps, sound is not None)


def _piece(name: str, movie: ShotMovie, length: int) -> Piece:
    if movie.frames != length:
        raise ReceiptMismatchError(f"the movie of {name} has {movie.frames} frames for {length} of the cut")
    return Piece(movie.path, movie.first, length, name)


class _Scraps:
    """Movies of one picture each, coded as those of the shots are."""

    def __init__(self, path: Path, form: MovieForm, pen: Pen) -> None:
        self._path, self._form, self._pen = path, form, pen
        self._made: list[Path] = []

    def black(self, frames: int) -> Piece:
        return self._piece(self._pen.blank(self._form.size, (0, 0, 0)), frames, "gap")

    def card(self, name: str, frames: int) -> Piece:
        return self._piece(draw_card(name, "media is offline", self._form.size, self._pen), frames, name)

    def remove(self) -> None:
        for path in self._made:
            path.unlink(missing_ok=True)

    def path(self) -> Path:
        made = self._path.with_name(f".{self._path.stem}.{len(self._made):04d}{self._path.suffix}")
        self._made.append(made)
        return made

    def _piece(self, picture: NDArray[Any], frames: int, name: str) -> Piece:
        path = self.path()
        encode_movie(path, itertools.repeat(picture, frames), replace(self._form, keys=()))
        return Piece(path, 0, frames, name)


def _sound(params: MovieParams, edit: Edit, *, frames: int) -> SoundTrack | None:
    """The sound of a cut."""
    if not params.audio or params.sound is Sound.NONE:
        return None
    container = container_of(params.codec, params.container)
    found = read_sound(Path(params.audio))
    if found is None:
        raise BadRequestError(f"{params.audio} holds no sound; give another file", path=params.audio, field="audio")
    if params.sound is Sound.COPY:
        check_copy(found, container)
    start, delay = max(-found.later_s, Fraction(0)), max(found.later_s, Fraction(0))
    length = min(Fraction(frames) / edit.rate - delay, found.length_s - start)
    if length <= 0:
        return None
    codec = ("copy",) if params.sound is Sound.COPY else ENCODED[container]
    return SoundTrack(found.path, start, length, delay, codec)
