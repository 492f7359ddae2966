"""What a ShotGrid site knows of productions."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC

from ...outbox.pulled import (
    Pulled,
    PulledAsset,
    PulledNote,
    PulledPerson,
    PulledProject,
    PulledReview,
    PulledSequence,
    PulledShot,
    PulledTask,
)
from .places import Places
from .publishing import REPORT_OF
from .section import ShotGridSection
from .site import Filter, Row, Site, link

log = logging.getLogger(__name__)
CUT_FIELDS = ("sg_head_in", "sg_cut_in", "sg_cut_out", "sg_tail_out")
NO_TYPE = "asset"


def pull(site: Site, section: ShotGridSection, places: Places, project: str | None) -> Iterator[Pulled]:
    """People and projects, then each project's sequences, shots, assets and tasks, and what was said of our versions.

    Raises:
        TargetRefusedError: there is no such project.
    """
    rows = places.projects()
    if project is not None:
        rows = [row for row in rows if row[section.project_field] == project]
        if not rows:
            raise places.unknown_project(project)
    people = site.find("HumanUser", [["sg_status_list", "is", "act"]], ["login", "name", "email"])
    logins = {row["id"]: row["login"] for row in people if row["login"]}
    for row in people:
        if row["login"]:
            yield PulledPerson(str(row["id"]), row["login"], row["name"], row["email"])
    for row in rows:
        yield PulledProject(str(row["id"]), row[section.project_field])
    for row in rows:
        yield from _Project(site, section, row, logins).everything()
        yield from _said(site, section, places, row, logins)


class _Project:
    """One project; remembers the paths of its entities for its tasks."""

    def __init__(self, site: Site, section: ShotGridSection, row: Row, logins: dict[int, str]) -> None:
        self._site = site
        self._sequence_field = section.sequence_field
        self._code: str = row[section.project_field]
        self._filters: list[Filter] = [["project", "is", link("Project", row["id"])]]
        self._logins = logins
        self._paths: dict[tuple[str, int], str] = {}

    def everything(self) -> Iterator[Pulled]:
        yield from self._sequences()
        yield from self._shots()
        yield from self._assets()
        yield from self._tasks()

    def _rows(self, kind: str, fields: Sequence[str]) -> list[Row]:
        return self._site.find(kind, self._filters, fields)

    def _sequences(self) -> Iterator[PulledSequence]:
        for row in self._rows("Sequence", ["code"]):
            self._paths["Sequence", row["id"]] = row["code"]
            yield PulledSequence(str(row["id"]), self._code, row["code"])

    def _shots(self) -> Iterator[PulledShot]:
        sequence = f"{self._sequence_field}.Sequence.code"
        for row in self._rows("Shot", ["code", sequence, *CUT_FIELDS]):
            if not row[sequence]:
                log.warning("shot left out: it belongs to no sequence project=%s shot=%s", self._code, row["code"])
                continue
            self._paths["Shot", row["id"]] = f"{row[sequence]}/{row['code']}"
            head, cut_in, cut_out, tail = (row[field] for field in CUT_FIELDS)
            yield PulledShot(
                str(row["id"]),
                self._code,
                row[sequence],
                row["code"],
                cut_in=cut_in,
                cut_out=cut_out,
                handle_in=_handle(head, cut_in),
                handle_out=_handle(cut_out, tail),
            )

    def _assets(self) -> Iterator[PulledAsset]:
        for row in self._rows("Asset", ["code", "sg_asset_type"]):
            kind = row["sg_asset_type"] or NO_TYPE
            self._paths["Asset", row["id"]] = f"{kind}/{row['code']}"
            yield PulledAsset(str(row["id"]), self._code, kind, row["code"])

    def _tasks(self) -> Iterator[PulledTask]:
        for row in self._rows("Task", ["content", "entity", "sg_status_list", "task_assignees"]):
            entity = row["entity"] or {}
            path = self._paths.get((entity.get("type", ""), entity.get("id", 0)))
            if path is None:  # of the project itself, of an episode, of what was left out above
                continue
            people = (self._logins.get(person["id"]) for person in row["task_assignees"] or ())
            yield PulledTask(
                str(row["id"]),
                self._code,
                entity["type"].lower(),
                path,
                row["content"],
                row["sg_status_list"],
                next((login for login in people if login), None),
            )


def _said(
    site: Site, section: ShotGridSection, places: Places, project: Row, logins: dict[int, str]
) -> Iterator[PulledReview | PulledNote]:
    """Where our versions stand there, and the notes on them that did not come from us."""
    of_project: Filter = ["project", "is", link("Project", project["id"])]
    ours, others = places.is_told(), places.is_not_told()
    states = section.version_status.states()
    versions = site.find("Version", [of_project, *ours], ["sg_status_list"])
    for row in versions:
        if row["sg_status_list"] in states:
            yield PulledReview(str(row["id"]), states[row["sg_status_list"]])
    known = {row["id"] for row in versions}
    for row in site.find("Note", [of_project, *others], ["subject", "content", "user", "note_links", "created_at"]):
        on = [one["id"] for one in row["note_links"] or () if one["type"] == "Version" and one["id"] in known]
        text = row["content"] or row["subject"] or ""
        if on and text and not (row["subject"] or "").startswith(REPORT_OF):
            author = logins.get((row["user"] or {}).get("id", 0), "")
            created = row["created_at"].astimezone(UTC) if row["created_at"] else None
            yield PulledNote(str(row["id"]), str(on[0]), author, text, created=created)


def _handle(outer: int | None, inner: int | None) -> int | None:
    """Frames between the end of a cut and of its head or tail."""
    return None if outer is None or inner is None else max(abs(inner - outer), 0)
