"""Which jobs there are, and for which shots: kept in memory, as submits are written down once and never changed.

States change and are not kept: they are asked of the database for each page.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import queries
from .queries import Ask

if TYPE_CHECKING:
    from sqlalchemy import Connection

LATE = 500  # events: one of a lower number may become visible after one of a higher, on PostgreSQL
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Wanted:
    """What a page is to show; empty fields let everything through.

    Attributes:
        text: part of a shot's path, or of a job's name or handle; case does not matter.
        types, states: any of them.
    """

    project: str = ""
    sequence: str = ""
    text: str = ""
    types: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    user: str = ""

    @property
    def asks_jobs(self) -> bool:
        """Whether it says something about jobs, so that shots without any do not fit."""
        return bool(self.types or self.states or self.user)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts ``sh9`` before ``sh10``."""
    parts = _DIGITS.split(text.lower())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


@dataclass
class Seen:
    """All submits and all shots, as far as they were looked at.

    Attributes:
        jobs: by handle, oldest first.
        newest: of each shot, by job type, the newest job's handle.
        shots: paths of all shots, and of whatever else jobs are for, in the order of people.
    """

    jobs: dict[str, Ask] = field(default_factory=dict)
    newest: dict[str, dict[str, str]] = field(default_factory=dict)
    shots: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)
    _counted: int = -1
    _last: int = 0
    _lists: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what filters can choose from, once asked for
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, connection: Connection) -> None:
        """Catch up with the database: two statements, and a third where shots were added."""
        with self._lock:
            late = 0 if connection.dialect.name == "sqlite" else LATE
            asks = queries.asks_since(connection, max(0, self._last - late))
            new = [one for one in asks if one.handle not in self.jobs]
            known = self._known
            count = queries.count_shots(connection)
            if count != self._counted:
                known, self._counted = known | set(queries.all_shots(connection)), count
            if new:
                self._take(new)
                known = known.union(*(one.entities for one in new))
            if len(known) != len(self._known):
                self._known = known
                self.shots, self._lists = sorted(known, key=natural), {}

    def _take(self, new: list[Ask]) -> None:
        for one in new:
            self._last = max(self._last, one.number)
        late = bool(self.jobs) and new[0].number < max(one.number for one in self.jobs.values())
        jobs = {**self.jobs, **{one.handle: one for one in new}}
        if late:
            jobs = {one.handle: one for one in sorted(jobs.values(), key=lambda one: one.number)}
        newest = {} if late else {shot: dict(by_type) for shot, by_type in self.newest.items()}
        for one in jobs.values() if late else new:
            for entity in one.entities:
                newest.setdefault(entity, {})[one.type] = one.handle
        self.jobs, self.newest = jobs, newest  # readers have the old ones or the new ones, never half
        self._lists = {}  # and who has just listed the old ones keeps them in a dictionary that nobody reads any more

    def _listed(self, name: str, values: Callable[[], Iterable[str]]) -> tuple[str, ...]:
        lists = self._lists
        if name not in lists:
            lists[name] = queries.distinct(values())
        return lists[name]

    def types(self, project: str = "") -> tuple[str, ...]:
        """Job types that were submitted, in all or for a project."""
        return self._listed(
            f"types {project}", lambda: (one.type for one in self.jobs.values() if project in {"", one.project})
        )

    def users(self) -> tuple[str, ...]:
        """Who submitted."""
        return self._listed("users", lambda: (one.user for one in self.jobs.values()))

    def projects(self) -> tuple[str, ...]:
        """Projects that have shots or jobs."""
        return self._listed(
            "projects",
            lambda: [*(shot.partition("/")[0] for shot in self.shots), *(one.project for one in self.jobs.values())],
        )

    def sequences(self, project: str = "") -> tuple[str, ...]:
        """Sequences, and kinds of assets."""

        def mine() -> Iterator[str]:
            parts = (shot.split("/") for shot in self.shots)
            return (one[1] for one in parts if len(one) > 2 and project in {"", one[0]})  # noqa: PLR2004 - project/sequence/shot

        return self._listed(f"sequences {project}", mine)

    def fitting_shots(self, wanted: Wanted, handles: set[str] | None) -> list[tuple[str, dict[str, str]]]:
        """Shots with their newest jobs by type, those that fit.

        Args:
            wanted: the filter.
            handles: jobs that are in a wanted state; None: any.
        """
        newest = self._of(wanted.user) if wanted.user else self.newest
        return list(self._fitting(wanted, newest, handles))

    def _fitting(
        self, wanted: Wanted, newest: dict[str, dict[str, str]], handles: set[str] | None
    ) -> Iterator[tuple[str, dict[str, str]]]:
        begin, text = _beginning(wanted), wanted.text.lower()
        for shot in self.shots:
            if not _is_below(shot, begin, wanted.sequence) or (text and text not in shot.lower()):
                continue
            shown = newest.get(shot, {})
            if wanted.types:
                shown = {kind: handle for kind, handle in shown.items() if kind in wanted.types}
            fits = bool(shown) if handles is None else not handles.isdisjoint(shown.values())
            if fits or not wanted.asks_jobs:
                yield shot, shown

    def _of(self, user: str) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for one in self.jobs.values():
            if one.user == user:
                for entity in one.entities:
                    found.setdefault(entity, {})[one.type] = one.handle
        return found

    def fitting_jobs(self, wanted: Wanted, handles: set[str] | None) -> list[Ask]:
        """Jobs that fit, newest first. Arguments as of ``fitting_shots``."""
        begin, text = _beginning(wanted), wanted.text.lower()
        return [
            one
            for one in reversed(self.jobs.values())
            if (handles is None or one.handle in handles)
            and wanted.project in {"", one.project}
            and wanted.user in {"", one.user}
            and (not wanted.types or one.type in wanted.types)
            and (not wanted.sequence or any(_is_below(shot, begin, wanted.sequence) for shot in one.entities))
            and (not text or text in one.name.lower() or text in one.handle.lower() or _any(text, one.entities))
        ]


def _any(text: str, entities: tuple[str, ...]) -> bool:
    return any(text in entity.lower() for entity in entities)


def _beginning(wanted: Wanted) -> str:
    """What paths of the project begin with; without one, ``_is_below`` compares the sequence alone."""
    return f"{wanted.project}/" if wanted.project else ""


def _is_below(shot: str, begin: str, sequence: str) -> bool:
    if not shot.startswith(begin):
        return False
    return not sequence or shot.split("/")[1:2] == [sequence]
