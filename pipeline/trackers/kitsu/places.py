"""Where in Kitsu a version belongs: its project, its shot or asset, and the task that is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gazu

from ....schema.errors import TargetRefusedError
from ....schema.media import EntityKind, EntityRef
from ...outbox.letter import Publication
from .section import KitsuSection
from .wire import Wire

Found = Mapping[str, Any]


class Places:
    """Finds what Kitsu calls the things that versions belong to."""

    def __init__(self, section: KitsuSection, wire: Wire) -> None:
        self._section = section
        self._wire = wire
        self._statuses: dict[str, str] = {}

    def task(self, publication: Publication) -> Found:
        """The task that is told of a version.

        Raises:
            TargetRefusedError: there is none; says what there is.
        """
        if publication.task is not None and "task" in publication.remote:
            return self._task_of_id(publication.remote["task"])
        wanted = self._section.type_of_task(publication)
        tasks = self._tasks(publication)
        for task in tasks:
            if task["task_type_name"].casefold() == wanted.casefold():
                return task
        there = ", ".join(sorted(task["task_type_name"] for task in tasks)) or "no task at all"
        raise self._missing(
            f"{publication.entity} has no task {wanted}; it has {there}",
            hint=f"make it in Kitsu, or set task_type or task_types of [{self._wire.name}] in the targets file",
        )

    def task_of_comment(self, comment_id: str) -> Found | None:
        """The task that a comment stands on; None: the comment was deleted."""
        comment = self.comment(comment_id)
        return self._task_of_id(comment["object_id"]) if comment else None

    def comment(self, comment_id: str) -> Found | None:
        """A comment; None: it was deleted. Its ``previews`` are ids alone."""
        found: Found | None = self._wire.look("read its comment", gazu.client.get, f"data/comments/{comment_id}")
        return found

    def status(self, short_name: str) -> str:
        """The id of a status."""
        wanted = short_name.casefold()
        if wanted not in self._statuses:
            every = self._wire.ask("read its statuses", gazu.task.all_task_statuses)
            self._statuses = {status["short_name"].casefold(): status["id"] for status in every}
        if wanted not in self._statuses:
            raise self._missing(
                f"there is no status {short_name!r}; known: {', '.join(sorted(self._statuses))}",
                hint=f"mend status or review of [{self._wire.name}] in the targets file",
            )
        return self._statuses[wanted]

    def _task_of_id(self, task_id: str) -> Found:
        found: Found = self._wire.ask(f"read task {task_id}", gazu.client.get, f"data/tasks/{task_id}")
        return found

    def _tasks(self, publication: Publication) -> list[dict[str, Any]]:
        entity = publication.entity
        entity_id = publication.remote.get("entity") or self._entity_id(entity)
        place = f"{entity.kind.value}s/{entity_id}/tasks"
        tasks: list[dict[str, Any]] = self._wire.ask(f"read the tasks of {entity}", gazu.client.fetch_all, place)
        return tasks

    def _entity_id(self, entity: EntityRef) -> str:
        project = self._project(entity)
        if entity.kind is EntityKind.ASSET:
            return self._asset(project, entity)
        name = entity.parent if entity.kind is EntityKind.SHOT else entity.name
        found = self._first("sequences", {"project_id": project["id"], "name": name})
        if found and entity.kind is EntityKind.SHOT:
            found = self._first("shots/all", {"sequence_id": found["id"], "name": entity.name})
        if not found:
            raise self._missing(
                f"project {entity.project} has no {entity.kind.value} {entity.path}", hint="make it in Kitsu"
            )
        return str(found["id"])

    def _asset(self, project: Found, entity: EntityRef) -> str:
        asked = {"project_id": project["id"], "name": entity.name}
        assets = self._wire.ask("read its assets", gazu.client.fetch_all, "assets/all", asked)
        kinds = {kind["id"]: kind["name"] for kind in self._wire.ask("read its types", gazu.asset.all_asset_types)}
        for asset in assets:
            if kinds.get(asset["entity_type_id"], "").casefold() == entity.parent.casefold():
                return str(asset["id"])
        raise self._missing(f"project {entity.project} has no asset {entity.path}", hint="make it in Kitsu")

    def _project(self, entity: EntityRef) -> Found:
        every: list[dict[str, Any]] = self._wire.ask("read its projects", gazu.project.all_open_projects)
        for project in every:
            if entity.project in {project["code"], project["name"]}:
                return project
        raise self._missing(
            f"there is no open project {entity.project}",
            hint="open it in Kitsu, or put the account of the targets file into its team",
        )

    def _first(self, place: str, asked: dict[str, str]) -> Found | None:
        found: Found | None = self._wire.ask(f"read its {place}", gazu.client.fetch_first, place, asked)
        return found

    def _missing(self, what: str, *, hint: str) -> TargetRefusedError:
        return TargetRefusedError(
            f"{self._wire.name}: in Kitsu at {self._wire.server} {what}", hint=hint, target=self._wire.name
        )
