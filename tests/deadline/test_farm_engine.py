"""A job through the engine: submitted in a process apart, run by the real worker agent, published, and told of."""

from __future__ import annotations

import pytest
from command_line import wait_until
from deadline_hosts import FarmSite
from deadline_user import FarmUser
from farm_bundles import versions

from shotmill.farm_plugins.engines import engine_named
from shotmill.farm_plugins.submission import SubmitRequest, Submitted, submit
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.states import State

pytestmark = pytest.mark.slow


def submitted(settings: Settings, database: Database, **params: object) -> Submitted:
    request = SubmitRequest("trial", params={"publish": True, **params}, project="demo")
    return submit(request, settings=settings, database=database, engine=engine_named("deadline", settings, database))


@pytest.mark.usefixtures("trial")
def test_a_job_is_run_published_once_and_told_of_like_any_other(
    user: FarmUser, farm_site: FarmSite, settings: Settings, sqlite_database: Database
) -> None:
    made = submitted(settings, sqlite_database, frames="1-10", chunk=4)
    assert not submitted(settings, sqlite_database, frames="1-10", chunk=4).is_new
    assert len(user.service.jobs()) == 1
    engine = engine_named("deadline", settings, sqlite_database)
    with farm_site.worker():
        wait_until(lambda: engine.status(made.job.id).state.is_final)
    status = engine.status(made.job.id)
    assert (status.state, status.failure, versions(settings)) == (State.SUCCEEDED, None, ["v001"])
    assert [(step.name, step.tasks, step.done) for step in status.steps] == [("work", 3, 3), ("publish", 1, 1)]
    assert "done: " in engine.logs(made.job.id, step="publish", frames="1")


@pytest.mark.measured
@pytest.mark.usefixtures("trial")
def test_a_failed_job_tells_its_own_words_and_goes_on_when_it_is_retried(
    farm_site: FarmSite, user: FarmUser, settings: Settings, sqlite_database: Database
) -> None:
    table = settings.home / "look.cube"
    made = submitted(settings, sqlite_database, frames="1-2", action="read", on=2, text=str(table), retries=0)
    engine = engine_named("deadline", settings, sqlite_database)
    with farm_site.worker():
        wait_until(lambda: engine.status(made.job.id).state.is_final)
        assert f"No such file or directory: '{table}'" in (engine.status(made.job.id).failure or "")
        assert versions(settings) == []
        table.touch()
        assert engine.retry(made.job.id) >= 1
        wait_until(lambda: engine.status(made.job.id).state is State.SUCCEEDED)
    assert (versions(settings), len(user.service.jobs())) == (["v001"], 1)


def test_the_connection_is_proven(user: FarmUser) -> None:
    assert user.farm.greet().startswith("Deadline Cloud: queue ")
