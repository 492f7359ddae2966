"""What was measured, on disk: one line of JSON a frame, ascending."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from ...schema.errors import ReceiptMismatchError
from .measure import Measured


def write_measured(path: Path, found: Iterable[Measured]) -> int:
    """Write what was measured, as it comes; how many there are.

    Raises:
        OSError: it could not be written.
    """
    count = 0
    with path.open("w", encoding="utf-8") as stream:
        for one in found:
            stream.write(one.canonical().decode() + "\n")
            count += 1
    return count


def read_measured(paths: Iterable[Path]) -> Iterator[Measured]:
    """What is in some files, each frame once; a line is in memory.

    Args:
        paths: by their first frame. Where a farm did frames twice, in other chunks, the first ones count.

    Raises:
        ReceiptMismatchError: a file is not what was written.
    """
    last: int | None = None
    told = False
    for one in itertools.chain.from_iterable(map(_lines, paths)):
        if one.frame is None:
            if not told:
                yield one
            told = True
        elif last is None or one.frame > last:
            last = one.frame
            yield one


def _lines(path: Path) -> Iterator[Measured]:
    try:
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                yield Measured.model_validate_json(line)
    except (OSError, ValidationError) as error:
        raise ReceiptMismatchError(f"{path} cannot be read; run its task again", path=path) from error
