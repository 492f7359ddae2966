"""One movie: slate, pictures, burn-in, sound and timecode into one file, looked at again before anybody gets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ...schema.codecs import CODECS, TAGS, container_of
from ...schema.errors import StorageError
from ...schema.movies import MovieParams, Sound
from ...schema.timecode import advance
from ..cores import usable_cores
from ..movies import ENCODED, MovieForm, SoundTrack, encode_movie, measure, video_options
from .canvas import Canvas, canvas_of
from .corners import Corners
from .pictures import Pictures
from .plan import PlannedClip, PlannedSound

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Head:
    """What stands before the pictures: a slate, and how many frames it is shown."""

    slate: NDArray[Any]
    frames: int


@dataclass(frozen=True)
class Made:
    """What was written.

    Attributes:
        frames: of the movie, with its slate.
        holes: frames of the clip that are cards.
        in_flight: frames that were in memory at once, at most.
    """

    frames: int
    holes: tuple[int, ...]
    in_flight: int


def canvas_for(params: MovieParams, clip: PlannedClip) -> Canvas:
    """The frame of a clip's movie."""
    return canvas_of(clip.stored, clip.pixel_aspect, width=params.width, height=params.height)


def is_deep(params: MovieParams) -> bool:
    """Whether the codec takes more than 8 bits."""
    return CODECS[params.codec].bits > 8  # noqa: PLR2004 - of a byte


def form_of(params: MovieParams, clip: PlannedClip) -> MovieForm:
    """How the movie of a clip is coded; all of one size, rate and display are coded alike."""
    canvas = canvas_for(params, clip)
    return MovieForm(
        size=(canvas.width, canvas.height),
        rate=clip.rate,
        codec=video_options(params.codec, quality=params.quality, gop=params.gop),
        tags=TAGS[clip.tags],
        deep=is_deep(params),
    )


def write_movie(  # noqa: PLR0913 - what a movie is made of
    path: Path,
    clip: PlannedClip,
    pictures: Pictures,
    form: MovieForm,
    *,
    params: MovieParams,
    head: Head | None = None,
    burn_in: Corners | None = None,
    report: Report = lambda _fraction, _message: None,
) -> Made:
    """Write a movie of a clip.

    Args:
        path: it appears under this name only when it was written whole.
        clip: as it was planned.
        pictures: of the clip.
        form: how it is coded; keyframes, timecode and sound are added.
        params: of the job.
        head: a slate; None: none.
        burn_in: words on each picture; None: none.
        report: told how far it is.

    Raises:
        ShotmillError: a frame cannot be read, or the movie cannot be written; nothing is left.
    """
    before = head.frames if head else 0
    first = before + clip.head
    whole = MovieForm(
        **{
            **vars(form),
            "keys": () if CODECS[params.codec].intra else (before, first, before + len(clip.frames) - clip.tail),
            "timecode": advance(clip.timecode, -before, clip.rate),
            "sound": sound_track(params, clip.sound, slate_s=Fraction(before) / clip.rate),
        }
    )
    holes: list[int] = []

    def frames() -> Iterator[NDArray[Any]]:
        for _ in range(before):
            yield head.slate  # type: ignore[union-attr]
        for index, shown in enumerate(pictures.all(workers=workers())):
            if not shown.there:
                holes.append(shown.frame)
            if burn_in is not None:
                code = advance(clip.timecode, index, clip.rate)
                burn_in.onto(shown.pixels, frame=str(shown.frame), timecode=code)
            report(index / len(clip.frames), f"{clip.name} frame {shown.frame}")
            yield shown.pixels

    encode_movie(path, frames(), whole)
    _check(path, whole, before + len(clip.frames), clip)
    return Made(before + len(clip.frames), tuple(holes), pictures.in_flight)


def sound_track(params: MovieParams, sound: PlannedSound | None, *, slate_s: Fraction) -> SoundTrack | None:
    """The sound of a movie as its encoder wants it."""
    if sound is None:
        return None
    codec = ("copy",) if params.sound is Sound.COPY else ENCODED[container_of(params.codec, params.container)]
    return SoundTrack(
        path=Path(sound.path),
        start=max(sound.start, Fraction(0)),
        length=sound.length,
        delay=slate_s + max(-sound.start, Fraction(0)),
        codec=codec,
    )


def workers() -> int:
    """Threads that read and show: one for each core that this process may use, and one for when another waits."""
    return usable_cores() + 1


def _check(path: Path, form: MovieForm, frames: int, clip: PlannedClip) -> None:
    """Look at what was written: as many frames, that rate, and sound that ends where the picture does."""
    found = measure(path)
    wrong = []
    if found.frames != frames:
        wrong.append(f"{found.frames} frames for {frames}")
    if found.rate != form.rate:
        wrong.append(f"{found.rate} frames per second for {form.rate}")
    if form.timecode and found.timecode != form.timecode:
        wrong.append(f"timecode {found.timecode} for {form.timecode}")
    if form.sound is not None and clip.sound is not None:
        end = form.sound.delay + form.sound.length
        packet = max(clip.sound.packet, found.packet_s)
        if abs(found.sound_end_s - end) > packet:
            wrong.append(f"sound until {float(found.sound_end_s):.4f} s for {float(end):.4f} s")
    if wrong:
        path.unlink(missing_ok=True)
        raise StorageError(
            f"{clip.name}: the movie came out with {', '.join(wrong)}; run it again, and if it comes out so again "
            "choose another --codec, or --sound encode",
            path=path,
        )
