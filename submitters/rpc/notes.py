"""``note`` and ``notes``: what is said about versions."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from ...schema.errors import BadRequestError, NotFoundError
from ...schema.rpc import HostNote, HostNotes, NoteArgs, NotesArgs
from .serve import Asking

if TYPE_CHECKING:
    from ...pipeline.store.catalog import VersionRow
    from ...pipeline.store.reviews import NoteRow
    from ..studio import Studio

MOST = 200  # versions of a shot that are looked through


def note(args: NoteArgs, asking: Asking) -> HostNote:
    """Say something about a version, or about the newest one of a shot.

    Raises:
        NotFoundError: there is no such version, or nothing of the shot is published.
        BadRequestError: the version has no such frame, or nothing is said.
    """
    from ...pipeline.store.reviews import Word, write_note

    where = asking.studio
    row = _versions(args.version, args.shot, where)[0]
    return _told(row, write_note(where.database, row, Word(args.text, where.settings.login, args.frame)))


def notes(args: NotesArgs, asking: Asking) -> HostNotes:
    """Tell what was said about a version, or about all of a shot: newest versions first, each one's oldest first.

    Raises:
        NotFoundError: there is no such version, or nothing of the shot is published.
    """
    from ...pipeline.store.reviews import notes as notes_of

    where = asking.studio
    rows = _versions(args.version, args.shot, where)
    return HostNotes(notes=tuple(_told(row, said) for row in rows for said in notes_of(where.database, row.id)))


def _versions(version: str, shot: str, where: Studio) -> list[VersionRow]:
    from ...pipeline.store import catalog

    if bool(version) == bool(shot):
        raise BadRequestError("name a version or a shot, one of them", field="version")
    if version:
        return [_by_id(where, version) or where.version(version)]
    project, _colon, path = shot.rpartition(":")
    found = catalog.versions(where.database, project or where.settings.project, entity=path, limit=MOST)
    if not found:
        raise NotFoundError(f"nothing of {shot} is published yet; a note belongs to a version", field="shot")
    return found


def _by_id(where: Studio, text: str) -> VersionRow | None:
    try:
        wanted = uuid.UUID(text)
    except ValueError:
        return None
    from sqlalchemy.exc import NoResultFound

    from ...pipeline.store import catalog

    try:
        with where.database.read() as connection:
            return catalog.version_by_id(connection, wanted)
    except NoResultFound as error:
        raise NotFoundError(f"there is no version {text}", field="version") from error


def _told(row: VersionRow, said: NoteRow) -> HostNote:
    return HostNote(
        id=str(said.id),
        version=str(row.id),
        address=row.address,
        author=said.author,
        frame=said.frame,
        text=said.text,
        created=said.created,
    )
