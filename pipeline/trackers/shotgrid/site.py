"""A ShotGrid site as the tracker speaks to it, whatever carries the words: the client, or Mockgun in a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from ....schema.errors import ShotmillError

Row = dict[str, Any]
Filter = Sequence[Any] | Mapping[str, Any]
MOVIE_FIELD = "sg_uploaded_movie"


class Connection(Protocol):
    """What is used of ``shotgun_api3.Shotgun``."""

    def find(self, entity_type: str, filters: Any, fields: Any = None) -> Any:
        """Rows."""
        ...

    def create(self, entity_type: str, data: Any) -> Any:
        """A new row."""
        ...

    def update(self, entity_type: str, entity_id: int, data: Any) -> Any:
        """Change a row."""
        ...

    def batch(self, requests: Any) -> Any:
        """Several of these at once, all or none."""
        ...

    def schema_field_read(self, entity_type: str) -> Any:
        """The fields of a type."""
        ...

    def upload(self, entity_type: str, entity_id: int, path: str, field_name: str) -> Any:
        """Put a file into a field."""
        ...

    def upload_thumbnail(self, entity_type: str, entity_id: int, path: str) -> Any:
        """Put a picture before a row."""
        ...


class Words(Protocol):
    """Turns what a connection raises into our own errors."""

    def __call__(self, error: Exception, asked: str) -> ShotmillError:
        """The error to raise instead.

        Args:
            error: what the connection raised.
            asked: what was asked of it, for people.
        """
        ...


def link(kind: str, number: int) -> Row:
    """A row as others refer to it."""
    return {"type": kind, "id": number}


def making(kind: str, values: Row) -> Row:
    """The step that makes a row."""
    return {"request_type": "create", "entity_type": kind, "data": values}


def changing(row: Row, values: Row) -> Row:
    """The step that sets fields of a row."""
    return {"request_type": "update", "entity_type": row["type"], "entity_id": row["id"], "data": values}


class Site:
    """A connection whose errors are ours.

    Args:
        connection: to the site.
        server: its address, for people.
        words: turns its errors into ours.
    """

    def __init__(self, connection: Connection, server: str, words: Words) -> None:
        self.connection = connection
        self.server = server
        self._words = words
        self._fields: dict[str, dict[str, Any]] = {}

    def find(self, kind: str, filters: Sequence[Filter], fields: Sequence[str] = ()) -> list[Row]:
        """The rows that pass all filters, oldest first."""
        with self._asked(f"find {kind}"):
            rows: list[Row] = self.connection.find(kind, list(filters), list(fields))
            return sorted(rows, key=lambda row: int(row["id"]))

    def first(self, kind: str, filters: Sequence[Filter], fields: Sequence[str] = ()) -> Row | None:
        """The oldest row that passes all filters."""
        return next(iter(self.find(kind, filters, fields)), None)

    def make(self, kind: str, values: Row) -> int:
        """A new row; its id."""
        with self._asked(f"make a {kind}"):
            return int(self.connection.create(kind, values)["id"])

    def together(self, steps: Sequence[Row]) -> list[Row]:
        """Rows as several steps left them, see ``making`` and ``changing``: all are done or none."""
        kinds = ", ".join(sorted({step["entity_type"] for step in steps}))
        with self._asked(f"make or change {len(steps)} of {kinds}"):
            found: list[Row] = self.connection.batch(list(steps))
            if len(found) != len(steps):
                raise IndexError(f"{len(found)} of {len(steps)} answers")
            return found

    def change(self, kind: str, number: int, values: Row) -> None:
        """Set fields of a row."""
        with self._asked(f"change {kind} {number}"):
            self.connection.update(kind, number, values)

    def upload_movie(self, version: int, path: Path) -> None:
        """Give a Version the movie that is played in the browser."""
        with self._asked(f"upload {path.name} to Version {version}"):
            self.connection.upload("Version", version, str(path), MOVIE_FIELD)

    def upload_thumbnail(self, version: int, path: Path) -> None:
        """Give a Version its picture."""
        with self._asked(f"upload {path.name} to Version {version}"):
            self.connection.upload_thumbnail("Version", version, str(path))

    def fields(self, kind: str) -> dict[str, Any]:
        """The fields that a type has on this site; asked for once."""
        if kind not in self._fields:
            with self._asked(f"read the fields of {kind}"):
                self._fields[kind] = dict(self.connection.schema_field_read(kind))
        return self._fields[kind]

    def forget_fields(self) -> None:
        """Ask for the fields again the next time: somebody may be making one now."""
        self._fields.clear()

    def server_info(self) -> Row:
        """What the site says of itself; empty where the connection is to none."""
        with self._asked("say its version"):
            return dict(getattr(self.connection, "server_info", {}))

    def close(self) -> None:
        """Let go of the connection; the next question opens it again."""
        close = getattr(self.connection, "close", None)
        if close is not None:
            close()

    @contextmanager
    def _asked(self, asked: str) -> Iterator[None]:
        try:
            yield
        except ShotmillError:
            raise
        except Exception as error:  # its own errors, those of two HTTP clients, and what it does not expect in answers
            raise self._words(error, asked) from error
