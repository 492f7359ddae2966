"""A published version on ftrack: everything it needs is made unpublished, and shown to people in the last request."""

from __future__ import annotations

import uuid
from typing import Any

from ....schema.errors import TargetRefusedError
from ...outbox.letter import NAMESPACE, Letter, Publication
from .components import component_rows, ensure_review_media, uploaded
from .finding import AGAIN, Place, named, ourselves, person_of, place_of, task_of
from .section import FtrackSection
from .server import FtrackServer, Row, quoted

VERSION = "version"


def version_id(letter: Letter, told: Publication) -> str:
    """What ftrack calls this version; a note on it can tell, too."""
    return str(uuid.uuid5(NAMESPACE, "/".join((letter.target, f"version:{told.id}", VERSION))))


def ensure_published(server: FtrackServer, section: FtrackSection, letter: Letter, told: Publication) -> str:
    """Make the version known; a second call finds what the first made and adds nothing.

    Returns:
        The id of the AssetVersion.
    """
    version = version_id(letter, told)
    if _is_told(server, version):
        return version
    place = place_of(server, told)
    asset = _asset(server, section, letter.target, told, place)
    task = task_of(server, told, place)
    _version(server, section, told, {"id": version, "asset_id": asset, "task_id": task})
    letter.keep(version)
    server.settle(*(row for form in told.forms for row in component_rows(letter, form, version)))
    thumbnail = uploaded(server, letter, "thumbnail", told.thumbnail) if told.thumbnail else None
    ensure_review_media(server, letter, told, version)
    server.settle(*_note(server, letter, told, version), *_review(server, section, letter, told, place))
    _show(server, section, version, thumbnail=thumbnail, task=task)
    return version


def _is_told(server: FtrackServer, version: str) -> bool:
    """Whether it is published there: the last thing that is done."""
    row = server.first("AssetVersion", "id, is_published", f"id is {quoted(version)}")
    return bool(row and row["is_published"])


def _asset(server: FtrackServer, section: FtrackSection, target: str, told: Publication, place: Place) -> str:
    """Id of the asset that holds all versions of the product; two workers who make it at once make one."""
    ours = str(uuid.uuid5(NAMESPACE, f"{target}/asset/{place.id}/{told.product}"))
    where = f"context_id is {quoted(place.id)} and name is {quoted(told.product)}"
    ids = sorted(str(row["id"]) for row in server.rows("Asset", "id", where))
    if ids:
        return ours if ours in ids else ids[0]
    kind = named(server, "AssetType", section.asset_type_of(told.kind), key="asset_type")
    server.settle(Row("Asset", ours, {"name": told.product, "context_id": place.id, "type_id": kind}))
    return ours


def _version(server: FtrackServer, section: FtrackSection, told: Publication, ids: dict[str, str | None]) -> None:
    """The version with our number, unpublished.

    Raises:
        TargetRefusedError: the number is somebody else's.
    """
    where = f"asset_id is {quoted(str(ids['asset_id']))} and version is {told.number}"
    for row in server.rows("AssetVersion", "id, user.username", where):
        if str(row["id"]) != ids["id"]:
            raise _taken(server, told, row)
    fields: dict[str, Any] = {name: value for name, value in ids.items() if name != "id" and value}
    fields |= {"version": told.number, "comment": told.remark, "is_published": False}
    if author := person_of(server, told.author, told.remote.get("author")):
        fields["user_id"] = author
    if section.version_status:
        fields["status_id"] = named(server, "Status", section.version_status, key="version_status")
    if sources := [source.remote_id for source in told.sources if source.remote_id]:
        fields["uses_versions"] = list(server.among("AssetVersion", "id", ("id", sources)))
    server.settle(Row("AssetVersion", str(ids["id"]), fields))
    row = server.first("AssetVersion", "id, version", f"id is {quoted(str(ids['id']))}")
    if row is None or row["version"] != told.number:
        number = "nothing" if row is None else f"v{row['version']:03d}"
        raise TargetRefusedError(
            f"{server.address} made {number} of {told.address}; it numbers versions by itself",
            hint=f"let {server.user} set version numbers, delete that version, {AGAIN}",
        )


def _taken(server: FtrackServer, told: Publication, row: Any) -> TargetRefusedError:
    by = row["user"]["username"] if row["user"] else "somebody"
    return TargetRefusedError(
        f"{server.address} has a v{told.number:03d} of {told.entity}/{told.product} already, by {by}; "
        "it is not ours and stays as it is",
        hint=f"renumber or delete it there, {AGAIN}",
    )


def _note(server: FtrackServer, letter: Letter, told: Publication, version: str) -> list[Row]:
    """A note with what a component cannot say."""
    lines = [f"Report: {told.report}"] if told.report else []
    lines += [f"Lacks frames {told.holes}"] if told.holes else []
    if not lines:
        return []
    fields = {
        "content": "\n".join((told.address, *lines)),
        "user_id": ourselves(server),
        "parent_id": version,
        "parent_type": "asset_version",
    }
    return [Row("Note", str(letter.remote_uuid("note")), fields)]


def _review(server: FtrackServer, section: FtrackSection, letter: Letter, told: Publication, place: Place) -> list[Row]:
    """The version's place in the review session of its project."""
    if not section.review_session:
        return []
    where = f"project_id is {quoted(place.project)}"
    fields = {
        "review_session_id": named(server, "ReviewSession", section.review_session, where=where, key="review_session"),
        "version_id": version_id(letter, told),
        "name": f"{told.entity.name} {told.product}",
        "description": told.remark,
        "version": f"Version {told.number}",
        "sort_order": 0,
    }
    return [Row("ReviewSessionObject", str(letter.remote_uuid("review")), fields)]


def _show(
    server: FtrackServer, section: FtrackSection, version: str, *, thumbnail: str | None, task: str | None
) -> None:
    """Publish the version there, with its task's new status."""
    changes: list[tuple[Any, dict[str, Any]]] = []
    if task and section.task_status:
        status = named(server, "Status", section.task_status, key="task_status")
        row = server.first("Task", "id, status_id", f"id is {quoted(task)}")
        changes.append((row, {"status_id": status}))
    row = server.first("AssetVersion", "id, is_published, thumbnail_id", f"id is {quoted(version)}")
    changes.append((row, {"is_published": True, **({"thumbnail_id": thumbnail} if thumbnail else {})}))
    server.change(*changes)
