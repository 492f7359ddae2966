"""The work of dailies: what is written on their movies."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from pathlib import PurePosixPath

from ...pipeline.dailies.corners import Corners
from ...pipeline.dailies.lettering import drawable
from ...pipeline.dailies.shot import Head
from ...pipeline.dailies.slate import SlateWords, draw_slate
from ...pipeline.dailies.work import Dressing, MovieTasks, Stage
from ...schema.frames import FrameSet
from ...schema.job import JobSpec, clip_owner
from ...schema.media import Rate
from ...schema.timecode import advance
from .params import DailiesParams

_VERSION = re.compile(r"(?:^|[._-])(v\d{2,5})(?=[._-]|$)", re.IGNORECASE)
_TIMED = 7  # the version of UUIDs that begin with their time


def dress(stage: Stage) -> Dressing:
    """The slate and the burn-in of a movie."""
    params: DailiesParams = stage.task.params
    values = values_of(stage)
    burn_in = None
    if params.burn_in:
        last = advance(stage.planned.timecode, len(stage.planned.frames), stage.planned.rate)
        widest = {"frame": max((str(frame) for frame in stage.planned.frames), key=len), "timecode": last}
        burn_in = Corners(params.patterns, values, size=stage.size, widest=widest, pen=stage.pen)
    head = None
    if params.slate:
        shown = [frame for frame in stage.planned.frames if frame not in (stage.planned.holes or ())]
        still = stage.pictures.one(shown[len(shown) // 2]) if shown else None
        head = Head(draw_slate(words_of(stage, values), still, stage.size, stage.pen), params.slate)
    return Dressing(head, burn_in)


def values_of(stage: Stage) -> dict[str, str]:
    """What the fields of burn-in stand for, but those that count."""
    params, owner = stage.task.params, clip_owner(stage.clip)
    found = {
        "project": owner.project,
        "sequence": owner.parent,
        "shot": owner.name,
        "name": stage.clip.name,
        "version": params.version or version_in(stage.clip.media),
        "artist": params.artist or stage.task.job.user,
        "date": params.date or day_of(stage.task.job),
        "text": params.text,
        "source": PurePosixPath(stage.clip.media).name,
        "display": stage.planned.display,
        "view": stage.planned.view,
    }
    return {name: drawable(value) for name, value in found.items()}


def words_of(stage: Stage, values: dict[str, str]) -> SlateWords:
    """What the slate says."""
    planned = stage.planned
    inner = planned.frames.frames[planned.head : len(planned.frames) - planned.tail]
    handles = f"{planned.head} before, {planned.tail} after" if planned.head or planned.tail else ""
    rows = [
        ("Artist", values["artist"]),
        ("Date", values["date"]),
        ("Frames", f"{FrameSet(inner)}  ({len(inner)})"),
        ("Handles", handles),
        ("Rate", f"{rate_text(planned.rate)} fps"),
        ("Timecode", planned.timecode),
        ("Source", values["source"]),
        ("Size", f"{planned.stored[0]} x {planned.stored[1]}" + aspect_text(planned.pixel_aspect)),
        ("Colour", planned.space),
        ("Display", values["display"]),
        ("View", values["view"]),
        ("Look", stage.task.params.colour_of(stage.clip).look),
    ]
    title = f"{values['sequence']} / {values['shot']}" if values["sequence"] else values["shot"]
    return SlateWords(values["project"], title, values["version"], rows, drawable(stage.task.params.notes))


def rate_text(rate: Rate) -> str:
    """A rate as people say it: 23.976, 24."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def aspect_text(pixel_aspect: float) -> str:
    """The pixel aspect, where pixels are not square."""
    return "" if pixel_aspect == 1.0 else f"  (pixels {pixel_aspect:g} : 1)"


def version_in(media: str) -> str:
    """The version that a medium's name says, such as ``v012``; empty where it says none."""
    found = _VERSION.findall(PurePosixPath(media).name)
    return str(found[-1]) if found else ""


def day_of(job: JobSpec) -> str:
    """The day on which a job was submitted, in UTC: its id begins with the time; empty where it does not."""
    made = uuid.UUID(job.id)
    if made.version != _TIMED:
        return ""
    return datetime.fromtimestamp((made.int >> 80) / 1000, tz=UTC).strftime("%Y-%m-%d")


TASKS = MovieTasks(dress).functions
