"""What a job would publish: receipts merged into one draft for each product, and everything that is wrong with it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...schema.base import canonical_json
from ...schema.errors import FramesMissingError, PluginFailedError
from ...schema.frames import FrameSet, frames_text
from ...schema.holes import HoleMark
from ...schema.job import PUBLISH_TASK, JobSpec, OutputSpec, Step
from ...schema.media import EntityRef
from ...schema.receipts import Receipt, ReceiptFile
from ..folders import JobFolder
from ..holes import marked_frames, read_holes
from ..receipts import Upstream, check_outputs
from .merge import Part, merged

MAX_NAMED = 20
MAX_NOTES = 100


@dataclass(frozen=True)
class DraftFile:
    """One file that will be published: where it lies, and what its receipt says of it."""

    source: Path
    size: int
    checksum: str
    frame: int | None


@dataclass(frozen=True)
class DraftForm:
    """One representation that will be published. ``holes``: wanted frames that the source does not have."""

    spec: OutputSpec
    files: tuple[DraftFile, ...]
    missing: FrameSet | None
    holes: FrameSet | None
    colourspace: str | None
    width: int | None
    height: int | None
    pixel_aspect: float | None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """One product that will be published.

    Attributes:
        root: folder of the job; the product's files lie below it, behind no link.
        eaten: frames that a farm was told to leave out, and that nobody did.
    """

    entity: EntityRef
    product: str
    kind: str
    key: str
    forms: tuple[DraftForm, ...]
    root: Path
    eaten: tuple[HoleMark, ...] = ()

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.entity.path}/{self.product}"

    @property
    def is_left_out(self) -> bool:
        """Whether a farm was told to leave out all of it: it cannot be published, and that is as it was wanted."""
        return bool(self.eaten) and not any(form.files for form in self.forms)


def receipts_of(folder: JobFolder, spec: JobSpec) -> Upstream:
    """Receipts of all steps but the publish step, each read when it is asked for, once."""
    return Upstream(folder, [step.name for step in spec.steps if step.task != PUBLISH_TASK])


def drafts_of(folder: JobFolder, spec: JobSpec, receipts: Mapping[str, Sequence[Receipt]] | None = None) -> list[Draft]:
    """One draft for each product that the steps before the publish step promise.

    Args:
        folder: of the job.
        spec: of the job.
        receipts: by step; None: they are read.

    Raises:
        FramesMissingError: a step has tasks without a receipt; names step and frames.
        ReceiptMismatchError: a receipt holds what its step did not promise, or two files claim one frame.
    """
    steps = _steps_before(spec)
    known = receipts_of(folder, spec) if receipts is None else receipts
    outputs: dict[tuple[str, str], list[Part]] = defaultdict(list)
    holes: dict[str, set[int]] = defaultdict(set, {name: set(found) for name, found in _clip_holes(spec).items()})
    eaten: dict[str, tuple[HoleMark, ...]] = {}
    for step in steps:
        eaten[step.name] = _refuse_undone(folder, spec, step, known[step.name])
        for receipt in known[step.name]:
            check_outputs(step, receipt.outputs)
            for output in receipt.outputs:
                place = (output.product, output.representation)
                outputs[place].append(Part(receipt, output, folder.root / receipt.root))
            # A chunk that is all holes has no output to tell whose they are: they are the whole step's.
            for promised in step.outputs:
                holes[promised.product].update(receipt.holes or ())
    products: dict[str, list[DraftForm]] = defaultdict(list)
    marks: dict[str, dict[HoleMark, None]] = defaultdict(dict)
    for step in steps:
        for promised in step.outputs:
            place = (promised.product, promised.representation)
            gone = holes[promised.product]
            lost = FrameSet.of(gone) if gone else None
            products[promised.product].append(_form(promised, outputs.get(place, []), lost))
            marks[promised.product].update(dict.fromkeys(eaten[step.name]))
    return [_draft(folder, spec, forms, tuple(marks[product])) for product, forms in products.items()]


def notes_of_tasks(receipts: Mapping[str, Sequence[Receipt]]) -> list[str]:
    """What tasks noted, each line once, in the order of steps; of more than a report holds it is said how many."""
    notes = list(dict.fromkeys(note for found in receipts.values() for receipt in found for note in receipt.notes))
    more = len(notes) - MAX_NOTES
    return notes if more <= 0 else [*notes[:MAX_NOTES], f"and {more} more notes of tasks"]


def _steps_before(spec: JobSpec) -> list[Step]:
    publish = next(step for step in spec.steps if step.task == PUBLISH_TASK)
    return [spec.step(before) for before in publish.after]


def _refuse_undone(folder: JobFolder, spec: JobSpec, step: Step, receipts: Iterable[Receipt]) -> tuple[HoleMark, ...]:
    """Refuse a step with frames that nobody did, unless a farm was told to leave them out; those marks."""
    done = {frame for receipt in receipts for frame in receipt.done or ()}
    done |= {frame for receipt in receipts for frame in receipt.holes or ()}
    undone = step.frames.minus(done)
    marks = read_holes(folder, step.name, job=spec.id) if undone and spec.allow_holes else []
    marked = marked_frames(marks)
    lost = [frame for frame in undone if frame not in marked]
    if lost:
        text = frames_text(lost)
        raise FramesMissingError(
            f"step {step.name!r} has no receipt for frames {text}; run them again",
            hint=f"shotmill retry {folder.root.name}",
            step=step.name,
            frame=text,
        )
    gone = [(mark, set(mark.frames).intersection(undone)) for mark in marks]
    return tuple(mark.model_copy(update={"frames": FrameSet.of(frames)}) for mark, frames in gone if frames)


def _clip_holes(spec: JobSpec) -> dict[str, FrameSet]:
    """Holes that the sources had when the job was made, by clip name, which is the product key."""
    clips = spec.params.get("clips", [])
    return {clip["name"]: FrameSet.parse(clip["holes"]) for clip in clips if clip.get("holes")}


def _form(promised: OutputSpec, found: Sequence[Part], holes: FrameSet | None) -> DraftForm:
    files = [_draft_file(file, part.root) for part, file in merged(found)]
    ordered = sorted(files, key=lambda file: (file.frame is not None, file.frame or 0, str(file.source)))
    have = {file.frame for file in ordered if file.frame is not None}
    gone = promised.frames.minus(have) if promised.frames else ()
    first = found[0].output if found else None
    return DraftForm(
        spec=promised,
        files=tuple(ordered),
        missing=FrameSet.of(gone) if gone else None,
        holes=holes,
        colourspace=first.colourspace if first else None,
        width=first.width if first else None,
        height=first.height if first else None,
        pixel_aspect=first.pixel_aspect if first else None,
        facts=first.facts if first else {},
    )


def _draft_file(file: ReceiptFile, root: Path) -> DraftFile:
    return DraftFile(root / file.path, file.size, file.checksum, file.frame)


def _draft(folder: JobFolder, spec: JobSpec, forms: Sequence[DraftForm], eaten: tuple[HoleMark, ...]) -> Draft:
    promised = forms[0].spec
    content = [
        [form.spec.representation, [[file.frame, file.size, file.checksum] for file in form.files]] for form in forms
    ]
    identity = [str(promised.entity), promised.entity.kind, promised.name, spec.id, content]
    key = hashlib.sha256(canonical_json(identity)).hexdigest()
    return Draft(promised.entity, promised.name, promised.kind, key, tuple(forms), folder.root, eaten)


def _refuse_shared_names(draft: Draft) -> None:
    """A file's name holds its frame and its extension: forms that share both would write over each other."""
    owners: dict[tuple[str, int | None], str] = {}
    for form in draft.forms:
        for file in form.files:
            place = (form.spec.extension.lower(), file.frame if form.spec.frames is not None else None)
            owner = owners.setdefault(place, form.spec.representation)
            if owner != form.spec.representation:
                raise PluginFailedError(
                    f"{draft.name}: {owner!r} and {form.spec.representation!r} would both write "
                    f".{form.spec.extension} files of one name; publish them as products of their own",
                    frame=file.frame,
                )


