"""What is published stays as it is, even for somebody who writes SQL by hand."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.entities import ensure_product
from shotmill.pipeline.store.health import check_database
from shotmill.schema.ids import uuid7
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.states import VersionState
from shotmill.schema.tables import Blob, Event, PublishedFile, Representation, Version, VersionLink

SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")


def put(database: Database, state: VersionState, number: int = 1) -> uuid.UUID:
    version_id = uuid7()
    with database.write() as connection:
        product_id = ensure_product(connection, SHOT, "comp", "image")
        values = {"product_id": product_id, "number": number, "state": state, "key": version_id.hex, "lineage": {}}
        connection.execute(insert(Version).values(id=version_id, author="ann", folder="x", **values))
    return version_id


@pytest.fixture
def published(database: Database) -> uuid.UUID:
    """A published version with a representation, a file, a link, an event and a blob."""
    version_id, source_id, form_id = (
        put(database, VersionState.PUBLISHED, 2),
        put(database, VersionState.PUBLISHED),
        uuid7(),
    )
    with database.write() as connection:
        connection.execute(
            insert(Representation).values(
                id=form_id, version_id=version_id, name="exr", pattern="x", padding=0, facts={}
            )
        )
        values = {"path": "x", "size": 1, "checksum": "0" * 32, "representation_id": form_id}
        connection.execute(insert(PublishedFile).values(id=uuid7(), **values))
        connection.execute(insert(VersionLink).values(version_id=version_id, source_id=source_id))
        connection.execute(insert(Event).values(actor="a", host="h", verb="v", subject="s", facts={}))
        connection.execute(insert(Blob).values(checksum="c", media_type="m", content=b"x"))
    return version_id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE version SET comment = 'better'",
        "UPDATE version SET number = number + 10",
        "UPDATE version SET folder = 'elsewhere'",
        "UPDATE version SET manifest_checksum = '0'",
        "UPDATE version SET state = 'reserved'",
        "DELETE FROM version",
        "UPDATE representation SET colourspace = 'raw'",
        "DELETE FROM representation",
        "UPDATE file SET checksum = '0'",
        "DELETE FROM file",
        "UPDATE version_link SET kind = 'reference'",
        "DELETE FROM version_link",
        "UPDATE event SET actor = 'nobody'",
        "DELETE FROM event",
        "UPDATE blob SET media_type = 'y'",
    ],
)
@pytest.mark.usefixtures("published")
def test_a_published_row_refuses_a_change(database: Database, statement: str) -> None:
    with pytest.raises(IntegrityError, match="never changed once"), database.write() as connection:
        connection.execute(text(statement))


@pytest.mark.usefixtures("published")
def test_a_published_version_may_retire_and_come_back(database: Database) -> None:
    for state in ("retired", "published"):
        with database.write() as connection:
            assert connection.execute(text("UPDATE version SET state = :state"), {"state": state}).rowcount == 2


def test_a_reserved_version_may_change_and_go(database: Database) -> None:
    put(database, VersionState.RESERVED)
    with database.write() as connection:
        connection.execute(text("UPDATE version SET comment = 'x', folder = 'y'"))
        assert connection.execute(text("DELETE FROM version")).rowcount == 1


def test_a_missing_guard_is_a_problem(database: Database) -> None:
    on = "" if database.is_sqlite else " ON event"
    with database.write() as connection:
        connection.execute(text(f"DROP TRIGGER guard_event_delete{on}"))
    assert "add trigger guard_event_delete" in check_database(database).problems[0]
