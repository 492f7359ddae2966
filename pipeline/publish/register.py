"""Registering: from checked files in staging to one visible version, whatever happens on the way.

::

    stage and check -> reserve a number -> name the files, write the manifest -> one rename -> one commit

Each step can be repeated, and each run looks first at how far an earlier one of the same key came. Killed anywhere, run
twice, run in parallel: the database and the disk show one version.

The products of one job become versions one after another. What is known to stand in the way is refused before the
first, see ``check_places``. What comes up later (a full disk, a folder made by hand) leaves those that are visible as
they are; the next run of the job publishes the rest.
"""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from ...schema.address import Address
from ...schema.errors import InputCorruptError, StorageError, VersionConflictError
from ...schema.frames import FrameSet
from ...schema.publishing import MANIFEST_NAME, Manifest, ManifestFile, ManifestRepresentation, PublishedVersion
from ..files import storage_error, write_whole
from ..hashes import hash_bytes, hash_file
from ..jail import opened
from ..paths import PathTemplates, inside, refuse_twins
from ..store import Database
from ..store.versions import Reserved, commit, is_published, next_number, reserve, version_by_key
from .draft import Draft, DraftForm
from .faults import fault
from .stage import STAGING, Staged, StagedFile, clean_staging, stage


@dataclass(frozen=True)
class Place:
    """Where things are published.

    Attributes:
        projects: folder of all projects.
        templates: where in a project.
        targets: deliveries to write for each version.
    """

    database: Database
    projects: Path
    templates: PathTemplates
    targets: Sequence[str] = ()

    def project(self, draft: Draft) -> Path:
        """The folder of a draft's project."""
        return self.projects / draft.entity.project


@dataclass(frozen=True)
class Origin:
    """Who publishes, and from what."""

    job_id: uuid.UUID | None
    author: str
    comment: str = ""
    lineage: Mapping[str, Any] = field(default_factory=dict)


def find_published(draft: Draft, place: Place) -> PublishedVersion | None:
    """The version that this very draft was published as; completes one that was killed just before it was visible."""
    found = version_by_key(place.database, draft.key)
    if found is None:
        return None
    folder = place.project(draft) / found.folder
    if not found.is_published:
        manifest = _manifest_in(folder)
        if manifest is None or manifest.version_id != str(found.id):
            return None  # killed before the rename: it is done again, under the number it has
        _check_whole(folder, manifest)
        _hold(folder, place.project(draft))
        _commit(manifest, folder, place)
    clean_staging(place.project(draft), draft.key)
    return _as_published(draft, found, folder, is_new=False)


def stage_or_find(draft: Draft, place: Place) -> Staged | PublishedVersion:
    """Stage a draft; or the version of a run of the same key that was done meanwhile and cleaned this one's staging.

    Raises:
        ReceiptMismatchError: a file is gone, cut off or changed since its receipt; names file and frame.
        StorageError: it cannot be written, and no other run was done.
    """
    try:
        return stage(draft, place.project(draft))
    except StorageError:
        done = find_published(draft, place)
        if done is None:
            raise
        return done


def check_places(drafts: Sequence[Draft], place: Place) -> None:
    """Refuse the drafts of a job of which one could not appear where it belongs, before the first of them does.

    Raises:
        NameRuleError: a folder is another's but for capitals, or the path templates give it to two products.
        PathJailError: a link leads out of the project.
        VersionConflictError: a folder holds something else.
    """
    refuse_twins(place.projects, *(_first_folder(draft, place) for draft in drafts))
    for draft in drafts:
        _refuse_taken(draft, place)


def _first_folder(draft: Draft, place: Place) -> PurePosixPath:
    return draft.entity.project / place.templates.version_folder(draft.entity, draft.product, 1)


def _refuse_taken(draft: Draft, place: Place) -> None:
    known = version_by_key(place.database, draft.key)
    number = known.number if known else next_number(place.database, draft.entity, draft.product)
    relative = place.templates.version_folder(draft.entity, draft.product, number)
    folder = inside(place.project(draft), known.folder if known else relative)
    if not _is_taken(folder):
        return
    there = _manifest_in(folder)
    if there is not None and there.key == draft.key:
        return  # a run of the same key was a moment faster
    if known or next_number(place.database, draft.entity, draft.product) == number:  # else it was taken rightly
        raise _conflict(folder, there, place)


def _is_taken(folder: Path) -> bool:
    """Whether a version cannot be renamed to this name: only an empty folder gives way."""
    try:
        return any(folder.iterdir())
    except OSError:
        return os.path.lexists(folder)


