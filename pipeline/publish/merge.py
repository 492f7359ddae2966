"""Receipts merged: the files of one representation, from however many tasks, with none of them lost or taken twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...schema.errors import ReceiptMismatchError
from ...schema.receipts import Output, Receipt, ReceiptFile


@dataclass(frozen=True)
class Part:
    """What one receipt says of one representation, and the folder its files lie in."""

    receipt: Receipt
    output: Output
    root: Path

    def whereabouts(self, file: ReceiptFile) -> str:
        """A file and the task that wrote it, for messages."""
        return f"{file.path!r} of frames {self.receipt.frames}"


def merged(parts: Sequence[Part]) -> list[tuple[Part, ReceiptFile]]:
    """The files of one representation.

    Tasks may overlap where a farm cut the job into other chunks on a second try: then a frame that was done twice is
    taken from the first in the order of receipts, and so are files that are no frames. Chunks that do not overlap have
    nothing in common.

    Raises:
        ReceiptMismatchError: two files claim one frame; or chunks overlap in part, and nobody can tell which of their
            files are the same.
    """
    taken: dict[tuple[int | None, str], tuple[Part, ReceiptFile]] = {}
    covered: dict[int, Part] = {}
    for part in parts:
        before = {frame: covered[frame] for frame in part.receipt.frames if frame in covered}
        for file in part.output.files:
            if file.frame is not None:
                _take_frame(taken, part, file)
            elif not before:
                taken[None, f"{part.receipt.frames} {file.path}"] = (part, file)
            elif len(before) < len(part.receipt.frames):
                raise _in_part(part, next(iter(before.values())))
        covered.update(dict.fromkeys(part.receipt.frames, part))
    return list(taken.values())


def _take_frame(taken: dict[tuple[int | None, str], tuple[Part, ReceiptFile]], part: Part, file: ReceiptFile) -> None:
    other, first = taken.setdefault((file.frame, ""), (part, file))
    if first is file or set(other.receipt.frames) & set(part.receipt.frames):
        return
    raise ReceiptMismatchError(
        f"{other.whereabouts(first)} and {part.whereabouts(file)} both claim to be frame {file.frame} of "
        f"{part.output.product} ({part.output.representation}); give each frame to one task",
        frame=file.frame,
        step=part.receipt.step,
    )


def _in_part(part: Part, other: Part) -> ReceiptMismatchError:
    return ReceiptMismatchError(
        f"tasks of frames {other.receipt.frames} and {part.receipt.frames} overlap in part, and both wrote files of "
        f"{part.output.product} ({part.output.representation}) that are no frames; submit the job again",
        step=part.receipt.step,
    )
