"""Puts the clips of a timeline in their places: exact frames of the cut and of the media."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite
from typing import Any

from pydantic import ValidationError

from ..schema.colour import Cdl
from ..schema.errors import TimelineError
from ..schema.frames import MAX_FRAMES
from ..schema.media import Rate
from ..schema.timecode import DROP_RATES, timecode_of_frame
from ..schema.timeline import ClipDocument, CutDocument, Fade, LinkKind
from .footage import STILLS, decode_url, is_pattern
from .timeline_clock import ONE, Clock, Ticks, clock_of, scaled, ticks_of

Raw = dict[str, Any]
_RANGE = re.compile(r"\[(-?\d+)-(-?\d+)\]")
_PERCENT = re.compile(r"%0?(\d*)d")
_NUMBER = re.compile(r"(?<=[._-])(\d{2,})(?=\.[A-Za-z0-9]+\Z)")


def place_cut(raw: Raw, *, rate: Rate | None = None) -> CutDocument:
    """Place every video clip of a timeline as ``timeline_raw`` gives it.

    Args:
        raw: one timeline.
        rate: the cut's rate; None: that of its start timecode, or of its first clip.

    Raises:
        TimelineError: it has no video clip, or its numbers make no sense.
    """
    try:
        clock = Clock(rate) if rate else _clock_of_cut(raw)
        placer = _Placer(clock)
        clips, offset = placer.place(raw)
        start = ticks_of(raw["start"]) if raw["start"] else 0
        start_frame = clock.frame(start) + offset
    except (ValueError, OverflowError, TypeError, KeyError, ZeroDivisionError) as error:
        raise TimelineError(f"its times make no sense: {error}", hint="export the timeline again") from error
    if not clips:
        raise TimelineError(
            "it holds no video clip" + (f" ({'; '.join(placer.notes[:3])})" if placer.notes else ""),
            hint="check that the right timeline and its video tracks were exported",
        )
    return CutDocument(
        name=clean(raw["name"]),
        format=clean(raw["format"]),
        rate=clock.rate,
        start_frame=start_frame,
        duration=max(clip.record_out for clip in clips) + 1,
        clips=tuple(clips),
        notes=(*raw["notes"], *placer.notes),
        drop_frame=_is_drop_frame(raw["drop_frame"], start_frame, clock.rate),
    )


def _is_drop_frame(told: bool | None, start_frame: int, rate: Rate) -> bool:  # noqa: FBT001 - what the file says
    """As the file says; where it says nothing, as most do, a cut that begins at a whole hour of drop-frame has it."""
    if told is not None or rate not in DROP_RATES:
        return bool(told) and rate in DROP_RATES
    return start_frame > 0 and timecode_of_frame(start_frame, rate, drop_frame=True).endswith(":00:00;00")


def clean(text: str, length: int = 256) -> str:
    """Text from a file, fit for a table and a terminal: no control characters, not too long."""
    short = text[:length]
    return (short if short.isprintable() else "".join(char if char.isprintable() else "_" for char in short)).strip()


@dataclass(frozen=True, slots=True)
class _Where:
    """The part of a composition that is seen, and where that part begins in the cut.

    Attributes:
        at: ticks from the cut's start at which ``first`` is seen.
        first, last: the seen part, in the composition's own ticks; last is not included.
        speed: seconds of the composition in one second of the cut.
    """

    at: Ticks
    first: Ticks
    last: Ticks
    speed: Fraction = ONE
    path: tuple[str, ...] = ()
    track: str = ""
    enabled: bool = True


class _Placer:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.notes: list[str] = []

    def place(self, raw: Raw) -> tuple[list[ClipDocument], int]:
        """The clips in the cut's order, and the frame number of the record timecode that they begin at."""
        found: list[tuple[int, int, ClipDocument]] = []
        tracks = [item for item in raw["items"] if not (item["kind"] == "track" and item["media"] == "Audio")]
        offsets = [-ticks_of(track["range"][:2]) for track in tracks if _has_offset(track)]
        offset = min(offsets, default=0)
        whole = max((_length(item) for item in raw["items"]), default=0)
        first, length = _span(raw, whole)
        for index, track in enumerate(tracks, start=1):
            name = clean(track["name"]) or f"V{index}"
            where = _Where(at=0, first=first, last=first + length, track=name)
            if _has_offset(track):  # an EDL: clips count from 0, the range's start is minus the record timecode
                shift = -ticks_of(track["range"][:2]) - offset
                where = replace(where, at=shift, first=0, last=_natural(track))
                track = {**track, "range": None}  # noqa: PLW2901 - the offset is used up
            clips = self.item(track, where, 0)
            found += [(clip.record_in, index, clip) for clip in clips]
        found.sort(key=lambda entry: entry[:2])
        return [clip for _, _, clip in found], self.clock.frame(offset)

    def item(self, item: Raw, where: _Where, begins: Ticks) -> Iterator[ClipDocument]:
        """Place an item that begins at ``begins`` of the composition that ``where`` speaks of."""
        if item["kind"] == "clip":
            yield from self.children([item], where, begins)
            return
        length = _length(item)
        first, last = max(begins, where.first), min(begins + length, where.last)
        if last <= first or item["kind"] == "gap":
            return
        speed, flags = _speed(item)
        if flags or speed == 0:
            self.notes.append(f"{clean(item['name'])!r} is retimed as a whole in a way that is not followed")
        factor = ONE if speed is ONE else abs(speed) or ONE
        start, _ = _span(item, length)
        inner = replace(
            where,
            at=where.at + scaled(first - where.first, 1 / where.speed),
            first=start + scaled(first - begins, factor),
            last=start + scaled(last - begins, factor),
            speed=where.speed if factor is ONE else where.speed * factor,
            enabled=where.enabled and item["on"],
        )
        if item["kind"] == "track":
            yield from self.children(item["items"], inner, 0)
            return
        inner = replace(inner, path=(*where.path, clean(item["name"]) or "stack"))
        for child in item["items"]:
            if not (child["kind"] == "track" and child["media"] == "Audio"):
                yield from self.item(child, inner, 0)

    def children(self, items: list[Raw], where: _Where, begins: Ticks) -> Iterator[ClipDocument]:
        """Place items that follow each other, the first at ``begins``."""
        for index, item in enumerate(items):
            if item["kind"] == "transition":
                continue
            length = _length(item)
            if item["kind"] == "clip":
                first, last = max(begins, where.first), min(begins + length, where.last)
                if last > first:
                    before = items[index - 1] if index and first == begins else None
                    after = items[index + 1] if index + 1 < len(items) and last == begins + length else None
                    yield self.clip(item, where, (first, first - begins, last - first), (before, after))
                elif length <= 0:
                    self.notes.append(f"clip {clean(item['name'])!r} has no length and is left out")
            elif item["kind"] in {"stack", "track"}:
                yield from self.item(item, where, begins)
            begins += length

    def clip(
        self,
        clip: Raw,
        where: _Where,
        seen: tuple[Ticks, Ticks, Ticks],
        around: tuple[Raw | None, Raw | None],
    ) -> ClipDocument:
        """Place the seen part of a clip: where it begins in its composition, what is cut off its head, its length."""
        first, cut_off, length = seen
        speed, flags = _speed(clip)
        start, _ = _span(clip, _length(clip))
        media = clip["media"]
        clock = _media_clock(clip) or self.clock
        link, address, numbers = _link(media, clock)
        pace = ONE if speed is ONE else abs(speed)
        begin = clock.frame(start + scaled(cut_off, pace))
        count = max(1, clock.whole_frames(scaled(length, pace)))
        unpace = ONE if where.speed is ONE else 1 / where.speed
        at = where.at + scaled(first - where.first, unpace)
        record_in = self.clock.frame(at)
        record_out = max(record_in, self.clock.frame(at + scaled(length, unpace)) - 1)
        available = media["available"]
        ours = clip.get("ours", {})
        fade_in, head = self.fade(around[0], clock, inner="in")
        fade_out, tail = self.fade(around[1], clock, inner="out")
        if not available and link is LinkKind.MOVIE:
            flags = (*flags, "start-unknown")
        known = None
        if available:
            known = clock.frame(ticks_of(available[:2])), clock.frame(ticks_of(available[2:]))
        _check_span(begin, count)
        return ClipDocument(
            name=clean(clip["name"]),
            track=where.track,
            path=where.path,
            link=link,
            media=address,
            source_in=numbers.of(begin),
            source_out=numbers.of(begin + count - 1),
            record_in=record_in,
            record_out=record_out,
            available_in=numbers.of(known[0]) if known and known[1] > 0 else None,
            available_out=numbers.of(known[0] + known[1] - 1) if known and known[1] > 0 else None,
            rate=clock.rate,
            speed=1.0 if speed is where.speed is ONE else float(speed * where.speed),
            step=numbers.step,
            fade_in=fade_in,
            fade_out=fade_out,
            head=head,
            tail=tail,
            enabled=where.enabled and clip["on"],
            reel=clean(clip.get("reel", ""), 64),
            marks=tuple(clean(mark) for mark in clip.get("marks", ())),
            cdl=self.cdl(clip),
            sequence=ours.get("sequence", ""),
            shot=ours.get("shot", ""),
            colourspace=clean(ours.get("colourspace", "")),
            flags=flags,
        )

    def cdl(self, clip: Raw) -> Cdl | None:
        """The clip's colour correction; one that is none is noted and left out."""
        if not clip.get("cdl"):
            return None
        try:
            return Cdl.model_validate(clip["cdl"])
        except ValidationError as error:
            reason = error.errors()[0]["msg"].removeprefix("Value error, ")
            self.notes.append(f"the CDL of clip {clean(clip['name'])!r} is left out: {reason}")
            return None

    def fade(self, item: Raw | None, clock: Clock, *, inner: str) -> tuple[Fade | None, int]:
        """A neighbouring transition, and how many frames of the media it needs beyond the cut."""
        if item is None or item["kind"] != "transition":
            return None, 0
        before, after = (ticks_of(item[side]) if item[side] else 0 for side in ("in", "out"))
        need = before if inner == "in" else after
        fade = Fade(clean(item["type"], 64), self.clock.frame(before), self.clock.frame(after))
        return fade, clock.whole_frames(need)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """How frames of the source timecode are numbered in the media: ``first + (frame - zero) * step``."""

    zero: int = 0
    first: int = 0
    step: int = 1

    def of(self, frame: int) -> int:
        return self.first + (frame - self.zero) * self.step


