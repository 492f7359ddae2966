"""Requests for what was published: versions, their files, pictures. Files are handed out by their ids alone."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from ...pipeline.jail import open_file
from ...schema.address import APPROVED, LATEST
from ...schema.errors import InputMissingError, NotFoundError
from ...schema.output import VersionOut, VersionsOut
from ..documents import stands_of, version_out
from . import queries
from .documents import FileOut, FilesOut, ShortText
from .looking import BoardHere, Limit, Offset
from .place import Board
from .problems import TOLD

if TYPE_CHECKING:
    from ...pipeline.store.catalog import VersionRow
    from .queries import FilePlace

BLOCK = 1 << 18  # bytes handed out at once
TYPES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png"}
MOST_VERSIONS = 1000

router = APIRouter(prefix="/api", responses=TOLD, tags=["published"])  # type: ignore[arg-type]


def versions_out(board: Board, rows: Sequence[VersionRow]) -> tuple[VersionOut, ...]:
    """Versions as ``shotmill versions --json`` prints them, with where they stand in review."""
    stands = stands_of(board.studio, rows)
    return tuple(version_out(board.studio, row, stands[row.id]) for row in rows)


@router.get("/versions")
def list_versions(  # noqa: PLR0913 - one argument a filter
    board: BoardHere,
    project: ShortText = "",
    entity: ShortText = "",
    product: ShortText = "",
    kind: ShortText = "",
    *,
    latest: bool = False,
    approved: bool = False,
    limit: Annotated[int, Query(ge=1, le=MOST_VERSIONS)] = 100,
) -> VersionsOut:
    """Published versions, newest first; those that are latest or approved by entity.

    Mattes are those of kind ``matte``; exports of roto and bakes name their own kinds.
    """
    from ...pipeline.store import catalog  # noqa: PLC0415 - heavy: SQLAlchemy

    where = project or board.studio.settings.project
    narrowed = {"entity": entity or None, "product": product or None}
    if latest or approved:
        pointer = APPROVED if approved else LATEST
        rows = catalog.latest_versions(board.database, where, **narrowed, pointer=pointer)
    else:
        most = None if kind else limit
        rows = catalog.versions(board.database, where, **narrowed, limit=most)
    mine = [row for row in rows if kind in {"", row.kind}][:limit]
    return VersionsOut(versions=versions_out(board, mine))


@router.get("/versions/{version}/files")
def list_files(board: BoardHere, version: uuid.UUID, offset: Offset = 0, limit: Limit = 100) -> FilesOut:
    """The files of a published version, by representation and frame."""
    from ...pipeline.store.catalog import version_by_id  # noqa: PLC0415 - heavy: SQLAlchemy

    with board.database.read() as connection:
        if not queries.known_version(connection, version):
            raise NotFoundError(f"no version {version} is published", hint="shotmill versions")
        row = version_by_id(connection, version)
        total, lines = queries.files_of(connection, version, offset=offset, limit=limit)
    files = tuple(FileOut(**{**one._asdict(), "id": str(one.id)}) for one in lines)
    return FilesOut(version=versions_out(board, [row])[0], total=total, offset=offset, files=files)


_BYTES = {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
_IMAGE = {
    200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/png")}}
}


@router.get("/files/{file}", response_class=StreamingResponse, responses=_BYTES)  # type: ignore[arg-type]
def download(board: BoardHere, file: uuid.UUID) -> StreamingResponse:
    """The content of a published file, for saving."""
    place = _place(board, file)
    name = quote(Path(place.path).name, safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return _streamed(board, place, "application/octet-stream", headers)


@router.get("/thumbnails/{version}", response_class=StreamingResponse, responses=_IMAGE)  # type: ignore[arg-type]
def read_thumbnail(board: BoardHere, version: uuid.UUID) -> StreamingResponse:
    """The picture of a published version, as JPEG or PNG; published files never change, so it may be kept."""
    with board.database.read() as connection:
        file = queries.picture_of(connection, version)
    if file is None:
        raise NotFoundError(f"version {version} has no picture that a browser shows", hint="shotmill submit thumbnail")
    place = _place(board, file)
    kept = {"Cache-Control": "private, max-age=86400, immutable", "Vary": "Authorization"}
    return _streamed(board, place, TYPES[place.representation], kept)


def _place(board: Board, file: uuid.UUID) -> FilePlace:
    with board.database.read() as connection:
        place = queries.place_of(connection, file)
    if place is None:
        raise NotFoundError(f"no file {file} is published", hint="shotmill versions")
    return place


def _streamed(board: Board, place: FilePlace, media_type: str, headers: dict[str, str]) -> StreamingResponse:
    root = board.studio.settings.projects_folder / place.project
    path = root / place.folder / place.path
    try:
        handle = open_file(path, root=root)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it lies outside of its project"
        raise InputMissingError(
            f"{place.path} was published, but cannot be read: {why}", hint="shotmill verify --all", status=404
        ) from error
    size = os.fstat(handle).st_size
    return StreamingResponse(
        _blocks(handle),
        media_type=media_type,
        headers={**headers, "Content-Length": str(size), "ETag": f'"{place.checksum}"'},
    )


def _blocks(handle: int) -> Iterator[bytes]:
    with os.fdopen(handle, "rb") as file:
        while block := file.read(BLOCK):
            yield block
