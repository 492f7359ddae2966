"""What differs between two cuts, clip by clip, and what work each difference asks for.

All ranges are first and last frame, both included. Source frames are in the media's own numbering, record frames
count from the cut's start.
"""

from __future__ import annotations

from enum import StrEnum

from .base import Document
from .frames import FrameSet
from .media import Rate


class Change(StrEnum):
    """One thing that is different about a clip; a clip may have several."""

    ADDED = "added"
    REINSTATED = "reinstated"
    REMOVED = "removed"
    MOVED = "moved"
    SHIFTED = "shifted"
    HEAD = "head"
    TAIL = "tail"
    SLIPPED = "slipped"
    VERSION = "version"
    MEDIA = "media"
    RATE = "rate"
    RETIMED = "retimed"
    TRACK = "track"
    ENABLED = "enabled"
    DISABLED = "disabled"


class CutUse(Document):
    """A clip in one of the cuts.

    Attributes:
        name: of the clip, as the cut has it.
        shot: ``sq010/sh010``; empty: no rule finds one.
        use: the name that jobs give this use of the shot, ``sq010/sh010#2``; empty: jobs do not get this clip.
        media: path; empty: the cut names none.
        version: of the plate, as its name tells, without zeros: ``3``; empty: it tells none.
        available_in, available_out: frames that the media is said to have.
        rate: of the media.
        speed: 1 as shot, 2 twice as fast, 0 a freeze, negative backwards.
        flags: what needs eyes, such as ``retime-curve``.
    """

    name: str
    shot: str = ""
    use: str = ""
    media: str = ""
    version: str = ""
    track: str = ""
    source_in: int
    source_out: int
    record_in: int
    record_out: int
    available_in: int | None = None
    available_out: int | None = None
    rate: Rate = Rate(24)
    speed: float = 1.0
    enabled: bool = True
    flags: tuple[str, ...] = ()


class CutSide(Document):
    """One of the two cuts.

    Attributes:
        label: the file's name, or ``main v002``.
        checksum: SHA-256 of the file that the cut was read from.
    """

    label: str
    checksum: str = ""
    rate: Rate
    start_frame: int = 0
    duration: int
    uses: tuple[CutUse, ...] = ()


class SideOut(Document):
    """One of the two cuts, without its clips."""

    label: str
    checksum: str
    rate: Rate
    start_frame: int
    duration: int
    clips: int


class Needs(Document):
    """What a changed clip asks for.

    Attributes:
        thumbnail: whether the frame that stands for the shot is another one, or another picture.
        head, tail: frames that the cut did not show before and that lie before and after those it did; None: none.
        whole: all frames, when what was made of the shot before is of no use; None: it is.
        lost: frames that the cut shows no more; what was made of them stays.
    """

    thumbnail: bool = False
    head: FrameSet | None = None
    tail: FrameSet | None = None
    whole: FrameSet | None = None
    lost: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether no job has anything to do."""
        return not (self.thumbnail or self.head or self.tail or self.whole)


class UseChange(Document):
    """A clip that is not the same in both cuts.

    Attributes:
        shot, clip: of the newer one, else of the older.
        changes: what is different.
        old, new: the clip there; None: it is not in that cut.
        head, tail: frames won at the beginning and the end of the source range; negative: lost.
        slip: frames that the picture moved by inside a clip of the same length; positive: later source frames.
        shift: frames that the clip moved by in the cut, counted at the newer cut's rate.
        retime: old and new speed, where they differ.
    """

    shot: str
    clip: str
    changes: tuple[Change, ...]
    old: CutUse | None = None
    new: CutUse | None = None
    head: int = 0
    tail: int = 0
    slip: int = 0
    shift: int = 0
    needs: Needs = Needs()

    @property
    def is_only_shifted(self) -> bool:
        """Whether the clip is what it was, only earlier or later."""
        return self.changes == (Change.SHIFTED,)


class TimelineDiffOut(Document):
    """``shotmill timeline diff``.

    Attributes:
        same: whether nothing is different.
        counts: how many clips have each change.
        unchanged: clips that are the same in both.
        changes: by record frame of the newer cut; removed ones by that of the older.
        handles: frames on each side of a cut that the needs count with.
    """

    old: SideOut
    new: SideOut
    same: bool
    counts: dict[str, int]
    unchanged: int
    handles: int = 0
    changes: tuple[UseChange, ...]
    notes: tuple[str, ...] = ()


class AskedOut(Document):
    """One job that a changed cut asks for, and what became of it.

    Attributes:
        type: of the job.
        shots: that it works on; empty: the whole cut.
        frames: that are new to it; None: it does not go on from an earlier version.
        extends: version that it goes on from; empty: none.
        job: handle; empty: nothing was submitted.
        is_new: whether this call made the job.
        problem: why it could not be submitted.
        whole: why it does more than the frames that are new; empty: it does those alone.
    """

    type: str
    shots: tuple[str, ...] = ()
    frames: FrameSet | None = None
    extends: str = ""
    job: str = ""
    is_new: bool = False
    problem: str = ""
    whole: str = ""


class TimelineUpdateOut(Document):
    """``shotmill timeline update``.

    Attributes:
        version: of the cut that holds the file; 0: it is not in the database.
        added: whether this call put it there.
        diff: against the version before; None: there is none, or the file is in the database and nothing was asked for.
        asked: jobs, with ``--submit``.
    """

    project: str
    cut: str
    version: int
    added: bool
    diff: TimelineDiffOut | None = None
    asked: tuple[AskedOut, ...] = ()
    notes: tuple[str, ...] = ()