def check_complete(draft: Draft, *, allow_holes: bool) -> list[str]:
    """Refuse a draft that is short; returns notes on holes that were allowed.

    Raises:
        FramesMissingError: a file or frame is not there; names it.
        PluginFailedError: two of its files would have one name.
    """
    _refuse_shared_names(draft)
    notes = []
    eaten = marked_frames(draft.eaten)
    for form in draft.forms:
        what = f"{draft.name} ({form.spec.representation})"
        if not form.files:
            raise FramesMissingError(
                f"{what}: no task wrote a file; their logs say why", hint=f"shotmill logs {draft.root.name}"
            )
        if form.missing is None:
            continue
        lost = [frame for frame in form.missing.minus(form.holes or ()) if frame not in eaten]
        if lost:
            text = frames_text(lost)
            raise FramesMissingError(
                f"{what}: no task wrote frames {text}; their logs say why",
                hint=f"shotmill logs {draft.root.name}",
                frame=text,
            )
        if not allow_holes:
            raise FramesMissingError(
                f"{what}: the source has no frames {form.missing}",
                hint="bring the frames, or submit again with --allow-holes",
                frame=str(form.missing),
            )
        gone = [frame for frame in form.missing if frame not in eaten]
        if gone:
            notes.append(f"{what}: published without frames {frames_text(gone)}, which the source does not have")
        notes += [f"{what}: published without {told}" for told in told_holes(draft.eaten, form.missing)]
    return notes


def told_holes(marks: Iterable[HoleMark], frames: Iterable[int] | None = None) -> list[str]:
    """Frames that were left out, for people: a line for each farm and word of it.

    Args:
        marks: what the farms said.
        frames: which of them; None: all.
    """
    wanted = None if frames is None else frozenset(frames)
    found: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for mark in marks:
        found[mark.said, mark.farm, mark.user] += [frame for frame in mark.frames if wanted is None or frame in wanted]
    return [
        f"frames {frames_text(sorted(set(gone)))}: {said} on {farm}, as {user} saw"
        for (said, farm, user), gone in found.items()
        if gone
    ]
