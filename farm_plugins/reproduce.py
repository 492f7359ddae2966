"""Making a version again: its job runs once more from frozen parameters and inputs, and nothing is published.

Only what made this version runs: its own clips, in the steps before the publish. Files are compared by checksum, then
documents that hold timings without these, and pictures by pixels.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..jobs import find_job_type
from ..pipeline.files import read_file
from ..pipeline.folders import JobFolder
from ..pipeline.hashes import hash_file
from ..pipeline.marks import check_unchanged
from ..pipeline.settings import Settings
from ..schema.checks import MAX_DOCUMENT
from ..schema.errors import InputMissingError, ShotmillError, TaskFailedError
from ..schema.ids import uuid7
from ..schema.job import PUBLISH_TASK, InputMark, JobSpec
from ..schema.media import Clip
from ..schema.proof import Likeness, ReproducedFile
from ..schema.publishing import ManifestFile, ManifestRepresentation
from ..schema.states import State
from .bundle import write_bundle
from .memory import MemoryEngine

if TYPE_CHECKING:
    from ..pipeline.publish.draft import Draft, DraftFile
    from ..pipeline.store import Database
    from ..pipeline.store.catalog import VersionRow


SAME = frozenset({Likeness.IDENTICAL, Likeness.TIMINGS})


@dataclass(frozen=True)
class Reproduced:
    """How what was made again compares; ``notes`` say what was not as it was."""

    files: tuple[ReproducedFile, ...]
    notes: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether every file is, byte for byte or but for timings."""
        return all(file.likeness in SAME for file in self.files)


def reproduce(database: Database, version: VersionRow, *, settings: Settings, keep: Path | None = None) -> Reproduced:
    """Run what made a version again, and compare.

    Args:
        database: where the version is known.
        version: published.
        settings: of this machine.
        keep: an empty or new folder for what is made; None: it is thrown away.

    Raises:
        InputChangedError: a plate is not what it was; nothing was run.
        InputMissingError: the version's files, or a plate, are not there.
        ColourError: the OCIO config is not what it was.
        TaskFailedError: a task failed.
    """
    from ..pipeline.publish.register import read_manifest  # noqa: PLC0415 - heavy: SQLAlchemy

    folder = settings.projects_folder / version.project / version.folder
    try:
        manifest = read_manifest(folder)
    except FileNotFoundError as error:
        raise InputMissingError(
            f"{version.address} was published, but its files are gone from {folder}: there is nothing to compare with",
            hint=f"shotmill verify {version.address}",
            path=folder,
        ) from error
    spec, notes = _frozen_spec(database, version)
    _check_inputs(spec)
    scratch = keep or Path(tempfile.mkdtemp(prefix="shotmill-reproduce-"))
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        made = _run(spec, JobFolder(scratch), settings, version)
        timings = find_job_type(spec.type).timings
        files = _compared(manifest.representations, made, folder, timings)
        return Reproduced(tuple(files), tuple(notes))
    finally:
        if keep is None:
            shutil.rmtree(scratch, ignore_errors=True)


def _frozen_spec(database: Database, version: VersionRow) -> tuple[JobSpec, list[str]]:
    """The job as it was, narrowed to what made this version, and what cannot be as it was."""
    from ..pipeline.store.catalog import made_from  # noqa: PLC0415 - heavy: SQLAlchemy
    from ..pipeline.store.jobs import job_spec  # noqa: PLC0415 - same

    facts = made_from(database, version.id)
    before = job_spec(database, version.job_id).model_dump(mode="json") if version.job_id else _known_of(facts, version)
    job_type = find_job_type(before["type"])
    notes = []
    if job_type.version != before["type_version"]:
        notes.append(
            f"job type {job_type.name!r} is at version {job_type.version}; it was made by {before['type_version']}"
        )
    params = job_type.params.model_validate(facts["params"])
    steps = [step.model_dump(mode="json") for step in job_type.steps(params)]
    frozen = {
        "id": str(uuid7()),
        "type_version": job_type.version,
        "params": params.model_dump(mode="json"),
        "steps": steps,
        "inputs": _marks_of(facts, before),
        "destination": None,
    }
    return JobSpec.model_validate({**before, **frozen}), notes


def _known_of(facts: Mapping[str, Any], version: VersionRow) -> dict[str, Any]:
    """What a version's own lineage says of its job, which the database has forgotten."""
    same = ("type", "type_version", "colour_config", "colour_config_hash", "display", "view", "user")
    return {
        **{name: facts.get(name) for name in same},
        "colour_files": facts.get("colour_files", ()),
        "key": facts["job_key"],
        "name": version.product,
        "project": version.project,
        "allow_holes": facts.get("allow_holes", version.holes is not None),
    }


