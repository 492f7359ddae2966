"""What the board asks of the database: few statements, each for a whole page. Reads only."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, String, bindparam, cast, func, select

from ...pipeline.store.audit import MOST_ENTITIES
from ...schema.address import LATEST
from ...schema.states import State, VersionState
from ...schema.tables import (
    Event,
    Job,
    JobStep,
    Pointer,
    Product,
    Project,
    PublishedFile,
    Representation,
    Shot,
    TaskRun,
    Version,
)
from ...schema.tables import (
    Sequence as SequenceRow,
)

PICTURES = ("jpg", "jpeg", "png")  # representations that a browser shows
MOST_ASKS = 20_000  # jobs that the board shows, the newest; older ones are found by their handles
OPEN = (State.QUEUED, State.RUNNING, State.BLOCKED)


class Ask(NamedTuple):
    """A submit: which job, of what type, for which shots. ``number`` counts up as time goes on."""

    number: int
    handle: str
    type: str
    name: str
    project: str
    user: str
    entities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as the board shows it, with the counts of its steps."""

    id: uuid.UUID
    handle: str
    type: str
    name: str
    project: str
    user: str
    engine: str
    state: State
    failure: str | None
    created: datetime
    done: int
    failed: int
    tasks: int


class Made(NamedTuple):
    """What a job published for a shot, an asset or a sequence."""

    job: uuid.UUID | None
    entity: str
    product: str
    number: int


@cache
def _asks() -> Any:
    columns = (Event.number, Event.subject, Event.facts, Job.project, Job.name, Job.type, Job.user)
    wanted = select(*columns).join(Job, Job.handle == Event.subject)
    since = bindparam("since", type_=Event.number.type)
    return wanted.where(Event.verb == "submit", Event.number > since).order_by(Event.number.desc()).limit(MOST_ASKS)


def asks_since(connection: Connection, number: int) -> list[Ask]:
    """Jobs that were submitted after an event, oldest first."""
    return [_ask(connection, row) for row in connection.execute(_asks(), {"since": number}).all()][::-1]


def _ask(connection: Connection, row: Any) -> Ask:
    entities = row.facts.get("entities") or []
    if len(entities) >= MOST_ENTITIES:  # the event names no more; the job itself does
        spec = connection.execute(select(Job.spec).where(Job.handle == row.subject)).scalar_one()
        found = {_owner(output["entity"]) for step in spec["steps"] for output in step.get("outputs") or ()}
        entities = sorted(found)
    return Ask(row.number, row.subject, row.type, row.name, row.project, row.user, tuple(entities))


def _owner(entity: dict[str, Any]) -> str:
    return "/".join(part for part in (entity["project"], entity.get("parent"), entity["name"]) if part)


def count_shots(connection: Connection) -> int:
    """How many shots there are in all projects."""
    return int(connection.execute(select(func.count()).select_from(Shot)).scalar_one())


def all_shots(connection: Connection) -> list[str]:
    """Every shot, such as ``demo/sq010/sh010``."""
    wanted = (
        select(Project.code, SequenceRow.code, Shot.code)
        .select_from(Shot)
        .join(SequenceRow, SequenceRow.id == Shot.sequence_id)
        .join(Project, Project.id == Shot.project_id)
    )
    return ["/".join(row) for row in connection.execute(wanted)]


def handles_in(connection: Connection, states: Collection[State]) -> set[str]:
    """Handles of the jobs that are in one of these states."""
    return set(connection.scalars(select(Job.handle).where(Job.state.in_(states))))


def lines_of(connection: Connection, handles: Sequence[str]) -> dict[str, JobLine]:
    """The jobs of these handles, in one statement."""
    columns = (
        Job.id, Job.handle, Job.type, Job.name, Job.project, Job.user, Job.engine, Job.state, Job.failure, Job.created,
    )  # fmt: skip
    counts = [func.coalesce(func.sum(one), 0) for one in (JobStep.done, JobStep.failed, JobStep.tasks)]
    wanted = (
        select(*columns, *counts)
        .outerjoin(JobStep, JobStep.job_id == Job.id)
        .where(Job.handle.in_(handles))
        .group_by(Job.id)
    )
    rows: list[Any] = list(connection.execute(wanted)) if handles else []
    return {row.handle: JobLine(*row[:10], *map(int, row[10:])) for row in rows}


def going(connection: Connection, lines: Collection[JobLine] | None = None) -> dict[uuid.UUID, float]:
    """How far the tasks are that run right now, summed by job: 2 tasks of which each is half done make 1.

    Args:
        connection: to the database.
        lines: the jobs that are asked for; None: all.
    """
    wanted = select(TaskRun.job_id, func.sum(TaskRun.progress)).where(TaskRun.state == State.RUNNING)
    if lines is not None:
        wanted = wanted.where(TaskRun.job_id.in_([line.id for line in lines if not line.state.is_final]))
    return {row[0]: float(row[1] or 0) for row in connection.execute(wanted.group_by(TaskRun.job_id))}


