"""What people say on ftrack of our versions: where they stand, and notes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ....schema.states import ReviewState
from ...outbox.pulled import PulledNote, PulledReview, Said
from .section import FtrackSection
from .server import FtrackServer, quoted

OURS = 5  # version of the ids that we choose; ftrack's own, and those of its clients, are of another
BEGINNING = datetime.min.replace(tzinfo=UTC)


def heard(server: FtrackServer, section: FtrackSection, project: str) -> list[Said]:
    """Standings and notes of the versions that we told a project of, in the order in which they came.

    Args:
        server: whom to ask.
        section: says what ftrack's statuses mean.
        project: its id there.
    """
    where = f"asset.parent.project_id is {quoted(project)}"
    versions = [row for row in server.rows("AssetVersion", "id, status.name", where) if _is_ours(row["id"])]
    said: list[Said] = [*_standings(server, section, versions), *_notes(server, [str(row["id"]) for row in versions])]
    return sorted(said, key=lambda one: (one.moved if isinstance(one, PulledReview) else one.created) or BEGINNING)


def _is_ours(remote_id: object) -> bool:
    try:
        return uuid.UUID(str(remote_id)).version == OURS
    except ValueError:
        return False


def _standings(server: FtrackServer, section: FtrackSection, versions: list[Any]) -> Iterator[PulledReview]:
    means = {section.version_status: ReviewState.PENDING} if section.version_status else {}
    means |= {name: ReviewState(standing) for standing, name in section.review_statuses.items()}
    stand = {str(row["id"]): row["status"]["name"] for row in versions if row["status"]}
    judged = {version: means[name] for version, name in stand.items() if name in means}
    changes: dict[str, Any] = {}
    paths = "id, parent_id, date, user.username"
    for row in server.among("AssetVersionStatusChange", paths, ("parent_id", list(judged))):
        version, last = str(row["parent_id"]), changes.get(str(row["parent_id"]))
        if last is None or (_when(last) or BEGINNING) <= (_when(row) or BEGINNING):
            changes[version] = row
    for version, status in judged.items():
        change = changes.get(version)
        yield PulledReview(version, status, _login(change and change["user"]), change and _when(change))


def _notes(server: FtrackServer, versions: list[str]) -> Iterator[PulledNote]:
    """Notes of people; those that we put there are left out."""
    where, paths = 'parent_type is "asset_version"', "id, parent_id, content, date, author.username"
    for row in server.among("Note", paths, ("parent_id", versions), where=where):
        if row["content"] and not _is_ours(row["id"]):
            author = _login(row["author"]) or ""
            version, text = str(row["parent_id"]), str(row["content"])
            yield PulledNote(str(row["id"]), version, author, text, created=_when(row))


def _when(row: Any) -> datetime | None:
    """When it was; the client gives arrow's times."""
    found: datetime | None = row["date"].datetime if row["date"] else None
    return found


def _login(user: Any) -> str | None:
    return str(user["username"]).partition("@")[0] if user else None
