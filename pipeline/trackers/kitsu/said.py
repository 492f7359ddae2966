"""What people say in Kitsu of versions of ours: standings and notes.

Kitsu's statuses are those of tasks: what is said on a task is said of the version that was told there last, until
somebody puts a preview of their own there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ....schema.states import ReviewState
from ...outbox.pulled import PulledNote, PulledReview, Said

Row = Mapping[str, Any]
# The last line of every comment of ours: the version's address, and the key of the fact.
_OURS = re.compile(r"`(?P<address>[^`\n]+)` `(?P<kind>version|note|review):[^`\n]+`\s*\Z")


@dataclass
class _Task:
    """What was said on one task so far.

    Attributes:
        version: the comment on the version that people speak of; None: they speak of something else.
        status: id of the status that the last comment left.
    """

    version: str | None = None
    status: str | None = None
    told: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Listener:
    """Makes of a project's comments what they say of our versions.

    Attributes:
        standings: what statuses mean, by their ids.
        logins: of people, by their ids.
    """

    standings: Mapping[str, ReviewState]
    logins: Mapping[str, str]

    def said(self, comments: Iterable[Row]) -> list[Said]:
        """Every note once, and of each version the last standing, in the order in which they were said.

        Args:
            comments: of one project, the newest first, as Kitsu lists them.
        """
        tasks: dict[str, _Task] = {}
        last: dict[str, tuple[str, Said]] = {}
        oldest_first = list(comments)[::-1]  # the times are whole seconds: comments of one second keep this order
        for row in sorted(oldest_first, key=lambda row: str(row["created_at"])):
            task = tasks.setdefault(row["object_id"], _Task())
            for one in self._heard(row, task):
                key = one.remote_id if isinstance(one, PulledNote) else f"standing of {one.version}"
                last[key] = (str(row["created_at"]), one)
            task.status = row["task_status_id"]
        return [one for _, one in sorted(last.values(), key=lambda said: said[0])]

    def _heard(self, row: Row, task: _Task) -> list[Said]:
        text = row["text"] or ""
        ours = _OURS.search(text)
        if ours is None:
            return self._from_people(row, task, text)
        if ours["kind"] == "version":
            task.version = task.told[ours["address"]] = row["id"]
        elif ours["kind"] == "review" and ours["address"] in task.told:
            # No time: it came from here, where the standing may have moved again since.
            return self._moved(row, task, task.told[ours["address"]], by=None, moved=None)
        return []

    def _from_people(self, row: Row, task: _Task, text: str) -> list[Said]:
        if row["previews"]:
            task.version = None
        if task.version is None:
            return []
        who, when = self.logins.get(row["person_id"], ""), _moment(row["created_at"])
        said = self._moved(row, task, task.version, by=who or None, moved=when)
        if text.strip():
            said.append(PulledNote(row["id"], task.version, who, text.strip(), created=when))
        return said

    def _moved(self, row: Row, task: _Task, version: str, *, by: str | None, moved: datetime | None) -> list[Said]:
        standing = self.standings.get(row["task_status_id"])
        if standing is None or row["task_status_id"] == task.status:  # each comment repeats the task's status
            return []
        return [PulledReview(version, standing, by, moved)]


def _moment(text: str) -> datetime:
    """A time of Kitsu's, which are UTC and do not say so."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
