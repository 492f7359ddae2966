"""One production in a Kitsu server, the real one or the stand-in, and what stands there afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import gazu
from kitsu_server import ADMIN, ARTIST, PASSWORD, USER, Kitsu

from shotmill.pipeline.outbox.target import Tracker
from shotmill.pipeline.trackers.kitsu import make
from shotmill.schema.media import EntityKind, EntityRef

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class KitsuStudio:
    """A project with ``sq010/sh010``, its tasks Compositing and Lighting, ``Prop/lamp`` with Modeling, and Maya.

    Attributes:
        look: calls one of gazu's functions as an admin.
        tokens: of people who have logged in: zou takes half a second for that.
        opened: closes what was made here.
        maya: her id.
    """

    url: str
    project: str
    maya: str
    look: Callable[..., Any]
    tokens: dict[str, str]
    opened: ExitStack

    @property
    def shot(self) -> EntityRef:
        return EntityRef(kind=EntityKind.SHOT, project=self.project, parent="sq010", name="sh010")

    @property
    def asset(self) -> EntityRef:
        return EntityRef(kind=EntityKind.ASSET, project=self.project, parent="Prop", name="lamp")

    def target(self, user: str = USER, *, password: str = "", timeout_s: float = 20.0, **section: Any) -> Tracker:
        """Kitsu as the worker sees it: with the user's token, or the password if one is given."""
        known = {"user": user, "password": "env:KITSU_PASSWORD"} if password else {"token": "env:KITSU_TOKEN"}
        told = {"server": self.url, **known, **section}
        secrets = {"env:KITSU_PASSWORD": password, "env:KITSU_TOKEN": self.tokens[user]}
        target = make("kitsu", told, lambda reference: secrets[reference], timeout_s)
        self.opened.callback(target.close)
        return target

    def task(self, entity: EntityRef | None = None, kind: str = "Compositing") -> dict[str, Any]:
        """A task as it stands."""
        return next(task for task in self._tasks(entity or self.shot) if task["task_type_name"] == kind)

    def comments(self, entity: EntityRef | None = None, kind: str = "Compositing") -> list[dict[str, Any]]:
        """What was said on a task, the newest first."""
        said: list[dict[str, Any]] = self.look(gazu.task.all_comments_for_task, self.task(entity, kind))
        return said

    def say(self, text: str, status: str) -> str:
        """The id of a comment that Ada makes on the shot's Compositing."""
        (wanted,) = [row for row in self.look(gazu.task.all_task_statuses) if row["short_name"] == status]
        return str(self.look(gazu.task.add_comment, self.task(), wanted, comment=text)["id"])

    def status(self, kind: str = "Compositing") -> str:
        """The short name of a task's status."""
        statuses = {row["id"]: row["short_name"] for row in self.look(gazu.task.all_task_statuses)}
        return str(statuses[self.task(kind=kind)["task_status_id"]])

    def preview(self, comment: dict[str, Any]) -> dict[str, Any]:
        """The only preview of a comment."""
        (known,) = comment["previews"]
        preview: dict[str, Any] = self.look(gazu.files.get_preview_file, known["id"])
        return preview

    def picture_of_shot(self) -> str | None:
        """The id of the preview that stands for the shot."""
        shot = self.look(gazu.client.fetch_one, "shots", self.task()["entity_id"])
        return cast("str | None", shot["preview_file_id"])

    def _tasks(self, entity: EntityRef) -> list[dict[str, Any]]:
        projects = self.look(gazu.project.all_open_projects)
        (project,) = [row for row in projects if row["name"] == self.project]
        kind = f"{entity.kind.value}s"
        rows = self.look(gazu.client.fetch_all, f"projects/{project['id']}/{kind}")
        (found,) = [row for row in rows if row["name"] == entity.name]
        tasks: list[dict[str, Any]] = self.look(gazu.client.fetch_all, f"{kind}/{found['id']}/tasks")
        return tasks