def made_by(connection: Connection, jobs: Collection[uuid.UUID]) -> list[Made]:
    """What these jobs published."""
    wanted = (
        select(Version.job_id, Project.code, Product.entity_path, Product.name, Version.number)
        .select_from(Version)
        .join(Product, Product.id == Version.product_id)
        .join(Project, Project.id == Product.project_id)
        .where(Version.job_id.in_(jobs), Version.state == VersionState.PUBLISHED)
        .order_by(Product.name, Version.number)
    )
    rows = connection.execute(wanted).all() if jobs else []
    return [Made(row[0], f"{row[1]}/{row[2]}", row[3], row[4]) for row in rows]


def pictures_of(connection: Connection, entities: Collection[str]) -> dict[str, str]:
    """The version whose picture stands for each of these shots: its thumbnail, else the newest with a picture."""
    paths = {one.partition("/")[2] for one in entities}
    wanted = (
        select(Project.code, Product.entity_path, Product.name, cast(Version.id, String), Version.published)
        .select_from(Pointer)
        .join(Product, Product.id == Pointer.product_id)
        .join(Project, Project.id == Product.project_id)
        .join(Version, Version.id == Pointer.version_id)
        .join(Representation, Representation.version_id == Version.id)
        .where(Pointer.name == LATEST, Representation.name.in_(PICTURES), Product.entity_path.in_(paths))
    )
    best: dict[str, tuple[tuple[bool, Any], str]] = {}
    for row in connection.execute(wanted).all() if paths else []:
        entity, rank = f"{row[0]}/{row[1]}", (row[2] == "thumbnail", row[4])
        if entity not in best or best[entity][0] < rank:
            best[entity] = (rank, str(uuid.UUID(row[3])))
    return {entity: best[entity][1] for entity in best if entity in entities}


def count_states(connection: Connection, project: str = "") -> dict[str, int]:
    """How many jobs are in each state, in all or of a project."""
    wanted = select(Job.state, func.count()).group_by(Job.state)
    rows = connection.execute(wanted.where(Job.project == project) if project else wanted).all()
    found = {row[0].value: int(row[1]) for row in rows}
    return {state.value: found.get(state.value, 0) for state in State}


def open_handles(connection: Connection) -> list[str]:
    """Handles of the jobs that have not ended."""
    return list(connection.scalars(select(Job.handle).where(Job.state.in_(OPEN))))


def picture_of(connection: Connection, version_id: uuid.UUID) -> uuid.UUID | None:
    """The file of a version that a browser can show: of a sequence the first frame."""
    wanted = (
        select(PublishedFile.id)
        .join(Representation, Representation.id == PublishedFile.representation_id)
        .join(Version, Version.id == Representation.version_id)
        .where(Version.id == version_id, Version.state == VersionState.PUBLISHED, Representation.name.in_(PICTURES))
        .order_by(Representation.name, PublishedFile.frame, PublishedFile.path)
        .limit(1)
    )
    return connection.execute(wanted).scalar()


class FilePlace(NamedTuple):
    """Where a published file lies below the folder of all projects, and what it is."""

    project: str
    folder: str
    path: str
    representation: str
    size: int
    checksum: str


def place_of(connection: Connection, file_id: uuid.UUID) -> FilePlace | None:
    """Where a published file lies; None: there is none of this id."""
    wanted = (
        select(
            Project.code, Version.folder, PublishedFile.path, Representation.name, PublishedFile.size,
            PublishedFile.checksum,
        )
        .select_from(PublishedFile)
        .join(Representation, Representation.id == PublishedFile.representation_id)
        .join(Version, Version.id == Representation.version_id)
        .join(Product, Product.id == Version.product_id)
        .join(Project, Project.id == Product.project_id)
        .where(PublishedFile.id == file_id, Version.state == VersionState.PUBLISHED)
    )  # fmt: skip
    row = connection.execute(wanted).first()
    return None if row is None else FilePlace(*row)


class FileLine(NamedTuple):
    """A published file in a list."""

    id: uuid.UUID
    name: str
    representation: str
    frame: int | None
    size: int
    checksum: str


def files_of(connection: Connection, version_id: uuid.UUID, *, offset: int, limit: int) -> tuple[int, list[FileLine]]:
    """Files of a version by representation and frame, and how many there are."""
    mine = (
        select(
            PublishedFile.id, PublishedFile.path, Representation.name, PublishedFile.frame, PublishedFile.size,
            PublishedFile.checksum,
        )
        .join(Representation, Representation.id == PublishedFile.representation_id)
        .where(Representation.version_id == version_id)
    )  # fmt: skip
    count = connection.execute(select(func.count()).select_from(mine.subquery())).scalar_one()
    page = mine.order_by(Representation.name, PublishedFile.frame, PublishedFile.path).offset(offset).limit(limit)
    return int(count), [FileLine(*row) for row in connection.execute(page)]


def known_version(connection: Connection, version_id: uuid.UUID) -> bool:
    """Whether there is a published version of this id."""
    wanted = select(Version.id).where(Version.id == version_id, Version.state == VersionState.PUBLISHED)
    return connection.execute(wanted).first() is not None


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """Sorted, each once."""
    return tuple(sorted(set(values)))
