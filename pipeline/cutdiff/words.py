"""A comparison in words: what is different about each clip, and what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from ...schema.cutdiff import Change, CutUse, Needs, TimelineDiffOut, UseChange
from ...schema.names import counted


def headline(diff: TimelineDiffOut) -> str:
    """The two cuts in one line."""
    old, new = diff.old, diff.new
    return f"{old.label} ({_size(old.clips, old.duration)}) -> {new.label} ({_size(new.clips, new.duration)})"


def _size(clips: int, frames: int) -> str:
    return f"{counted(clips, 'clip')}, {counted(frames, 'frame')}"


def verdict(diff: TimelineDiffOut) -> str:
    """How much is different, in one line."""
    if diff.same:
        return f"no difference: {counted(diff.unchanged, 'clip')} as before"
    said = ", ".join(f"{number} {name}" for name, number in diff.counts.items())
    return f"{said}; {counted(diff.unchanged, 'clip')} as before"


def rows(diff: TimelineDiffOut) -> Iterator[list[str]]:
    """Change, shot, what is different, and needs, for a table; clips that are only shifted alike are one row."""
    for shift, group in groupby(diff.changes, key=_shift_alone):
        found = list(group)
        if shift is None or len(found) == 1:
            yield from ([_kinds(one), one.shot or one.clip, what(one), needs(one.needs)] for one in found)
        else:
            names = f"{found[0].shot or found[0].clip} .. {found[-1].shot or found[-1].clip}"
            yield ["shifted", names, f"{counted(len(found), 'clip')}, each {_later(shift)}", needs(Needs())]


def _shift_alone(change: UseChange) -> int | None:
    return change.shift if change.is_only_shifted else None


def _kinds(change: UseChange) -> str:
    return ", ".join(one for one in change.changes if one is not Change.SHIFTED) or Change.SHIFTED.value


def _later(frames: int) -> str:
    return f"{counted(abs(frames), 'frame')} {'later' if frames > 0 else 'earlier'}"


def _gained(frames: int, where: str) -> str:
    return f"{where} {abs(frames)} {'longer' if frames > 0 else 'shorter'}"


def _said(one: UseChange, old: CutUse, new: CutUse) -> dict[Change, str]:
    """What each change of a clip that is in both cuts is called."""
    return {
        Change.MOVED: f"from {old.record_in} to {new.record_in}",
        Change.SHIFTED: _later(one.shift),
        Change.HEAD: _gained(one.head, "head"),
        Change.TAIL: _gained(one.tail, "tail"),
        Change.SLIPPED: f"shows the source {_later(one.slip)}",
        Change.VERSION: f"v{old.version or '?'} -> v{new.version or '?'}",
        Change.MEDIA: f"other media: {_name(old.media)} -> {_name(new.media)}",
        Change.RATE: f"media at {new.rate} fps, was {old.rate}",
        Change.RETIMED: f"speed {old.speed:g} -> {new.speed:g}",
        Change.TRACK: f"track {old.track} -> {new.track}",
        Change.ENABLED: "is on again",
        Change.DISABLED: "is off",
    }


def what(change: UseChange) -> str:
    """What is different about a clip, with numbers."""
    old, new = change.old, change.new
    if old is not None and new is not None:
        said = _said(change, old, new)
        return "; ".join(said[one] for one in change.changes)
    use = new or old
    if use is None:
        return ""
    at = f"at {use.record_in}" if new is not None else f"which began at {use.record_in}"
    return f"{counted(use.record_out - use.record_in + 1, 'frame')} {at}, source {use.source_in}-{use.source_out}"


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def needs(asked: Needs) -> str:
    """What a clip asks for, in a few words."""
    return ", ".join(_needs(asked)) or "nothing"


def _needs(asked: Needs) -> Iterable[str]:
    if asked.thumbnail:
        yield "thumbnail"
    if asked.whole:
        yield f"all frames {asked.whole}"
    if asked.head:
        yield f"{counted(len(asked.head), 'frame')} at head: {asked.head}"
    if asked.tail:
        yield f"{counted(len(asked.tail), 'frame')} at tail: {asked.tail}"
