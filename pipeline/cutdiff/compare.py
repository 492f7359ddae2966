"""The comparison itself: each pair of clips, what is different about it, and the clips that have no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from fractions import Fraction

from ...schema.cutdiff import Change, CutSide, CutUse, SideOut, TimelineDiffOut, UseChange
from .match import match_uses, without_version
from .needs import needs_of
from .order import longest_ascent


def compare(
    old: CutSide, new: CutSide, *, earlier: Collection[str] = (), handles: int = 0, notes: tuple[str, ...] = ()
) -> TimelineDiffOut:
    """What is different in the newer of two cuts.

    A clip counts as moved when it is not in the longest run of clips that kept their order; one that is only earlier or
    later because of others is shifted.

    Args:
        old: the older cut.
        new: the newer.
        earlier: shots of versions before the older one, ``sq010/sh010`` in lower case: those come back, not anew.
        handles: frames on each side of a cut that the work counts with.
        notes: what a person should know of the two.
    """
    matched = match_uses(old.uses, new.uses)
    clock = _clock(old, new)
    moved = _moved(matched.pairs, clock)
    by_track = len({use.track for use in old.uses}) > 1 or len({use.track for use in new.uses}) > 1
    found = [
        change
        for one, other in matched.pairs
        if (change := _changed(one, other, clock, handles, is_moved=id(other) in moved, by_track=by_track))
    ]
    unchanged = len(matched.pairs) - len(found)
    found += [_arrived(use, earlier, handles) for use in matched.only_new]
    found += [_left(use) for use in matched.only_old]
    found.sort(key=lambda change: _place(change, clock))
    counts = Counter(one for change in found for one in change.changes)
    return TimelineDiffOut(
        old=_side(old),
        new=_side(new),
        same=not found,
        counts={one.value: counts[one] for one in Change if counts[one]},
        unchanged=unchanged,
        handles=handles,
        changes=tuple(found),
        notes=(*notes, *_notes(old, new)),
    )


def _side(side: CutSide) -> SideOut:
    return SideOut(
        label=side.label,
        checksum=side.checksum,
        rate=side.rate,
        start_frame=side.start_frame,
        duration=side.duration,
        clips=len(side.uses),
    )


def _notes(old: CutSide, new: CutSide) -> list[str]:
    notes = []
    if old.rate != new.rate:
        notes.append(f"the cut's rate is {new.rate} now, and was {old.rate}; places in the cut are compared in time")
    elif old.start_frame != new.start_frame:
        notes.append(f"the cut begins at frame {new.start_frame} of its timecode now, and began at {old.start_frame}")
    eyes = sorted({flag for use in new.uses for flag in use.flags} - {"start-unknown"})
    if eyes:
        notes.append(f"clips with {' and '.join(eyes)} need eyes: their frames cannot be told for certain")
    return notes


def _clock(old: CutSide, new: CutSide) -> Callable[[int], int]:
    """A record frame of the older cut as one of the newer."""
    if old.rate == new.rate:
        return lambda frame: frame
    scale = Fraction(new.rate) / Fraction(old.rate)
    return lambda frame: round(frame * scale)


def _moved(pairs: tuple[tuple[CutUse, CutUse], ...], clock: Callable[[int], int]) -> set[int]:
    """The ids of the newer clips that were moved."""
    ordered = sorted(pairs, key=lambda pair: (clock(pair[0].record_in), pair[1].record_in))
    kept = set(longest_ascent([other.record_in for _one, other in ordered]))
    return {id(other) for place, (_one, other) in enumerate(ordered) if place not in kept}


def _changed(
    old: CutUse,
    new: CutUse,
    clock: Callable[[int], int],
    handles: int,
    *,
    is_moved: bool,
    by_track: bool,
) -> UseChange | None:
    """What is different about a clip that is in both cuts; None: nothing."""
    shift = new.record_in - clock(old.record_in)
    changes = [Change.MOVED] if is_moved else [Change.SHIFTED] if shift else []
    same_numbers = old.rate == new.rate
    head = old.source_in - new.source_in if same_numbers else 0
    tail = new.source_out - old.source_out if same_numbers else 0
    slip = -head if head and head == -tail else 0
    if slip:
        changes.append(Change.SLIPPED)
        head = tail = 0
    changes += [change for change, delta in ((Change.HEAD, head), (Change.TAIL, tail)) if delta]
    changes += _pictures(old, new)
    if by_track and old.track != new.track:
        changes.append(Change.TRACK)
    if old.enabled != new.enabled:
        changes.append(Change.ENABLED if new.enabled else Change.DISABLED)
    if not changes:
        return None
    told = tuple(changes)
    return UseChange(
        shot=new.shot or old.shot,
        clip=new.name,
        changes=told,
        old=old,
        new=new,
        head=head,
        tail=tail,
        slip=slip,
        shift=shift,
        needs=needs_of(old, new, told, handles=handles),
    )


def _pictures(old: CutUse, new: CutUse) -> list[Change]:
    """What makes the pictures themselves others. A cut that names no media, or no version, says nothing of it."""
    changes = []
    if old.version and new.version and old.version != new.version:
        changes.append(Change.VERSION)
    elif old.media and new.media and old.media != new.media:
        is_version = without_version(old.media) == without_version(new.media)
        changes.append(Change.VERSION if is_version else Change.MEDIA)
    if old.rate != new.rate:
        changes.append(Change.RATE)
    if old.speed != new.speed or set(old.flags) - {"start-unknown"} != set(new.flags) - {"start-unknown"}:
        changes.append(Change.RETIMED)
    return changes


def _arrived(use: CutUse, earlier: Collection[str], handles: int) -> UseChange:
    changes = (Change.REINSTATED if use.shot and use.shot.lower() in earlier else Change.ADDED,)
    needs = needs_of(None, use, changes, handles=handles)
    return UseChange(shot=use.shot, clip=use.name, changes=changes, new=use, needs=needs)


def _left(use: CutUse) -> UseChange:
    return UseChange(shot=use.shot, clip=use.name, changes=(Change.REMOVED,), old=use)


def _place(change: UseChange, clock: Callable[[int], int]) -> tuple[int, int]:
    if change.new is not None:
        return change.new.record_in, 1
    return (clock(change.old.record_in) if change.old else 0), 0
