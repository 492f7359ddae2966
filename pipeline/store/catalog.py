"""What is in the database, for people: projects, shots, versions, lineage, events. Reads only.

``latest`` is a pointer row, so that the newest versions of a whole project cost one row each, however many older
ones there are.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, case, func, literal, select, true

from ...schema.address import APPROVED, LATEST, Address
from ...schema.errors import BadRequestError, NotFoundError
from ...schema.frames import FrameSet
from ...schema.media import EntityKind, Rate
from ...schema.states import VersionState
from ...schema.tables import Pointer, Product, Project, PublishedFile, Representation, Version, VersionLink
from .audit import EventRow, events
from .database import Database
from .productions import ProjectRow, ShotRow, ShotUse, projects, shots

__all__ = [
    "EventRow",
    "FileRow",
    "LineageRow",
    "ProjectRow",
    "RepresentationRow",
    "ShotRow",
    "ShotUse",
    "VersionRow",
    "descendants",
    "events",
    "files",
    "find_version",
    "latest_versions",
    "lineage",
    "path_of",
    "projects",
    "representations",
    "shots",
    "version_by_id",
    "versions",
    "versions_of_job",
]

MAX_LINEAGE = 50
_KINDS = {kind.value: kind for kind in EntityKind}


class VersionRow(NamedTuple):  # a frozen dataclass takes five times as long to make, and pages have thousands
    """One version.

    Attributes:
        entity: path of the shot, asset or sequence, such as ``sq010/sh010``.
        kind: product type, such as ``image``.
        folder: relative to the project's folder.
        holes: frames that were allowed to be missing, as frame text.
    """

    id: uuid.UUID
    project: str
    entity: str
    entity_kind: EntityKind
    product: str
    kind: str
    number: int
    state: VersionState
    author: str
    comment: str
    folder: str
    job_id: uuid.UUID | None
    holes: str | None
    published: datetime | None

    @property
    def address(self) -> str:
        """Such as ``demo:sq010/sh010/thumbnail@v003``."""
        return str(Address(self.project, self.entity, self.product, self.number))


@dataclass(frozen=True, slots=True)
class RepresentationRow:
    """One form of a version. ``pattern`` has ``####`` where the frame number stands."""

    id: uuid.UUID
    name: str
    pattern: str
    frames: FrameSet | None
    missing: FrameSet | None
    colourspace: str | None
    width: int | None
    height: int | None
    pixel_aspect: float | None
    rate: Rate | None
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FileRow:
    """One published file; ``path`` is relative to the version's folder, ``size`` in bytes."""

    path: str
    frame: int | None
    size: int
    checksum: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class LineageRow:
    """A version in another's ancestry. ``user`` is the version that was made from it, ``steps`` how far away."""

    version: VersionRow
    steps: int
    link: str
    user: uuid.UUID


def versions(
    database: Database,
    project: str,
    *,
    entity: str | None = None,
    product: str | None = None,
    limit: int | None = 1000,
) -> list[VersionRow]:
    """Published versions of a project, newest first.

    Args:
        database: where.
        project: code of the project.
        entity: path of one shot, asset or sequence; a sequence's path covers its shots too.
        product: name of one product.
        limit: at most so many; None: all.
    """
    wanted = _versions().where(Project.code == project, Version.state == VersionState.PUBLISHED)
    wanted = _narrowed(wanted, entity, product)
    # Of all versions, the newest come from the index by time; of few products, they are found and sorted. SQLite
    # would walk the index for those too, and an expression keeps it from that.
    when = Version.published if entity is None and product is None else func.coalesce(Version.published, None)
    return _fetch(database, wanted.order_by(when.desc(), Version.id.desc()).limit(limit))


def latest_versions(
    database: Database,
    project: str,
    *,
    entity: str | None = None,
    product: str | None = None,
    pointer: str = LATEST,
) -> list[VersionRow]:
    """The version that each product's pointer shows, by entity and product. Arguments as in ``versions``."""
    shown: Any = Version
    joined = Version.id == Pointer.version_id
    if not database.is_sqlite:
        # One look-up a pointer. PostgreSQL would read all versions instead, to save itself 10,000 look-ups.
        shown = select(Version.__table__).where(joined).limit(1).lateral("shown")
        joined = true()
    chosen: Any = select(*_columns(shown.c if shown is not Version else Version))
    wanted = (
        chosen.select_from(Pointer)
        .join(Product, Product.id == Pointer.product_id)
        .join(Project, Project.id == Product.project_id)
        .join(shown, joined)
        .where(Project.code == project, Pointer.name == pointer)
    )
    return _fetch(database, _narrowed(wanted, entity, product).order_by(Product.entity_path, Product.name))


