"""What is lost, left over or wrong, on the disk and in the database; mended only by moving it into quarantine.

Nothing is ever deleted, and no row of what was published is touched; pointers are put right where that is asked for.
What is younger than a day may belong to somebody who works right now, and is left alone, but where a published version
itself is not whole.
"""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..schema.errors import InputCorruptError
from ..schema.proof import Finding, Quarantined, QuarantineOut
from ..schema.publishing import MANIFEST_NAME, Manifest
from ..schema.states import VersionState
from .files import storage_error, write_whole
from .hashes import hash_bytes
from .publish.register import read_manifest
from .publish.stage import STAGING
from .publish.verify import ADDED, QUARANTINE, verify_folder, version_folders
from .store import Database
from .store.orphans import AstrayPointer, KnownVersion, astray_pointers, known_jobs, known_versions
from .store.pointers import mend_pointer

DAY_S = 86_400.0
NOTE = "quarantine.json"
_HANDLE = re.compile(r"J-[2-9A-HJ-NP-Z]{8}\Z")


@dataclass(frozen=True)
class Places:
    """Where to look: the folder of all projects, and that of all jobs."""

    projects: Path
    jobs: Path


@dataclass(frozen=True)
class Found:
    """One finding, and the path that mending would move; ``root`` is the folder whose quarantine takes it.

    Attributes:
        pointer: what shows the wrong version.
    """

    finding: Finding
    path: Path | None = None
    root: Path | None = None
    pointer: AstrayPointer | None = None


@dataclass
class Checkup:
    """All that was looked at."""

    versions: int = 0
    folders: int = 0
    jobs: int = 0
    found: list[Found] = field(default_factory=list)


def check(
    database: Database, places: Places, *, project: str | None = None, deep: bool = False, age_s: float = DAY_S
) -> Checkup:
    """Look at everything; change nothing.

    Args:
        database: whose schema is current.
        places: where files lie.
        project: code of one project; None: all, and the jobs.
        deep: also read every published file and compare checksums.
        age_s: what is younger is left alone, where it may be somebody's who works right now.
    """
    seen = Checkup()
    # The disk is read first: what is published meanwhile is then known to the database.
    roots = [places.projects / project] if project else sorted(_folders(places.projects))
    on_disk = {folder: root for root in roots for folder in version_folders(root)}
    job_folders = [] if project else sorted(path for path in _folders(places.jobs) if _HANDLE.match(path.name))
    everything = known_versions(database)
    known = [one for one in everything if project in {None, one.project}]
    seen.versions, seen.folders, seen.jobs = len(known), len(on_disk), len(job_folders)
    for root in roots:
        seen.found += _staging(root, age_s)
    seen.found += _versions(known, places, deep=deep, age_s=age_s)
    seen.found += _orphans(on_disk, everything, places)
    seen.found += [
        Found(Finding(kind="pointer-astray", what=one.what, problem=one.problem), pointer=one)
        for one in astray_pointers(database, project)
    ]
    handles = known_jobs(database) if job_folders else set()
    seen.found += [
        _movable("job-unknown", path, places.jobs, "is the folder of a job that the database does not know")
        for path in job_folders
        if path.name not in handles and _age_s(path) > age_s
    ]
    return seen


def _folders(root: Path) -> Iterator[Path]:
    try:
        entries = list(os.scandir(root))
    except (FileNotFoundError, NotADirectoryError):
        return
    yield from (
        Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
    )


def _age_s(path: Path) -> float:
    """How long ago somebody last wrote into a folder or a file; a folder is as young as what lies right in it."""
    try:
        newest = max([path.lstat().st_mtime, *(entry.stat(follow_symlinks=False).st_mtime for entry in _entries(path))])
    except FileNotFoundError:
        return 0.0  # whoever left it there is just cleaning up
    return time.time() - newest


def _entries(path: Path) -> list[os.DirEntry[str]]:
    return list(os.scandir(path)) if path.is_dir() and not path.is_symlink() else []


def _movable(kind: str, path: Path, root: Path, problem: str) -> Found:
    return Found(Finding(kind=kind, what=str(path), problem=problem, can_mend=True), path, root)


def _staging(root: Path, age_s: float) -> Iterator[Found]:
    """What publishes left behind that were killed and never came back."""
    for entry in sorted(_entries(root / STAGING), key=lambda entry: entry.name):
        path = Path(entry)
        if _age_s(path) > age_s:
            yield _movable("staging-left", path, root, "was left by a publish that never came back")


def _versions(known: Sequence[KnownVersion], places: Places, *, deep: bool, age_s: float) -> Iterator[Found]:
    oldest = datetime.now(UTC) - timedelta(seconds=age_s)
    for one in known:
        root = places.projects / one.project
        if one.state is VersionState.RESERVED:
            if one.created < oldest and (one.job is None or one.job.is_final):
                since = f"{one.created:%Y-%m-%d %H:%M} UTC"
                mends = f"shotmill retry {one.handle}" if one.handle else "the same publish again"
                problem = f"is reserved since {since}, and nothing works on it; {mends} publishes it"
                yield Found(Finding(kind="reserved-left", what=one.address, problem=problem))
            continue
        folder = root / one.folder
        yield from _deep(folder, root, one) if deep else _shallow(folder, root, one)


