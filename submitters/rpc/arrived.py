"""Frames of a job at work, as its tasks are done with them: what receipts tell, before anything is published."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ...pipeline.folders import JobFolder
from ...pipeline.receipts import read_receipt
from ...schema.errors import InputCorruptError, InputMissingError
from ...schema.frames import FrameSet
from ...schema.rpc import FramesArrived

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...schema.job import OutputSpec, Step
    from ...schema.receipts import Output, Receipt, ReceiptFile

_DIGITS = re.compile(r"\d+")


class Arrivals:
    """The frames of one job that were not told yet.

    Args:
        handle: of the job.
        folder: of the job; on a host without its disks nothing is there, and nothing is told.
    """

    def __init__(self, handle: str, folder: Path) -> None:
        self._handle = handle
        self._folder = JobFolder(folder)
        self._told: set[Path] = set()
        self._known: Sequence[Step] = ()

    def fresh(self) -> Iterator[FramesArrived]:
        """What arrived since the last look, a document for each task and form."""
        for step in self._steps:
            promised = {(one.product, one.representation): one for one in step.outputs if one.frames is not None}
            for receipt in self._receipts(step):
                for output in receipt.outputs:
                    meant = promised.get((output.product, output.representation))
                    if meant is not None:
                        yield from self._documents(receipt, output, meant)

    @property
    def _steps(self) -> Sequence[Step]:
        """Steps that promise frames; none while the bundle is not there."""
        if not self._known:
            try:
                spec = self._folder.read_spec()
            except (InputMissingError, InputCorruptError):  # of another machine's disks, or made at this moment
                return ()
            self._known = [step for step in spec.steps if any(output.frames is not None for output in step.outputs)]
        return self._known

    def _receipts(self, step: Step) -> Iterator[Receipt]:
        for path in self._folder.receipts(step.name):
            if path in self._told:
                continue
            self._told.add(path)
            try:
                yield read_receipt(path)
            except (FileNotFoundError, InputCorruptError):  # its task runs again
                self._told.discard(path)

    def _documents(self, receipt: Receipt, output: Output, meant: OutputSpec) -> Iterator[FramesArrived]:
        for pattern, files in _by_pattern(output.files).items():
            yield FramesArrived(
                job=self._handle,
                project=meant.entity.project,
                owner=meant.entity.path,
                product=meant.name,
                kind=meant.kind,
                name=meant.representation,
                path=str(self._folder.root / receipt.root / pattern),
                frames=str(FrameSet.of(file.frame for file in files if file.frame is not None)),
                source=str(output.facts.get("source") or ""),
            )


def _by_pattern(files: Sequence[ReceiptFile]) -> dict[str, list[ReceiptFile]]:
    """Files by their path with ``####`` for the frame number, which is the last number in the name."""
    found: dict[str, list[ReceiptFile]] = defaultdict(list)
    for file in files:
        path = PurePosixPath(file.path)
        numbers = list(_DIGITS.finditer(path.stem))
        if numbers and file.frame is not None and int(numbers[-1].group()) == file.frame:
            begin, end = numbers[-1].span()
            name = f"{path.stem[:begin]}{'#' * (end - begin)}{path.stem[end:]}{path.suffix}"
            found[str(path.with_name(name))].append(file)
    return found
