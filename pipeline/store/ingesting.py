"""The rows that an ingest adds: a cut's next version, its clips, and the shots they use, in one transaction.

Cuts of one project share sequences and shots: they are made and changed in an order that is the same in every cut, so
that of two ingests at once none waits for the other in a circle.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from ...schema.ids import uuid7
from ...schema.tables import Cut, CutClip, CutVersion, Event, MediaState, Project, Shot
from ...schema.tables import Sequence as SequenceRow
from ...schema.timeline import ClipDocument, CutDocument, Fade, LinkKind
from ..shotnames import ShotName
from .bulk import insert_content, insert_many
from .database import Database
from .entities import ensure_project, insert_or_ignore

ShotKey = tuple[str, str]  # sequence and shot in lower case: names that differ in case only are one


@dataclass(frozen=True, slots=True)
class NewClip:
    """A clip to be stored: its media's path on this machine, and whether it is there."""

    document: ClipDocument
    media: str | None
    state: MediaState
    shot: ShotName | None = None


@dataclass(frozen=True)
class NewCut:
    """A cut's version to be stored.

    Attributes:
        checksum: makes two ingests equal; unique in the cut.
        content, content_checksum, media_type: the file itself, kept by its hash.
        handles, first_frame: as in ``ingest.IngestOptions``.
    """

    project: str
    cut: str
    checksum: str
    source: str
    content: bytes
    content_checksum: str
    media_type: str
    document: CutDocument
    clips: tuple[NewClip, ...]
    handles: int
    first_frame: int
    user: str


@dataclass(frozen=True)
class Added:
    """The cut's version that holds a file; ``added`` is False when it was there before."""

    added: bool
    number: int
    newest: int
    new_shots: int = 0


def find_cut_checksum(database: Database, project: str, cut: str, checksum: str) -> Added | None:
    """The version of a cut that was ingested under this checksum, if any."""
    wanted = select(Cut.id).join(Project, Project.id == Cut.project_id).where(Project.code == project, Cut.name == cut)
    with database.read() as connection:
        cut_id = connection.execute(wanted).scalar()
        return None if cut_id is None else _known(connection, cut_id, checksum)


def add_cut_version(database: Database, new: NewCut) -> Added:
    """Store a cut's next version, whole or not at all; the same checksum again adds nothing.

    Raises:
        DatabaseError, DiskFullError: nothing was changed.
    """
    with database.write() as connection:
        project_id = ensure_project(connection, new.project)
        cut_id = _ensure_cut(connection, project_id, new.cut)
        known = _known(connection, cut_id, new.checksum)
        if known is not None:
            return known
        before = _newest(connection, cut_id)
        shots, made = _ensure_shots(connection, project_id, new, before[0] if before else None)
        number = (before[1] if before else 0) + 1
        version_id = _insert_version(connection, cut_id, number, new)
        _insert_clips(connection, version_id, new, shots)
        connection.execute(insert(Event).values(**_event(new, number, made)))
    return Added(added=True, number=number, newest=number, new_shots=made)


def _known(connection: Connection, cut_id: uuid.UUID, checksum: str) -> Added | None:
    wanted = select(CutVersion.number).where(CutVersion.cut_id == cut_id, CutVersion.checksum == checksum)
    number = connection.execute(wanted).scalar()
    newest = _newest(connection, cut_id)
    return None if number is None or newest is None else Added(added=False, number=number, newest=newest[1])


def _newest(connection: Connection, cut_id: uuid.UUID) -> tuple[uuid.UUID, int] | None:
    wanted = select(CutVersion.id, CutVersion.number).where(CutVersion.cut_id == cut_id)
    row = connection.execute(wanted.order_by(CutVersion.number.desc()).limit(1)).first()
    return None if row is None else (row[0], row[1])


def _ensure_cut(connection: Connection, project_id: uuid.UUID, name: str) -> uuid.UUID:
    """The cut's id; its row is locked, so that two ingests of one cut follow each other."""
    connection.execute(insert_or_ignore(connection, Cut).values(id=uuid7(), project_id=project_id, name=name))
    wanted = select(Cut.id).where(Cut.project_id == project_id, Cut.name == name).with_for_update()
    return connection.execute(wanted).scalar_one()


def _key(shot: ShotName) -> ShotKey:
    return shot.sequence.lower(), shot.shot.lower()


@dataclass(frozen=True, slots=True)
class _Span:
    """The source frames of a shot over all its uses of one medium, and the handles around them."""

    media: str | None
    first: int
    last: int
    head: int
    tail: int
    rate: tuple[int, int]

    def widened(self, other: _Span) -> _Span:
        """This span and another of the same medium."""
        first, last = min(self.first, other.first), max(self.last, other.last)
        head = self.head if self.first <= other.first else other.head
        tail = self.tail if self.last >= other.last else other.tail
        return _Span(self.media, first, last, head, tail, self.rate)

    def work(self, cut_in: int) -> dict[str, int]:
        """The shot's columns when the first source frame is this work frame."""
        return {
            "cut_in": cut_in,
            "cut_out": cut_in + self.last - self.first,
            "handle_in": self.head,
            "handle_out": self.tail,
            "rate_num": self.rate[0],
            "rate_den": self.rate[1],
        }


