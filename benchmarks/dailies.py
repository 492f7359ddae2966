"""Dailies and proxies against ffmpeg alone, which encodes the same EXR frames without colour, slate or burn-in.

All cores are used by both. Views that cost much are shown by a table, as is usual for movies of 8 bits; it says how far
it is off. What --exact-view costs depends on the view, which the rows name. The floors are what no exact way can be
quicker than: the same frames read by OpenImageIO, and shown by OpenColorIO, on all cores, with nothing written on them
and nothing encoded.
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
from typing import Any

import imageio_ffmpeg
import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
from media import make_exr
from numpy.typing import NDArray
from pairs import Result, compare, show

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.farm_plugins.task import TaskRequest, run_task
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.pipeline.vectors import clear_vectors
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec
from shotmill.schema.media import Clip, EntityKind, EntityRef

Row = tuple[str, Callable[[], None], float | None]  # a name, the work, its goal

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
FIRST = 1001
CORES = os.cpu_count() or 1
BAND_ROWS = 8
ACES_2 = "ocio://default"
PLAIN = "Un-tone-mapped"  # as studios' own views are: matrices and curves, no ACES output transform
ACES_1 = "ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1"
CDL = {"cdl": "slope 1.1,1,0.9 offset 0.01,0,0 saturation 0.9", "cdl_space": "ACEScct"}
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-g", "12", "-pix_fmt", "yuv420p")
PRORES = ("-vf", "scale=1280:-2", "-c:v", "prores_ks", "-profile:v", "proxy", "-pix_fmt", "yuv422p10le")


class Bench:
    """A plate of 2K frames with thirteen half channels, and movies of it."""

    def __init__(self, folder: Path, frames: int) -> None:
        self.folder, self.frames = folder, frames
        self.pattern = folder / "plate" / "plate.####.exr"
        first = folder / "plate" / f"plate.{FIRST}.exr"
        first.parent.mkdir(parents=True, exist_ok=True)
        if not first.exists():
            make_exr(first)
        for frame in range(FIRST + 1, FIRST + frames):
            copy = first.with_name(f"plate.{frame}.exr")
            if not copy.exists():
                copy.hardlink_to(first)
        self._runs = 0

    def ours(self, job_type: str, *, ocio: str = "", view: str = "", **params: Any) -> Callable[[], None]:
        """What the movie's task takes; its job is planned and looked at before."""
        named = {name: value for name, value in (("ocio", ocio), ("view", view)) if value}
        settings = Settings(home=self.folder / "home", **named)
        tools = StudioTools(settings)
        owner = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")
        last = FIRST + self.frames - 1
        clip = Clip(name="plate", media=str(self.pattern), frames=FrameSet.span(FIRST, last), entity=owner)
        filled = {"rate": "24", **params, "clips": [clip.model_dump(mode="json")]}
        spec = plan(SubmitRequest(job_type, params=filled), settings).spec
        return lambda: self._run(spec, settings, tools)

    def _run(self, spec: JobSpec, settings: Settings, tools: StudioTools) -> None:
        self._runs += 1
        folder = JobFolder(self.folder / f"job-{self._runs}")
        bundle = write_bundle(spec, folder)
        for step in ("prepare", "movie"):
            ended = run_task(TaskRequest(bundle, step, FrameSet((1,))), settings, tools=tools)
            assert ended.exit_code == 0, ended.failure
        shutil.rmtree(folder.root)

    def floor(self, config: str) -> Callable[[], None]:
        """Each frame read, and shown in the config's own view for sRGB, by the bare libraries."""
        found = ocio.Config.CreateFromFile(config)
        display = next(name for name in found.getDisplays() if "srgb" in name.lower())
        view = ocio.DisplayViewTransform(src="ACEScg", display=display, view=found.getDefaultView(display))
        depths = (ocio.BIT_DEPTH_F16, ocio.BIT_DEPTH_UINT8)
        way = found.getProcessor(view).getOptimizedCPUProcessor(*depths, ocio.OPTIMIZATION_DEFAULT)

        def show(frame: int) -> None:
            source = oiio.ImageInput.open(str(self.pattern).replace("####", str(frame)))
            pixels = source.read_image(0, 0, 0, 3, "half")
            source.close()
            clear_vectors()
            shown = np.empty(pixels.shape, dtype=np.uint8)
            for top in range(0, len(pixels), BAND_ROWS):
                rows = slice(top, top + BAND_ROWS)
                way.apply(_described(pixels[rows], depths[0]), _described(shown[rows], depths[1]))

        def all_of_them() -> None:
            with ThreadPoolExecutor(CORES) as pool:
                list(pool.map(show, range(FIRST, FIRST + self.frames)))

        return all_of_them

    def bare(self, codec: tuple[str, ...], suffix: str) -> Callable[[], None]:
        """One ffmpeg process."""
        given = str(self.pattern).replace("####", "%04d")
        start = ("-y", "-v", "error", "-start_number", str(FIRST), "-framerate", "24", "-i", given)
        target = str(self.folder / f"bare{suffix}")
        exactly = ("-frames:v", str(self.frames))  # the folder may hold more, from an earlier run
        return lambda: subprocess.run([FFMPEG, *start, *exactly, *codec, target], check=True) and None


def _described(band: NDArray[Any], depth: Any) -> Any:
    rows, width, channels = band.shape
    size = band.itemsize
    return ocio.PackedImageDesc(band, width, rows, channels, depth, size, channels * size, width * channels * size)


def measured(bench: Bench, pairs: int, *, exact: bool) -> list[Result]:
    """Seconds of ours over seconds of ffmpeg: 1 is as quick, less is quicker."""
    rows: list[Row] = [
        ("dailies, ACES 2 view", bench.ours("dailies"), 1.0),
        ("dailies, ACES 1 view", bench.ours("dailies", ocio=ACES_1), 1.0),
        ("dailies, ACES 2 view with a CDL", bench.ours("dailies", **CDL), 1.0),
        ("dailies, a view without tone-mapping", bench.ours("dailies", view=PLAIN), 1.0),
    ]
    bare = bench.bare(H264, ".mp4")
    rows += exactly(bench) if exact else []
    found = [compare(f"{name} / ffmpeg", ours, bare, pairs=pairs, goal=goal) for name, ours, goal in rows]
    proxy = bench.ours("proxy", width=1280)
    found.append(
        compare("proxy 1280, 10 bits, exact / ffmpeg", proxy, bench.bare(PRORES, ".mov"), pairs=pairs, goal=1.0)
    )
    return found


def exactly(bench: Bench) -> list[Row]:
    """What every pixel by OpenColorIO takes."""
    return [
        ("dailies, ACES 2 view, --exact-view", bench.ours("dailies", exact_view=True), None),
        ("floor: read and OpenColorIO alone, ACES 2 view", bench.floor(ACES_2), None),
        ("dailies, ACES 1 view, --exact-view", bench.ours("dailies", ocio=ACES_1, exact_view=True), None),
        ("floor: read and OpenColorIO alone, ACES 1 view", bench.floor(ACES_1), None),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--exact", action="store_true", help="measure --exact-view too, which takes minutes")
    parser.add_argument("--folder", type=Path, help="keep the media here, for the next run")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="shotmill-dailies-"))
    try:
        status = show(measured(Bench(folder, given.frames), given.pairs, exact=given.exact))
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
