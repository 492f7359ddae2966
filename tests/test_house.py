"""The database stands on both kinds."""

from __future__ import annotations

from sqlalchemy import insert, select

from shotmill.pipeline.store import Database
from shotmill.schema.tables import Project


def test_a_written_project_is_read_back(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(Project).values(code="demo", settings={}, remote={}))
    with database.read() as connection:
        found = connection.execute(select(Project.code, Project.created)).one()
    assert found.code == "demo"
    assert found.created.tzinfo is not None