def _spans(new: NewCut) -> tuple[dict[ShotKey, ShotName], dict[ShotKey, _Span]]:
    """Each shot as it was first spelt, and its source frames in its first use's medium."""
    names: dict[ShotKey, ShotName] = {}
    spans: dict[ShotKey, _Span] = {}
    for clip in new.clips:
        if clip.shot is None:
            continue
        key, found = _key(clip.shot), clip.document
        rate = (found.rate.numerator, found.rate.denominator)
        head, tail = _handles(found, new.handles)
        span = _Span(clip.media, found.source_in, found.source_out, head, tail, rate)
        names.setdefault(key, clip.shot)
        if key not in spans:
            spans[key] = span
        elif spans[key].media == span.media:
            spans[key] = spans[key].widened(span)
    return names, spans


@dataclass(frozen=True, slots=True)
class _Stored:
    """A shot as it stands in the database."""

    id: uuid.UUID
    cut_in: int | None
    cut_out: int | None


def _ensure_shots(
    connection: Connection, project_id: uuid.UUID, new: NewCut, before: uuid.UUID | None
) -> tuple[dict[ShotKey, uuid.UUID], int]:
    """The ids of all shots that the clips use, and how many were made.

    New ones get their work range; old ones keep theirs unless this cut changed what it shows of them.
    """
    names, spans = _spans(new)
    sequences = _ensure_sequences(connection, project_id, names.values())
    there = _shots(connection, project_id)
    made = {key: uuid7() for key in names if key not in there}
    if made:
        rows: list[dict[str, Any]] = [
            {
                "id": row_id,
                "project_id": project_id,
                "sequence_id": sequences[key[0]],
                "code": names[key].shot,
                "colour": {},
                "remote": {},
                **spans[key].work(new.first_frame + new.handles),
            }
            for key, row_id in made.items()
        ]
        rows.sort(key=lambda row: (row["sequence_id"], row["code"]))  # see the head of this file
        insert_many(connection, Shot, rows, ignore=True)
    _move_shots(connection, [(there[key], spans[key]) for key in names if key in there], new, before)
    if made and connection.dialect.name != "sqlite":  # SQLite has one writer: nobody made one of them meanwhile
        made |= {key: stored.id for key, stored in _shots(connection, project_id).items() if key in made}
    return {key: made[key] if key in made else there[key].id for key in names}, len(made)


def _ensure_sequences(connection: Connection, project_id: uuid.UUID, names: Iterable[ShotName]) -> dict[str, uuid.UUID]:
    """The ids of all sequences of the project by their code in lower case; those of the names are made."""
    there = _sequences(connection, project_id)
    missing: dict[str, str] = {}
    for name in names:
        if name.sequence.lower() not in there:
            missing.setdefault(name.sequence.lower(), name.sequence)
    if not missing:
        return there
    ids = {code: uuid7() for code in missing.values()}  # by age
    rows = [{"id": ids[code], "project_id": project_id, "code": code, "remote": {}} for code in sorted(ids)]
    connection.execute(insert_or_ignore(connection, SequenceRow), rows)
    return _sequences(connection, project_id)


def _move_shots(
    connection: Connection,
    shots: Iterable[tuple[_Stored, _Span]],
    new: NewCut,
    before: uuid.UUID | None,
) -> None:
    """Set the range of shots that have none, and follow what this cut changed since its last version.

    A work frame stays on its source frame: frames won at the head get lower numbers. Other media, or a shot that
    only another cut used so far, has a numbering that is not this cut's to move.
    """
    old = _old_firsts(connection, before) if before else {}
    rows = []
    for stored, span in shots:
        if stored.cut_in is None:
            cut_in = new.first_frame + new.handles
        elif (stored.id, span.media) in old:
            cut_in = stored.cut_in + span.first - old[stored.id, span.media]
        else:
            continue
        values = span.work(cut_in)
        if (stored.cut_in, stored.cut_out) != (values["cut_in"], values["cut_out"]):
            rows.append({"shot": stored.id} | {f"new_{name}": value for name, value in values.items()})
    if rows:
        rows.sort(key=lambda row: row["shot"])  # see the head of this file
        names = [name.removeprefix("new_") for name in rows[0] if name != "shot"]
        change = update(Shot).where(Shot.id == bindparam("shot"))
        connection.execute(change.values({name: bindparam(f"new_{name}") for name in names}), rows)


def _old_firsts(connection: Connection, version_id: uuid.UUID) -> dict[tuple[uuid.UUID, str | None], int]:
    """The first source frame of each shot and medium in a version of the cut."""
    wanted = (
        select(CutClip.shot_id, CutClip.media, func.min(CutClip.source_in))
        .where(CutClip.cut_version_id == version_id, CutClip.shot_id.is_not(None))
        .group_by(CutClip.shot_id, CutClip.media)
    )
    rows: list[Any] = list(connection.execute(wanted))
    return {(shot_id, media): first for shot_id, media, first in rows}


