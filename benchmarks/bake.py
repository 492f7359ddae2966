"""Frame bakes against the bare libraries on all cores and against oiiotool; LUT bakes against evaluating their points.

Every pair is first checked to make the same pixels. The frames are made by numpy, with a fixed seed. The bare libraries
are held to their best: EXR goes through OpenEXR's own package, which takes less time than OpenImageIO, and what its
reader leaves behind in the processor, which slows OpenColorIO down on some, is cleared for them too. oiiotool is taken
as it is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
from pairs import Result, compare, show

from shotmill.pipeline.colour import Colour
from shotmill.pipeline.colour_grade import Grader
from shotmill.pipeline.colour_lut import LutMaker
from shotmill.pipeline.colour_tags import end_of
from shotmill.pipeline.frame_bakes import FrameBake, bake_frames
from shotmill.pipeline.images import Limits, check_original, read_image
from shotmill.pipeline.vectors import clear_vectors
from shotmill.schema.colour import Grade
from shotmill.schema.luts import LutFormat

CONFIG = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
ACES_1 = "ocio://studio-config-v2.1.0_aces-v1.3_ocio-v2.3"
DISPLAY, VIEW = "sRGB - Display", "ACES 2.0 - SDR 100 nits (Rec.709)"
OIIOTOOL = Path(oiio.__file__).parent / "bin" / "oiiotool"
SIZE = (2048, 1152)
CORES = os.cpu_count() or 1
BAND_ROWS = 8
CUBE = 33
GRADES = {
    "to ACEScct": (CONFIG, Grade(source="ACEScg", space="ACEScct")),
    "a plain view": (CONFIG, Grade(source="ACEScg", display=DISPLAY, view="Un-tone-mapped")),
    "ACES 1 view": (ACES_1, Grade(source="ACEScg", display=DISPLAY, view="ACES 1.0 - SDR Video")),
    "ACES 2 view": (CONFIG, Grade(source="ACEScg", display=DISPLAY, view=VIEW)),
}


def make_frames(folder: Path, count: int, size: tuple[int, int]) -> list[Path]:
    """Half RGB, ZIP: smooth light with grain, as plates have it."""
    dice = np.random.Generator(np.random.PCG64(7))
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32) / 100
    paths = []
    for number in range(count):
        path = folder / f"plate.{number + 1:04d}.exr"
        paths.append(path)
        if path.exists():
            continue
        waves = [0.4 + 0.35 * np.sin(columns * (1 + part / 5) + number) * np.cos(rows + part) for part in range(3)]
        grain = dice.normal(1.0, 0.02, size=(size[1], size[0], 3)).astype(np.float32)
        spec = oiio.ImageSpec(*size, 3, "half")
        spec.attribute("compression", "zip")
        output = oiio.ImageOutput.create(str(path))
        assert output.open(str(path), spec)
        assert output.write_image((np.stack(waves, axis=2) * grain).astype(np.float16))
        output.close()
    return paths


def targets(paths: list[Path], name: str) -> list[tuple[int, Path, Path]]:
    return [(number, path, path.parent / name / path.name) for number, path in enumerate(paths, start=1)]


def ours(config: str, grade: Grade, ways: list[tuple[int, Path, Path]]) -> Callable[[], None]:
    """A bake as its task does it."""
    colour = Colour(config)
    how = FrameBake(Grader(colour, grade), end_of(colour, grade), check_original(ways[0][1]), "", Limits())
    return lambda: bake_frames(how, ways)


def bare(config: str, grade: Grade | None, ways: list[tuple[int, Path, Path]]) -> Callable[[], None]:
    """Read, convert and write with the libraries alone, a frame a core; None: its colour is left as it is."""
    processor = Grader(Colour(config), grade).processor.getDefaultCPUProcessor() if grade else None

    def one(way: tuple[int, Path, Path]) -> None:
        with OpenEXR.File(str(way[1])) as file:
            halves = file.channels()["RGB"].pixels
        if processor:
            pixels = halves.astype(np.float32)
            clear_vectors()
            for top in range(0, len(pixels), BAND_ROWS):
                band = pixels[top : top + BAND_ROWS]
                processor.apply(ocio.PackedImageDesc(band, band.shape[1], band.shape[0], 3))
            halves = pixels.astype(np.float16)
        header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
        OpenEXR.File(header, {"RGB": halves}).write(str(way[2]))

    def all_of_them() -> None:
        with ThreadPoolExecutor(CORES) as pool:
            list(pool.map(one, ways))

    return all_of_them


def converted(config: str, grade: Grade, paths: list[Path]) -> Callable[[], None]:
    """OpenColorIO alone, on all cores: what no exact way can be quicker than, be its files read and written or not."""
    processor = Grader(Colour(config), grade).processor.getDefaultCPUProcessor()
    pixels = [read_image(path).pixels.astype(np.float32) for path in paths]

    def one(frame: np.ndarray) -> None:
        made = frame.copy()
        clear_vectors()
        for top in range(0, len(made), BAND_ROWS):
            band = made[top : top + BAND_ROWS]
            processor.apply(ocio.PackedImageDesc(band, band.shape[1], band.shape[0], 3))

    def all_of_them() -> None:
        with ThreadPoolExecutor(CORES) as pool:
            list(pool.map(one, pixels))

    return all_of_them


def oiiotool(config: str, grade: Grade, ways: list[tuple[int, Path, Path]]) -> Callable[[], None]:
    """One oiiotool over all frames; its # stands for four digits."""
    words = ["--colorconvert", grade.source, grade.space]
    if grade.display:
        words = [f"--ociodisplay:from={grade.source}", grade.display, grade.view]
    folder, span = ways[0][1].parent, f"{ways[0][0]}-{ways[-1][0]}"
    target = ways[0][2].parent / "plate.#.exr"
    command = [OIIOTOOL, "--frames", span, "--colorconfig", config, folder / "plate.#.exr", *words, "-o", target]

    def run() -> None:
        subprocess.run([str(word) for word in command], check=True)

    return run


