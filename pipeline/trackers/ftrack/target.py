"""ftrack as a target of the outbox, and as a place that productions are pulled from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from ....schema.errors import TargetRefusedError
from ...outbox.letter import FactKind, Letter
from ...outbox.pulled import Pulled
from ...outbox.sections import read_section
from ...outbox.target import Checked, SecretReader
from .publishing import ensure_published
from .pulling import pulled
from .reviewing import ensure_noted, ensure_reviewed
from .section import FtrackSection
from .server import FtrackServer, connected, quoted


class FtrackTarget:
    """One ftrack server. Each call has a session of its own.

    Args:
        section: its settings.
        key: the API key.
        timeout_s: how long one request may take.
    """

    def __init__(self, section: FtrackSection, key: str, timeout_s: float) -> None:
        self._section = section
        self._key = key
        self._timeout_s = timeout_s

    @property
    def takes(self) -> frozenset[FactKind]:
        """Published versions and notes; standings, where the section says what ftrack calls them."""
        says = self._section.review_statuses or self._section.review_task_statuses
        return frozenset({FactKind.PUBLISHED, FactKind.NOTED, *([FactKind.REVIEWED] if says else [])})

    def ensure(self, letter: Letter) -> str:
        """See ``Target``."""
        told = letter.publication
        with self._connected() as server:
            match letter:
                case Letter(kind=FactKind.PUBLISHED) if told:
                    return ensure_published(server, self._section, letter, told)
                case Letter(kind=FactKind.NOTED, note=note) if told and note:
                    return ensure_noted(server, letter, told, note)
                case Letter(kind=FactKind.REVIEWED, review=review) if told and review:
                    return ensure_reviewed(server, self._section, letter, told, review)
        raise TargetRefusedError(f"ftrack is not told of {letter.kind.value}, which {letter.about} is about")

    def check(self) -> Checked:
        """See ``Target``."""
        with self._connected() as server:
            user = server.first("User", "first_name, last_name", f"username is {quoted(server.user)}")
            name = f"{user['first_name'] or ''} {user['last_name'] or ''}".strip() if user else ""
            who = f"{server.user} ({name})" if name else server.user
            return Checked(self._section.server, who, tuple(self._lines(server)))

    def pull(self, project: str | None) -> Iterator[Pulled]:
        """See ``Tracker``."""
        with self._connected() as server:
            yield from pulled(server, self._section, project)

    def close(self) -> None:
        """Nothing is kept open."""

    def _connected(self) -> AbstractContextManager[FtrackServer]:
        return connected(self._section, self._key, self._timeout_s)

    def _lines(self, server: FtrackServer) -> Iterator[str]:
        section = self._section
        yield f"server version {server.session.server_information.get('version')}"
        projects = server.rows("Project", "name", 'status is "active"')
        yield f"shows us {len(projects)} active project{'' if len(projects) == 1 else 's'}"
        statuses = {section.version_status, section.task_status}
        statuses |= {*section.review_statuses.values(), *section.review_task_statuses.values()}
        types = {section.asset_type_of(kind) for kind in ("*", *section.asset_type)}
        for kind, wanted in (("Status", statuses - {""}), ("AssetType", types)):
            there = {str(row["name"]) for row in server.rows(kind, "name")}
            yield from (f"{kind} {name!r}: {'there' if name in there else 'NOT THERE'}" for name in sorted(wanted))


def make(name: str, section: dict[str, Any], secrets: SecretReader, timeout_s: float) -> FtrackTarget:
    """See ``TargetMaker``."""
    read = read_section(FtrackSection, name, section)
    return FtrackTarget(read, secrets(read.key), timeout_s)
