"""What people say of a version: notes and where it stands, on ftrack."""

from __future__ import annotations

from typing import Any

from ....schema.errors import TargetRefusedError
from ...outbox.letter import Judged, Letter, Publication, Said
from .finding import AGAIN, named, ourselves, person_of
from .publishing import version_id
from .section import FtrackSection
from .server import FtrackServer, Row, quoted


def ensure_noted(server: FtrackServer, letter: Letter, told: Publication, said: Said) -> str:
    """Put a note on the version; its frame stands in its text, and as metadata for programs.

    Returns:
        The note's id.
    """
    version = _version(server, letter, told)
    author = person_of(server, said.author)
    text = said.text if said.frame is None else f"Frame {said.frame}: {said.text}"
    fields: dict[str, Any] = {
        "content": text if author else f"{said.author}: {text}",
        "user_id": author or ourselves(server),
        "parent_id": str(version["id"]),
        "parent_type": "asset_version",
    }
    note = str(letter.remote_uuid("note"))
    if said.frame is not None:
        fields["metadata"] = {"frame": str(said.frame)}
    server.settle(Row("Note", note, fields))
    return note


def ensure_reviewed(
    server: FtrackServer, section: FtrackSection, letter: Letter, told: Publication, judged: Judged
) -> str:
    """Give the version, and its task, the status that the section says.

    Returns:
        The version's id.
    """
    version = _version(server, letter, told)
    changes: list[tuple[Any, dict[str, Any]]] = []
    for entity, key, names in (
        (version, "review_statuses", section.review_statuses),
        (_task(server, version), "review_task_statuses", section.review_task_statuses),
    ):
        name = {str(standing): status for standing, status in names.items()}.get(judged.status)
        if entity is not None and name:
            changes.append((entity, {"status_id": named(server, "Status", name, key=key)}))
    server.change(*changes)
    return str(version["id"])


def _version(server: FtrackServer, letter: Letter, told: Publication) -> Any:
    ours = letter.remote_version or version_id(letter, told)
    row = server.first("AssetVersion", "id, status_id, task_id", f"id is {quoted(ours)}")
    if row is None:
        raise TargetRefusedError(
            f"{server.address} has no version {told.address}: it was deleted there, or never told",
            hint=f"shotmill outbox list; restore it there, {AGAIN}",
        )
    return row


def _task(server: FtrackServer, version: Any) -> Any | None:
    if not version["task_id"]:
        return None
    return server.first("Task", "id, status_id", f"id is {quoted(str(version['task_id']))}")
