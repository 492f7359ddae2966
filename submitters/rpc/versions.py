"""``versions``: what was published, as hosts browse it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ...pipeline.pathmap import mapped, roots_of
from ...schema.address import APPROVED, LATEST
from ...schema.ids import job_handle
from ...schema.rpc import HostVersion, HostVersions, RepresentationOut, VersionsArgs
from ..documents import stands_of
from .serve import Asking

if TYPE_CHECKING:
    from ...pipeline.store.browsing import FormRow
    from ...pipeline.store.catalog import VersionRow
    from ..studio import Studio

_FRAMES = re.compile(r"#+|@+|%0?\d*d|\$F\d*")
PICTURES = (".jpg", ".jpeg", ".png")


def versions(args: VersionsArgs, asking: Asking) -> HostVersions:
    """Tell published versions, newest first.

    Raises:
        NotFoundError: there is no such job.
    """
    where = asking.studio
    rows = _rows(args, where)
    if args.source:
        rows = _made_from(args.source, rows, where)
    return HostVersions(versions=host_versions(where, rows[: args.limit]))


def versions_of_job(where: Studio, job_id: uuid.UUID) -> tuple[HostVersion, ...]:
    """What a job published."""
    from ...pipeline.store import catalog

    return host_versions(where, catalog.versions_of_job(where.database, job_id))


def _rows(args: VersionsArgs, where: Studio) -> list[VersionRow]:
    from ...pipeline.store import catalog

    if args.path:
        return _that_holds(args.path, where)
    if args.job:
        return catalog.versions_of_job(where.database, where.job(args.job).id)
    project = args.project or where.settings.project
    chosen = {"entity": args.shot or None, "product": args.product or None}
    if args.latest or args.approved:
        pointer = APPROVED if args.approved else LATEST
        return catalog.latest_versions(where.database, project, **chosen, pointer=pointer)
    return catalog.versions(where.database, project, **chosen, limit=None if args.source else args.limit)


def _that_holds(path: str, where: Studio) -> list[VersionRow]:
    """The version that a file belongs to, if it is one of a version."""
    from ...pipeline.store import catalog

    here = PurePath(mapped(path, roots_of(where.settings.path_map)))
    if not here.is_relative_to(where.settings.projects_folder):
        return []
    project, *folders = here.relative_to(where.settings.projects_folder).parts[:-1] or ("",)
    ways = ["/".join(folders[: depth + 1]) for depth in range(len(folders))]
    return catalog.versions_in(where.database, project, ways)


def _made_from(source: str, rows: Sequence[VersionRow], where: Studio) -> list[VersionRow]:
    """Those of the rows that were made from a plate, however the host writes its frame numbers."""
    from ...pipeline.store.browsing import forms_of

    wanted = _plain(mapped(source, roots_of(where.settings.path_map)))
    forms = forms_of(where.database, [row.id for row in rows])
    return [row for row in rows if any(_plain(form.source) == wanted for form in forms.get(row.id, ()))]


def _plain(path: str) -> str:
    """A path with every way to write frame numbers made one."""
    return _FRAMES.sub("#", path)


def host_versions(where: Studio, rows: Sequence[VersionRow]) -> tuple[HostVersion, ...]:
    """Versions with their forms and pictures: a few questions to the database, however many there are."""
    from ...pipeline.store.browsing import forms_of, pictures_of

    stands = stands_of(where, rows)
    forms = forms_of(where.database, [row.id for row in rows])
    thumbnails = pictures_of(where.database, rows)
    projects = where.settings.projects_folder
    found = []
    for row in rows:
        thumbnail = thumbnails.get((row.project, row.entity))
        told = forms.get(row.id, [])
        picture = _picture(where.folder_of(row), told) or (None if thumbnail is None else str(projects / thumbnail))
        found.append(_version(where, row, told, stand=stands[row.id], picture=picture))
    return tuple(found)


def _picture(folder: Path, forms: Sequence[FormRow]) -> str | None:
    """The version's own picture: a single file that every host can show."""
    for form in forms:
        if form.pattern.lower().endswith(PICTURES) and "#" not in form.pattern:
            return str(folder / form.pattern)
    return None


def _version(
    where: Studio, row: VersionRow, forms: Sequence[FormRow], *, stand: str, picture: str | None
) -> HostVersion:
    folder = where.folder_of(row)
    return HostVersion(
        id=str(row.id),
        address=row.address,
        project=row.project,
        owner=row.entity,
        product=row.product,
        kind=row.kind,
        version=row.number,
        state=stand,
        picture=picture,
        representations=tuple(_representation(folder, form) for form in forms),
        job="" if row.job_id is None else job_handle(row.job_id),
        comment=row.comment,
        author=row.author,
        created=row.published,
        source=next((form.source for form in forms if form.source), ""),
        missing=row.holes or "",
        gone=where.is_gone(row),
    )


def _representation(folder: Path, form: FormRow) -> RepresentationOut:
    return RepresentationOut(
        name=form.name,
        path=str(folder / form.pattern),
        frames=form.frames,
        colour=form.colourspace,
        files=form.files,
        width=form.width,
        height=form.height,
        pixel_aspect=form.pixel_aspect,
        rate=form.rate,
    )
