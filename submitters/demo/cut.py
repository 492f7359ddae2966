"""The demo's cut as OpenTimelineIO JSON: two sequences, eight shots, handles, a dissolve, a gap, and one lost reel."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

VERSION = 1  # raised when the media look different: old ones are then made anew
RATE = 24.0
DISSOLVE_FRAMES = 6
START_FRAME = 86400  # 01:00:00:00 at 24 fps, where cuts and tapes begin by custom


@dataclass(frozen=True)
class Shot:
    """One shot of the cut.

    Attributes:
        medium: ``movie``, ``plate`` or ``lost``.
        first, last: frames in the medium's own numbering.
        dissolve: whether it dissolves into the next one.
    """

    sequence: str
    name: str
    medium: str
    first: int
    last: int
    dissolve: bool = False

    @property
    def path(self) -> str:
        """Such as ``sq010/sh010``."""
        return f"{self.sequence}/{self.name}"

    @property
    def middle(self) -> int:
        """The frame that shows it."""
        return (self.first + self.last) // 2


SHOTS = (
    Shot("sq010", "sh010", "movie", 4, 23),
    Shot("sq010", "sh020", "plate", 1003, 1012),
    Shot("sq010", "sh030", "movie", 30, 49, dissolve=True),
    Shot("sq010", "sh040", "movie", 58, 77),
    Shot("sq020", "sh010", "plate", 1015, 1024),
    Shot("sq020", "sh020", "lost", 0, 15),
    Shot("sq020", "sh030", "movie", 84, 105),
    Shot("sq020", "sh040", "plate", 1028, 1036),
)


@dataclass(frozen=True)
class Media:
    """What the cut is cut from; paths are relative to the cut's file.

    Attributes:
        movie: path; ``movie_frames`` long, its timecode begins at ``START_FRAME``.
        plate_folder: with a slash at its end; ``plate_head`` and ``plate_tail`` stand around the frame number.
    """

    movie: str
    movie_frames: int
    plate_folder: str
    plate_head: str
    plate_tail: str
    plate_first: int
    plate_frames: int


def cut_json(media: Media, *, name: str, shots: Sequence[Shot] = SHOTS) -> str:
    """The cut as the text of an ``.otio`` file; the same media give the same text."""
    children: list[dict[str, Any]] = []
    for index, shot in enumerate(shots):
        if index and shots[index - 1].sequence != shot.sequence:
            children.append(_gap(12))
        children.append(_clip(shot, media))
        if shot.dissolve:
            children.append(_dissolve())
    track = {
        "OTIO_SCHEMA": "Track.1",
        "name": "V1",
        "kind": "Video",
        "children": children,
        "effects": [],
        "markers": [],
        "metadata": {},
        "enabled": True,
        "source_range": None,
    }
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "name": name,
        "global_start_time": _time(START_FRAME),
        "metadata": {"shotmill": {"demo": str(VERSION)}},
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            "name": "tracks",
            "children": [track],
            "effects": [],
            "markers": [],
            "metadata": {},
            "enabled": True,
            "source_range": None,
        },
    }
    return json.dumps(timeline, indent=2) + "\n"


def _clip(shot: Shot, media: Media) -> dict[str, Any]:
    # The movie's frames count from 0, its timecode does not.
    offset = START_FRAME if shot.medium == "movie" else 0
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": f"{shot.sequence}_{shot.name}",
        "metadata": {"shotmill": {"sequence": shot.sequence, "shot": shot.name}},
        "source_range": _range(shot.first + offset, shot.last - shot.first + 1),
        "effects": [],
        "markers": [],
        "enabled": True,
        "active_media_reference_key": "DEFAULT_MEDIA",
        "media_references": {"DEFAULT_MEDIA": _reference(shot, media)},
    }


def _reference(shot: Shot, media: Media) -> dict[str, Any]:
    shared: dict[str, Any] = {"name": "", "metadata": {}, "available_image_bounds": None}
    if shot.medium == "movie":
        return {
            "OTIO_SCHEMA": "ExternalReference.1",
            **shared,
            "available_range": _range(START_FRAME, media.movie_frames),
            "target_url": media.movie,
        }
    if shot.medium == "plate":
        return {
            "OTIO_SCHEMA": "ImageSequenceReference.1",
            **shared,
            "available_range": _range(media.plate_first, media.plate_frames),
            "target_url_base": media.plate_folder,
            "name_prefix": media.plate_head,
            "name_suffix": media.plate_tail,
            "start_frame": media.plate_first,
            "frame_step": 1,
            "rate": RATE,
            "frame_zero_padding": 4,
            "missing_frame_policy": "error",
        }
    return {"OTIO_SCHEMA": "MissingReference.1", **shared, "available_range": None}


def _gap(frames: int) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Gap.1",
        "name": "",
        "metadata": {},
        "source_range": _range(0, frames),
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _dissolve() -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "name": "dissolve",
        "metadata": {},
        "transition_type": "SMPTE_Dissolve",
        "in_offset": _time(DISSOLVE_FRAMES),
        "out_offset": _time(DISSOLVE_FRAMES),
    }


def _range(first: int, frames: int) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(first), "duration": _time(frames)}


def _time(value: int) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": RATE, "value": float(value)}