def _marks_of(facts: Mapping[str, Any], job: Mapping[str, Any]) -> list[Any]:
    """A mark for each clip that has media: the job's own, or those that the version's lineage holds."""
    clips = _clips_with_media(facts["params"])
    marks = dict(
        zip((clip["name"] for clip in _clips_with_media(job.get("params", {}))), job.get("inputs", ()), strict=False)
    )
    if not marks:  # lineage holds marks that are alike once
        known = facts.get("inputs", ())
        by_path = {mark["path"]: mark for mark in known}
        alone = (
            zip(clips, known, strict=True)
            if len(clips) == len(known)
            else ((one, by_path[one["media"]]) for one in clips)
        )
        marks = {clip["name"]: mark for clip, mark in alone}
    return [marks[clip["name"]] for clip in clips]


def _clips_with_media(params: Mapping[str, Any]) -> list[Any]:
    return [clip for clip in params.get("clips", ()) if not clip.get("offline")]


def _check_inputs(spec: JobSpec) -> None:
    for clip, mark in zip(_clips_with_media(spec.params), spec.inputs, strict=True):
        check_unchanged(Clip.model_validate(clip), InputMark.model_validate(mark))


def _run(spec: JobSpec, folder: JobFolder, settings: Settings, version: VersionRow) -> Draft:
    """Run all steps but the publish; what it would have published as this version."""
    from ..pipeline.publish.draft import drafts_of  # noqa: PLC0415 - heavy: SQLAlchemy

    work = spec.model_copy(update={"steps": tuple(step for step in spec.steps if step.task != PUBLISH_TASK)})
    # Nothing that was made before comes from a cache: it would prove nothing.
    engine = MemoryEngine(settings.model_copy(update={"cache_mib": 0}))
    job = engine.submit(work, write_bundle(work, folder))
    status = engine.run(job.job_id)
    if status.state is not State.SUCCEEDED:
        raise TaskFailedError(f"{version.address} could not be made again: {status.failure or status.state}")
    for draft in drafts_of(folder, spec):
        if (draft.entity.path, draft.product) == (version.entity, version.product):
            return draft
    raise TaskFailedError(f"{version.address} could not be made again: no step makes {version.product!r} any more")


def _compared(
    published: Sequence[ManifestRepresentation], made: Draft, folder: Path, timings: Mapping[str, Sequence[str]]
) -> Iterator[ReproducedFile]:
    forms = {form.spec.representation: form.files for form in made.forms}
    for form in published:
        yield from _compare_form(form.name, _Pair(form.files, forms.pop(form.name, ())), folder, timings)
    for name, files in forms.items():
        yield from _compare_form(name, _Pair((), files), folder, timings)


class _Pair(NamedTuple):
    """Files of one representation, as they were published and as they were made again."""

    published: Sequence[ManifestFile]
    made: Sequence[DraftFile]


def _compare_form(
    name: str, files: _Pair, folder: Path, timings: Mapping[str, Sequence[str]]
) -> Iterator[ReproducedFile]:
    """Files by their frame, or by their place in the list where they are no frames."""
    before = {(file.frame, place if file.frame is None else 0): file for place, file in enumerate(files.published)}
    after = {(file.frame, place if file.frame is None else 0): file for place, file in enumerate(files.made)}
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        likeness, difference = _likeness(old, new, folder, timings.get(name, ()))
        yield ReproducedFile(
            representation=name,
            path=old.path if old is not None else new.source.name if new is not None else "",
            frame=key[0],
            likeness=likeness,
            published=None if old is None else old.checksum,
            made=None if new is None else new.checksum,
            difference=difference,
        )


def _likeness(
    old: ManifestFile | None, new: DraftFile | None, folder: Path, timings: Sequence[str]
) -> tuple[Likeness, float | None]:
    """How two files compare, and how far apart they are as pictures."""
    if old is None or new is None:
        return (Likeness.ADDED if old is None else Likeness.LACKING), None
    if old.checksum == new.checksum:
        return Likeness.IDENTICAL, None
    published = folder / old.path
    if timings and _untimed(published, timings) == _untimed(new.source, timings) and _is_whole(published, old):
        return Likeness.TIMINGS, None
    return Likeness.DIFFERS, _difference(published, new.source)


def _is_whole(path: Path, file: ManifestFile) -> bool:
    """Whether a published file still is what was published."""
    return hash_file(path)[0] == file.checksum


def _untimed(path: Path, timings: Sequence[str]) -> Any:
    """What a document says, but for these of its fields; a text that is no document is itself."""
    content = read_file(path, most=MAX_DOCUMENT)
    try:
        found = json.loads(content)
    except ValueError:
        return content
    return {name: value for name, value in found.items() if name not in timings} if isinstance(found, dict) else found


def _difference(published: Path, made: Path) -> float | None:
    """How far two pictures are apart; None where they are none."""
    from ..pipeline.images import largest_difference, read_image  # noqa: PLC0415 - heavy: OpenImageIO

    try:
        pictures = [read_image(path, channels=4).pixels for path in (published, made)]
    except ShotmillError:
        return None  # a document, a movie, or a published file that is damaged
    return largest_difference(*pictures)
