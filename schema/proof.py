"""What ``reproduce`` and ``fsck`` print as JSON."""

from __future__ import annotations

from enum import StrEnum

from .base import Document


class Likeness(StrEnum):
    """How a file that was made again compares with the published one."""

    IDENTICAL = "identical"
    TIMINGS = "timings"  # a document that is the same but for what it tells of its run: how long, and where
    DIFFERS = "differs"
    LACKING = "lacking"  # it was published, and not made again
    ADDED = "added"  # it was made, and not published


class ReproducedFile(Document):
    """One file.

    Attributes:
        published, made: checksums.
        difference: how far the pictures are apart where they differ most, 0 to 1 for integers; None: no pictures, or of
            other sizes.
    """

    representation: str
    path: str
    frame: int | None
    likeness: Likeness
    published: str | None
    made: str | None
    difference: float | None = None


class ReproduceOut(Document):
    """``shotmill reproduce``.

    Attributes:
        identical: whether every file is the same byte for byte, or but for timings in documents that hold some.
        kept: the folder of what was made, where it was to be kept.
    """

    address: str
    identical: bool
    files: tuple[ReproducedFile, ...]
    notes: tuple[str, ...] = ()
    kept: str | None = None


class Finding(Document):
    """One thing that ``fsck`` found.

    Attributes:
        kind: what it is, such as ``staging-left``.
        what: path, or address of a version.
        problem: in words.
        mended: where it was moved to; of a pointer, what it does now.
        can_mend: whether ``--mend`` moves it.
    """

    kind: str
    what: str
    problem: str
    can_mend: bool = False
    mended: str | None = None


class FsckOut(Document):
    """``shotmill fsck``."""

    versions: int
    folders: int
    jobs: int
    findings: tuple[Finding, ...]


class QuarantineOut(Document):
    """What lies in a quarantine folder, beside it as ``quarantine.json``: written before anything is moved."""

    made: str
    by: str
    moved: tuple[Quarantined, ...]


class Quarantined(Document):
    """One thing that was moved: ``name`` is what it is called in the quarantine, ``origin`` where it was."""

    name: str
    origin: str
    kind: str
    problem: str


QuarantineOut.model_rebuild()
