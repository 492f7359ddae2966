"""What Kitsu knows of the open projects: people, sequences, shots, assets and tasks, and what was said there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import gazu

from ....schema.errors import TargetRefusedError
from ....schema.media import Rate
from ....schema.states import ReviewState
from ...outbox.pulled import (
    Pulled,
    PulledAsset,
    PulledPerson,
    PulledProject,
    PulledSequence,
    PulledShot,
    PulledTask,
)
from .said import Listener
from .section import KitsuSection
from .wire import Wire

Row = Mapping[str, Any]


class Known:
    """Reads the production from a Kitsu server, project by project."""

    def __init__(self, section: KitsuSection, wire: Wire) -> None:
        self._section = section
        self._wire = wire

    def read(self, project: str | None) -> Iterator[Pulled]:
        """People, then each project, what is in it and what was said there; ``project`` is its code or name.

        Raises:
            TargetRefusedError: there is no such open project.
        """
        logins: dict[str, str] = {}
        yield from self._people(logins)
        every = self._wire.ask("read its projects", gazu.project.all_open_projects)
        chosen = [row for row in every if project is None or project in {row["code"], row["name"]}]
        if project is not None and not chosen:
            known = ", ".join(sorted(code_of(row) for row in every)) or "none"
            raise TargetRefusedError(
                f"{self._wire.name}: in Kitsu at {self._wire.server} there is no open project {project}",
                hint=f"open there: {known}",
                target=self._wire.name,
            )
        yield from (PulledProject(row["id"], code_of(row), row["name"]) for row in chosen)
        for row in chosen:
            yield from self._inside(row, logins)
            comments = self._rows(row, "comments")
            yield from Listener(self._standings(), logins).said(comments)

    def _standings(self) -> dict[str, ReviewState]:
        """What statuses mean, by their ids."""
        meant = {name.casefold(): ReviewState(standing) for standing, name in self._section.review.items() if name}
        rows = self._wire.ask("read its statuses", gazu.task.all_task_statuses)
        return {row["id"]: meant[row["short_name"].casefold()] for row in rows if row["short_name"].casefold() in meant}

    def _people(self, logins: dict[str, str]) -> Iterator[PulledPerson]:
        """Everybody who has a login; an account that is no admin sees no e-mail addresses, and so knows fewer."""
        rows = self._wire.ask("read its people", gazu.person.all_persons)
        taken: set[str] = set()
        for row in sorted(rows, key=lambda row: str(row["id"])):
            email = row.get("email") or ""
            login = row.get("desktop_login") or email.split("@", maxsplit=1)[0]
            if login in taken:  # two people of one name at two studios
                login = email
            if row.get("is_bot") or not login:
                continue
            taken.add(login)
            logins[row["id"]] = login
            yield PulledPerson(row["id"], login, row["full_name"] or None, email or None)

    def _inside(self, project: Row, logins: Mapping[str, str]) -> Iterator[Pulled]:
        code = code_of(project)
        sequences = self._rows(project, "sequences")
        names = self._sequence_codes(project, sequences)
        yield from (PulledSequence(row["id"], code, names[row["id"]]) for row in sequences)
        shots = [row for row in self._rows(project, "shots") if row["parent_id"] in names]
        yield from (_shot(row, code, names[row["parent_id"]], project["fps"]) for row in shots)
        assets = self._rows(project, "assets")
        kinds = {row["id"]: row["name"] for row in self._wire.ask("read its types", gazu.asset.all_asset_types)}
        yield from (PulledAsset(row["id"], code, kinds[row["entity_type_id"]], row["name"]) for row in assets)
        places = {row["id"]: ("sequence", names[row["id"]]) for row in sequences}
        places |= {row["id"]: ("shot", f"{names[row['parent_id']]}/{row['name']}") for row in shots}
        places |= {row["id"]: ("asset", f"{kinds[row['entity_type_id']]}/{row['name']}") for row in assets}
        yield from self._tasks(project, places, logins)

    def _sequence_codes(self, project: Row, sequences: list[Row]) -> dict[str, str]:
        """What sequences are called here: those of an episode with its name before theirs, which others have too."""
        is_series = project.get("production_type") == "tvshow"
        episodes = {row["id"]: row["name"] for row in self._rows(project, "episodes")} if is_series else {}
        before = {row["id"]: episodes.get(row["parent_id"]) for row in sequences} if is_series else {}
        return {row["id"]: "_".join(filter(None, (before.get(row["id"]), row["name"]))) for row in sequences}

    def _tasks(
        self, project: Row, places: Mapping[str, tuple[str, str]], logins: Mapping[str, str]
    ) -> Iterator[PulledTask]:
        types = {row["id"]: row["name"] for row in self._wire.ask("read its task types", gazu.task.all_task_types)}
        statuses = {
            row["id"]: row["short_name"] for row in self._wire.ask("read its statuses", gazu.task.all_task_statuses)
        }
        for row in self._rows(project, "tasks"):
            if row["entity_id"] not in places:
                continue  # of an episode, an edit or a concept
            kind, path = places[row["entity_id"]]
            yield PulledTask(
                row["id"],
                code_of(project),
                kind,
                path,
                types[row["task_type_id"]],
                statuses.get(row["task_status_id"]),
                next((logins[person] for person in row["assignees"] if person in logins), None),
            )

    def _rows(self, project: Row, kind: str) -> list[Row]:
        place = f"projects/{project['id']}/{kind}"
        rows = self._wire.ask(f"read the {kind} of {project['name']}", gazu.client.fetch_all, place)
        return [row for row in rows if not row.get("canceled")]


def code_of(project: Row) -> str:
    """What a project is called here: its code, or its name where it has none."""
    return str(project["code"] or project["name"])


def _shot(row: Row, project: str, sequence: str, project_rate: object) -> PulledShot:
    facts = row["data"] or {}
    return PulledShot(
        row["id"],
        project,
        sequence,
        row["name"],
        cut_in=_whole(facts.get("frame_in")),
        cut_out=_whole(facts.get("frame_out")),
        rate=_rate(facts.get("fps") or project_rate),
    )


def _whole(value: object) -> int | None:
    """A frame number; people type them, so that any text may stand there."""
    text = str(value).strip()
    return int(text) if text.removeprefix("-").isdecimal() else None


def _rate(value: object) -> Rate | None:
    try:
        return Rate.parse(value)
    except ValueError:
        return None
