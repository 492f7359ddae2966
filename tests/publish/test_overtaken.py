"""A publish whose staging is cleaned by another run of the same job, which was done first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from done_jobs import done_job, job_spec, staged, visible
from sqlalchemy import select

from shotmill.pipeline.paths import load_templates
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.draft import drafts_of
from shotmill.pipeline.publish.faults import set_fault
from shotmill.pipeline.publish.register import Origin, Place, register, stage
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.publishing import PublishReport
from shotmill.schema.tables import Product


class Twice:
    """One job that is published by two runs at a time."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self.settings, self.database = settings, database
        self.spec = job_spec()
        self.folder = done_job(folder, self.spec)
        self.place = Place(database, settings.projects_folder, load_templates())

    def publish(self) -> PublishReport:
        return run_publish(self.folder, self.spec, self.settings, self.database)

    def other_run(self) -> None:
        [draft] = drafts_of(self.folder, self.spec)
        register(stage(draft, self.place.project(draft)), self.place, Origin(None, "artist"))

    def other_run_at(self, point: str) -> None:
        def hook(passed: str) -> None:
            if passed == point:
                set_fault(None)
                self.other_run()

        set_fault(hook)


@pytest.fixture
def twice(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Iterator[Twice]:
    yield Twice(settings, sqlite_database, tmp_path / "job")
    set_fault(None)


@pytest.mark.parametrize("point", ["collect:done", "stage:folder", "stage:verified", "stage:folder-synced"])
def test_a_run_whose_staging_was_cleaned_finds_what_the_other_published(point: str, twice: Twice) -> None:
    twice.other_run_at(point)
    report = twice.publish()
    assert (report.outcome, [version.number for version in report.versions]) == ("already published", [1])
    assert (visible(twice.place.projects), staged(twice.place.projects)) == (["v001"], [])
    with twice.database.read() as connection:
        assert connection.scalars(select(Product.next_version)).all() == [2]
