"""What a task says it wrote: found below its folder, sealed and hashed."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from ...pipeline.hashes import hash_file
from ...pipeline.seals import seal
from ...schema.errors import ReceiptMismatchError, TaskFailedError
from ...schema.names import check_relative_path
from ...schema.receipts import ReceiptFile
from ...schema.task import FileMade, OutputMade

HASH_THREADS = 4
SMALL = 256 * 1024  # bytes; hashed in the time that a thread takes to start


def all_hashed(staging: Path, outputs: Sequence[OutputMade]) -> list[ReceiptFile]:
    """All files of the outputs, in order; several at a time when there is more than a thread costs."""
    files = [file for output in outputs for file in output.files]
    if len(files) <= 1 or _are_small(staging, files):
        return [_hashed(staging, file.path, file.frame) for file in files]
    with ThreadPoolExecutor(min(HASH_THREADS, len(files))) as pool:
        return list(pool.map(lambda file: _hashed(staging, file.path, file.frame), files))


def _are_small(staging: Path, files: Sequence[FileMade]) -> bool:
    """Whether all files together are read sooner than threads are started; ends at the first that are too much."""
    size = 0
    for file in files:
        with suppress(OSError, ValueError):  # told of by whoever reads it
            size += os.stat(f"{staging}/{file.path}").st_size  # noqa: PTH116 - there may be 10,000
        if size > SMALL:
            return False
    return True


def _hashed(staging: Path, name: str, frame: int | None) -> ReceiptFile:
    path = staging
    mode = 0
    for part in check_relative_path(name, field="path").split("/"):
        path = path / part
        try:
            mode = path.lstat().st_mode
        except OSError:
            raise _not_there(name, path, frame) from None
        if stat.S_ISLNK(mode):
            raise ReceiptMismatchError(
                f"the task handed over {name!r}, which leads out of its folder; write a file, not a link",
                path=path,
                frame=frame,
            )
    if not stat.S_ISREG(mode):
        raise _not_there(name, path, frame)
    seal(path)
    checksum, size = hash_file(path)
    if size == 0:
        raise TaskFailedError(f"the task wrote {name!r} with zero bytes", path=path, frame=frame)
    return ReceiptFile(path=name, size=size, checksum=checksum, frame=frame)


def _not_there(name: str, path: Path, frame: int | None) -> ReceiptMismatchError:
    return ReceiptMismatchError(f"the task says it wrote {name!r}, which is no file there", path=path, frame=frame)
