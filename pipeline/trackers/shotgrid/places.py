"""Where things are on a site: projects, entities, tasks, people and versions, by our names or as a pull has said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ....schema.errors import TargetRefusedError
from ....schema.media import EntityKind, EntityRef
from ...outbox.letter import Publication
from .section import FindBy, ShotGridSection
from .site import Filter, Row, Site, link

KINDS = {EntityKind.SHOT: "Shot", EntityKind.ASSET: "Asset", EntityKind.SEQUENCE: "Sequence"}
ID_TYPES = ("Version", "PublishedFile", "Note")
MAX_NEAR = 12
VERSION_FIELDS = ("code", "project", "entity", "sg_task", "sg_status_list")


@dataclass(frozen=True)
class Place:
    """Whose a version is there, as links."""

    project: Row
    entity: Row
    task: Row | None
    person: Row | None


class Places:
    """Finds rows of a site."""

    def __init__(self, site: Site, section: ShotGridSection) -> None:
        self._site = site
        self._section = section

    @property
    def by_id(self) -> bool:
        """Whether our ids stand in a field of their own."""
        return self._section.find_by is FindBy.ID

    def lacking(self) -> list[str]:
        """The types that have no field for our ids, though they should."""
        if not self.by_id:
            return []
        return [kind for kind in ID_TYPES if self._section.id_field not in self._site.fields(kind)]

    def demand_id_fields(self) -> None:
        """Refuse to tell anything to a site on which it would not be found again."""
        lacking = self.lacking()
        if lacking:
            self._site.forget_fields()
            field = self._section.id_field
            raise TargetRefusedError(
                f"ShotGrid at {self._site.server} has no {field} on {', '.join(lacking)}: what was told is found by it",
                hint=_how_to_make(lacking, field),
            )

    def marked(self, our_id: str) -> Row:
        """The field that says which of our things a new row is."""
        return {self._section.id_field: our_id} if self.by_id else {}

    def is_ours(self, our_id: str, else_by: list[Filter]) -> list[Filter]:
        """Filters that find what ``marked`` has marked; where nothing can be marked, these others."""
        return [[self._section.id_field, "is", our_id]] if self.by_id else else_by

    def is_told(self) -> list[Filter]:
        """Filters of what came from us; none where nothing can be marked."""
        return [[self._section.id_field, "is_not", None]] if self.by_id else []

    def is_not_told(self) -> list[Filter]:
        """Filters of what did not come from us; none where nothing can be marked."""
        return [[self._section.id_field, "is", None]] if self.by_id else []

    def place(self, told: Publication) -> Place:
        """Whose this version is.

        Raises:
            TargetRefusedError: the site does not know the project, the entity or the task.
        """
        project = self._project(told)
        entity = self._entity(told, project)
        return Place(project, entity, self._task(told, entity), self.person(told.author, told.remote))

    def version(self, told: Publication, known: str | None) -> Row | None:
        """The Version that was told of, if the site has it.

        Args:
            told: what it is about.
            known: the Version's id, as far as we know.
        """
        number = _number(known)
        found = self._site.first("Version", [["id", "is", number]], VERSION_FIELDS) if number else None
        if found:
            return found
        if self.by_id:
            return self._site.first("Version", self.is_ours(str(told.id), []), VERSION_FIELDS)
        entity = self._entity(told, self._project(told))
        return self._site.first("Version", [["entity", "is", entity], ["code", "is", told.name]], VERSION_FIELDS)

    def person(self, login: str, remote: Mapping[str, str] | None = None) -> Row | None:
        """Somebody by login; None: the site does not know them."""
        number = _number((remote or {}).get("author"))
        if number:
            return link("HumanUser", number)
        found = self._site.first("HumanUser", [["login", "is", login]])
        return link("HumanUser", found["id"]) if found else None

    def projects(self) -> list[Row]:
        """The projects that the script may see and that are at work."""
        field = self._section.project_field
        return [row for row in self._site.find("Project", [["archived", "is", False]], [field]) if row[field]]

    def _project(self, told: Publication) -> Row:
        number = _number(told.remote.get("project"))
        code = told.entity.project
        if number:
            return link("Project", number)
        found = self._site.first("Project", [[self._section.project_field, "is", code]])
        if found:
            return link("Project", found["id"])
        raise self.unknown_project(code)

    def unknown_project(self, code: str) -> TargetRefusedError:
        """The refusal that names what projects there are."""
        field = self._section.project_field
        names = sorted(str(row[field]) for row in self.projects())
        return TargetRefusedError(
            f"ShotGrid at {self._site.server} has no project whose {field} is {code!r}; it shows {_some(names)}",
            hint="make it there, or let the script see it, then: shotmill outbox retry",
        )

    def _entity(self, told: Publication, project: Row) -> Row:
        entity = told.entity
        kind = KINDS[entity.kind]
        number = _number(told.remote.get("entity"))
        if number:
            return link(kind, number)
        filters: list[Filter] = [["project", "is", project], ["code", "is", entity.name]]
        found = self._site.first(kind, filters + self._parent(entity))
        if found:
            return link(kind, found["id"])
        raise TargetRefusedError(
            f"ShotGrid at {self._site.server} has no {entity.kind} {entity.path} in project {entity.project}",
            hint="make it there, then: shotmill outbox retry",
        )

    def _parent(self, entity: EntityRef) -> list[Filter]:
        if entity.kind is EntityKind.SHOT:
            return [[f"{self._section.sequence_field}.Sequence.code", "is", entity.parent]]
        return [["sg_asset_type", "is", entity.parent]] if entity.kind is EntityKind.ASSET else []

    def _task(self, told: Publication, entity: Row) -> Row | None:
        number = _number(told.remote.get("task"))
        if told.task is None or number:
            return link("Task", number) if number else None
        tasks = self._site.find("Task", [["entity", "is", entity]], ["content"])
        for row in tasks:
            if row["content"] == told.task:
                return link("Task", row["id"])
        names = sorted(str(row["content"]) for row in tasks)
        raise TargetRefusedError(
            f"ShotGrid at {self._site.server} has no task {told.task!r} of {told.entity}; it has {_some(names)}",
            hint="make it there, then: shotmill outbox retry",
        )


def _how_to_make(kinds: list[str], field: str) -> str:
    """What an administrator of the site types, once."""
    name = " ".join(part.capitalize() for part in field.removeprefix("sg_").split("_"))
    lines = "; ".join(f"sg.schema_field_create('{kind}', 'text', '{name}')" for kind in kinds)
    return f'an administrator makes it once: {lines}; or set find_by = "code" in the targets file'


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _some(names: list[str]) -> str:
    if not names:
        return "none"
    return ", ".join(names[:MAX_NEAR]) + (f" and {len(names) - MAX_NEAR} more" if len(names) > MAX_NEAR else "")
