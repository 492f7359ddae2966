"""The demo's media on disk: an H.264 movie, a linear EXR sequence, and the cut over both."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...pipeline.files import write_whole
from ...pipeline.images import write_image
from ...pipeline.media import frame_path
from ...pipeline.movies import encode
from ...schema.frames import FrameSet
from ...schema.media import Rate
from .cut import SHOTS, Media, Shot, cut_json
from .scene import DAWN, DAY, DUSK, HEIGHT, NIGHT, PATCHES, WIDTH, Patch, Scene, encoded_for_video

RATE = Rate(24)
MOVIE_FRAMES = 112
PLATE_FRAMES = FrameSet.span(1001, 1040)
MOVIE = Scene("plate.mov", seed=7, lights=(DAWN, DAY, DUSK, NIGHT), frames=MOVIE_FRAMES)
PLATE = Scene("hills.exr", seed=23, lights=(NIGHT, DAWN, DAY), frames=len(PLATE_FRAMES))
PLATE_SPACE = "lin_ap1_scene"  # ACEScg, by its colour interop id
THREADS = 2  # numpy lets go of the interpreter; the encoder needs a core too
# A fixed number of threads: x264 gives other bytes for another number.
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-pix_fmt", "yuv420p", "-threads", "2")
TIMECODE = ("-timecode", "01:00:00:00")
CUT_NAME = "demo"


@dataclass(frozen=True)
class DemoMedia:
    """Where the demo's media lie.

    Attributes:
        movie: ``plate.mov``: H.264, 24 fps, frames 0 to 111, for a Rec.1886 display.
        plate: ``hills.####.exr`` with its padding as ``#``: ACEScg, half, ZIP; frames ``plate_frames``.
        cut: ``cut.otio``: ``shots`` in order, over both.
        patches: squares of known scene-linear colour in every frame of the plate.
        width, height: of every frame, in pixels.
    """

    folder: Path
    movie: Path
    plate: Path
    plate_frames: FrameSet
    cut: Path
    shots: tuple[Shot, ...] = SHOTS
    patches: tuple[Patch, ...] = PATCHES
    width: int = WIDTH
    height: int = HEIGHT


def make_media(folder: Path) -> DemoMedia:
    """Make the demo's media in a folder; what is there already, made by this version of the demo, is left.

    The same bytes come out on every run of one machine. Every file appears under its name only when it is whole, and
    the cut last, so a run that was interrupted is made good by the next.

    Raises:
        DiskFullError: no space is left.
        StorageError: a file could not be written.
    """
    folder = folder.absolute()
    made = DemoMedia(
        folder, folder / "plate.mov", folder / "hills" / "hills.####.exr", PLATE_FRAMES, folder / "cut.otio"
    )
    text = _cut_text().encode()
    if not (made.cut.is_file() and made.cut.read_bytes() == text):
        made.cut.unlink(missing_ok=True)  # without its cut, everything is made anew
    _make_missing(made, anew=not made.cut.exists())
    if not made.cut.exists():
        write_whole(made.cut, text)
    return made


def _make_missing(media: DemoMedia, *, anew: bool) -> None:
    media.plate.parent.mkdir(parents=True, exist_ok=True)
    if anew or not media.movie.is_file():
        _make_movie(media.movie)
    files = {frame: frame_path(str(media.plate), frame) for frame in PLATE_FRAMES}
    wanted = [frame for frame, path in files.items() if anew or not path.is_file()]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda frame: _make_plate_frame(files[frame], frame), wanted))


def _cut_text() -> str:
    media = Media(
        movie="plate.mov",
        movie_frames=MOVIE_FRAMES,
        plate_folder="hills/",
        plate_head="hills.",
        plate_tail=".exr",
        plate_first=PLATE_FRAMES.first,
        plate_frames=len(PLATE_FRAMES),
    )
    return cut_json(media, name=CUT_NAME)


def _make_movie(path: Path) -> None:
    encode(path, _movie_frames(), size=(WIDTH, HEIGHT), rate=RATE, codec=(*X264, *TIMECODE))


def _movie_frames() -> Iterator[NDArray[np.uint8]]:
    def render(frame: int) -> NDArray[np.uint8]:
        return encoded_for_video(MOVIE.render(frame, frame))

    with ThreadPoolExecutor(THREADS) as pool:
        for first in range(0, MOVIE_FRAMES, 2 * THREADS):  # a few at a time: a frame is 1.5 MB, and memory is not ours
            yield from pool.map(render, range(first, min(first + 2 * THREADS, MOVIE_FRAMES)))


def _make_plate_frame(path: Path, frame: int) -> None:
    pixels = PLATE.render(frame - PLATE_FRAMES.first, frame).astype(np.float16)
    write_image(path, pixels, attributes={"colorInteropID": PLATE_SPACE, "FramesPerSecond": float(RATE)})
