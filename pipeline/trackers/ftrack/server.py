"""One conversation with an ftrack server: what is asked, made, changed and sent.

What is made has an id of our choosing. So making is: ask which of these are there, make the others. After an answer
that was lost, the same again leaves one of each.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from ....schema.errors import MissingExtraError, TargetRefusedError, TargetUnreachableError
from .section import FtrackSection

# ftrack's own: ids of the locations that each installation has.
UNMANAGED = "cb268ecc-8809-11e3-a7e2-20c9d081909b"
SERVER = "3a372bde-05bc-11e4-8908-20c9d081909b"
BATCH = 500  # rows in a request: 40 kB of ids, and an answer within seconds
BLOCK = 1024 * 1024
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Row:
    """Something that has to be there: its entity type, its id and what it is made with."""

    kind: str
    id: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class FtrackServer:
    """A session; ``address`` and ``user`` are those that it was opened with, ``guard`` turns its errors into ours."""

    session: Any
    address: str
    user: str
    timeout_s: float
    guard: Callable[[], AbstractContextManager[None]]

    def rows(self, kind: str, paths: str, where: str = "") -> list[Any]:
        """Entities of a kind.

        Args:
            kind: such as ``Shot``.
            paths: what of them is fetched, such as ``id, parent.name``; nothing else can be read of them.
            where: what must hold, in ftrack's query language; values in it are ``quoted``.
        """
        with self.guard():
            return list(self.session.query(_query(kind, paths, where)).all())

    def first(self, kind: str, paths: str, where: str) -> Any | None:
        """The first of such entities; see ``rows``."""
        with self.guard():
            return self.session.query(_query(kind, paths, where)).first()

    def among(self, kind: str, paths: str, ids: tuple[str, Sequence[str]], *, where: str = "") -> Iterator[Any]:
        """Entities with one of many ids.

        Args:
            kind: see ``rows``.
            paths: same.
            ids: what is compared with them, and they.
            where: what must hold besides.
        """
        for some in _batches(ids[1]):
            among = f"{ids[0]} in ({', '.join(quoted(one) for one in some)})"
            yield from self.rows(kind, paths, f"{where} and {among}" if where else among)

    def settle(self, *rows: Row) -> None:
        """Make those of the rows that are not there, in their order.

        Raises:
            TargetRefusedError: one cannot be made, and nobody else has made it.
        """
        lacking = self._lacking(rows)
        try:
            self._make(lacking)
        except TargetRefusedError:
            left = self._lacking(lacking)  # another worker may have been faster
            if len(left) == len(lacking):
                raise
            self._make(left)

    def change(self, *changes: tuple[Any, Mapping[str, Any]]) -> None:
        """Set values of entities, all in one request; those that have them already are left alone."""
        with self.guard():
            for entity, values in changes:
                for name, value in values.items():
                    if entity[name] != value:
                        entity[name] = value
        self._commit()

    def send(self, component: str, path: Path) -> None:
        """Upload a file as the content of a component that is there.

        Raises:
            TargetUnreachableError: the file is away just now, with its disk perhaps.
        """
        with _readable(path):
            file = path.open("rb")
        with file:
            with _readable(path):
                checksum, size = _md5(file)
            with self.guard():
                place = self.session.get_upload_metadata(component, path.name, size, checksum)
                url, headers = str(place["url"]), {str(key): str(value) for key, value in place["headers"].items()}
            with self.guard():
                self.put(url, file, headers)

    def put(self, url: str, body: Any, headers: Mapping[str, str]) -> None:
        """Send bytes to a storage. It is not ftrack, and must not see the key: the session is not used."""
        import requests  # noqa: PLC0415 - comes with ftrack's client

        from .session import look_at  # noqa: PLC0415 - same

        with requests.put(url, data=body, headers=dict(headers), timeout=self.timeout_s) as answer:
            if answer.status_code == requests.codes.forbidden:
                raise TargetUnreachableError(f"{self.address} gave a place for uploads that is no longer open")
            look_at(answer)

    def encode(self, component: str, version: str) -> str:
        """Have an uploaded movie made fit for browsers, as review media of a version; the upload goes afterwards.

        Returns:
            The job's id; it is not waited for.
        """
        with self.guard():
            asked = {"action": "encode_media", "component_id": component, "version_id": version, "keep_original": False}
            return str(self.session.call([asked])[0]["job_id"])

    def close(self) -> None:
        """End the session."""
        self.session.close()

    def _lacking(self, rows: Sequence[Row]) -> list[Row]:
        """Those that are not there."""
        kinds: dict[str, list[str]] = {}
        for row in rows:
            kinds.setdefault(row.kind, []).append(row.id)
        there = {
            (kind, str(found["id"])) for kind, ids in kinds.items() for found in self.among(kind, "id", ("id", ids))
        }
        return [row for row in rows if (row.kind, row.id) not in there]

    def _make(self, rows: Sequence[Row]) -> None:
        for some in _batches(rows):
            with self.guard():
                for row in some:
                    self.session.create(row.kind, {"id": row.id, **row.fields})
            self._commit()

    def _commit(self) -> None:
        """Send what is recorded; what was refused is forgotten, else the next commit would send it again."""
        try:
            with self.guard():
                self.session.commit()
        except BaseException:
            self.session.rollback()
            raise


@contextmanager
def connected(section: FtrackSection, key: str, timeout_s: float) -> Iterator[FtrackServer]:
    """A conversation with the section's server; one for each letter, since sessions do not outlive a pause.

    Raises:
        MissingExtraError: the client is not installed.
        TargetUnreachableError, TargetBusyError, TargetRefusedError: the server does not let us in.
    """
    try:
        from .session import ClientSession, as_ours  # noqa: PLC0415 - optional
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"ftrack needs {error.name}, which is not installed", hint="pip install 'shotmill[ftrack]'"
        ) from error

    def guard() -> AbstractContextManager[None]:
        return as_ours(section.server, key)

    with guard():
        session = ClientSession(section.server, section.user, key, timeout_s)
    server = FtrackServer(session, section.server, section.user, timeout_s, guard)
    try:
        yield server
    finally:
        server.close()


def _query(kind: str, paths: str, where: str) -> str:
    asked = f"select {paths} from {kind}"  # noqa: S608 - ftrack's language, where values are quoted
    return f"{asked} where {where}" if where else asked


def quoted(value: str) -> str:
    """A value as ftrack's query language wants it."""
    return json.dumps(value, ensure_ascii=False)


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TargetUnreachableError(
            f"{path} cannot be read ({error.strerror}), so it cannot be uploaded",
            hint="is its disk mounted?",
            path=path,
        ) from error


def _md5(file: BinaryIO) -> tuple[str, int]:
    """A file's MD5 as storages want it, in base 64, and its size in bytes; the file is at its beginning again."""
    digest = hashlib.md5(usedforsecurity=False)
    while block := file.read(BLOCK):
        digest.update(block)
    size = file.tell()
    file.seek(0)
    return base64.b64encode(digest.digest()).decode(), size
