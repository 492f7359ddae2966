"""A cut of the database as OpenTimelineIO text, its media as this machine finds them: what hosts open as a sequence."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ..schema.media import Rate
from .store.cuts import CutRow, UseRow

_HASHES = re.compile(r"#+")


def otio_of_cut(cut: CutRow) -> str:
    """The cut as ``.otio`` text: a track for each of its tracks, gaps where nothing is, its own rate throughout.

    Each clip is named as the editor named it, and says in its ``shotmill`` metadata which shot, media and source frames
    it shows, in the media's own numbering.
    """
    tracks: dict[str, list[UseRow]] = {}
    for use in cut.uses:
        tracks.setdefault(use.track, []).append(use)
    children = [_track(name, uses, cut.rate) for name, uses in tracks.items()]
    told: dict[str, Any] = {"project": cut.project, "cut": cut.name, "version": cut.version}
    if cut.drop_frame:
        told["drop_frame"] = True
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "name": cut.name,
        "global_start_time": _time(cut.start_frame, cut.rate),
        "metadata": {"shotmill": told},
        "tracks": {**_named("Stack.1", "tracks"), "source_range": None, "children": children},
    }
    return json.dumps(timeline, indent=1, ensure_ascii=False) + "\n"


def _named(schema: str, name: str) -> dict[str, Any]:
    return {"OTIO_SCHEMA": schema, "name": name, "metadata": {}, "effects": [], "markers": [], "enabled": True}


def _track(name: str, uses: Sequence[UseRow], rate: Rate) -> dict[str, Any]:
    children: list[dict[str, Any]] = []
    at = 0
    for use in sorted(uses, key=lambda one: one.record_in):
        if use.record_in > at:
            children.append({**_named("Gap.1", ""), "source_range": _span(0, use.record_in - at, rate)})
        children.append(_clip(use))
        at = use.record_out + 1
    return {**_named("Track.1", name), "kind": "Video", "source_range": None, "children": children}


def _clip(use: UseRow) -> dict[str, Any]:
    length = use.record_out - use.record_in + 1
    told = {
        "sequence": use.sequence,
        "shot": use.shot,
        "media": use.media,
        "state": use.state,
        "source_in": use.source_in,
        "source_out": use.source_out,
        "speed": use.speed,
    }
    clip = {
        **_named("Clip.2", use.name),
        "enabled": use.enabled,
        "source_range": _span(use.source_in, length, use.rate),
        "media_references": {"DEFAULT_MEDIA": _reference(use)},
        "active_media_reference_key": "DEFAULT_MEDIA",
        "metadata": {"shotmill": told},
    }
    if use.speed != 1.0:
        warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "LinearTimeWarp", "metadata": {}}
        clip["effects"] = [{**warp, "time_scalar": use.speed}]
    return clip


def _reference(use: UseRow) -> dict[str, Any]:
    shared: dict[str, Any] = {"name": "", "metadata": {}, "available_image_bounds": None, "available_range": None}
    if use.available_in is not None and use.available_out is not None:
        shared["available_range"] = _span(use.available_in, use.available_out - use.available_in + 1, use.rate)
    if not use.media:
        return {**shared, "OTIO_SCHEMA": "MissingReference.1"}
    folder, _slash, name = use.media.rpartition("/")
    padding = _HASHES.search(name)
    if padding is None:
        return {**shared, "OTIO_SCHEMA": "ExternalReference.1", "target_url": _url(use.media)}
    return {
        **shared,
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "target_url_base": _url(folder) + "/",
        "name_prefix": name[: padding.start()],
        "name_suffix": name[padding.end() :],
        "start_frame": use.source_in if use.available_in is None else use.available_in,
        "frame_step": 1,
        "rate": float(use.rate),
        "frame_zero_padding": len(padding.group()),
        "missing_frame_policy": "error",
    }


def _url(path: str) -> str:
    return "file://" + quote(path)


def _time(frame: int, rate: Rate) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(frame)}


def _span(first: int, length: int, rate: Rate) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(first, rate), "duration": _time(length, rate)}