def _sequences(connection: Connection, project_id: uuid.UUID) -> dict[str, uuid.UUID]:
    wanted = select(SequenceRow.code, SequenceRow.id).where(SequenceRow.project_id == project_id)
    # The oldest of two that differ in case only stands for both.
    return {code.lower(): row_id for code, row_id in connection.execute(wanted.order_by(SequenceRow.id.desc()))}


def _shots(connection: Connection, project_id: uuid.UUID) -> dict[ShotKey, _Stored]:
    wanted = (
        select(SequenceRow.code, Shot.code, Shot.id, Shot.cut_in, Shot.cut_out)
        .join(SequenceRow, SequenceRow.id == Shot.sequence_id)
        .where(Shot.project_id == project_id)
        .order_by(Shot.id.desc())
    )
    return {(row[0].lower(), row[1].lower()): _Stored(*row[2:]) for row in connection.execute(wanted)}


def _insert_version(connection: Connection, cut_id: uuid.UUID, number: int, new: NewCut) -> uuid.UUID:
    document = new.document
    insert_content(connection, new.content_checksum, new.media_type, new.content)
    version_id = uuid7()
    connection.execute(
        insert(CutVersion).values(
            id=version_id,
            cut_id=cut_id,
            number=number,
            checksum=new.checksum,
            source=new.source,
            stored=new.content_checksum,
            rate_num=document.rate.numerator,
            rate_den=document.rate.denominator,
            start_frame=document.start_frame,
            duration=document.duration,
            facts={
                "format": document.format,
                "name": document.name,
                "notes": list(document.notes[:100]),
                **({"drop_frame": True} if document.drop_frame else {}),
            },
        )
    )
    return version_id


def _insert_clips(
    connection: Connection, version_id: uuid.UUID, new: NewCut, shots: Mapping[ShotKey, uuid.UUID]
) -> None:
    rows = [
        _clip_values(clip, new.handles, shots) | {"id": uuid7(), "cut_version_id": version_id, "position": position}
        for position, clip in enumerate(new.clips, start=1)
    ]
    insert_many(connection, CutClip, rows)


def _clip_values(new: NewClip, handles: int, shots: Mapping[ShotKey, uuid.UUID]) -> dict[str, Any]:
    clip = new.document
    head, tail = _handles(clip, handles)
    return {
        "shot_id": shots[_key(new.shot)] if new.shot else None,
        "name": clip.name,
        "track": clip.track,
        "path": list(clip.path),
        "media": new.media,
        "media_state": new.state,
        "source_in": clip.source_in,
        "source_out": clip.source_out,
        "record_in": clip.record_in,
        "record_out": clip.record_out,
        "available_in": clip.available_in,
        "available_out": clip.available_out,
        "handle_in": head,
        "handle_out": tail,
        "rate_num": clip.rate.numerator,
        "rate_den": clip.rate.denominator,
        "speed": clip.speed,
        "transition_in": _fade(clip.fade_in),
        "transition_out": _fade(clip.fade_out),
        "enabled": clip.enabled,
        "facts": _facts(new),
    }


def _handles(clip: ClipDocument, wanted: int) -> tuple[int, int]:
    """Frames before and after the source range: as many as wanted or as a transition needs, if there are so many."""
    head, tail = max(wanted, clip.head), max(wanted, clip.tail)
    if clip.available_in is None or clip.available_out is None:
        return head, tail
    step = max(1, clip.step)
    before = max(0, clip.source_in - clip.available_in) // step
    after = max(0, clip.available_out - clip.source_out) // step
    return min(head, before), min(tail, after)


def _fade(fade: Fade | None) -> dict[str, Any] | None:
    return None if fade is None else {"type": fade.type, "before": fade.before, "after": fade.after}


def _facts(new: NewClip) -> dict[str, Any]:
    clip = new.document
    known: dict[str, Any] = {
        "reel": clip.reel,
        "marks": list(clip.marks),
        "colourspace": clip.colourspace,
        "cdl": clip.cdl.model_dump(mode="json") if clip.cdl else None,
        "flags": list(clip.flags),
        "step": 0 if clip.step == 1 else clip.step,
        "media": "still" if clip.link is LinkKind.STILL else "",
        "rule": new.shot.rule if new.shot else "",
        "version": new.shot.version if new.shot else "",
    }
    return {name: value for name, value in known.items() if value}


def _event(new: NewCut, number: int, made: int) -> dict[str, Any]:
    return {
        "actor": new.user,
        "host": socket.gethostname()[:128],
        "verb": "ingest",
        "subject": f"{new.project}:cut/{new.cut}",
        "facts": {"version": number, "clips": len(new.clips), "new_shots": made, "content": new.content_checksum},
    }
