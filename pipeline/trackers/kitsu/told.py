"""Telling Kitsu: one comment for each fact, and one preview for each version, whatever was lost on the way.

Kitsu lets no ids be chosen. So each comment ends in the key of its fact, and is looked for by it before one is made; a
version's preview hangs on its comment, so that it is found with it. A publish is several requests there: where one of
them was lost, the next try goes on behind the last one that arrived.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gazu

from ....schema.errors import TargetRefusedError, TargetUnreachableError
from ...outbox.letter import FactKind, Letter, Publication
from ...outbox.pulled import Pulled
from ...outbox.target import Checked
from .known import Known
from .places import Places
from .section import KitsuSection
from .wire import Wire, pause
from .words import comment_text, mark

TAKEN = frozenset({FactKind.PUBLISHED, FactKind.NOTED, FactKind.REVIEWED})
READY, LOST = "ready", frozenset({"broken", "missing"})
FIRST_LOOK_S, LAST_LOOK_S = 0.1, 2.0


class KitsuTarget:
    """A Kitsu server as the delivery worker sees it."""

    def __init__(self, section: KitsuSection, wire: Wire) -> None:
        self._section = section
        self._wire = wire
        self._places = Places(section, wire)

    @property
    def takes(self) -> frozenset[FactKind]:
        """Publishes, notes and reviews; Kitsu has no jobs."""
        return TAKEN

    def ensure(self, letter: Letter) -> str:
        """Have one comment on the fact, with its preview if it is a publish; see ``Target``.

        Returns:
            The comment's id.
        """
        told = letter.publication
        if told is None or letter.kind not in TAKEN:
            raise TargetRefusedError(f"{self._wire.name}: Kitsu is not told of {letter.about}", target=self._wire.name)
        task = self._task(letter, told)
        comment = self._comment(letter, told, task)
        shown = told.movie or told.thumbnail
        if letter.kind is FactKind.PUBLISHED and shown is not None:
            self._show(told, task, comment, shown)
        return str(comment["id"])

    def check(self) -> Checked:
        """Ask who we are, and whether the statuses of the section are there."""
        version = self._wire.ask("say what it is", gazu.client.get_api_version)
        user = self._wire.ask("say who we are", gazu.client.get_current_user)
        projects = self._wire.ask("read its projects", gazu.project.all_open_projects)
        names = [self._section.status, *self._section.review.values()]
        for name in filter(None, names):
            self._places.status(name)
        lines = (
            f"Kitsu {version}",
            f"role {user['role']}{'' if user['role'] == 'admin' else ', which sees no e-mail addresses of people'}",
            f"{len(projects)} open projects: {', '.join(project['name'] for project in projects)}",
            f"statuses {', '.join(dict.fromkeys(filter(None, names)))} are there",
        )
        return Checked(self._wire.server, user.get("email") or user["full_name"], lines)

    def pull(self, project: str | None) -> Iterator[Pulled]:
        """What Kitsu knows of its open projects; see ``Tracker``."""
        return Known(self._section, self._wire).read(project)

    def close(self) -> None:
        """Let go of connections."""
        self._wire.close()

    def _task(self, letter: Letter, told: Publication) -> Mapping[str, Any]:
        """The task to comment on: where the version was told, if that is known."""
        before = letter.remote_id or (letter.remote_version if letter.kind is not FactKind.PUBLISHED else None)
        found = self._places.task_of_comment(before) if before else None
        return found or self._places.task(told)

    def _comment(self, letter: Letter, told: Publication, task: Mapping[str, Any]) -> Mapping[str, Any]:
        """The comment on the fact, made if it is not there."""
        there: list[dict[str, Any]] = self._wire.ask("read its comments", gazu.task.all_comments_for_task, task["id"])
        ours = [comment for comment in there if mark(letter) in (comment["text"] or "")]
        if ours:
            return min(ours, key=lambda comment: str(comment["created_at"]))
        comment: dict[str, Any] = self._wire.ask(
            f"comment on {told.entity}",
            gazu.task.add_comment,
            task["id"],
            self._status(letter) or task["task_status_id"],
            comment=comment_text(letter),
            person=told.remote.get("author") if letter.kind is FactKind.PUBLISHED else None,
        )
        letter.keep(str(comment["id"]))
        return comment

    def _status(self, letter: Letter) -> str | None:
        """The id of the status that the fact brings; None: the task keeps its own."""
        name = ""
        if letter.kind is FactKind.PUBLISHED:
            name = self._section.status
        elif letter.review is not None:
            name = self._section.review.get(letter.review.status, "")
        return self._places.status(name) if name else None

    def _show(self, told: Publication, task: Mapping[str, Any], comment: Mapping[str, Any], shown: Path) -> None:
        """Have one preview on the comment that people can look at."""
        preview = self._preview(told, task, comment)
        if not preview["original_name"]:  # it is set when a file has arrived, and then Kitsu takes no other
            preview = self._wire.ask(
                f"take {shown}",
                gazu.task.upload_preview_file,
                preview["id"],
                str(shown),
                normalize_movie=self._section.normalize_movies,
            )
        self._await(preview, told, shown)
        if self._section.main_preview:
            self._wire.ask("show it on its shot", gazu.task.set_main_preview, preview["id"])

    def _preview(self, told: Publication, task: Mapping[str, Any], comment: Mapping[str, Any]) -> Mapping[str, Any]:
        """The comment's preview, made if it is not there; one that Kitsu could not read makes place for another."""
        for known in comment["previews"]:
            preview_id = known if isinstance(known, str) else known["id"]
            preview: dict[str, Any] = self._wire.ask("read its preview", gazu.files.get_preview_file, preview_id)
            if preview["status"] not in LOST:
                return preview
            self._wire.ask(
                "take a broken preview away",
                gazu.task.remove_preview_from_comment,
                task["id"],
                comment["id"],
                preview_id,
            )
        return self._new_preview(told, task, comment)

    def _new_preview(self, told: Publication, task: Mapping[str, Any], comment: Mapping[str, Any]) -> dict[str, Any]:
        """A preview whose revision is the version's number, or the next one where another has that."""

        def make(**client: Any) -> dict[str, Any]:
            try:
                return gazu.task.create_preview(task["id"], comment["id"], revision=told.number, **client)
            except gazu.exception.ParameterException:  # another product's version on this task has the number
                return gazu.task.create_preview(task["id"], comment["id"], **client)

        return self._wire.ask(f"add a preview to the comment on {told.name}", make)

    def _await(self, preview: Mapping[str, Any], told: Publication, shown: Path) -> None:
        """Wait until Kitsu has made of the file what it shows."""
        began, wait_s = time.monotonic(), FIRST_LOOK_S
        while preview["status"] != READY:
            if preview["status"] in LOST:
                raise self._broken(preview, told, shown)
            if time.monotonic() - began > self._wire.patience.preview_timeout_s:
                raise TargetUnreachableError(
                    f"{self._wire.name}: Kitsu still works on the preview of {told.name}",
                    hint="it is looked at again by itself; see whether its job queue runs",
                    target=self._wire.name,
                )
            pause(wait_s)
            wait_s = min(LAST_LOOK_S, wait_s * 2)
            preview = self._wire.ask("read its preview", gazu.files.get_preview_file, preview["id"])

    def _broken(self, preview: Mapping[str, Any], told: Publication, shown: Path) -> TargetRefusedError:
        why = f"Kitsu calls the preview of {told.name} {preview['status']}: its server could not read or encode {shown}"
        hint = (
            "see zou's log for why; its server needs ffmpeg and ffprobe, and an old ffmpeg fails on silent movies, for"
            f" which normalize_movies = false in [{self._wire.name}] helps; then shotmill outbox retry"
        )
        return TargetRefusedError(f"{self._wire.name}: {why}", hint=hint, target=self._wire.name)
