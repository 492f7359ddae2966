"""What an ftrack server has in its database, and the operations on it. A batch happens whole or not at all."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from .language import QueryError, read_query
from .schema import CHILDREN, attributes, key_of, kinds, schemas

Row = dict[str, Any]
LOCATIONS = {
    "ftrack.origin": "ce9b348f-8809-11e3-821c-20c9d081909b",
    "ftrack.unmanaged": "cb268ecc-8809-11e3-a7e2-20c9d081909b",
    "ftrack.review": "cd41be70-8809-11e3-b98a-20c9d081909b",
    "ftrack.server": "3a372bde-05bc-11e4-8908-20c9d081909b",
}


class RefusedError(Exception):
    """The server's own errors: their class, as clients see it, and their text."""

    def __init__(self, sort: str, text: str) -> None:
        super().__init__(text)
        self.sort = sort


class World:
    """Rows by entity type and key; uploads by component."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[str, ...], Row]] = {kind: {} for kind in kinds()}
        self.uploads: dict[str, bytes] = {}
        self.expected: dict[str, str | None] = {}
        self.storage = ""
        self.numbers_itself = False
        self.minutes = 0
        for name, its_id in LOCATIONS.items():
            self.add("Location", id=its_id, name=name)

    def add(self, kind: str, **values: Any) -> str:
        """Put something there; returns its id."""
        made = self._create(kind, {"id": str(uuid.uuid4()), **values} if "id" in attributes(kind) else values)
        return str(made.get("id", ""))

    def rows(self, kind: str) -> list[Row]:
        """All of one kind, subtypes included, in the order they came."""
        return [row for one in (kind, *CHILDREN.get(kind, ())) for row in self.tables[one].values()]

    def one(self, kind: str, **values: Any) -> Row:
        """The only one that has these values."""
        found = [row for row in self.rows(kind) if all(row.get(key) == value for key, value in values.items())]
        assert len(found) == 1, f"{len(found)} {kind} have {values}"
        return found[0]

    def counts(self) -> dict[str, int]:
        """How many there are of what is made by publishing."""
        return {kind: len(rows) for kind, rows in self.tables.items() if rows}

    def now(self) -> Row:
        """A time that goes on by a minute each time it is asked, from 20:00 UTC."""
        self.minutes += 1
        return {"__type__": "datetime", "value": f"2026-11-21T20:{self.minutes % 60:02d}:00+00:00"}

    def run(self, batch: list[Row]) -> list[Any]:
        """Do a batch of operations."""
        asks = all(str(one["action"]).startswith("query") for one in batch)
        before = self.tables if asks else copy.deepcopy(self.tables)
        try:
            return [self._operations()[one["action"]](one) for one in batch]
        except RefusedError:
            self.tables = before
            raise
        except KeyError as error:
            self.tables = before
            raise RefusedError("InternalError", f"cannot do {error}") from error

    def _operations(self) -> dict[str, Callable[[Row], Any]]:
        return {
            "query_server_information": lambda _: {"version": "dev", "schema_hash": "1", "storage_scenario": None},
            "query_schemas": lambda _: schemas(),
            "query": self._query,
            "create": lambda one: {
                "action": "create",
                "data": self._shown(self._create(one["entity_type"], one["entity_data"])),
            },
            "update": lambda one: {"action": "update", "data": self._shown(self._update(one))},
            "delete": self._delete,
            "get_upload_metadata": self._upload,
            "encode_media": self._encode,
        }

    def _create(self, kind: str, given: Row) -> Row:
        row: Row = {"__entity_type__": kind}
        for one in attributes(kind).values():
            if one.is_scalar:
                row[one.name] = None if one.default is None or one.default == "uid" else json.loads(one.default)
        self._fill(kind, row, given)
        lacking = [one.name for one in attributes(kind).values() if one.required and row.get(one.name) is None]
        if lacking:
            raise RefusedError("ValidationError", f"{kind} lacks {', '.join(lacking)}")
        key = tuple(str(row[name]) for name in key_of(kind))
        if any(key in self.tables[other] for other in self._family(kind)):
            raise RefusedError("IntegrityError", f"Duplicate entry {key} for {kind}")
        if kind == "AssetVersion" and (row["version"] is None or self.numbers_itself):
            row["version"] = 1 + max((one["version"] for one in self._versions(row["asset_id"])), default=0)
        if kind == "ContextCustomAttributeValue":
            row["key"] = self.one("CustomAttributeConfiguration", id=row["configuration_id"])["key"]
        self.tables[kind][key] = row
        return row

    def _family(self, kind: str) -> set[str]:
        found = {kind}
        for base, children in CHILDREN.items():
            if kind in children:
                found |= {base, *children}
        return found

    def _versions(self, asset: str) -> list[Row]:
        return [row for row in self.tables["AssetVersion"].values() if row["asset_id"] == asset]

    def _fill(self, kind: str, row: Row, given: Row) -> None:
        """Set what a client gave; a reference may be given as itself or as its id."""
        known = attributes(kind)
        for name, value in given.items():
            if name == "__entity_type__":
                continue
            if name not in known:
                raise RefusedError("ValidationError", f"{kind} has no attribute {name}")
            attribute = known[name]
            if attribute.sort == ">":
                row[attribute.key] = value["id"] if value else None
            elif attribute.sort == "&":
                row[name] = [one["id"] for one in value]
            elif attribute.is_scalar:
                row[name] = value
        for one in known.values():
            if one.sort == ">" and row.get(one.key) is not None and self._by_id(one.kind, row[one.key]) is None:
                raise RefusedError("IntegrityError", f"{kind}.{one.key}: there is no {one.kind} {row[one.key]}")

    def _by_id(self, kind: str, its_id: str) -> Row | None:
        found = (self.tables[one].get((its_id,)) for one in (kind, *CHILDREN.get(kind, ())))
        return next((row for row in found if row is not None), None)

    def _find(self, one: Row) -> Row:
        key = tuple(str(part) for part in one["entity_key"])
        for kind in (one["entity_type"], *CHILDREN.get(one["entity_type"], ())):
            if key in self.tables[kind]:
                return self.tables[kind][key]
        raise RefusedError("ValidationError", f"there is no {one['entity_type']} {key}")

    def _update(self, one: Row) -> Row:
        row = self._find(one)
        kind, status = row["__entity_type__"], row.get("status_id")
        fixed = {name for name in one["entity_data"] if name in attributes(kind) and attributes(kind)[name].fixed}
        if fixed:
            raise RefusedError("ValidationError", f"{kind}.{fixed.pop()} cannot be changed")
        self._fill(kind, row, one["entity_data"])
        if kind == "AssetVersion" and row["status_id"] != status:
            self.add("AssetVersionStatusChange", parent_id=row["id"], status_id=row["status_id"], date=self.now())
        return row

    def _delete(self, one: Row) -> Row:
        row = self._find(one)
        kind = row["__entity_type__"]
        del self.tables[kind][tuple(str(row[name]) for name in key_of(kind))]
        return {"action": "delete", "data": True}

    def _shown(self, row: Row) -> Row:
        return {name: value for name, value in row.items() if not isinstance(value, list)}

    def _query(self, one: Row) -> Row:
        try:
            query = read_query(one["expression"])
        except QueryError as error:
            raise RefusedError("ParseError", f"{error}: {one['expression']}") from error
        if query.kind not in self.tables:
            raise RefusedError("ParseError", f"there is no {query.kind}: {one['expression']}")
        rows = [row for row in self.rows(query.kind) if query.test(self._follower(row))]
        for path, descending in reversed(query.order):
            rows = sorted(rows, key=self._sorter(path), reverse=descending)
        end = None if query.limit is None else query.offset + query.limit
        more = end is not None and end < len(rows)
        for path in query.paths if not rows else ():
            self._check(query.kind, path)
        return {
            "action": "query",
            "data": [self._projected(row, query.paths or list(key_of(query.kind))) for row in rows[query.offset : end]],
            "metadata": {"next": {"offset": end if more else None}},
        }

    def _sorter(self, path: str) -> Callable[[Row], str]:
        return lambda row: str(self._follower(row)(path))

    def _check(self, kind: str, path: str) -> None:
        """Whether a kind has what a path names."""
        for name in path.split("."):
            known = attributes(kind)
            if name not in known:
                raise RefusedError("ParseError", f"{kind} has no attribute {name}")
            kind = known[name].kind or kind

    def _follower(self, row: Row | None) -> Callable[[str], Any]:
        """Follows paths from a row."""

        def follow(path: str) -> Any:
            found: Any = row
            *before, last = path.split(".")
            for name in before:
                found = self._step(found, name)
            end = self._step(found, last)
            end = [end] if isinstance(end, dict) and "__entity_type__" in end else end
            return [self._follower(one) for one in end] if isinstance(end, list) else end

        return follow

    def _step(self, row: Row | None, name: str) -> Any:
        if row is None:
            return None
        known = attributes(row["__entity_type__"])
        if name not in known:
            raise RefusedError("ParseError", f"{row['__entity_type__']} has no attribute {name}")
        attribute = known[name]
        if attribute.sort == ">":
            return self._by_id(attribute.kind, row[attribute.key]) if row[attribute.key] else None
        if attribute.sort == "*":
            return [one for one in self.rows(attribute.kind) if one[attribute.key] == row["id"]]
        if attribute.sort == "&":
            return [self._by_id(attribute.kind, its_id) for its_id in row.get(name, [])]
        if attribute.sort == "{}":
            return [one for one in self.rows("Metadata") if one["parent_id"] == row["id"]]
        return row[name]

    def _projected(self, row: Row, paths: list[str]) -> Row:
        """What of a row a query selects, with the keys of all that is on the way."""
        kind = row["__entity_type__"]
        made = {"__entity_type__": kind, **{name: row[name] for name in key_of(kind)}}
        inner: dict[str, list[str]] = {}
        for path in paths:
            name, _, rest = path.partition(".")
            inner.setdefault(name, []).extend([rest] if rest else [])
        for name, rests in inner.items():
            value = self._step(row, name)
            if isinstance(value, list):
                made[name] = [self._projected(one, rests or list(key_of(one["__entity_type__"]))) for one in value]
            elif attributes(kind)[name].sort == ">":
                made[name] = None if value is None else self._projected(value, rests or ["id"])
            else:
                made[name] = value
        return made

    def _upload(self, one: Row) -> Row:
        component = str(one["component_id"])
        if self._by_id("FileComponent", component) is None:
            raise RefusedError("ValidationError", f"there is no component {component}")
        self.expected[component] = one["checksum"]
        headers = {"Content-Type": "application/octet-stream", "Content-MD5": one["checksum"]}
        return {"url": f"{self.storage}/{component}", "headers": headers, "component_id": component}

    def store(self, component: str, content: bytes) -> bool:
        """Keep what was uploaded; whether it is whole."""
        digest = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        if self.expected.get(component) != digest:
            return False
        self.uploads[component] = content
        return True

    def _encode(self, one: Row) -> Row:
        """Encode at once; as on the product, what was uploaded goes away unless it is to be kept."""
        source = str(one["component_id"])
        if source not in self.uploads or not self._is_at(source, "ftrack.server"):
            raise RefusedError("ValidationError", f"component {source} has no content")
        output = self.add("FileComponent", name="ftrackreview-mp4", file_type=".mp4", version_id=one["version_id"])
        said = {"output": [{"format": "video/mp4", "component_id": output}], "source_component_id": source}
        job = self.add("Job", type="encode_media", status="done", data=json.dumps(said))
        if not one["keep_original"]:
            for row in list(self._places(source)):
                self._delete({"entity_type": "ComponentLocation", "entity_key": [row["id"]]})
            self._delete({"entity_type": "FileComponent", "entity_key": [source]})
        return {"job_id": job}

    def _places(self, component: str) -> Iterator[Row]:
        return (row for row in self.tables["ComponentLocation"].values() if row["component_id"] == component)

    def _is_at(self, component: str, location: str) -> bool:
        return any(row["location_id"] == LOCATIONS[location] for row in self._places(component))
