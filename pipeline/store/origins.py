"""Where files come from: the published versions that they belong to."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, insert, select

from ...schema.states import VersionState
from ...schema.tables import Product, Project, Version, VersionLink
from .database import Database

AT_ONCE = 500  # folders in one question: SQLite allows some 32,000 values in one, older ones 999


def versions_of_files(database: Database, projects: Path, files: Iterable[Path]) -> list[uuid.UUID]:
    """The published versions that these files lie in, each once, in the order of publishing.

    Args:
        database: where.
        projects: folder of all projects, on this machine.
        files: of any place; most belong to no version.
    """
    root = projects.resolve()
    folders: dict[str, set[str]] = defaultdict(set)
    for file in files:
        path = file.resolve()
        if root in path.parents:
            project, *parts = path.relative_to(root).parts
            folders[project].update("/".join(parts[:depth]) for depth in range(1, len(parts)))
    if not folders:
        return []
    with database.read() as connection:
        return sorted(found for project, names in folders.items() for found in _ask(connection, project, names))


def _ask(connection: Connection, project: str, folders: Iterable[str]) -> Iterator[uuid.UUID]:
    wanted = (
        select(Version.id)
        .select_from(Version)
        .join(Product, Product.id == Version.product_id)
        .join(Project, Project.id == Product.project_id)
        .where(Project.code == project, Version.state == VersionState.PUBLISHED)
    )
    names = sorted(folders)
    for start in range(0, len(names), AT_ONCE):
        yield from connection.execute(wanted.where(Version.folder.in_(names[start : start + AT_ONCE]))).scalars()


def link_sources(connection: Connection, version_id: uuid.UUID, sources: Sequence[uuid.UUID]) -> None:
    """Say which versions a version was made from; those that are not in this database are left out."""
    known = connection.execute(select(Version.id).where(Version.id.in_(sources))).scalars().all() if sources else ()
    if known:
        connection.execute(
            insert(VersionLink),
            [{"version_id": version_id, "source_id": source, "kind": "derived_from"} for source in known],
        )