def _link(media: Raw, clock: Clock) -> tuple[LinkKind, str, _Numbers]:
    """What the media is, its address, and its numbering."""
    kind, url, available = media["kind"], decode_url(media["url"]), media["available"]
    zero = clock.frame(ticks_of(available[:2])) if available else None
    if kind == "generator":
        return LinkKind.GENERATOR, "", _Numbers()
    if kind == "missing" or not (url or kind == "sequence"):
        return LinkKind.MISSING, "", _Numbers()
    if kind == "sequence":
        first, step = int(media["first"] or 0), int(media["step"] or 1)
        folder = url if not url or url.endswith("/") else f"{url}/"
        name = f"{media['head']}{'#' * max(1, min(int(media['padding'] or 0), 12))}{media['tail']}"
        return LinkKind.SEQUENCE, folder + name, _Numbers(first if zero is None else zero, first, step)
    if url.rpartition(".")[2].lower() not in STILLS:
        return LinkKind.MOVIE, url, _Numbers(zero or 0)
    frames = clock.frame(ticks_of(available[2:])) if available else 0
    pattern, first_file = _pattern(url, several=frames > 1)
    if not pattern:
        return LinkKind.STILL, url, _Numbers(zero or 0)
    if first_file is None or zero is None:
        return LinkKind.SEQUENCE, pattern, _Numbers()
    return LinkKind.SEQUENCE, pattern, _Numbers(zero, first_file)


