"""Review: where published versions stand with the supervisors, and what was said about them.

A move of a standing, the pointer ``approved``, the audit and the outbox are written in one transaction, behind a lock
on the version's product: whoever reviews at the same moment waits.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from ...schema.address import APPROVED
from ...schema.errors import BadRequestError
from ...schema.frames import FrameSet
from ...schema.ids import uuid7
from ...schema.names import plain_text
from ...schema.states import ReviewState, VersionState, check_review
from ...schema.tables import Note, Pointer, Product, Representation, Review, Version
from ..outbox.letter import FactKind
from .audit import ACTOR, record
from .catalog import VersionRow
from .database import Database
from .entities import insert_or_ignore
from .facts import tell
from .queue import database_now

MAX_NOTE = 10_000  # characters; longer ones are documents
AT_ONCE = 500  # ids in one question
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version stands; ``by`` and ``moved`` are None where nobody has judged it."""

    status: ReviewState
    by: str | None = None
    moved: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What a review did: ``told`` is how many targets will hear of it, None of ``old`` when nothing moved."""

    old: ReviewState
    new: ReviewState
    told: int

    @property
    def is_new(self) -> bool:
        """Whether the version stood elsewhere before."""
        return self.old is not self.new


@dataclass(frozen=True, slots=True)
class NoteRow:
    """Something said about a version, or about one of its frames."""

    id: uuid.UUID
    author: str
    frame: int | None
    text: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says about a version; ``frame`` is the one it speaks of.

    Attributes:
        source: the tracker that it comes from; empty: it is said here.
        remote_id: what that tracker calls it.
    """

    text: str
    by: str
    frame: int | None = None
    created: datetime | None = None
    source: str = ""
    remote_id: str = ""

    def checked(self) -> Word:
        """The same, fit for the database.

        Raises:
            BadRequestError: it is empty or too long.
        """
        text = plain_text(self.text).strip()
        if not text or len(text) > MAX_NOTE:
            what = f"has {len(text)} characters, {MAX_NOTE} are allowed" if text else "says nothing"
            raise BadRequestError(f"the note {what}; write one sentence or some", field="note")
        return Word(text, self.by[:ACTOR], self.frame, self.created, self.source, self.remote_id)


def review(database: Database, version: VersionRow, status: ReviewState, *, by: str, word: Word | None = None) -> Moved:
    """Move a version's standing, and say why.

    Args:
        database: where.
        version: published.
        status: where to.
        by: who moves it.
        word: a note that is written along with it.

    Raises:
        IllegalTransitionError: the table of legal moves forbids it; nothing was written.
        BadRequestError: the version is not published, or the note is wrong; nothing was written.
    """
    said = None if word is None else _fitting(database, version, word)
    with database.write() as connection:
        moved = move(connection, version, status, by=by)
        if said is not None:
            put_note(connection, version, said)
    return moved


def write_note(database: Database, version: VersionRow, word: Word) -> NoteRow:
    """Say something about a version.

    Raises:
        BadRequestError: the version has no such frame, or nothing is said; nothing was written.
    """
    said = _fitting(database, version, word)
    with database.write() as connection:
        return put_note(connection, version, said)


def _fitting(database: Database, version: VersionRow, word: Word) -> Word:
    """A note that speaks of a frame which the version has, where its frames are known."""
    if word.frame is not None:
        with database.read() as connection:
            wanted = select(Representation.frames).where(Representation.version_id == version.id)
            known = [FrameSet.parse(text) for text in connection.scalars(wanted) if text]
        if known and all(word.frame not in frames.frames for frames in known):
            raise BadRequestError(f"{version.address} has no frame {word.frame}; it has {known[0]}", field="frame")
    return word.checked()


def lock(connection: Connection, version_id: uuid.UUID) -> tuple[uuid.UUID, VersionState]:
    """Let whoever reviews the same product wait; the product, and the version's state."""
    product_id, state = connection.execute(
        select(Version.product_id, Version.state).where(Version.id == version_id)
    ).one()
    connection.execute(select(Product.id).where(Product.id == product_id).with_for_update())
    return product_id, state


def standing(connection: Connection, version_id: uuid.UUID) -> ReviewState:
    """Where a version stands now."""
    found = connection.execute(select(Review.status).where(Review.version_id == version_id)).scalar()
    return found or ReviewState.PENDING


