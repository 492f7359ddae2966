"""What is wrong with the frames of a publish that was refused: by receipts, by files, and by what the tasks said."""

from __future__ import annotations

import re
import shlex
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...schema.errors import ShotmillError
from ...schema.frames import FrameSet, frames_text
from ...schema.job import PUBLISH_TASK, JobSpec, OutputSpec, Step
from ...schema.receipts import Receipt, ReceiptFile
from ...schema.states import State
from ..folders import JobFolder
from ..holes import marked_frames, read_holes
from ..store import Database
from ..store.jobs import tasks_of
from .facts import Trouble

MAX_TROUBLES = 60
MAX_LOOKED_AT = 20_000  # files whose size is compared
_QUOTED = re.compile(r'\b(cause|hint)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class FailureSaid:
    """A failure's line, taken apart."""

    code: str
    cause: str
    hint: str
    facts: Mapping[str, str]


def read_failure(line: str) -> FailureSaid:
    """What a failure's line says; a line of another form is all cause."""
    quoted = {name: _unquoted(text) for name, text in _QUOTED.findall(line)}
    if not line.startswith("SHOTMILL E") or "cause" not in quoted:
        return FailureSaid("", line, "", {})
    head = line.partition(" cause=")[0]
    try:
        words = shlex.split(head)
    except ValueError:
        words = head.split()
    facts = dict(word.split("=", 1) for word in words[3:] if "=" in word)
    return FailureSaid(words[1], quoted["cause"], quoted.get("hint", ""), facts)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def troubles_of(
    folder: JobFolder, spec: JobSpec, receipts: Mapping[str, Sequence[Receipt]], database: Database | None
) -> tuple[tuple[Trouble, ...], str]:
    """What is wrong with which frames, and why it may not be all that is known.

    Args:
        folder: of the job.
        spec: the job.
        receipts: of each step.
        database: that knows what the tasks said; None: none can be asked.
    """
    failures, unknown = _failures(spec, database)
    published = [step for step in spec.steps if spec.is_published(step)]
    found: list[Trouble] = []
    for step in published:
        found += _undone(folder, spec, step, receipts[step.name], failures)
    for step in published:
        found += _short(folder, step, receipts[step.name])
        found += _damaged(folder, receipts[step.name])
    return _merged(found)[:MAX_TROUBLES], unknown


def _merged(found: Iterable[Trouble]) -> tuple[Trouble, ...]:
    """Troubles of the same frames and cause as one."""
    same: dict[tuple[str, str, str], dict[str, None]] = {}
    for one in found:
        same.setdefault((one.frames, one.wrong, one.mend), {})[one.what] = None
    return tuple(Trouble(", ".join(things), *key) for key, things in same.items())


def _failures(spec: JobSpec, database: Database | None) -> tuple[dict[str, list[tuple[frozenset[int], str, str]]], str]:
    """By step, the frames of tasks that failed, what they said, and on which host."""
    found: dict[str, list[tuple[frozenset[int], str, str]]] = defaultdict(list)
    if database is None or not any(step.task == PUBLISH_TASK for step in spec.steps):
        return found, ""
    try:
        for task in tasks_of(database, uuid.UUID(spec.id)):
            if task.failure and task.state is not State.SUCCEEDED:
                found[task.step].append((frozenset(FrameSet.parse(task.frames)), task.failure, task.host or ""))
    except (ShotmillError, ValueError) as error:
        return found, f"what the tasks said is not known: {error}"
    return found, ""


def _undone(
    folder: JobFolder,
    spec: JobSpec,
    step: Step,
    receipts: Sequence[Receipt],
    failures: Mapping[str, Sequence[tuple[frozenset[int], str, str]]],
) -> Iterator[Trouble]:
    """Frames that no task has done."""
    done = {frame for receipt in receipts for frames in (receipt.done, receipt.holes) for frame in frames or ()}
    left = set(step.frames.minus(done))
    marks = read_holes(folder, step.name, job=spec.id) if left else []
    again = f"shotmill retry {folder.root.name}"
    for mark in marks:
        if gone := left.intersection(mark.frames):
            yield Trouble(step.name, _text(gone), f"{mark.said} on {mark.farm}, as {mark.user} saw", again)
    left -= marked_frames(marks)
    for frames, line, host in failures.get(step.name, ()):
        if gone := left & frames:
            said = read_failure(line)
            where = f" (on {host})" if host else ""
            yield Trouble(step.name, _text(gone), f"{said.code} {said.cause}{where}".strip(), said.hint or again)
            left -= gone
    if left:
        yield Trouble(step.name, _text(left), "no task has done them yet", again)


def _short(folder: JobFolder, step: Step, receipts: Sequence[Receipt]) -> Iterator[Trouble]:
    """Frames that tasks did without writing a file of them."""
    done = {frame for receipt in receipts for frame in receipt.done or ()}
    holes = {frame for receipt in receipts for frame in receipt.holes or ()}
    written: dict[tuple[str, str], set[int]] = defaultdict(set)
    for receipt in receipts:
        for output in receipt.outputs:
            frames = {file.frame for file in output.files if file.frame is not None}
            written[output.product, output.representation] |= frames
    for promised in step.outputs if done else ():
        if promised.frames is None:
            continue
        gone = set(promised.frames.minus(written[promised.product, promised.representation]))
        name = _name(promised)
        if lacking := gone & holes:
            yield Trouble(name, _text(lacking), "the source does not have them", "bring them, or use --allow-holes")
        if lost := gone & done - holes:
            yield Trouble(name, _text(lost), "done, but no file was written", f"shotmill logs {folder.root.name}")


def _damaged(folder: JobFolder, receipts: Sequence[Receipt]) -> Iterator[Trouble]:
    """Files that are gone, or of another size than their receipt says."""
    again = f"shotmill retry {folder.root.name}"
    wrong: dict[tuple[str, str], list[int]] = defaultdict(list)
    for receipt, product, file in _files(receipts):
        path = folder.root / receipt.root / file.path
        try:
            size = path.stat().st_size
        except OSError as error:
            wrong[product, f"{path.name} cannot be found: {error.strerror}"].append(file.frame or 0)
            continue
        if size != file.size:
            wrong[product, f"{path.name} has {size} bytes; its receipt says {file.size}"].append(file.frame or 0)
    for (product, what), frames in wrong.items():
        yield Trouble(product, _text(frames), what, again)


def _files(receipts: Sequence[Receipt]) -> Iterator[tuple[Receipt, str, ReceiptFile]]:
    looked = 0
    for receipt in receipts:
        for output in receipt.outputs:
            for file in output.files:
                looked += 1
                if looked > MAX_LOOKED_AT:
                    return
                yield receipt, f"{output.product} ({output.representation})", file


def _name(promised: OutputSpec) -> str:
    return f"{promised.product} ({promised.representation})"


def _text(frames: Iterable[int]) -> str:
    return frames_text(sorted(set(frames)))
