"""Puts the clips of a timeline in their places: exact frames of the cut and of the media."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor, isfinite
from typing import Any

from ..schema.errors import TimelineError
from ..schema.frames import MAX_ABS_FRAME, MAX_FRAMES
from ..schema.media import Rate
from ..schema.timeline import ClipDocument, CutDocument, Fade, LinkKind
from .footage import STILLS

Raw = dict[str, Any]
Seconds = Fraction
ZERO = Fraction(0)
_SLACK = Fraction(1, 1000)  # of a frame: rates and speeds come as floats
_RANGE = re.compile(r"\[(-?\d+)-(-?\d+)\]")
_PERCENT = re.compile(r"%0?(\d*)d")
_NUMBER = re.compile(r"(?<=[._-])(\d{2,})(?=\.[A-Za-z0-9]+\Z)")


def place_cut(raw: Raw, *, kind: str, rate: Rate | None = None) -> CutDocument:
    """Place every video clip of a timeline as ``timeline_raw`` gives it.

    Args:
        raw: one timeline.
        kind: the format it was read from.
        rate: the cut's rate; None: that of its start timecode, or of its first clip.

    Raises:
        TimelineError: it has no video clip, or its numbers make no sense.
    """
    try:
        cut_rate = rate or _rate_of(raw)
        placer = _Placer(cut_rate)
        clips, offset = placer.place(raw)
        start = _seconds(raw["start"]) if raw["start"] else ZERO
        start_frame = _frame(start, cut_rate) + offset
    except (ValueError, OverflowError, TypeError, KeyError, ZeroDivisionError) as error:
        raise TimelineError(f"its times make no sense: {error}", hint="export the timeline again") from error
    if not clips:
        raise TimelineError(
            "it holds no video clip" + (f" ({'; '.join(placer.notes[:3])})" if placer.notes else ""),
            hint="check that the right timeline and its video tracks were exported",
        )
    return CutDocument(
        name=clean(raw["name"]),
        format=kind,
        rate=cut_rate,
        start_frame=start_frame,
        duration=max(clip.record_out for clip in clips) + 1,
        clips=tuple(clips),
        notes=(*raw["notes"], *placer.notes),
    )


def clean(text: str, length: int = 256) -> str:
    """Text from a file, fit for a table and a terminal: no control characters, not too long."""
    return "".join(char if char.isprintable() else "_" for char in text[:length]).strip()


@dataclass(frozen=True, slots=True)
class _Where:
    """The part of a composition that is seen, and where that part begins in the cut.

    Attributes:
        at: seconds from the cut's start at which ``first`` is seen.
        first, last: the seen part, in the composition's own seconds; last is not included.
        speed: seconds of the composition in one second of the cut.
    """

    at: Seconds
    first: Seconds
    last: Seconds
    speed: Fraction = Fraction(1)
    path: tuple[str, ...] = ()
    track: str = ""
    enabled: bool = True


class _Placer:
    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.notes: list[str] = []

    def place(self, raw: Raw) -> tuple[list[ClipDocument], int]:
        """The clips in the cut's order, and the frame number of the record timecode that they begin at."""
        found: list[tuple[int, int, ClipDocument]] = []
        tracks = [item for item in raw["items"] if not (item["kind"] == "track" and item["media"] == "Audio")]
        offsets = [-_seconds(track["range"][:2]) for track in tracks if _has_offset(track)]
        offset = min(offsets, default=ZERO)
        whole = max((_length(item) for item in raw["items"]), default=ZERO)
        first, length = _span(raw, whole)
        for index, track in enumerate(tracks, start=1):
            name = clean(track["name"]) or f"V{index}"
            where = _Where(at=ZERO, first=first, last=first + length, track=name)
            if _has_offset(track):  # an EDL: clips count from 0, the range's start is minus the record timecode
                shift = -_seconds(track["range"][:2]) - offset
                where = replace(where, at=shift, first=ZERO, last=_natural(track))
                track = {**track, "range": None}  # noqa: PLW2901 - the offset is used up
            clips = self.item(track, where, ZERO)
            found += [(clip.record_in, index, clip) for clip in clips]
        found.sort(key=lambda entry: entry[:2])
        return [clip for _, _, clip in found], _frame(offset, self.rate)

    def item(self, item: Raw, where: _Where, begins: Seconds) -> Iterator[ClipDocument]:
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
        factor = abs(speed) or Fraction(1)
        start, _ = _span(item, length)
        inner = replace(
            where,
            at=where.at + (first - where.first) / where.speed,
            first=start + (first - begins) * factor,
            last=start + (last - begins) * factor,
            speed=where.speed * factor,
            enabled=where.enabled and item["on"],
        )
        if item["kind"] == "track":
            yield from self.children(item["items"], inner, ZERO)
            return
        inner = replace(inner, path=(*where.path, clean(item["name"]) or "stack"))
        for child in item["items"]:
            if not (child["kind"] == "track" and child["media"] == "Audio"):
                yield from self.item(child, inner, ZERO)

    def children(self, items: list[Raw], where: _Where, begins: Seconds) -> Iterator[ClipDocument]:
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
        seen: tuple[Seconds, Seconds, Seconds],
        around: tuple[Raw | None, Raw | None],
    ) -> ClipDocument:
        """Place the seen part of a clip: where it begins in its composition, what is cut off its head, its length."""
        first, cut_off, length = seen
        speed, flags = _speed(clip)
        start, _ = _span(clip, _length(clip))
        media = clip["media"]
        rate = _media_rate(clip) or self.rate
        link, address, numbers = _link(media, rate)
        begin = _frame(start + cut_off * abs(speed), rate)
        count = max(1, ceil(length * abs(speed) * rate - _SLACK))
        at = where.at + (first - where.first) / where.speed
        record_in = _frame(at, self.rate)
        record_out = max(record_in, _frame(at + length / where.speed, self.rate) - 1)
        available = media["available"]
        ours = clip.get("ours", {})
        fade_in, head = self.fade(around[0], rate, inner="in")
        fade_out, tail = self.fade(around[1], rate, inner="out")
        if not available and link is LinkKind.MOVIE:
            flags = (*flags, "start-unknown")
        known = None
        if available:
            known = _frame(_seconds(available[:2]), rate), _frame(_seconds(available[2:]), rate)
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
            rate=rate,
            speed=float(speed * where.speed),
            step=numbers.step,
            fade_in=fade_in,
            fade_out=fade_out,
            head=head,
            tail=tail,
            enabled=where.enabled and clip["on"],
            reel=clean(clip.get("reel", ""), 64),
            marks=tuple(clean(mark) for mark in clip.get("marks", ())),
            sequence=ours.get("sequence", ""),
            shot=ours.get("shot", ""),
            colourspace=clean(ours.get("colourspace", "")),
            flags=flags,
        )

    def fade(self, item: Raw | None, rate: Rate, *, inner: str) -> tuple[Fade | None, int]:
        """A neighbouring transition, and how many frames of the media it needs beyond the cut."""
        if item is None or item["kind"] != "transition":
            return None, 0
        before, after = (_seconds(item[side]) if item[side] else ZERO for side in ("in", "out"))
        need = before if inner == "in" else after
        fade = Fade(clean(item["type"], 64), _frame(before, self.rate), _frame(after, self.rate))
        return fade, max(0, ceil(need * rate - _SLACK))


