"""Every kind of movie that tests take frames from, by name: ``long GOP 23.976``, ``open GOP in mkv``, ..."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from movie_makers import (
    DNXHD_36,
    DNXHR,
    HEVC,
    INTRA,
    LONG_GOP,
    MJPEG,
    OPEN_GOP,
    PRORES,
    RATES,
    Made,
    movie,
    rewrapped,
    trimmed,
)

Take = Callable[[str], Made]
Recipe = Callable[[Path, Take], Made]

CODECS = {  # ffmpeg's options, suffix, frames
    "long GOP": (LONG_GOP, ".mp4", 96),
    "open GOP": (OPEN_GOP, ".mp4", 60),
    "ProRes": (PRORES, ".mov", 24),
    "DNxHR": (DNXHR, ".mxf", 24),
}


def _encoded(name: str, rate: str, folder: Path, _take: Take) -> Made:
    codec, suffix, frames = CODECS[name]
    file = f"{name} {rate}".replace(" ", "_").replace("/", "_")
    return movie(folder / f"{file}{suffix}", codec, rate=rate, frames=frames)


def _cut(name: str, rate: str, folder: Path, take: Take) -> Made:
    source = take(f"{name} {_spoken(rate)}")
    return trimmed(source, folder / f"cut_{source.path.stem}.mov", skip=17)


def _again(source: str, file: str, *options: str) -> Recipe:
    return lambda folder, take: rewrapped(take(source), folder / file, *options)


def _other(file: str, codec: tuple[str, ...], *, rate: str = "24", size: tuple[int, int] = (256, 144)) -> Recipe:
    return lambda folder, _take: movie(folder / file, codec, rate=rate, frames=30, size=size)


def _spoken(rate: str) -> str:
    return {"24000/1001": "23.976", "30000/1001": "29.97", "60000/1001": "59.94"}.get(rate, rate)


BY_RATE: dict[str, Recipe] = {
    **{f"{name} {_spoken(rate)}": partial(_encoded, name, rate) for name in CODECS for rate in RATES},
    **{
        f"{name} {_spoken(rate)}, cut": partial(_cut, name, rate) for name in ("long GOP", "open GOP") for rate in RATES
    },
}
OTHERS: dict[str, Recipe] = {
    "stamps from below 0": _again("open GOP 24", "below.mp4", "-movflags", "negative_cts_offsets"),
    "no edit list": _again("open GOP 24", "no_edits.mp4", "-use_editlist", "0"),
    "starts at 10 s": _again("open GOP 24", "late.mp4", "-output_ts_offset", "10"),
    "fragments": _again("open GOP 24", "fragments.mp4", "-movflags", "frag_keyframe+empty_moov"),
    "open GOP in mkv": _again("open GOP 23.976", "open.mkv"),
    "long GOP in mkv": _again("long GOP 59.94", "long.mkv"),
    "mkv that starts at 10 s": _again("open GOP 24", "late.mkv", "-output_ts_offset", "10"),
    "open GOP in a transport stream": _again("open GOP 25", "open.m2ts"),
    "long GOP in a transport stream": _again("long GOP 25", "long.mts"),
    "HEVC": _other("hevc.mp4", HEVC),
    "all-intra H.264": _other("intra.mov", INTRA),
    "MJPEG in mov": _other("mjpeg.mov", MJPEG, rate="25"),
    "MJPEG in avi": _other("mjpeg.avi", MJPEG, rate="25"),
    "DNxHD 36": _other("dnxhd.mxf", DNXHD_36, rate="24000/1001", size=(1920, 1080)),
}
SHELF = {**BY_RATE, **OTHERS}  # constant in rate, and whole
ODD: dict[str, Recipe] = {
    "variable rate": lambda folder, _take: movie(
        folder / "variable.mp4", LONG_GOP, dropped="between(n,10,14)", options=("-fps_mode", "vfr")
    ),
}
