"""Several people, and a farm, that do something to one job at a time."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from engine_studio import Studio
from meanwhile import meanwhile
from sim_farm import SimFarm
from sqlalchemy import event

from shotmill.farm_plugins.farm_engine import FarmEngine
from shotmill.farm_plugins.submission import SubmitRequest, Submitted, submit
from shotmill.farm_plugins.task import TaskRequest, run_task
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.records import keep_record
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import attempts_of
from shotmill.schema.attempts import AttemptRecord
from shotmill.schema.errors import EngineUnreachableError
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec
from shotmill.schema.states import State

NOW = datetime.now(UTC)


class Meanwhile(SimFarm):
    """A farm at which something happens while it makes a job."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.acts: list[Callable[[], object]] = []

    def launch(self, spec: JobSpec, bundle: Path) -> str:
        name = super().launch(spec, bundle)
        while self.acts:
            self.acts.pop()()
        return name


class Crew:
    """Two people at one farm, each with a connection of their own."""

    def __init__(self, studio: Studio) -> None:
        self.studio, self.farm = studio, Meanwhile(studio.settings)
        self.databases = [Database(studio.settings.database_url) for _ in range(2)]
        self.artist, self.wrangler = (FarmEngine(self.farm, studio.settings, one) for one in self.databases)

    def submit(self, token: str, **params: object) -> Submitted:
        request = SubmitRequest("trial", params=params, project="demo", token=token)
        return submit(request, settings=self.studio.settings, database=self.databases[0], engine=self.artist)

    def before(self, statement: str, act: Callable[[], object]) -> None:
        """Do something once, just before the wrangler's database is told this."""
        acts = [act]

        def look(_connection: Any, _cursor: Any, told: str, *_more: Any) -> None:
            if told.startswith(statement) and acts:
                acts.pop()()

        event.listen(self.databases[1].engine, "before_cursor_execute", look)


@pytest.fixture
def crew(embedded: Studio) -> Iterator[Crew]:
    made = Crew(embedded)
    yield made
    for database in made.databases:
        database.dispose()


def test_a_job_that_is_cancelled_while_the_farm_makes_it_ends_there(crew: Crew) -> None:
    token = uuid.uuid4()
    crew.farm.acts = [lambda: crew.wrangler.cancel(token)]
    crew.submit(str(token))
    assert crew.farm.jobs[f"sim-{token}"].killed
    assert crew.wrangler.status(token).state is State.CANCELLED


def test_a_job_that_the_farm_makes_while_it_is_cancelled_ends_there(crew: Crew) -> None:
    token = uuid.uuid4()
    away = EngineUnreachableError("the farm is away")

    def lose() -> None:
        raise away

    crew.farm.acts = [lose]
    with pytest.raises(EngineUnreachableError):
        crew.submit(str(token))
    crew.before("BEGIN IMMEDIATE", lambda: crew.submit(str(token)))
    crew.wrangler.cancel(token)
    assert crew.farm.jobs[f"sim-{token}"].killed


def test_an_attempt_that_two_people_hear_of_at_once_is_stored_once(crew: Crew) -> None:
    made = crew.submit("", retries=3)
    record = AttemptRecord(
        job=str(made.job.id), step="work", frames=FrameSet.parse("1"), attempt="001-a", number=1, host="h", exit_code=1,
        failure_code="E310", failure="SHOTMILL E310 task-failed", started=NOW, finished=NOW,
    )  # fmt: skip
    keep_record(JobFolder(Path(made.job.folder)), record)
    crew.before("BEGIN IMMEDIATE", lambda: crew.artist.reconcile(made.job.id, at_once=True))
    crew.wrangler.reconcile(made.job.id, at_once=True)
    assert len(attempts_of(crew.databases[0], made.job.id)) == 1


def unsound(crew: Crew, *, content: bytes) -> uuid.UUID:
    """A job whose publish was refused, as the receipt of frame 2 has this content."""
    made = crew.submit("", frames="1-3", publish=True, retries=0)
    folder = JobFolder(Path(made.job.folder))
    for _ in range(3):
        crew.farm.turn(f"sim-{made.job.id}")
    folder.receipt("work", FrameSet.parse("2")).write_bytes(content)
    crew.farm.turn(f"sim-{made.job.id}")
    assert crew.artist.status(made.job.id).state is State.FAILED
    return made.job.id


def test_a_receipt_that_cannot_be_read_is_written_again_by_a_retry(crew: Crew) -> None:
    job = unsound(crew, content=b"{")
    assert crew.artist.retry(job) == 2
    while crew.farm.turn(f"sim-{job}"):
        continue
    assert crew.artist.reconcile(job, at_once=True)
    assert crew.artist.status(job).state is State.SUCCEEDED


def test_two_people_may_retry_a_job_at_once(crew: Crew) -> None:
    job = unsound(crew, content=b"{")
    [bad] = crew.studio.settings.jobs_folder.rglob("receipts/*/2.json")
    with meanwhile(bad.unlink, before="unlink", fits=str(bad).__eq__):
        assert crew.artist.retry(job) == 2


def test_an_attempt_whose_files_another_one_took_away_is_done(crew: Crew) -> None:
    made = crew.submit("")
    folder = JobFolder(Path(made.job.folder))
    request = TaskRequest(folder.bundle, "work", FrameSet.parse("1"))

    def other() -> None:
        [mine] = folder.root.glob("attempts/*/1/*/")
        assert run_task(request, crew.studio.settings).exit_code == 0
        mine.mkdir()  # as a file came while its folder was emptied

    with meanwhile(other, before="point", fits="task:worked".__eq__):
        ended = run_task(request, crew.studio.settings)
    assert (ended.exit_code, ended.message) == (0, "frames 1 were done by another attempt meanwhile")
    assert len(list(folder.root.glob("attempts/*/1/*/"))) == 1