@dataclass(frozen=True, slots=True)
class _Numbers:
    """How frames of the source timecode are numbered in the media: ``first + (frame - zero) * step``."""

    zero: int = 0
    first: int = 0
    step: int = 1

    def of(self, frame: int) -> int:
        return self.first + (frame - self.zero) * self.step


def _link(media: Raw, rate: Rate) -> tuple[LinkKind, str, _Numbers]:
    """What the media is, its address, and its numbering."""
    kind, url, available = media["kind"], media["url"], media["available"]
    zero = _frame(_seconds(available[:2]), rate) if available else None
    if kind == "generator":
        return LinkKind.GENERATOR, "", _Numbers()
    if kind == "missing" or not (url or kind == "sequence"):
        return LinkKind.MISSING, "", _Numbers()
    if kind == "sequence":
        first, step = int(media["first"] or 0), int(media["step"] or 1)
        folder = url if not url or url.endswith("/") else f"{url}/"
        name = f"{media['head']}{'#' * max(1, min(int(media['padding'] or 0), 12))}{media['tail']}"
        return LinkKind.SEQUENCE, folder + name, _Numbers(first if zero is None else zero, first, step)
    frames = round(_seconds(available[2:]) * rate) if available else 0
    pattern, first_file = _pattern(url, several=frames > 1)
    if pattern:
        if first_file is None or zero is None:
            return LinkKind.SEQUENCE, pattern, _Numbers()
        return LinkKind.SEQUENCE, pattern, _Numbers(zero, first_file)
    if url.rpartition(".")[2].lower() in STILLS:
        return LinkKind.STILL, url, _Numbers(zero or 0)
    return LinkKind.MOVIE, url, _Numbers(zero or 0)