def same(one: list[tuple[int, Path, Path]], other: list[tuple[int, Path, Path]]) -> None:
    for first, second in zip(one, other, strict=True):
        left, right = (read_image(way[2]).pixels.astype(np.float32) for way in (first, second))
        assert np.abs(left - right).max() <= 2e-3, f"{first[2]} and {second[2]} differ"


def frames(folder: Path, count: int, pairs: int, size: tuple[int, int]) -> list[Result]:
    paths = make_frames(folder, count, size)
    mine, theirs, tools = (targets(paths, name) for name in ("ours", "bare", "oiiotool"))
    for ways in (mine, theirs, tools):
        ways[0][2].parent.mkdir(exist_ok=True)
    found = []
    for name, (config, grade) in GRADES.items():
        we, they, tool = ours(config, grade, mine), bare(config, grade, theirs), oiiotool(config, grade, tools)
        for work in (we, they, tool):
            work()
        same(mine, theirs)
        same(mine, tools)
        found.append(compare(f"{count} frames {name} / bare, {CORES} cores", we, they, pairs=pairs, goal=1 / 0.9))
        found.append(compare(f"{count} frames {name} / oiiotool", we, tool, pairs=pairs, goal=1 / 3))
        if grade.space:  # of colour that costs little, files are the most
            copied = bare(config, None, theirs)
            found.append(compare("floor: read and written alone / oiiotool", copied, tool, pairs=pairs))
        else:
            alone = converted(config, grade, paths)
            found.append(compare("floor: OpenColorIO alone / oiiotool", alone, tool, pairs=pairs))
    return found


def luts(pairs: int) -> list[Result]:
    """A cube as text against the points that it holds."""
    colour = Colour(CONFIG)
    grade = Grade(source="ACEScct", display=DISPLAY, view=VIEW)
    maker = LutMaker(colour, grade)
    steps = np.linspace(0, 1, CUBE, dtype=np.float32)
    points = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    processor = Grader(colour, grade).processor.getDefaultCPUProcessor()

    def evaluate() -> None:
        made = points.copy()
        processor.apply(ocio.PackedImageDesc(made, len(made), 1, 3))

    chosen = (LutFormat.CUBE, LutFormat.CSP, LutFormat.CLF)
    return [
        compare(
            f"{form}, {CUBE} nodes / its points", lambda form=form: maker.bake(form), evaluate, pairs=pairs, goal=2.0
        )
        for form in chosen
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--width", type=int, default=SIZE[0])
    parser.add_argument("--folder", type=Path, help="keep the frames here, for the next run")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="shotmill-bake-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        size = (given.width, given.width * SIZE[1] // SIZE[0])
        status = show([*frames(folder, given.frames, given.pairs, size), *luts(given.pairs)])
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
