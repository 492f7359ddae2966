"""Publish runs and receipts in the database, for reports and for people who ask later."""

from __future__ import annotations

import uuid

from sqlalchemy import insert, select

from ...schema.ids import uuid7
from ...schema.publishing import PublishReport
from ...schema.tables import Job, PublishRun
from .database import Database


def record_run(database: Database, report: PublishReport) -> None:
    """Store one run of the publish step."""
    job_id = uuid.UUID(report.job)
    with database.write() as connection:
        known = connection.execute(select(Job.id).where(Job.id == job_id)).first()
        connection.execute(
            insert(PublishRun).values(
                id=uuid7(),
                job_id=job_id if known else None,
                outcome=report.outcome,
                report=report.model_dump(mode="json"),
                started=report.started,
                finished=report.finished,
            )
        )