def _deep(folder: Path, root: Path, one: KnownVersion) -> Iterator[Found]:
    if not folder.is_dir():
        yield _gone(folder, one)
        return
    for problem in verify_folder(folder, manifest_checksum=one.manifest_checksum).problems:
        if problem.problem == ADDED:
            yield _movable("file-unknown", problem.path, root, f"is no file of {one.address}")
        else:
            yield _wrong(problem.path, problem.problem, one)


def _gone(folder: Path, one: KnownVersion) -> Found:
    problem = f"was published, and its folder {folder} is gone; is its disk mounted?"
    return Found(Finding(kind="version-gone", what=one.address, problem=problem))


def _wrong(path: Path, problem: str, one: KnownVersion) -> Found:
    return Found(Finding(kind="file-wrong", what=str(path), problem=f"{problem} ({one.address})"))


def _shallow(folder: Path, root: Path, one: KnownVersion) -> Iterator[Found]:
    """Names and sizes against the manifest, without reading a frame."""
    if not folder.is_dir():
        yield _gone(folder, one)
        return
    try:
        manifest = read_manifest(folder)
        content = (folder / MANIFEST_NAME).read_bytes()
    except FileNotFoundError:
        yield _wrong(folder / MANIFEST_NAME, "is not there", one)
        return
    except InputCorruptError as error:
        yield _wrong(folder / MANIFEST_NAME, error.message, one)
        return
    if one.manifest_checksum is not None and hash_bytes(content) != one.manifest_checksum:
        yield _wrong(folder / MANIFEST_NAME, "was changed after the publish", one)
    yield from _names_and_sizes(folder, root, manifest, one)


def _names_and_sizes(folder: Path, root: Path, manifest: Manifest, one: KnownVersion) -> Iterator[Found]:
    there = {entry.name: entry for entry in _entries(folder)}
    for form in manifest.representations:
        for file in form.files:
            entry = there.pop(file.path, None)
            if entry is None:
                yield _wrong(folder / file.path, "is not there", one)
            elif not entry.is_file(follow_symlinks=False):
                yield _wrong(folder / file.path, "is no file any more", one)
            elif (size := entry.stat(follow_symlinks=False).st_size) != file.size:
                yield _wrong(folder / file.path, f"has {size} bytes instead of {file.size}", one)
    for name in sorted(set(there) - {MANIFEST_NAME}):
        yield _movable("file-unknown", folder / name, root, f"is no file of {one.address}")


def _orphans(on_disk: dict[Path, Path], known: Sequence[KnownVersion], places: Places) -> Iterator[Found]:
    """Folders that call themselves versions and that the database has never heard of."""
    named = {one.id: one.address for one in known}
    published = {places.projects / one.project / one.folder for one in known}
    for folder, root in on_disk.items():
        try:
            manifest = read_manifest(folder)
            version_id = uuid.UUID(manifest.version_id)
        except FileNotFoundError:
            continue
        except (InputCorruptError, ValueError):
            if folder in published:
                continue  # which was told already
            yield Found(Finding(kind="manifest-unreadable", what=str(folder / MANIFEST_NAME), problem="cannot be read"))
            continue
        if version_id in named and folder not in published:
            yield _movable("folder-copied", folder, root, f"is a copy of {named[version_id]}, which lies elsewhere")
        elif version_id not in named:
            made = f"{manifest.author}, {manifest.created:%Y-%m-%d %H:%M} UTC"
            problem = f"is a version that the database does not know ({made}); was an older backup restored?"
            yield _movable("folder-unknown", folder, root, problem)


def mend(seen: Checkup, *, by: str) -> list[Finding]:
    """Move what can be moved into quarantine, one folder for each root; what was found, with where it lies now.

    A list of what is moved, and from where, is written there before anything is.

    Args:
        seen: what ``check`` found.
        by: who does it.

    Raises:
        StorageError: the quarantine cannot be written; what was moved so far is in its list.
    """
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"
    mended: dict[int, str] = {}
    roots = dict.fromkeys(found.root for found in seen.found if found.root is not None)
    for root in roots:
        place = root / QUARANTINE / stamp
        mine = [(index, one) for index, one in enumerate(seen.found) if one.root == root and one.path is not None]
        try:
            place.mkdir(parents=True)
            write_whole(place / NOTE, _note(mine, by).pretty().encode())
            for index, one in mine:
                if one.path is not None and os.path.lexists(one.path):
                    target = place / _name(index, one.path)
                    one.path.rename(target)
                    mended[index] = str(target)
        except OSError as error:
            raise storage_error(place, error) from error
    return [
        found.finding.model_copy(update={"mended": mended[index]}) if index in mended else found.finding
        for index, found in enumerate(seen.found)
    ]


def mend_pointers(database: Database, seen: Checkup, *, by: str) -> Checkup:
    """Let pointers show what they should; what was found, with what they show now.

    Raises:
        NotAllowedError: the login or role may not move them.
    """
    found = []
    for one in seen.found:
        if one.pointer is None:
            found.append(one)
            continue
        now = mend_pointer(database, one.pointer, by=by)
        found.append(replace(one, finding=one.finding.model_copy(update={"mended": now})))
    return replace(seen, found=found)


def _name(index: int, path: Path) -> str:
    return f"{index:05d}-{path.name}"


def _note(found: Sequence[tuple[int, Found]], by: str) -> QuarantineOut:
    moved = tuple(
        Quarantined(
            name=_name(index, one.path), origin=str(one.path), kind=one.finding.kind, problem=one.finding.problem
        )
        for index, one in found
        if one.path is not None
    )
    return QuarantineOut(made=datetime.now(UTC).isoformat(), by=by, moved=moved)
