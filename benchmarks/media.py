"""Thumbnails and filmstrips, warm as in a worker, against one ffmpeg or oiiotool process that makes the same picture.

Every pair is first checked to show the same picture. The media are made by ffmpeg and numpy, with fixed seeds.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
from pairs import Result, compare, show

from shotmill.pipeline.images import read_image, to_float, write_image
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.media import Clip
from shotmill.submitters.demo.scene import DAWN, DAY, DUSK, Scene, encoded_for_video
from shotmill.submitters.demo.scene import HEIGHT as HEIGHT_MADE
from shotmill.submitters.demo.scene import WIDTH as WIDTH_MADE

Write = Callable[[Path], None]

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
OIIOTOOL = Path(oiio.__file__).parent / "bin" / "oiiotool"
SCALE = "scale=1920:1080:out_range=tv:out_color_matrix=bt709"
FILTERS = f"{SCALE},noise=all_strength=2:all_flags=t:all_seed=7,setparams=colorspace=bt709:range=tv"
LAYERS = ("R", "G", "B", "A", "diffuse.R", "diffuse.G", "diffuse.B", "N.X", "N.Y", "N.Z", "P.X", "P.Y", "P.Z")
PLATE = (2048, 1152)
WIDTH = 512
STRIP = 12
SAME = 1.0  # of 255, on average: two ways to the same matrix


@dataclass(frozen=True)
class Plate:
    """A movie of the benchmark: which frame is shown, and what the ratio should stay below."""

    name: str
    file: str
    codec: tuple[str, ...]
    frames: int
    shown: int
    goal: float


LONG = Plate(
    "H.264, GOP 250",
    "long.mp4",
    ("libx264", "-g", "250", "-keyint_min", "250", "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-crf", "20"),
    frames=240,
    shown=120,
    goal=0.5,
)
PLATES = (
    LONG,
    Plate("ProRes HQ", "prores.mov", ("prores_ks", "-profile:v", "hq", "-pix_fmt", "yuv422p10le"), 48, 24, 0.2),
    Plate("DNxHR HQ", "dnxhr.mov", ("dnxhd", "-profile:v", "dnxhr_hq", "-pix_fmt", "yuv422p"), 48, 24, 0.2),
)


def ffmpeg(*options: object) -> None:
    run(FFMPEG, "-y", "-v", "error", *options)


def run(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True)


def make_movie(folder: Path, plate: Plate) -> Path:
    """A landscape that passes by, with grain: as plates have it, most of what moves can be predicted."""
    path = folder / plate.file
    if path.exists():
        return path
    scene = Scene("benchmark", seed=7, lights=(DAWN, DAY, DUSK), frames=plate.frames)
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH_MADE}x{HEIGHT_MADE}", "-r", "24", "-i", "-")
    command = (FFMPEG, "-y", "-v", "error", *raw, "-vf", FILTERS, "-c:v", *plate.codec, str(path))
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder, ThreadPoolExecutor(2) as pool:
        assert encoder.stdin
        for picture in pool.map(lambda frame: encoded_for_video(scene.render(frame, frame)), range(plate.frames)):
            encoder.stdin.write(picture.tobytes())
        encoder.stdin.close()
    assert encoder.returncode == 0
    return path


def make_exr(path: Path) -> None:
    """A frame of thirteen half channels, ZIP: smooth light with grain, as renders have it."""
    dice = np.random.Generator(np.random.PCG64(7))
    rows, columns = np.mgrid[0 : PLATE[1], 0 : PLATE[0]].astype(np.float32) / 100
    waves = [0.3 + 0.25 * np.sin(columns * (1 + part / 5)) * np.cos(rows + part) for part in range(len(LAYERS))]
    grain = dice.normal(1.0, 0.02, size=(PLATE[1], PLATE[0], len(LAYERS))).astype(np.float32)
    spec = oiio.ImageSpec(*PLATE, len(LAYERS), "half")
    spec.channelnames = LAYERS
    spec.attribute("compression", "zip")
    spec.attribute("colorInteropID", "lin_ap1_scene")
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_image((np.stack(waves, axis=2) * grain).astype(np.float16))
    output.close()


def same(ours: Path, theirs: Path) -> None:
    """Both made the same picture; PNG, so that no JPEG encoder has a say."""
    first, second = (to_float(read_image(path).pixels) * 255 for path in (ours, theirs))
    assert first.shape == second.shape
    assert np.abs(first - second).mean() < SAME, f"{ours} and {theirs} differ by {np.abs(first - second).mean():.1f}"


def thumbnail(tools: StudioTools, clip: Clip, frame: int, target: Path) -> None:
    write_image(target, tools.still(clip, frame, width=WIDTH).pixels)


def movie_thumbnail(folder: Path, plate: Plate, pairs: int) -> Result:
    """Seek, decode, scale, show, write a JPEG; ffmpeg does the same but for the colour."""
    path = make_movie(folder, plate)
    clip = Clip(name="plate", media=str(path), colourspace="sRGB - Display")  # no conversion: ffmpeg makes none
    tools = StudioTools(Settings(home=folder))
    seek = f"{(plate.shown - 0.5) / 24:.6f}"

    def ours(target: Path) -> None:
        thumbnail(tools, clip, plate.shown, target)

    def bare(target: Path) -> None:
        ffmpeg(
            "-ss",
            seek,
            "-i",
            path,
            "-frames:v",
            1,
            "-vf",
            f"scale={WIDTH}:-2:flags=area+accurate_rnd+full_chroma_int",
            "-q:v",
            2,
            target,
        )

    return checked(folder, f"{plate.name}: one exact frame / ffmpeg", ours, bare, pairs=pairs, goal=plate.goal)


def checked(folder: Path, name: str, ours: Write, theirs: Write, *, pairs: int, goal: float) -> Result:
    """Compare two that write a picture, after a look at whether it is the same one."""
    ours(folder / "ours.png")
    theirs(folder / "theirs.png")
    same(folder / "ours.png", folder / "theirs.png")
    one, other = folder / "ours.jpg", folder / "theirs.jpg"
    return compare(name, lambda: ours(one), lambda: theirs(other), pairs=pairs, goal=goal)


def filmstrip(folder: Path, plate: Plate, pairs: int) -> Result:
    """Twelve frames of a long-GOP movie against decoding it once from start to end."""
    path = folder / plate.file
    clip = Clip(name="plate", media=str(path), colourspace="sRGB - Display")
    frames = [round(index * (plate.frames - 1) / (STRIP - 1)) for index in range(STRIP)]
    tools = StudioTools(Settings(home=folder))

    def ours() -> None:
        assert len(tools.stills(clip, frames, width=WIDTH)) == STRIP

    def bare() -> None:
        ffmpeg("-i", path, "-f", "null", "-")

    return compare(f"{plate.name}: strip of {STRIP} / one sequential decode", ours, bare, pairs=pairs, goal=1.0)


def exr_thumbnail(folder: Path, pairs: int) -> list[Result]:
    """A 13-channel 2K frame, ACES 2 view, against decoding its three channels, and against oiiotool."""
    path = folder / "plate.exr"
    if not path.exists():
        make_exr(path)
    tools = StudioTools(Settings(home=folder))
    clip = Clip(name="plate", media=str(path))
    facts = tools.still(clip, 0, width=WIDTH).facts
    size = f"{WIDTH}x{WIDTH * PLATE[1] // PLATE[0]}"
    colour = (f"--ociodisplay:from={facts['colourspace']}", facts["display"], facts["view"], "-d", "uint8", "-o")
    start = (OIIOTOOL, "--colorconfig", tools.settings.ocio)

    def ours(target: Path) -> None:
        thumbnail(tools, clip, 0, target)

    def plain(target: Path) -> None:
        run(*start, path, "--ch", "R,G,B", "--resize", size, *colour, target)

    def tuned(target: Path) -> None:
        run(*start, "-i:ch=R,G,B", path, "--resize:filter=box", size, *colour, target)

    def decode() -> None:
        source = oiio.ImageInput.open(str(path))
        assert source.read_image(0, 0, 0, 3, "half") is not None
        source.close()

    name, jpeg = "EXR, 13 channels, 2K", folder / "ours.jpg"
    return [
        checked(folder, f"{name} / oiiotool", ours, plain, pairs=pairs, goal=0.3),
        checked(folder, f"{name} / oiiotool, tuned by hand", ours, tuned, pairs=pairs, goal=None),
        compare(f"{name} / bare decode of RGB", lambda: ours(jpeg), decode, pairs=pairs, goal=1.25),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="keep the media here, for the next run")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="shotmill-media-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        results = [movie_thumbnail(folder, plate, given.pairs) for plate in PLATES]
        results.append(filmstrip(folder, LONG, given.pairs))
        results += exr_thumbnail(folder, given.pairs)
        status = show(results)
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
