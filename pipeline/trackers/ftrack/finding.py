"""Where a version belongs on ftrack: shot, task, person, status; by remote id where it is known, else by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ....schema.errors import TargetRefusedError
from ....schema.media import EntityKind, EntityRef
from ...outbox.letter import Publication
from .server import FtrackServer, quoted

AGAIN = "then: shotmill outbox retry"
SHOWN = 12  # names in a message
WORDS = {EntityKind.SHOT: "shot", EntityKind.ASSET: "asset build", EntityKind.SEQUENCE: "sequence"}


@dataclass(frozen=True, slots=True)
class Place:
    """The shot, asset build or sequence that a version belongs to."""

    id: str
    project: str


def place_of(server: FtrackServer, told: Publication) -> Place:
    """Where the version belongs.

    Raises:
        TargetRefusedError: ftrack has no such thing, or several.
    """
    known = told.remote.get("entity")
    if known and (row := server.first("TypedContext", "id, project_id", f"id is {quoted(known)}")):
        return Place(str(row["id"]), str(row["project_id"]))
    found = _by_name(server, told.entity)
    if len(found) == 1:
        return Place(str(found[0]["id"]), str(found[0]["project_id"]))
    if found:
        raise TargetRefusedError(
            f"{server.address} has {len(found)} {WORDS[told.entity.kind]}s {told.entity}, and we cannot choose",
            hint=f"rename all but one, {AGAIN}",
        )
    raise _nowhere(server, told.entity)


def _by_name(server: FtrackServer, entity: EntityRef) -> list[Any]:
    project, name = quoted(entity.project), quoted(entity.name)
    where = f"name is {name} and (project.name is {project} or project.full_name is {project})"
    match entity.kind:
        case EntityKind.SHOT:
            parent = f"parent.name is {quoted(entity.parent)}"
            return server.rows("Shot", "id, project_id", f"{where} and {parent}")
        case EntityKind.SEQUENCE:
            return server.rows("Sequence", "id, project_id", where)
        case EntityKind.ASSET:
            rows = server.rows("AssetBuild", "id, project_id, type.name", where)
            return [row for row in rows if kind_code(row["type"]["name"]) == entity.parent.lower()]


def _nowhere(server: FtrackServer, entity: EntityRef) -> TargetRefusedError:
    name = quoted(entity.project)
    if server.first("Project", "id", f"name is {name} or full_name is {name}") is None:
        return TargetRefusedError(
            f"{server.address} has no project {entity.project!r}, or does not show it to {server.user}",
            hint=f"make it there or let {server.user} see it, {AGAIN}",
        )
    return TargetRefusedError(
        f"{server.address} has no {WORDS[entity.kind]} {entity.path!r} in project {entity.project!r}",
        hint=f"make it there, or rename it, {AGAIN}",
    )


def kind_code(name: str | None) -> str:
    """Our word for a type of asset build: ``Matte Painting`` is ``matte_painting``."""
    return re.sub(r"[^a-z0-9_.-]+", "_", (name or "asset").lower()).strip("_.-") or "asset"


def task_of(server: FtrackServer, told: Publication, place: Place) -> str | None:
    """Id of the task that the version belongs to; None: ftrack has none."""
    known = told.remote.get("task")
    if known and (row := server.first("Task", "id", f"id is {quoted(known)}")):
        return str(row["id"])
    if not told.task:
        return None
    row = server.first("Task", "id", f"parent_id is {quoted(place.id)} and name is {quoted(told.task)}")
    return str(row["id"]) if row else None


def person_of(server: FtrackServer, login: str, known: str | None = None) -> str | None:
    """Id of the user with this login, or whose name there is an address that starts with it."""
    wanted = quoted(f"{login}@%")
    either = f"username is {quoted(login)} or username like {wanted}"
    asked = f"id is {quoted(known)} or {either}" if known else either
    rows = server.rows("User", "id, username", asked)
    ids = {str(row["id"]) for row in rows if known and str(row["id"]) == known}
    ids = ids or {str(row["id"]) for row in rows if str(row["username"]) == login}
    ids = ids or {str(row["id"]) for row in rows if str(row["username"]).startswith(f"{login}@")}
    return min(ids) if ids else None


def ourselves(server: FtrackServer) -> str:
    """Id of the user whose key we have."""
    found = person_of(server, server.user)
    if found is None:
        raise TargetRefusedError(f"{server.address} lets {server.user} in, but shows no such user")
    return found


def named(server: FtrackServer, kind: str, name: str, *, where: str = "", key: str) -> str:
    """Id of the one of this kind and name.

    Args:
        server: whom to ask.
        kind: such as ``Status``.
        name: as the targets file has it.
        where: what must hold besides; as a query has it.
        key: of the targets file, to be mended where there is none.

    Raises:
        TargetRefusedError: says which there are.
    """
    rows = server.rows(kind, "id, name", where)
    ids = {str(row["name"]): str(row["id"]) for row in rows}
    if name in ids:
        return ids[name]
    there = ", ".join(sorted(ids)[:SHOWN]) or "none"
    raise TargetRefusedError(
        f"{server.address} has no {kind} {name!r}; there is {there}", hint=f"mend {key!r} in the targets file, {AGAIN}"
    )
