"""``versions path verify``: looking at what was published."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....schema.address import APPROVED, LATEST
from ....schema.errors import (
    EXIT_BAD_DATA,
    BadRequestError,
    ConfigError,
    InputMissingError,
    NotFoundError,
    StorageError,
)
from ....schema.frames import frames_text
from ....schema.names import counted
from ....schema.output import PathOut, VerifyOut, VerifyProblem, VersionsOut
from ...documents import stands_of, version_out
from ..output import age, json_option, listed, print_json, print_table, size_text
from ..studio import Studio, studio

if TYPE_CHECKING:
    from ....pipeline.publish.verify import Problem
    from ....pipeline.store.catalog import VersionRow


@click.command("versions", help="List published versions, newest first.")
@click.option("--project", help="default: the setting 'project'")
@click.option("--entity", help="only this shot or asset, such as sq010/sh010")
@click.option("--product", help="only this product, such as thumbnail")
@click.option("--job", help="only what this job published")
@click.option("--latest", is_flag=True, help="only the latest version of each product")
@click.option("--approved", is_flag=True, help="only the approved version of each product")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="how many at most")
@json_option
@click.pass_context
def versions_command(ctx: click.Context, /, **given: Any) -> None:
    """List versions."""
    from ....pipeline.store import catalog

    where = studio(ctx)
    if given["job"]:
        rows = catalog.versions_of_job(where.database, where.job(given["job"]).id)
    else:
        project = given["project"] or where.settings.project
        chosen = {"entity": given["entity"], "product": given["product"]}
        if given["latest"] or given["approved"]:
            pointer = APPROVED if given["approved"] else LATEST
            rows = catalog.latest_versions(where.database, project, **chosen, pointer=pointer)
        else:
            rows = catalog.versions(where.database, project, **chosen, limit=given["limit"])
    stands = stands_of(where, rows)
    if given["as_json"]:
        print_json(VersionsOut(versions=tuple(version_out(where, row, stands[row.id]) for row in rows)))
        return
    if not rows and given["project"]:
        _check_project(where, given["project"])
    asked = given["entity"] or given["product"] or given["job"] or given["approved"]
    table = [[row.address, row.kind, row.author, age(row.published), stands[row.id], _remark(row)] for row in rows]
    empty = "no such versions" if asked else "nothing is published yet"
    print_table(["VERSION", "KIND", "BY", "AGE", "REVIEW", "COMMENT"], table, empty=empty)


def _check_project(where: Studio, code: str) -> None:
    """Raises: NotFoundError: there is no such project."""
    from ....pipeline.store.catalog import projects

    known = [project.code for project in projects(where.database)]
    if code not in known:
        raise NotFoundError(f"there is no project {code!r}; there is {listed(known) or 'none yet'}", project=code)


def _remark(row: VersionRow) -> str:
    """The comment, behind what has to be known first."""
    return "; ".join(part for part in (f"lacks {row.holes}" if row.holes else "", row.comment) if part)


@click.command("path", help="Print the folder of a version, such as demo:sq010/sh010/thumbnail@latest.")
@click.argument("address")
@click.option("--files", is_flag=True, help="print its files instead")
@json_option
@click.pass_context
def path_command(ctx: click.Context, address: str, files: bool, as_json: bool) -> None:  # noqa: FBT001 - click
    """Print where a version lies."""
    from ....pipeline.store.catalog import files as files_of
    from ....pipeline.store.catalog import representations

    where = studio(ctx)
    row = where.version(address)
    folder = where.folder_of(row)
    if where.is_gone(row):
        raise InputMissingError(
            f"{row.address} was published, but its files are gone from {folder}",
            hint=f"shotmill verify {row.address}; is their disk mounted? Else submit again with --force",
            path=folder,
        )
    forms = representations(where.database, row.id) if files or as_json else []
    paths = [str(folder / file.path) for form in forms for file in files_of(where.database, form.id)]
    if as_json:
        print_json(PathOut(address=row.address, folder=str(folder), files=tuple(paths)))
    else:
        print("\n".join(paths) if files else folder)


@click.command("verify", help="Read published files again and compare checksums: of a version, a folder, or all.")
@click.argument("what", required=False)
@click.option("--all", "everything", is_flag=True, help="every version on the disk, and every one in the database")
@json_option
@click.pass_context
def verify_command(ctx: click.Context, what: str | None, everything: bool, as_json: bool) -> int:  # noqa: FBT001 - click
    """Re-hash published files; exit 65 when one is not what it was."""
    from ....pipeline.publish.verify import verify_folder, version_folders, version_in

    where = studio(ctx)
    if bool(what) == everything:
        raise BadRequestError("name a version or a folder, or give --all", field="what")
    ids: dict[Path, uuid.UUID | None]
    if everything:
        ids = dict.fromkeys(version_folders(where.settings.projects_folder)) | dict(_published_folders(where))
    elif what and Path(what).is_dir():
        ids = {folder: version_in(folder) for folder in version_folders(Path(what).absolute())}
    else:
        row = where.version(str(what))
        ids = {where.folder_of(row): row.id}
    checksums = _checksums(where, [found for found in ids.values() if found is not None])
    found = [
        verify_folder(folder, manifest_checksum=checksums.get(one) if one else None) for folder, one in ids.items()
    ]
    problems = [problem for one in found for problem in one.problems]
    files, size = sum(one.files for one in found), sum(one.size_bytes for one in found)
    if as_json:
        told = tuple(VerifyProblem(path=str(one.path), problem=one.problem, frame=one.frame) for one in problems)
        print_json(VerifyOut(versions=len(found), files=files, size_bytes=size, problems=told))
    else:
        print("".join(f"{line}\n" for line in _told(problems)), end="")
        seen = f"{counted(len(found), 'version')}, {counted(files, 'file')}, {size_text(size)}"
        print(f"{seen}: {counted(len(problems), 'problem') if problems else 'no problems'}")
    return EXIT_BAD_DATA if problems else 0


def _told(problems: Sequence[Problem]) -> Iterator[str]:
    """One line a problem, and one for all frames of a folder that have the same one."""
    alike: dict[tuple[Path, str], list[Problem]] = {}
    for one in problems:
        alike.setdefault((one.path.parent, one.problem), []).append(one)
    for (folder, problem), group in alike.items():
        frames = [one.frame for one in group if one.frame is not None]
        if len(frames) == len(group) > 1:
            yield f"{folder} (frames {frames_text(sorted(frames))}) {problem}"
        else:
            yield from (f"{one.path}{'' if one.frame is None else f' (frame {one.frame})'} {problem}" for one in group)


def _published_folders(where: Studio) -> Iterator[tuple[Path, uuid.UUID]]:
    """Where every published version should lie; manifests alone can be checked when the database is away."""
    from ....pipeline.store import catalog

    try:
        for project in catalog.projects(where.database):
            for row in catalog.versions(where.database, project.code, limit=None):
                yield where.folder_of(row), row.id
    except (StorageError, ConfigError) as error:
        print(f"note: only what is on the disk is checked: {error.message}", file=sys.stderr)


def _checksums(where: Studio, ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What the database says of manifests, so that one which was edited along with a file is found out."""
    from ....pipeline.store.versions import manifest_checksums

    if not ids:
        return {}
    try:
        return manifest_checksums(where.database, ids)
    except (StorageError, ConfigError) as error:
        print(f"note: manifests are believed: {error.message}", file=sys.stderr)
        return {}