def versions_in(database: Database, project: str, folders: Sequence[str]) -> list[VersionRow]:
    """Published versions of a project that lie in one of these folders, which are relative to the project's."""
    wanted = _versions().where(Project.code == project, Version.state == VersionState.PUBLISHED)
    return _fetch(database, wanted.where(Version.folder.in_(folders)))


def versions_of_job(database: Database, job_id: uuid.UUID) -> list[VersionRow]:
    """What a job published, by entity and product."""
    with database.read() as connection:
        return [_row(row) for row in connection.execute(_of_job(), {"job": job_id})]


@cache  # whoever waits for a job asks again and again, and making it costs more than asking it
def _of_job() -> Any:
    wanted = _versions().where(Version.job_id == bindparam("job"), Version.state == VersionState.PUBLISHED)
    return wanted.order_by(Product.entity_path, Product.name, Version.number)


def find_version(database: Database, address: Address) -> VersionRow:
    """The published version that an address means; a retired one answers to its number.

    Raises:
        NotFoundError: says which part of the address is not there, and what is.
        BadRequestError: a shot and an asset share the path.
    """
    wanted = _versions().where(
        Project.code == address.project,
        Product.entity_path == address.entity,
        Product.name == address.product,
    )
    if isinstance(address.which, int):
        wanted = wanted.where(Version.number == address.which, Version.state != VersionState.RESERVED)
    else:
        shown = (Pointer.version_id == Version.id) & (Pointer.product_id == Product.id)
        wanted = wanted.join(Pointer, shown).where(Pointer.name == address.which)
    with database.read() as connection:
        rows = connection.execute(wanted).all()
        if not rows:
            raise _not_there(connection, address)
    if len(rows) > 1:
        raise BadRequestError(f"{address} names a shot and an asset; rename one of the two", address=str(address))
    return _row(rows[0])


def version_by_id(connection: Connection, version_id: uuid.UUID) -> VersionRow:
    """The version of this id, whatever its state; within a transaction."""
    return _row(connection.execute(_versions().where(Version.id == version_id)).one())


def representations(database: Database, version_id: uuid.UUID) -> list[RepresentationRow]:
    """The forms of a version, by name."""
    wanted = select(Representation).where(Representation.version_id == version_id).order_by(Representation.name)
    with database.read() as connection:
        rows = connection.execute(wanted).all()
    return [
        RepresentationRow(
            id=row.id,
            name=row.name,
            pattern=row.pattern,
            frames=FrameSet.parse(row.frames) if row.frames else None,
            missing=FrameSet.parse(row.missing) if row.missing else None,
            colourspace=row.colourspace,
            width=row.width,
            height=row.height,
            pixel_aspect=row.pixel_aspect,
            rate=Rate(row.rate_num, row.rate_den) if row.rate_num else None,
            facts=row.facts,
        )
        for row in rows
    ]


def files(database: Database, representation_id: uuid.UUID) -> list[FileRow]:
    """The files of a representation, by frame and path."""
    columns = (PublishedFile.path, PublishedFile.frame, PublishedFile.size, PublishedFile.checksum)
    wanted = (
        select(*columns, PublishedFile.algorithm)
        .where(PublishedFile.representation_id == representation_id)
        .order_by(PublishedFile.frame, PublishedFile.path)
    )
    with database.read() as connection:
        return [FileRow(*row) for row in connection.execute(wanted)]


def path_of(
    database: Database,
    address: Address,
    *,
    projects: Path,
    representation: str | None = None,
) -> Path:
    """The folder of a version, or the file or ``####`` pattern of one of its representations.

    Args:
        database: where.
        address: which version.
        projects: folder of all projects, as ``Settings.projects_folder``.
        representation: such as ``jpg``; None: the folder.

    Raises:
        NotFoundError: no such version or representation; says what there is.
    """
    found = find_version(database, address)
    folder = projects / found.project / found.folder
    if representation is None:
        return folder
    forms = {form.name: form for form in representations(database, found.id)}
    if representation not in forms:
        there = ", ".join(forms) or "none"
        raise NotFoundError(f"{found.address} has no representation {representation!r}; it has {there}")
    return folder / forms[representation].pattern


def lineage(database: Database, version_id: uuid.UUID, *, depth: int = MAX_LINEAGE) -> list[LineageRow]:
    """What a version was made from, and what that was made from: nearest first, each link once.

    Args:
        database: where.
        version_id: whose ancestry.
        depth: how many steps back at most.
    """
    return _ancestry(database, version_id, depth, VersionLink.version_id, VersionLink.source_id)