def register(staged: Staged, place: Place, origin: Origin) -> PublishedVersion:
    """Make a staged draft visible as a version; once, however often it is called.

    Raises:
        VersionConflictError: the version's folder holds something else.
        DiskFullError: no space is left; the next run goes on under the same number.
        DatabaseError: the database cannot be reached; the next run goes on.
    """
    draft = staged.draft
    project = place.project(draft)
    fault("register:before")
    draft_manifest = _draft_manifest(draft, origin)
    refuse_twins(place.projects, _first_folder(draft, place))
    reserved = reserve(
        place.database,
        draft_manifest,
        folder_of=lambda number: str(place.templates.version_folder(draft.entity, draft.product, number)),
        job_id=origin.job_id,
        fault=fault,
    )
    fault("reserve:done")
    folder = inside(project, reserved.folder)
    is_new = False
    if not reserved.is_published:
        try:
            manifest = _name_files(staged, place, draft_manifest, reserved)
            manifest = _appear(staged.folder, folder, manifest, place)
        except FileNotFoundError as error:
            # A run of the same key was done first and cleaned the staging folder under our feet.
            done = version_by_key(place.database, draft.key)
            if done is None or not done.is_published:
                raise storage_error(staged.folder, error) from error
        except OSError as error:
            raise storage_error(folder, error) from error
        else:
            is_new = _commit(manifest, folder, place)
    fault("clean:before")
    clean_staging(project, draft.key)
    fault("clean:after")
    return _as_published(draft, reserved, folder, is_new=is_new)


def _draft_manifest(draft: Draft, origin: Origin) -> Manifest:
    return Manifest(
        version_id="",
        key=draft.key,
        entity=draft.entity,
        product=draft.product,
        kind=draft.kind,
        number=0,
        author=origin.author,
        comment=origin.comment,
        created=datetime.now(UTC),
        representations=(),
        lineage=dict(origin.lineage),
    )


def _name_files(staged: Staged, place: Place, draft: Manifest, reserved: Reserved) -> Manifest:
    """Give the staged files their names, which hold the number, and write the manifest beside them."""
    forms: dict[str, list[ManifestFile]] = {}
    with opened(place.project(staged.draft), PurePosixPath(STAGING, staged.folder.name)) as inside:
        for one in staged.files:
            name = _file_name(one, staged.draft, place, reserved.number, count=len(one.form.files))
            os.rename(one.name, name, src_dir_fd=inside, dst_dir_fd=inside)
            if not forms:
                fault("name:first")
            made = ManifestFile(path=name, size=one.file.size, checksum=one.file.checksum, frame=one.file.frame)
            forms.setdefault(one.form.spec.representation, []).append(made)
        fault("name:all")
        representations = tuple(
            _representation(form, forms[form.spec.representation], _sequence_name(form, staged.draft, place, reserved))
            for form in staged.draft.forms
        )
        manifest = draft.model_copy(
            update={"version_id": str(reserved.id), "number": reserved.number, "representations": representations}
        )
        fault("manifest:written")
        content = manifest.model_dump_json(indent=2).encode() + b"\n"
        write_whole(staged.folder / MANIFEST_NAME, content, folder=inside)
        os.fsync(inside)
    fault("manifest:synced")
    return manifest


def _file_name(one: StagedFile, draft: Draft, place: Place, number: int, *, count: int) -> str:
    frame = one.file.frame if one.form.spec.frames is not None else None
    extension = one.form.spec.extension
    if frame is None and count > 1:
        # Several files that are no frames keep their own names apart by their place in the list.
        extension = f"{one.place + 1}.{extension}"
    return place.templates.file_name(draft.entity, draft.product, number, frame=frame, extension=extension)


def _sequence_name(form: DraftForm, draft: Draft, place: Place, reserved: Reserved) -> tuple[str, int]:
    """What the frames of a form are called with ``#`` for their digits, and how many digits they have at least."""
    extension = form.spec.extension
    name = place.templates.sequence_name(draft.entity, draft.product, reserved.number, extension=extension)
    return name, place.templates.frame.padding


def _representation(
    form: DraftForm, files: Sequence[ManifestFile], sequence_name: tuple[str, int]
) -> ManifestRepresentation:
    frames = [file.frame for file in files if file.frame is not None]
    is_sequence = form.spec.frames is not None and bool(frames)
    pattern, padding = sequence_name if is_sequence else (files[0].path, 0)
    return ManifestRepresentation(
        name=form.spec.representation,
        pattern=pattern,
        padding=padding,
        frames=FrameSet.of(frames) if is_sequence else None,
        missing=form.missing,
        colourspace=form.colourspace,
        width=form.width,
        height=form.height,
        pixel_aspect=form.pixel_aspect,
        facts=form.facts,
        files=tuple(files),
    )


