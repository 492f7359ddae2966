"""Timelines for tests, written as OpenTimelineIO's own JSON; times are frames at ``rate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Item = dict[str, Any]
Span = tuple[float, float]  # start and duration


def time(value: float, rate: float = 24) -> Item:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def span(given: Span | None, rate: float = 24) -> Item | None:
    if given is None:
        return None
    start, duration = (time(value, rate) for value in given)
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": start, "duration": duration}


def movie(url: str = "file:///plates/plate.mov", available: Span | None = (0, 100), rate: float = 24) -> Item:
    return {"OTIO_SCHEMA": "ExternalReference.1", "target_url": url, "available_range": span(available, rate)}


def numbered(folder: str, *, first: int, available: Span, step: int = 1, padding: int = 4) -> Item:
    return {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "target_url_base": folder,
        "name_prefix": "plate.",
        "name_suffix": ".exr",
        "start_frame": first,
        "frame_step": step,
        "rate": 24,
        "frame_zero_padding": padding,
        "missing_frame_policy": "error",
        "available_range": span(available),
    }


MISSING: Item = {"OTIO_SCHEMA": "MissingReference.1", "available_range": None}
BLACK: Item = {"OTIO_SCHEMA": "GeneratorReference.1", "generator_kind": "black", "parameters": {}}


def clip(name: str = "sq010_sh010", trim: Span | None = (10, 20), media: Item | None = None, **more: Any) -> Item:
    rate = more.pop("rate", 24)
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": name,
        "source_range": span(trim, rate),
        "media_references": {"DEFAULT_MEDIA": media or movie()},
        "active_media_reference_key": "DEFAULT_MEDIA",
        "effects": [],
        "markers": [],
        "enabled": True,
        "metadata": {},
        **more,
    }


def gap(frames: float) -> Item:
    return {"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": span((0, frames)), "effects": [], "markers": []}


def dissolve(before: float, after: float) -> Item:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "name": "",
        "transition_type": "SMPTE_Dissolve",
        "in_offset": time(before),
        "out_offset": time(after),
    }


def warp(scalar: float) -> Item:
    return {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "LinearTimeWarp", "time_scalar": scalar}


FREEZE: Item = {"OTIO_SCHEMA": "FreezeFrame.1", "name": "", "effect_name": "FreezeFrame", "time_scalar": 0}
CURVE: Item = {"OTIO_SCHEMA": "Effect.1", "name": "", "effect_name": "Speed Curve"}


def track(*items: Item, name: str = "V1", kind: str = "Video", trim: Span | None = None, **more: Any) -> Item:
    return {
        "OTIO_SCHEMA": "Track.1",
        "name": name,
        "kind": kind,
        "source_range": span(trim),
        "children": list(items),
        "effects": [],
        "markers": [],
        "enabled": True,
        "metadata": {},
        **more,
    }


def stack(*items: Item, name: str = "", trim: Span | None = None, **more: Any) -> Item:
    return track(*items, name=name, trim=trim, **more) | {"OTIO_SCHEMA": "Stack.1"}


def timeline(*tracks: Item, name: str = "edit", start: Item | None = None) -> Item:
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": name,
        "global_start_time": start,
        "metadata": {},
        "tracks": stack(*tracks, name="tracks"),
    }


def write(path: Path, document: Item) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def event(number: int, source: tuple[str, str], record: tuple[str, str], *, reel: str = "A001", kind: str = "V") -> str:
    """One cut of a CMX 3600 EDL."""
    return f"{number:03d}  {reel:<8} {kind:<5} C        {source[0]} {source[1]} {record[0]} {record[1]}\n"
