"""Receipts on disk: put in place once, read back by whoever comes after."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from ..schema.errors import InputCorruptError
from ..schema.frames import FrameSet
from ..schema.receipts import Receipt
from .files import write_whole
from .folders import JobFolder


def keep_receipt(folder: JobFolder, receipt: Receipt) -> bool:
    """Put a receipt in place, unless another attempt's is there and its files are sound.

    Returns:
        Whether it is this one that stands now.

    Raises:
        OSError: it could not be written.
    """
    target = folder.receipt(receipt.step, receipt.frames)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.stem}.{uuid.uuid4().hex}")
    try:
        write_whole(draft, receipt.pretty().encode())
        while True:
            try:
                os.link(draft, target)
            except FileExistsError:
                if sound_receipt(folder, receipt.step, receipt.frames) is not None:
                    return False
                draft.replace(target)  # the one there speaks of files that are gone
                return True
            return True
    finally:
        draft.unlink(missing_ok=True)


def sound_receipt(folder: JobFolder, step: str, frames: FrameSet) -> Receipt | None:
    """The receipt of a task whose files are all there with the right sizes; None when it has to be done again."""
    path = folder.receipt(step, frames)
    try:
        receipt = read_receipt(path)
    except (FileNotFoundError, InputCorruptError):
        return None
    root = folder.root / receipt.root
    for output in receipt.outputs:
        for file in output.files:
            try:
                if (root / file.path).stat().st_size != file.size:
                    return None
            except OSError:
                return None
    return receipt


def read_receipt(path: Path) -> Receipt:
    """One receipt.

    Raises:
        FileNotFoundError: there is none.
        InputCorruptError: it cannot be read.
    """
    text = path.read_bytes()
    try:
        return Receipt.model_validate_json(text)
    except ValueError as error:
        raise InputCorruptError(f"receipt {path} cannot be read: {error}; run its task again", path=path) from error


def read_receipts(folder: JobFolder, step: str) -> list[Receipt]:
    """All receipts of a step, by the name of their chunk."""
    return [read_receipt(path) for path in folder.receipts(step)]
