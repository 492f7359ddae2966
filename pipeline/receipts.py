"""Receipts on disk: put in place once, read back by whoever comes after."""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..schema.errors import InputCorruptError, ReceiptMismatchError
from ..schema.frames import FrameSet
from ..schema.job import Step
from ..schema.receipts import Output, Receipt, ReceiptFile
from .files import write_whole
from .folders import JobFolder
from .hashes import hash_handle
from .jail import open_file


def check_outputs(step: Step, outputs: Sequence[Output]) -> None:
    """Refuse what a publish would have to leave out: outputs that the step does not promise, and frames given twice.

    Args:
        step: one that is published.
        outputs: of one of its tasks.

    Raises:
        ReceiptMismatchError: names the output, or both files.
    """
    promised = {(one.product, one.representation) for one in step.outputs}
    seen: dict[tuple[str, str, int | str], str] = {}
    for output in outputs:
        if (output.product, output.representation) not in promised:
            known = ", ".join(f"{representation} of {product!r}" for product, representation in sorted(promised)[:5])
            raise ReceiptMismatchError(
                f"step {step.name!r} wrote {output.representation} of {output.product!r}, which it does not promise; "
                f"promised: {known or 'nothing'}",
                hint="add it to the outputs in the job type's steps.py",
                step=step.name,
            )
        for file in output.files:
            place = (output.product, output.representation, file.path if file.frame is None else file.frame)
            if place in seen:
                raise _given_twice(step, output, seen[place], file)
            seen[place] = file.path


def _given_twice(step: Step, output: Output, first: str, file: ReceiptFile) -> ReceiptMismatchError:
    what = "one file" if file.frame is None else f"frame {file.frame}"
    return ReceiptMismatchError(
        f"step {step.name!r} wrote {first!r} and {file.path!r} as {what} of {output.product!r} "
        f"({output.representation}); give each a representation of its own",
        frame=file.frame,
        step=step.name,
    )


def keep_receipt(folder: JobFolder, receipt: Receipt, *, durable: bool = True) -> bool:
    """Put a receipt in place, unless another attempt's is there and its files are sound.

    Args:
        folder: of the job.
        receipt: what the attempt wrote.
        durable: whether it survives a power cut when this returns; if not, the caller pushes it to the disk.

    Returns:
        Whether it is this one that stands now.

    Raises:
        OSError: it could not be written.
    """
    target = folder.receipt(receipt.step, receipt.frames)
    draft = target.with_name(f".{target.stem}.{uuid.uuid4().hex}")
    content = (receipt.model_dump_json(indent=2) + "\n").encode()
    try:
        try:
            _write(draft, content, durable=durable)
        except FileNotFoundError:  # the step's first receipt
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(draft, content, durable=durable)
        try:
            os.link(draft, target)
        except FileExistsError:
            return _replaced(folder, receipt, draft)
        return True
    finally:
        draft.unlink(missing_ok=True)


def _replaced(folder: JobFolder, receipt: Receipt, draft: Path) -> bool:
    """Put a receipt in place of one that speaks of files that are gone or damaged; whether there was such a one."""
    if sound_receipt(folder, receipt.step, receipt.frames) is not None:
        return False
    target = folder.receipt(receipt.step, receipt.frames)
    with target.with_name(f".{target.stem}.lock").open("wb") as lock:
        with contextlib.suppress(OSError):  # a disk without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        # Another attempt may have replaced it meanwhile, and thrown away the files of all others.
        if sound_receipt(folder, receipt.step, receipt.frames) is not None:
            return False
        draft.replace(target)
    return True


def _write(draft: Path, content: bytes, *, durable: bool) -> None:
    if durable:
        write_whole(draft, content)
    else:
        draft.write_bytes(content)


def sync_receipt(path: Path) -> None:
    """Push a receipt to the disk.

    Raises:
        OSError: it is not there, or the disk failed.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sound_receipt(folder: JobFolder, step: str, frames: FrameSet) -> Receipt | None:
    """The receipt of a task whose files are all there and unchanged; None when it has to be done again."""
    path = folder.receipt(step, frames)
    try:
        receipt = read_receipt(path)
    except (FileNotFoundError, InputCorruptError):
        return None
    root = folder.root / receipt.root
    for output in receipt.outputs:
        for file in output.files:
            if not _is_sound(root / file.path, file, folder.root):
                return None
    return receipt


def _is_sound(path: Path, file: ReceiptFile, root: Path) -> bool:
    """Whether a file is what its receipt says, and lies where the publish would take it from."""
    try:
        handle = open_file(path, root=root)
    except OSError:
        return False
    try:
        return os.fstat(handle).st_size == file.size and hash_handle(handle)[0] == file.checksum
    except OSError:
        return False
    finally:
        os.close(handle)


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
        raise InputCorruptError(
            f"receipt {path} cannot be read: {error}; run its task again",
            hint=f"shotmill retry {path.parents[2].name}",
            path=path,
        ) from error


def read_receipts(folder: JobFolder, step: str) -> list[Receipt]:
    """All receipts of a step, by the name of their chunk; one that a retry takes away meanwhile is left out."""
    found = []
    for path in folder.receipts(step):
        with contextlib.suppress(FileNotFoundError):
            found.append(read_receipt(path))
    return found


class Upstream(Mapping[str, Sequence[Receipt]]):
    """Receipts of the steps that a task waits for, read when they are asked for.

    Args:
        folder: of the job.
        steps: their names.
    """

    def __init__(self, folder: JobFolder, steps: Sequence[str]) -> None:
        self._folder = folder
        self._steps = tuple(steps)
        self._read: dict[str, Sequence[Receipt]] = {}

    def __getitem__(self, step: str) -> Sequence[Receipt]:
        if step not in self._steps:
            raise KeyError(step)
        if step not in self._read:
            self._read[step] = read_receipts(self._folder, step)
        return self._read[step]

    def __iter__(self) -> Iterator[str]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)
