"""What ftrack knows of productions."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ....schema.errors import TargetRefusedError
from ....schema.media import Rate
from ...outbox.pulled import Pulled, PulledAsset, PulledPerson, PulledProject, PulledSequence, PulledShot, PulledTask
from .finding import SHOWN, kind_code
from .hearing import heard
from .section import FtrackSection
from .server import FtrackServer, quoted

_log = logging.getLogger(__name__)


@dataclass
class _Seen:
    """What of a project was told already: its entities by id, each with its kind and path."""

    id: str
    code: str
    entities: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def within(self) -> str:
        return f"project_id is {quoted(self.id)}"


def pulled(server: FtrackServer, section: FtrackSection, project: str | None) -> Iterator[Pulled]:
    """People, then projects, sequences, shots, assets and tasks, then what is said of our versions.

    Raises:
        TargetRefusedError: there is no such project.
    """
    people = list(_people(server))
    yield from people
    projects = _projects(server, project)
    yield from projects
    seen = [_Seen(one.remote_id, one.code) for one in projects]
    for one in seen:
        yield from _sequences(server, one)
    for one in seen:
        yield from _shots(server, section, one)
    for one in seen:
        yield from _assets(server, one)
    logins = {person.remote_id: person.login for person in people}
    for one in seen:
        yield from _tasks(server, one, logins)
    for one in seen:
        yield from heard(server, section, one.id)


def _people(server: FtrackServer) -> Iterator[PulledPerson]:
    for row in server.rows("User", "id, username, first_name, last_name, email", "is_active is True"):
        name = f"{row['first_name'] or ''} {row['last_name'] or ''}".strip()
        login = str(row["username"]).partition("@")[0]  # many log in with their address
        yield PulledPerson(str(row["id"]), login, name or None, row["email"] or None)


def _projects(server: FtrackServer, wanted: str | None) -> list[PulledProject]:
    rows = server.rows("Project", "id, name, full_name", 'status is "active"')
    found = [PulledProject(str(row["id"]), str(row["name"]), row["full_name"] or None) for row in rows]
    if wanted is None:
        return found
    chosen = [one for one in found if wanted in {one.code, one.name}]
    if not chosen:
        there = ", ".join(sorted(one.code for one in found)[:SHOWN]) or "none"
        raise TargetRefusedError(f"{server.address} shows {server.user} no active project {wanted!r}; there is {there}")
    return chosen


def _sequences(server: FtrackServer, project: _Seen) -> Iterator[PulledSequence]:
    """Sequences, and whatever else shots lie in, such as episodes."""
    rows = server.rows("Sequence", "id, name", project.within)
    holders = server.rows("Shot", "id, parent_id, parent.name", project.within)
    names = {str(row["id"]): str(row["name"]) for row in rows}
    names |= {str(row["parent_id"]): str(row["parent"]["name"]) for row in holders if row["parent_id"] != project.id}
    for remote_id, name in names.items():
        project.entities[remote_id] = ("sequence", name)
        yield PulledSequence(remote_id, project.code, name)


def _shots(server: FtrackServer, section: FtrackSection, project: _Seen) -> Iterator[PulledShot]:
    rows = server.rows("Shot", "id, name, parent_id", project.within)
    values = _values(server, section, project, rows)
    keys = section.attributes
    for row in rows:
        remote_id, parent = str(row["id"]), str(row["parent_id"])
        if parent not in project.entities:
            _log.warning("shot %s of %s lies in no sequence; it is left out", row["name"], project.code)
            continue
        sequence = project.entities[parent][1]
        project.entities[remote_id] = ("shot", f"{sequence}/{row['name']}")
        # What a shot does not say itself, its sequence and then its project say for it.
        said = values.get(project.id, {}) | values.get(parent, {}) | values.get(remote_id, {})
        yield PulledShot(
            remote_id,
            project.code,
            sequence,
            str(row["name"]),
            cut_in=_frame(said.get(keys.cut_in)),
            cut_out=_frame(said.get(keys.cut_out)),
            handle_in=_frame(said.get(keys.handle_in)),
            handle_out=_frame(said.get(keys.handle_out)),
            rate=_rate(said.get(keys.rate)),
        )


def _values(
    server: FtrackServer, section: FtrackSection, project: _Seen, shots: list[Any]
) -> dict[str, dict[str, object]]:
    """Custom attributes of a project, its sequences and its shots, by id and key."""
    keys = ", ".join(quoted(key) for key in sorted(set(section.attributes.model_dump().values())))
    ids = [project.id, *project.entities, *(str(row["id"]) for row in shots)]
    found: dict[str, dict[str, object]] = {}
    for row in server.among(
        "ContextCustomAttributeValue", "entity_id, key, value", ("entity_id", ids), where=f"key in ({keys})"
    ):
        if row["value"] is not None:
            found.setdefault(str(row["entity_id"]), {})[str(row["key"])] = row["value"]
    return found


def _frame(value: object) -> int | None:
    """A frame number, which ftrack keeps as any number or as text."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def _rate(value: object) -> Rate | None:
    try:
        return None if value is None else Rate.parse(float(str(value)))
    except ValueError:
        return None


def _assets(server: FtrackServer, project: _Seen) -> Iterator[PulledAsset]:
    for row in server.rows("AssetBuild", "id, name, type.name", project.within):
        kind = kind_code(row["type"]["name"] if row["type"] else None)
        project.entities[str(row["id"])] = ("asset", f"{kind}/{row['name']}")
        yield PulledAsset(str(row["id"]), project.code, kind, str(row["name"]))


def _tasks(server: FtrackServer, project: _Seen, logins: dict[str, str]) -> Iterator[PulledTask]:
    rows = server.rows("Task", "id, name, parent_id, status.name", project.within)
    tasks = [row for row in rows if str(row["parent_id"]) in project.entities]
    ids = ("context_id", [str(task["id"]) for task in tasks])
    has: dict[str, list[str]] = {}
    for row in server.among("Appointment", "context_id, resource_id", ids, where='type is "assignment"'):
        if login := logins.get(str(row["resource_id"])):
            has.setdefault(str(row["context_id"]), []).append(login)
    for task in tasks:
        kind, path = project.entities[str(task["parent_id"])]
        status = task["status"]["name"] if task["status"] else None
        assignee = min(has.get(str(task["id"]), []), default=None)
        yield PulledTask(str(task["id"]), project.code, kind, path, str(task["name"]), status, assignee)