def logged_in(url: str) -> dict[str, str]:
    """Tokens of the accounts that tell and look."""
    client = gazu.client.create_client(url)
    with client.session:
        accounts = {user: {"email": user, "password": PASSWORD} for user in (ADMIN, USER)}
        return {
            user: gazu.client.post("auth/login", account, client=client)["access_token"]
            for user, account in accounts.items()
        }


def _asking(url: str, token: str, opened: ExitStack) -> Callable[..., Any]:
    client = gazu.client.create_client(url, access_token=token)
    opened.enter_context(client.session)
    return lambda function, *given, **more: function(*given, client=client, **more)


class Zou:
    """A real Kitsu, in which productions are made; what they share is asked for once."""

    def __init__(self, url: str, opened: ExitStack) -> None:
        self.url = url
        self.tokens = logged_in(url)
        self._ask = _asking(url, self.tokens[ADMIN], opened)
        self._types = {row["name"]: row["id"] for row in self._ask(gazu.task.all_task_types)}
        self._people = {row["email"]: row["id"] for row in self._ask(gazu.person.all_persons)}
        self._todo = self._ask(gazu.task.get_task_status_by_short_name, "todo")["id"]
        self._prop = self._ask(gazu.asset.get_asset_type_by_name, "Prop")["id"]

    @contextmanager
    def production(self) -> Iterator[KitsuStudio]:
        """A new one."""
        name, maya = f"demo{next(_NUMBERS)}", self._people[ARTIST]
        small = {"resolution": "320x180", "fps": "25"}  # movies are scaled to it
        facts = {"name": name, "production_type": "short", "team": [maya, self._people[USER]], **small}
        project = self._make("projects", facts)
        place = f"projects/{project}"
        sequence = self._make(f"{place}/sequences", {"name": "sq010"})
        data = {"frame_in": 1001, "frame_out": 1010, "fps": "23.976"}
        shot = self._make(f"{place}/shots", {"name": "sh010", "sequence_id": sequence, "data": data})
        asset = self._make(f"{place}/asset-types/{self._prop}/assets/new", {"name": "lamp"})
        self._task(project, shot, "Compositing", [maya])
        self._task(project, shot, "Lighting", [])
        self._task(project, asset, "Modeling", [])
        with ExitStack() as opened:
            yield KitsuStudio(self.url, name, maya, self._ask, self.tokens, opened)

    def _task(self, project: str, entity: str, kind: str, assignees: list[str]) -> None:
        facts = {"project_id": project, "entity_id": entity, "name": "main", "assignees": assignees}
        self._make("tasks", {**facts, "task_type_id": self._types[kind], "task_status_id": self._todo})

    def _make(self, place: str, facts: dict[str, Any]) -> str:
        return str(self._ask(gazu.client.post, f"data/{place}", facts)["id"])


@contextmanager
def in_stand_in(kitsu: Kitsu, url: str) -> Iterator[KitsuStudio]:
    """The same production in a stand-in."""
    todo = kitsu.one("task-status", short_name="todo")["id"]
    maya = kitsu.one("persons", email=ARTIST)
    project = kitsu.add("projects", name="demo", code=None, fps="25", open=True)["id"]
    sequence = kitsu.add("sequences", name="sq010", project_id=project)
    data = {"frame_in": 1001, "frame_out": 1010, "fps": "23.976"}
    entity = {"project_id": project, "preview_file_id": None}
    shot = kitsu.add("shots", name="sh010", parent_id=sequence["id"], data=data, **entity)
    prop = kitsu.one("asset-types", name="Prop")["id"]
    asset = kitsu.add("assets", name="lamp", entity_type_id=prop, **entity)
    for of, kind, assignees in ((shot, "Compositing", [maya["id"]]), (shot, "Lighting", []), (asset, "Modeling", [])):
        facts = {"task_type_id": kitsu.one("task-types", name=kind)["id"], "task_status_id": todo}
        kitsu.add("tasks", project_id=project, entity_id=of["id"], assignees=assignees, **facts)
    tokens = logged_in(url)
    kitsu.asked.clear()
    with ExitStack() as opened:
        yield KitsuStudio(url, "demo", maya["id"], _asking(url, tokens[ADMIN], opened), tokens, opened)
