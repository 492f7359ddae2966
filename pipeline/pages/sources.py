"""Collects what a page says from a job's folder, its report, the manifests beside the files, and the database."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from ...schema.checks import MAX_DOCUMENT
from ...schema.errors import ShotmillError
from ...schema.ids import JobId
from ...schema.job import JobSpec
from ...schema.publishing import (
    MANIFEST_NAME,
    Manifest,
    ManifestRepresentation,
    PublishedVersion,
    PublishReport,
)
from ...schema.receipts import Receipt
from ..files import read_file
from ..folders import JobFolder
from ..hashes import hash_file
from ..receipts import read_receipt
from ..settings import Settings
from ..store import Database
from ..store.jobs import job_by_id
from ..store.pages import addresses_of, told_of
from .facts import FormFacts, HostWork, PageFacts, StepTime, Told, VersionFacts, version_name
from .findings import findings_of
from .pictures import FRAMES_OF_ONE, MAX_PICTURES, Pictures, Shown, best, spread
from .trouble import troubles_of

MAX_TOLD_AT_LENGTH = 60  # versions
MAX_FILES = 100  # of one form
MAX_ALL_FILES = 1500
MAX_MANIFEST = 8 * MAX_DOCUMENT
MAX_ROWS = 200  # of the outbox
FEW = 3  # versions of which several frames are shown


def gather(
    folder: JobFolder,
    spec: JobSpec,
    report: PublishReport,
    settings: Settings,
    database: Database | None,
) -> PageFacts:
    """All that a page says of one run of a job's publish step.

    Args:
        folder: of the job.
        spec: the job.
        report: of the run.
        settings: of this machine.
        database: None: none can be asked; the page then says so.
    """
    problems: list[str] = []
    known = {step.name: _receipts(folder, step.name, problems) for step in spec.steps}
    versions = _versions(report.versions[:MAX_TOLD_AT_LENGTH], database)
    shown = _published_pictures(versions) if report.versions else _written_pictures(folder, known)
    is_refused = report.outcome == "refused"
    troubles, unknown = troubles_of(folder, spec, known, database) if is_refused else ((), "")
    asked, engine = _asked(spec, database)
    told, told_more, why = _told(report.versions, database)
    return PageFacts(
        spec=spec,
        report=report,
        handle=folder.root.name,
        folder=folder.root,
        made=datetime.now(UTC),
        versions=versions,
        pictures=Pictures(settings, spec).of(shown[:MAX_PICTURES]),
        pictures_more=max(0, len(shown) - MAX_PICTURES),
        steps=_steps(spec, known),
        hosts=_hosts(known),
        troubles=troubles,
        asked=asked,
        engine=engine,
        template=_template(folder),
        told=told,
        told_more=told_more,
        unknown=tuple(line for line in (*problems, unknown, why) if line),
    )


def _receipts(folder: JobFolder, step: str, problems: list[str]) -> list[Receipt]:
    """The receipts of a step that can be read; of the others, why not."""
    found = []
    for path in folder.receipts(step):
        try:
            found.append(read_receipt(path))
        except FileNotFoundError:
            continue  # a retry took it away meanwhile
        except (ShotmillError, OSError) as error:
            problems.append(str(error).split("; run its task", maxsplit=1)[0])
    return found


def _versions(published: Sequence[PublishedVersion], database: Database | None) -> tuple[VersionFacts, ...]:
    room = MAX_ALL_FILES
    found = []
    for version in published:
        try:
            manifest = _manifest(Path(version.folder))
        except (OSError, ValidationError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no manifest of this version of Shotmill"
            found.append(VersionFacts(version, problem=f"{MANIFEST_NAME} cannot be read: {why}"))
            continue
        forms = []
        for form in manifest.representations:
            forms.append(_form(form, min(room, MAX_FILES)))
            room -= len(forms[-1].files)
        findings = findings_of(Path(version.folder), manifest)
        sources = _sources(manifest, database)
        found.append(VersionFacts(version, tuple(forms), manifest.lineage, sources, findings=findings))
    return tuple(found)


def _manifest(folder: Path) -> Manifest:
    return Manifest.model_validate_json(read_file(folder / MANIFEST_NAME, most=MAX_MANIFEST))


def _form(form: ManifestRepresentation, most: int) -> FormFacts:
    size = f"{form.width} x {form.height}" if form.width and form.height else ""
    aspect = f", pixel aspect {form.pixel_aspect:g}" if form.pixel_aspect not in {None, 1.0} else ""
    return FormFacts(
        name=form.name,
        pattern=form.pattern or form.files[0].path,
        frames=form.frames,
        missing=form.missing,
        colourspace=form.colourspace,
        resolution=size + aspect,
        files=form.files[: max(0, most)],
        count=len(form.files),
        size_bytes=sum(file.size for file in form.files),
    )


def _sources(manifest: Manifest, database: Database | None) -> tuple[str, ...]:
    """The versions that one was made from, by name where the database knows them."""
    ids = [str(source) for source in manifest.lineage.get("sources", ())]
    if database is None or not ids:
        return tuple(ids)
    try:
        names = addresses_of(database, [uuid.UUID(one) for one in ids])
    except (ShotmillError, ValueError):
        return tuple(ids)
    return tuple(names.get(uuid.UUID(one), one) for one in ids)


def _published_pictures(versions: Sequence[VersionFacts]) -> list[Shown]:
    each = FRAMES_OF_ONE if len(versions) <= FEW else 1
    found: list[Shown] = []
    for version in versions:
        folder = Path(version.published.folder)
        forms = [
            [Shown(folder / file.path, _caption(version.name, file.frame), form.colourspace) for file in form.files]
            for form in version.forms
        ]
        found += spread(best(forms), each)
    return found


def _written_pictures(folder: JobFolder, receipts: Mapping[str, Sequence[Receipt]]) -> list[Shown]:
    """Of a publish that was refused: what the tasks wrote."""
    written: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    for one in (receipt for some in receipts.values() for receipt in some):
        for output in one.outputs:
            written[output.product, output.representation] += [
                Shown(folder.root / one.root / file.path, _caption(output.product, file.frame), output.colourspace)
                for file in output.files
            ]
    products: dict[str, list[list[Shown]]] = defaultdict(list)
    for (product, _form_name), files in sorted(written.items()):
        products[product].append(files)
    each = FRAMES_OF_ONE if len(products) <= FEW else 1
    return [one for forms in products.values() for one in spread(best(forms), each)]


def _caption(name: str, frame: int | None) -> str:
    return name if frame is None else f"{name}, frame {frame}"


def _steps(spec: JobSpec, receipts: Mapping[str, Sequence[Receipt]]) -> tuple[StepTime, ...]:
    return tuple(
        StepTime(
            name=step.name,
            tasks=len(found),
            started=min(one.started for one in found),
            finished=max(one.finished for one in found),
            busy_s=sum(one.wall_s for one in found),
            cpu_s=sum(one.cpu_s for one in found),
        )
        for step in spec.steps
        if (found := receipts.get(step.name, ()))
    )


def _hosts(receipts: Mapping[str, Sequence[Receipt]]) -> tuple[HostWork, ...]:
    by_host: dict[str, list[Receipt]] = defaultdict(list)
    for one in (receipt for some in receipts.values() for receipt in some):
        by_host[one.host].append(one)
    found = [
        HostWork(host, len(some), sum(one.wall_s for one in some), tuple(sorted({one.step for one in some})))
        for host, some in by_host.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.tasks, one.host)))


def _asked(spec: JobSpec, database: Database | None) -> tuple[datetime | None, str]:
    """When the job was submitted, and to which engine; a bundle may be run where no database knows its job."""
    if database is None:
        return None, ""
    try:
        job = job_by_id(database, JobId(uuid.UUID(spec.id)))
    except (ShotmillError, ValueError):
        return None, ""
    return job.created, job.engine


def _template(folder: JobFolder) -> str:
    try:
        return hash_file(folder.template)[0]
    except OSError:
        return ""


def _told(versions: Sequence[PublishedVersion], database: Database | None) -> tuple[tuple[Told, ...] | None, int, str]:
    """Rows of the outbox, how many more there are, and why they are not known."""
    if database is None:
        return None, 0, "the outbox was not asked: there is no database"
    ids = [uuid.UUID(one.version_id) for one in versions]
    names: dict[uuid.UUID | None, str] = dict(zip(ids, map(version_name, versions), strict=True))
    try:
        rows, count = told_of(database, ids, most=MAX_ROWS)
    except ShotmillError as error:
        return None, 0, f"the outbox could not be asked: {error}"
    told = tuple(
        Told(
            version=names[row.version_id],
            target=row.target,
            kind=row.kind,
            state=row.state,
            attempts=row.attempts,
            remote_id=row.remote_id,
            last_error=row.last_error,
            delivered=row.delivered,
        )
        for row in rows
    )
    return told, count - len(told), ""