def _appear(staging: Path, folder: Path, manifest: Manifest, place: Place) -> Manifest:
    """Rename the staging folder to the version's: the moment the files are there.

    Returns:
        The manifest that lies in the version's folder now: this one, or that of a run of the same key.
    """
    project = staging.parent.parent
    parent = PurePosixPath(folder.parent.relative_to(project))
    with opened(project, parent, make=True, sync=True) as above, opened(project, STAGING) as staged:
        fault("rename:parents")
        fault("rename:before")
        try:
            # It refuses a folder that holds something, as it must.
            os.rename(staging.name, folder.name, src_dir_fd=staged, dst_dir_fd=above)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
                raise
            manifest = _there_already(folder, manifest, place, error)
        fault("rename:after")
        os.fsync(above)
    fault("rename:synced")
    return manifest


def _hold(folder: Path, project: Path) -> None:
    """Let the name of a version's folder survive a power cut: the run that gave it may not have come to that."""
    try:
        with opened(project, PurePosixPath(folder.parent.relative_to(project)), sync=True) as above:
            os.fsync(above)
    except OSError as error:
        raise storage_error(folder, error) from error


def _there_already(folder: Path, manifest: Manifest, place: Place, error: OSError) -> Manifest:
    there = _manifest_in(folder)
    if there is None or there.version_id != manifest.version_id:
        raise _conflict(folder, there, place) from error
    return there


def _conflict(folder: Path, there: Manifest | None, place: Place) -> VersionConflictError:
    """Say whose the folder is: a published version must never be moved away."""
    if there is None:
        return VersionConflictError(
            f"{folder} holds something that Shotmill did not publish; move it away and run the publish again",
            path=folder,
        )
    name = Address(there.entity.project, there.entity.path, there.product, there.number)
    if is_published(place.database, there.version_id):
        return VersionConflictError(
            f"{folder} holds a copy of {name}; move the copy away and run the publish again",
            path=folder,
        )
    return VersionConflictError(
        f"{folder} holds {name}, which {there.author} published on {there.created:%Y-%m-%d %H:%M} UTC and which this "
        "database does not know; was it restored from a backup that is older?",
        hint=f"leave the folder and restore a newer backup; it is whole if shotmill verify {folder} says so",
        path=folder,
    )


def _commit(manifest: Manifest, folder: Path, place: Place) -> bool:
    checksum = hash_bytes((folder / MANIFEST_NAME).read_bytes())
    done = commit(place.database, manifest, checksum=checksum, targets=place.targets, fault=fault)
    fault("commit:done")
    return done


def _manifest_in(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder)
    except (FileNotFoundError, NotADirectoryError, InputCorruptError):
        return None


def read_manifest(folder: Path) -> Manifest:
    """The manifest in a version's folder.

    Raises:
        FileNotFoundError: there is none.
        InputCorruptError: it cannot be read.
    """
    text = (folder / MANIFEST_NAME).read_bytes()
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        raise InputCorruptError(
            f"{folder / MANIFEST_NAME} cannot be read: {place}: {first['msg']}", path=folder
        ) from error


def _check_whole(folder: Path, manifest: Manifest) -> None:
    """A version that is there but not yet visible must hold what its manifest says."""
    for form in manifest.representations:
        for file in form.files:
            path = folder / file.path
            if not path.is_file() or hash_file(path) != (file.checksum, file.size):
                raise VersionConflictError(
                    f"{path} is not what the manifest beside it says; move {folder} away and run the publish again",
                    path=path,
                    frame=file.frame,
                )


def _as_published(draft: Draft, reserved: Reserved, folder: Path, *, is_new: bool) -> PublishedVersion:
    holes = [frame for form in draft.forms for frame in form.missing or ()]
    return PublishedVersion(
        version_id=str(reserved.id),
        entity=str(draft.entity),
        product=draft.product,
        number=reserved.number,
        folder=str(folder),
        files=sum(len(form.files) for form in draft.forms),
        size_bytes=sum(file.size for form in draft.forms for file in form.files),
        is_new=is_new,
        holes=FrameSet.of(holes) if holes else None,
    )


__all__ = ["Origin", "Place", "find_published", "read_manifest", "register", "stage", "stage_or_find"]
