"""Receipts: what a task wrote, the only truth about frames."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field

from .base import Document
from .frames import FrameSet
from .media import as_value_error
from .names import check_relative_path

RECEIPT_VERSION = 1
FOUND = "found"  # the fact of an output: lines that whoever waits for the job is told before those of ``TOLD``
NOT_FOR_PUBLISH = "not_for_publish"  # the fact of an output that no publish takes: why, in a few words
TOLD = "told"  # the fact of an output: lines that the publish report repeats
CHECKSUM_ALGORITHM = "xxh128"  # XXH3, 128 bits, as in Deadline Cloud's job attachments


RelativePath = Annotated[str, AfterValidator(lambda value: as_value_error(check_relative_path, value, field="path"))]


class ReceiptFile(Document):
    """One file that a task wrote.

    Attributes:
        path: relative to the receipt's ``root``.
        size: bytes.
        checksum: xxh128 in lower-case hex.
        frame: frame number, or None for a file that is not one frame.
    """

    path: RelativePath
    size: int = Field(ge=0)
    checksum: str = Field(pattern=r"^[0-9a-f]{32}$")
    frame: int | None = None


class Output(Document):
    """Files of one representation of one product.

    Attributes:
        product: key of the product in the step's ``outputs``.
        representation: such as ``jpg``, ``exr``, ``mov``, ``json``.
        colourspace: name of the pixels' colour space, None where there is none.
        facts: what readers may want to know (size, view, source frame); JSON.
    """

    product: str
    representation: str
    files: tuple[ReceiptFile, ...]
    colourspace: str | None = None
    width: int | None = None
    height: int | None = None
    pixel_aspect: float | None = None
    facts: dict[str, Any] = Field(default_factory=dict)


class Receipt(Document):
    """What one attempt at one task did.

    Attributes:
        frames: the frames of the chunk as it was asked for.
        done: frames with all their outputs.
        holes: frames that the source does not have; allowed only with ``--allow-holes``.
        root: folder of the files, relative to the job's folder.
        log: path of the attempt's log, relative to the job's folder.
        cpu_s, wall_s: seconds of the attempt.
    """

    receipt_version: int = RECEIPT_VERSION
    job: str
    step: str
    frames: FrameSet
    done: FrameSet | None
    holes: FrameSet | None = None
    outputs: tuple[Output, ...] = ()
    root: RelativePath
    log: RelativePath
    attempt: str
    host: str
    started: AwareDatetime
    finished: AwareDatetime
    wall_s: float
    cpu_s: float
    versions: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