def move(connection: Connection, version: VersionRow, status: ReviewState, *, by: str, source: str = "") -> Moved:
    """Move a version's standing within a transaction; ``source`` is the tracker that said so, which is not told.

    Raises:
        IllegalTransitionError: the table of legal moves forbids it.
        BadRequestError: the version is not published.
    """
    product_id, state = lock(connection, version.id)
    if state is not VersionState.PUBLISHED:
        raise BadRequestError(f"{version.address} is {state}; only published versions are reviewed")
    old = standing(connection, version.id)
    check_review(old, status, what=version.address)
    if old is status:
        return Moved(old, status, 0)
    moment = _next_moment(connection, product_id)
    connection.execute(insert_or_ignore(connection, Review).values(version_id=version.id, status=old, remote={}))
    connection.execute(
        update(Review).where(Review.version_id == version.id).values(status=status, by=by[:ACTOR], moved=moment)
    )
    point_approved(connection, product_id, moment)
    fact = uuid.uuid4()
    facts: dict[str, Any] = {"id": str(fact), "version_id": str(version.id), "from": old, "to": status}
    record(connection, "review", version.address, actor=by, facts=facts | ({"source": source} if source else {}))
    payload = {"subject": version.address, "by": by[:ACTOR], **facts}
    told = tell(connection, version.id, FactKind.REVIEWED, f"review:{fact}", facts=payload, besides=source)
    return Moved(old, status, told)


def _next_moment(connection: Connection, product_id: uuid.UUID) -> datetime:
    """Now, and later than every move of the product's versions before: they are told apart by it."""
    newest = (
        select(func.max(Review.moved))
        .join(Version, Version.id == Review.version_id)
        .where(Version.product_id == product_id)
    )
    moment, last = database_now(connection), connection.execute(newest).scalar()
    return moment if last is None or moment > last else last + TICK


def point_approved(connection: Connection, product_id: uuid.UUID, moment: datetime) -> None:
    """Let ``approved`` show the version that was approved last and still is; with none there is no such pointer."""
    last = (
        select(Version.id)
        .join(Review, Review.version_id == Version.id)
        .where(Version.product_id == product_id, Version.state == VersionState.PUBLISHED)
        .where(Review.status == ReviewState.APPROVED)
        .order_by(Review.moved.desc())
        .limit(1)
    )
    mine = (Pointer.product_id == product_id) & (Pointer.name == APPROVED)
    chosen = connection.execute(last).scalar()
    if chosen is None:
        connection.execute(delete(Pointer).where(mine))
        return
    values = {"product_id": product_id, "name": APPROVED, "version_id": chosen, "moved": moment}
    connection.execute(insert_or_ignore(connection, Pointer).values(**values))
    connection.execute(
        update(Pointer).where(mine, Pointer.version_id != chosen).values(version_id=chosen, moved=moment)
    )


def put_note(connection: Connection, version: VersionRow, word: Word, *, note_id: uuid.UUID | None = None) -> NoteRow:
    """Write a checked note within a transaction, and let the targets hear of it, but the one that said it."""
    made = NoteRow(note_id or uuid7(), word.by, word.frame, word.text, word.created or database_now(connection))
    connection.execute(
        insert(Note).values(
            id=made.id,
            version_id=version.id,
            author=made.author,
            frame=made.frame,
            text=made.text,
            remote={word.source: word.remote_id} if word.source else {},
            created=made.created,
        )
    )
    facts: dict[str, Any] = {"id": str(made.id), "version_id": str(version.id), "frame": made.frame}
    if word.source:
        facts["source"] = word.source
    record(connection, "note", version.address, actor=word.by, facts=facts)
    payload = {"subject": version.address, **facts}
    tell(connection, version.id, FactKind.NOTED, f"note:{made.id}", facts=payload, besides=word.source)
    return made


def notes(database: Database, version_id: uuid.UUID) -> list[NoteRow]:
    """What was said about a version, oldest first."""
    columns = (Note.id, Note.author, Note.frame, Note.text, Note.created)
    wanted = select(*columns).where(Note.version_id == version_id).order_by(Note.created, Note.id)
    with database.read() as connection:
        return [NoteRow(*row) for row in connection.execute(wanted)]


def standings(database: Database, versions: Sequence[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """Where versions stand; those that nobody has judged are left out."""
    found: dict[uuid.UUID, Standing] = {}
    columns = (Review.version_id, Review.status, Review.by, Review.moved)
    with database.read() as connection:
        for start in range(0, len(versions), AT_ONCE):
            wanted = select(*columns).where(Review.version_id.in_(versions[start : start + AT_ONCE]))
            found |= {row.version_id: Standing(row.status, row.by, row.moved) for row in connection.execute(wanted)}
    return found