def _pattern(url: str, *, several: bool) -> tuple[str, int | None]:
    """A URL of numbered files with ``#`` for the number, and the first file's number where the URL tells it."""
    folder, slash, name = url.rpartition("/")
    if found := _RANGE.search(name):
        digits = len(found.group(1).lstrip("-"))
        return f"{folder}{slash}{name[: found.start()]}{'#' * digits}{name[found.end() :]}", int(found.group(1))
    if found := _PERCENT.search(name):
        digits = min(int(found.group(1) or 1), 12)
        return f"{folder}{slash}{name[: found.start()]}{'#' * digits}{name[found.end() :]}", None
    if is_pattern(name):
        return url, None
    if several and (found := _NUMBER.search(name)):
        digits = len(found.group(1))
        return f"{folder}{slash}{name[: found.start()]}{'#' * digits}{name[found.end() :]}", int(found.group(1))
    return "", None


def _has_offset(track: Raw) -> bool:
    return track["kind"] == "track" and bool(track["range"]) and track["range"][0] < 0


def _natural(item: Raw) -> Ticks:
    """How long an item is when nothing trims it."""
    kind = item["kind"]
    if kind == "track":
        return sum(_length(child) for child in item["items"] if child["kind"] != "transition")
    if kind == "stack":
        return max((_length(child) for child in item["items"]), default=0)
    available = item["media"]["available"] if kind == "clip" else None
    return ticks_of(available[2:]) if available else 0