def descendants(database: Database, version_id: uuid.UUID, *, depth: int = MAX_LINEAGE) -> list[LineageRow]:
    """What was made from a version: nearest first, each link once; ``user`` is the version it was made from."""
    return _ancestry(database, version_id, depth, VersionLink.source_id, VersionLink.version_id)


def _ancestry(database: Database, version_id: uuid.UUID, depth: int, near: Any, far: Any) -> list[LineageRow]:
    begin = select(near.label("user"), far.label("id"), VersionLink.kind, literal(1).label("steps"))
    walked = begin.where(near == version_id).cte("walked", recursive=True)
    onward = select(near, far, VersionLink.kind, walked.c.steps + 1).join(walked, near == walked.c.id)
    walked = walked.union(onward.where(walked.c.steps < depth))
    links = select(walked.c.user, walked.c.id, walked.c.kind, func.min(walked.c.steps).label("steps"))
    nearest = links.group_by(walked.c.user, walked.c.id, walked.c.kind).subquery()
    wanted = _versions().add_columns(nearest.c.steps, nearest.c.kind, nearest.c.user)
    wanted = wanted.join(nearest, nearest.c.id == Version.id).order_by(nearest.c.steps, Version.id)
    with database.read() as connection:
        rows: list[Any] = list(connection.execute(wanted))
    return [LineageRow(_row(row[:-3]), row[-3], row[-2], row[-1]) for row in rows]


def _versions() -> Any:
    """Versions with what names them."""
    chosen: Any = select(*_columns(Version))
    joined = chosen.select_from(Version).join(Product, Product.id == Version.product_id)
    return joined.join(Project, Project.id == Product.project_id)


def _columns(version: Any) -> tuple[Any, ...]:
    """The columns of ``VersionRow``, in the order of its fields."""
    kind = case((Product.shot_id.is_not(None), "shot"), (Product.asset_id.is_not(None), "asset"), else_="sequence")
    return (
        version.id,
        Project.code,
        Product.entity_path,
        kind,
        Product.name,
        Product.kind,
        version.number,
        version.state,
        version.author,
        version.comment,
        version.folder,
        version.job_id,
        version.holes,
        version.published,
    )


def _narrowed(wanted: Select[Any], entity: str | None, product: str | None) -> Select[Any]:
    if entity is not None:
        below = Product.entity_path.startswith(f"{entity}/", autoescape=True)
        wanted = wanted.where((Product.entity_path == entity) | below)
    return wanted if product is None else wanted.where(Product.name == product)


def _fetch(database: Database, wanted: Select[Any]) -> list[VersionRow]:
    with database.read() as connection:
        return [_row(row) for row in connection.execute(wanted).all()]


def _row(row: Any) -> VersionRow:
    return VersionRow._make((*row[:3], _KINDS[row[3]], *row[4:]))


def _not_there(connection: Connection, address: Address) -> NotFoundError:
    """What an address that finds nothing should have said."""
    base = select(Product).join(Project).where(Project.code == address.project)
    names = _texts(connection, base.where(Product.entity_path == address.entity).with_only_columns(Product.name))
    if address.product in names:
        number = select(func.max(Version.number)).select_from(Version).join(Product).join(Project)
        newest = connection.execute(
            number.where(
                Project.code == address.project,
                Product.entity_path == address.entity,
                Product.name == address.product,
                Version.state == VersionState.PUBLISHED,
            )
        ).scalar()
        there = f"its newest is v{newest:03d}" if newest else "nothing of it is published yet"
        if newest and address.which == APPROVED:
            product = str(address).partition("@")[0]
            return NotFoundError(f"nothing of {product} is approved; {there}", hint=f"shotmill notes {product}")
        return NotFoundError(f"there is no {address}; {there}", address=str(address))
    if names:
        return NotFoundError(f"there is no {address}; {address.entity} has {', '.join(names[:10])}")
    hint = f"shotmill versions --project {address.project}"
    return NotFoundError(f"there is no {address}; nothing is published for {address.entity}", hint=hint)


def _texts(connection: Connection, wanted: Select[Any]) -> list[str]:
    found: Iterable[str] = connection.execute(wanted.distinct()).scalars()
    return sorted(found)


def made_from(database: Database, version_id: uuid.UUID) -> dict[str, Any]:
    """What a version's publish wrote down of its making: job, params, inputs, template, colour config, hosts."""
    with database.read() as connection:
        found: dict[str, Any] = connection.execute(select(Version.lineage).where(Version.id == version_id)).scalar_one()
    return found
