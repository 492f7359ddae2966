"""Jobs of the same inputs."""

from __future__ import annotations

from sqlalchemy import select

from ...schema.ids import JobId
from ...schema.tables import Job
from .database import Database
from .jobs import JobRow, job_by_id


def job_of_key(database: Database, key: str) -> JobRow | None:
    """The job that a submit of these inputs would find; None: it would make a new one."""
    with database.read() as connection:
        found = connection.execute(select(Job.id).where(Job.active_key == key)).scalar()
    return None if found is None else job_by_id(database, JobId(found))