def _length(item: Raw) -> Ticks:
    """How long an item is in its composition; asked often, so it is remembered."""
    if item["kind"] == "transition":
        return 0
    found: Ticks | None = item.get("length")
    if found is None:
        found = ticks_of(item["range"][2:]) if item["range"] else _natural(item)
        item["length"] = found
    return found


def _span(item: Raw, length: Ticks) -> tuple[Ticks, Ticks]:
    """The start, in the item's own time, and the length of its seen part."""
    if item["range"]:
        return ticks_of(item["range"][:2]), ticks_of(item["range"][2:])
    available = item["media"]["available"] if item.get("kind") == "clip" else None
    return (ticks_of(available[:2]) if available else 0), length


def _speed(item: Raw) -> tuple[Fraction, tuple[str, ...]]:
    if not item["effects"]:
        return ONE, ()
    speed, flags = ONE, []
    for kind, value in item["effects"]:
        if kind == "linear":
            if not isfinite(value) or abs(value) > 1000:  # noqa: PLR2004 - a speed that no editor offers
                raise ValueError(f"clip {clean(item.get('name', ''))!r} has the speed {value}")
            speed *= Fraction(value).limit_denominator(1_000_000)
        else:
            flags.append("retime-curve")
    if speed < 0:
        flags.append("reverse")
    return speed, tuple(flags)


def _media_clock(clip: Raw) -> Clock | None:
    for times in (clip["media"]["available"], clip["range"]):
        if times:
            return clock_of(times[1])
    return None


def _clock_of_cut(raw: Raw) -> Clock:
    """The rate of the start timecode, else that of the first clip or gap."""
    if raw["start"]:
        return clock_of(raw["start"][1])
    pending = list(raw["items"])
    while pending:
        item = pending.pop(0)
        if item.get("range"):
            return clock_of(item["range"][1])
        if item["kind"] == "clip" and item["media"]["available"]:
            return clock_of(item["media"]["available"][1])
        pending = [child for child in item.get("items", []) if child["kind"] != "transition"] + pending
    raise TimelineError("it holds no clip, so it has no frame rate", hint="export a timeline with video clips")


def _check_span(first: int, count: int) -> None:
    if count > MAX_FRAMES:
        raise ValueError(f"a clip of {count} frames is longer than the {MAX_FRAMES} that are allowed, from {first}")
