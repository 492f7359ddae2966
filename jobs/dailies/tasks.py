"""The work of dailies: what is written on their movies."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime

from ...pipeline.dailies.corners import Corners
from ...pipeline.dailies.lettering import PLAIN, drawable
from ...pipeline.dailies.shot import Head
from ...pipeline.dailies.slate import SlateWords, draw_slate
from ...pipeline.dailies.work import Dressing, MovieTasks, Stage
from ...pipeline.images import Font
from ...schema.frames import FrameSet
from ...schema.job import JobSpec
from ...schema.media import Rate
from ...schema.timecode import advance
from .params import DailiesParams
from .words import check_font, note_of_letters, words_of_clip

_TIMED = 7  # the version of UUIDs that begin with their time


def dress(stage: Stage) -> Dressing:
    """The slate and the burn-in of a movie."""
    params: DailiesParams = stage.task.params
    check_font(params.font, params.font_mark)
    pen = replace(stage.pen, spare=params.font)
    font, texts = pen.font(PLAIN), values_of(stage)
    values = {name: drawable(text, font) for name, text in texts.items()}
    burn_in = None
    if params.burn_in:
        last = advance(stage.planned.timecode, len(stage.planned.frames), stage.planned.rate)
        widest = {"frame": max((str(frame) for frame in stage.planned.frames), key=len), "timecode": last}
        patterns = tuple(drawable(pattern, font) for pattern in params.patterns)
        burn_in = Corners(patterns, values, size=stage.size, widest=widest, pen=pen)
    head = None
    if params.slate:
        shown = [frame for frame in stage.planned.frames if frame not in (stage.planned.holes or ())]
        still = stage.pictures.one(shown[len(shown) // 2]) if shown else None
        head = Head(draw_slate(words_of(stage, values, font), still, stage.size, pen), params.slate)
    note = note_of_letters(params, [*texts.values(), params.notes])
    return Dressing(head, burn_in, (f"{stage.clip.name}: {note}",) if note else ())


def values_of(stage: Stage) -> dict[str, str]:
    """What the fields of burn-in stand for, but those that count."""
    params = stage.task.params
    return {
        **words_of_clip(params, stage.clip, stage.task.job.user),
        "date": params.date or day_of(stage.task.job),
        "display": stage.planned.display,
        "view": stage.planned.view,
    }


def words_of(stage: Stage, values: dict[str, str], font: Font) -> SlateWords:
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
        ("View", values["view"] or "none: made for a display"),
        ("Look", stage.task.params.colour_of(stage.clip).look),
    ]
    title = f"{values['sequence']} / {values['shot']}" if values["sequence"] else values["shot"]
    return SlateWords(values["project"], title, values["version"], rows, drawable(stage.task.params.notes, font))


def rate_text(rate: Rate) -> str:
    """A rate as people say it: 23.976, 24."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def aspect_text(pixel_aspect: float) -> str:
    """The pixel aspect, where pixels are not square."""
    return "" if pixel_aspect == 1.0 else f"  (pixels {pixel_aspect:g} : 1)"


def day_of(job: JobSpec) -> str:
    """The day on which a job was submitted, in UTC: its id begins with the time; empty where it does not."""
    made = uuid.UUID(job.id)
    if made.version != _TIMED:
        return ""
    return datetime.fromtimestamp((made.int >> 80) / 1000, tz=UTC).strftime("%Y-%m-%d")


TASKS = MovieTasks(dress).functions