def _pattern(url: str, *, several: bool) -> tuple[str, int | None]:
    """A URL of numbered files with ``#`` for the number, and the first file's number where the URL tells it."""
    folder, slash, name = url.rpartition("/")
    if found := _RANGE.search(name):
        digits = len(found.group(1).lstrip("-"))
        return f"{folder}{slash}{name[: found.start()]}{'#' * digits}{name[found.end() :]}", int(found.group(1))
    if found := _PERCENT.search(name):
        digits = min(int(found.group(1) or 1), 12)
        return f"{folder}{slash}{name[: found.start()]}{'#' * digits}{name[found.end() :]}", None
    if "#" in name:
        return url, None
    if several and name.rpartition(".")[2].lower() in STILLS and (found := _NUMBER.search(name)):
        digits = len(found.group(1))
        return f"{folder}{slash}{name[: found.start()]}{'#' * digits}{name[found.end() :]}", int(found.group(1))
    return "", None


def _has_offset(track: Raw) -> bool:
    return track["kind"] == "track" and bool(track["range"]) and track["range"][0] < 0


def _natural(item: Raw) -> Seconds:
    """How long an item is when nothing trims it."""
    kind = item["kind"]
    if kind == "track":
        return sum((_length(child) for child in item["items"] if child["kind"] != "transition"), ZERO)
    if kind == "stack":
        return max((_length(child) for child in item["items"]), default=ZERO)
    available = item["media"]["available"] if kind == "clip" else None
    return _seconds(available[2:]) if available else ZERO


def _length(item: Raw) -> Seconds:
    """How long an item is in its composition; asked often, so it is remembered."""
    if item["kind"] == "transition":
        return ZERO
    found: Seconds | None = item.get("length")
    if found is None:
        found = _seconds(item["range"][2:]) if item["range"] else _natural(item)
        item["length"] = found
    return found


def _span(item: Raw, length: Seconds) -> tuple[Seconds, Seconds]:
    """The start, in the item's own time, and the length of its seen part."""
    if item["range"]:
        return _seconds(item["range"][:2]), _seconds(item["range"][2:])
    available = item["media"]["available"] if item.get("kind") == "clip" else None
    return (_seconds(available[:2]) if available else ZERO), length


def _speed(item: Raw) -> tuple[Fraction, tuple[str, ...]]:
    speed, flags = Fraction(1), []
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


def _media_rate(clip: Raw) -> Rate | None:
    for times in (clip["media"]["available"], clip["range"]):
        if times:
            return _rate(times[1])
    return None


def _rate_of(raw: Raw) -> Rate:
    """The rate of the start timecode, else that of the first clip or gap."""
    if raw["start"]:
        return _rate(raw["start"][1])
    pending = list(raw["items"])
    while pending:
        item = pending.pop(0)
        if item.get("range"):
            return _rate(item["range"][1])
        if item["kind"] == "clip" and item["media"]["available"]:
            return _rate(item["media"]["available"][1])
        pending = [child for child in item.get("items", []) if child["kind"] != "transition"] + pending
    raise TimelineError("it holds no clip, so it has no frame rate", hint="export a timeline with video clips")


@lru_cache(maxsize=256)
def _rate(value: float) -> Rate:
    return Rate.parse(value)


def _seconds(time: list[float]) -> Seconds:
    value, rate = time
    if type(value) is float and value.is_integer():
        value = int(value)
    return Fraction(value) / _rate(rate)


def _frame(seconds: Seconds, rate: Rate) -> int:
    """The frame that a moment lies in, to the nearest."""
    frames = seconds * rate
    found = frames.numerator if frames.denominator == 1 else floor(frames + Fraction(1, 2))
    if abs(found) > MAX_ABS_FRAME:
        raise ValueError(f"frame {found} is out of bounds")
    return found


def _check_span(first: int, count: int) -> None:
    if count > MAX_FRAMES:
        raise ValueError(f"a clip of {count} frames is longer than the {MAX_FRAMES} that are allowed, from {first}")
