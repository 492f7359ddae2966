"""What a changed clip asks for: another thumbnail, more frames at its ends, all of them, or nothing."""

from __future__ import annotations

from ...schema.cutdiff import Change, CutUse, Needs
from ...schema.frames import FrameSet

ANEW = frozenset({
    Change.ADDED, Change.REINSTATED, Change.ENABLED, Change.VERSION, Change.MEDIA, Change.RATE
})  # fmt: skip
Span = tuple[int, int]


def needs_of(old: CutUse | None, new: CutUse | None, changes: tuple[Change, ...], *, handles: int) -> Needs:
    """What jobs have to do for a clip.

    Args:
        old: the clip before; None: it is new.
        new: the clip now; None: it left.
        changes: what is different.
        handles: frames wanted on each side of a cut, as far as the media has them; before and now.
    """
    if new is None or not new.enabled or not new.shot:
        return Needs()
    wanted = work_span(new, handles)
    if old is None or ANEW & set(changes):
        return Needs(thumbnail=True, whole=FrameSet.span(*wanted))
    head, tail = beyond(work_span(old, handles), wanted)
    lost = max(0, new.source_in - old.source_in) + max(0, old.source_out - new.source_out)
    if head is None and tail is None and not _touch(work_span(old, handles), wanted):
        return Needs(thumbnail=True, whole=FrameSet.span(*wanted), lost=lost)
    return Needs(thumbnail=middle(old) != middle(new), head=head, tail=tail, lost=lost)


def work_span(use: CutUse, handles: int) -> Span:
    """The source frames of a clip with handles, as far as its media is said to have them."""
    first, last = use.source_in - handles, use.source_out + handles
    if use.available_in is not None:
        first = min(use.source_in, max(first, use.available_in))
    if use.available_out is not None:
        last = max(use.source_out, min(last, use.available_out))
    return first, last


def beyond(there: Span, wanted: Span) -> tuple[FrameSet | None, FrameSet | None]:
    """The wanted frames before and after those that are there; none where the two do not touch."""
    if not _touch(there, wanted):
        return None, None
    head = FrameSet.span(wanted[0], there[0] - 1) if wanted[0] < there[0] else None
    tail = FrameSet.span(there[1] + 1, wanted[1]) if wanted[1] > there[1] else None
    return head, tail


def _touch(there: Span, wanted: Span) -> bool:
    """Whether the two are one range together, without a gap."""
    return wanted[0] <= there[1] + 1 and there[0] <= wanted[1] + 1


def middle(use: CutUse) -> int:
    """The frame that stands for a clip, as jobs choose it."""
    return use.source_in + (use.source_out - use.source_in) // 2
