"""What trackers say of our versions, brought into the database: standings and notes, each once.

What a tracker said last is kept, so that only what changed there counts. Nothing is echoed to the tracker that said it;
the others hear of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update

from ...schema.errors import BadRequestError, IllegalTransitionError
from ...schema.states import DeliveryState, ReviewState
from ...schema.tables import Delivery, Note, Review
from ..outbox.letter import NAMESPACE, FactKind
from ..outbox.pulled import PulledNote, PulledReview, Said
from .catalog import VersionRow, version_by_id
from .database import Database
from .entities import insert_or_ignore
from .reviews import Word, lock, move, put_note


@dataclass
class Heard:
    """What became of what a tracker said.

    Attributes:
        moved: versions whose standing moved.
        noted: notes that were added.
        unknown: things said of versions that this database never told the tracker of.
        refused: one line for each that was not applied, for people.
    """

    moved: int = 0
    noted: int = 0
    unknown: int = 0
    refused: list[str] = field(default_factory=list)


def apply_said(database: Database, target: str, said: Iterable[Said]) -> Heard:
    """Apply what a tracker says, each in a transaction of its own; said again, it adds nothing.

    Args:
        database: where.
        target: name of the tracker, as the outbox calls it.
        said: in the order in which it happened.
    """
    heard = Heard()
    for one in said:
        with database.write() as connection:
            found = _told_as(connection, target, one.version)
            if found is None:
                heard.unknown += 1
                continue
            version = version_by_id(connection, found)
            try:
                if isinstance(one, PulledReview):
                    heard.moved += _move(connection, target, version, one)
                else:
                    heard.noted += _note(connection, target, version, one)
            except (IllegalTransitionError, BadRequestError) as error:
                heard.refused.append(f"{target}: {error.message}")
    return heard


def _told_as(connection: Connection, target: str, remote_id: str) -> uuid.UUID | None:
    """Our version by what the tracker calls it."""
    wanted = select(Delivery.version_id).where(
        Delivery.target == target, Delivery.remote_id == remote_id, Delivery.kind == FactKind.PUBLISHED
    )
    return connection.execute(wanted.limit(1)).scalar()


def _move(connection: Connection, target: str, version: VersionRow, said: PulledReview) -> bool:
    lock(connection, version.id)
    columns = (Review.status, Review.moved, Review.remote)
    row = connection.execute(select(*columns).where(Review.version_id == version.id)).first()
    now, moved, heard = (ReviewState.PENDING, None, {}) if row is None else row
    before = heard.get(target)
    if said.status == before:
        return False
    if said.status is not now:
        is_later = said.moved is not None and (moved is None or said.moved > moved)
        untouched = before is None and said.status is ReviewState.PENDING
        if not is_later and (untouched or _is_waiting(connection, target, version.id)):
            return False  # it has not heard yet of what was said here meanwhile
        move(connection, version, said.status, by=said.by or target, source=target)
    _remember(connection, target, version.id, said.status)
    return said.status is not now


def _is_waiting(connection: Connection, target: str, version_id: uuid.UUID) -> bool:
    """Whether the tracker has still to hear of a move."""
    wanted = select(Delivery.id).where(
        Delivery.version_id == version_id,
        Delivery.target == target,
        Delivery.kind == FactKind.REVIEWED,
        Delivery.state != DeliveryState.DELIVERED,
    )
    return connection.execute(wanted.limit(1)).first() is not None


def _remember(connection: Connection, target: str, version_id: uuid.UUID, status: ReviewState) -> None:
    made = {"version_id": version_id, "status": ReviewState.PENDING, "remote": {}}
    connection.execute(insert_or_ignore(connection, Review).values(**made))
    mine = Review.version_id == version_id
    remote = connection.execute(select(Review.remote).where(mine)).scalar_one()
    connection.execute(update(Review).where(mine).values(remote={**remote, target: status.value}))


def _note(connection: Connection, target: str, version: VersionRow, said: PulledNote) -> bool:
    """Whether the note is new: neither heard before, nor one that the tracker has from us."""
    note_id = uuid.uuid5(NAMESPACE, f"note/{target}/{said.remote_id}")
    lock(connection, version.id)
    if connection.execute(select(Note.id).where(Note.id == note_id)).first() is not None:
        return False
    ours = select(Delivery.id).where(
        Delivery.target == target, Delivery.remote_id == said.remote_id, Delivery.kind == FactKind.NOTED
    )
    if connection.execute(ours.limit(1)).first() is not None:
        return False
    word = Word(said.text, said.author or target, said.frame, said.created, target, said.remote_id)
    put_note(connection, version, word.checked(), note_id=note_id)
    return True
