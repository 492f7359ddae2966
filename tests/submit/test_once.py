"""The same thing submitted twice, by many at once, or by somebody who died on the way: one job, one version."""

from __future__ import annotations

import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from engine_studio import Studio
from specs import spec, step
from sqlalchemy import event
from submitter import POINTS

from shotmill.farm_plugins import submission
from shotmill.farm_plugins.submission import SubmitRequest, Submitted
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import versions_of_job
from shotmill.pipeline.store.interventions import request_cancel
from shotmill.pipeline.store.jobs import list_jobs, put_job
from shotmill.pipeline.store.migrate import upgrade
from shotmill.pipeline.store.queue import claim
from shotmill.schema.ids import uuid7
from shotmill.schema.states import State

pytestmark = pytest.mark.slow
SUBMITTER = Path(__file__).parents[1] / "support" / "submitter.py"
PROCESSES = 8
FRAMES = "1-4"
KILLED = -9
AT_THE_DATABASE = ("after the row", "before the engine is awake")


def submitter(studio: Studio, point: str = "-", *more: str) -> subprocess.Popen[str]:
    """A process that submits as soon as it is given a line."""
    settings = studio.settings
    command = [sys.executable, str(SUBMITTER), str(settings.home), settings.database, point, FRAMES, *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert process.stdout.readline() == "ready\n", process.communicate()[1]


def submit(studio: Studio, *, publish: bool = True, force: bool = False) -> Submitted:
    params = {"frames": FRAMES, "publish": publish, "trace": f"{studio.settings.home}.trace"}
    request = SubmitRequest("trial", params=params, project="demo", force=force)
    return submission.submit(request, settings=studio.settings, database=studio.database, engine=studio.engine)


def ran(studio: Studio) -> list[str]:
    """The frames of every task that began."""
    return sorted(line.split()[0] for line in Path(f"{studio.settings.home}.trace").read_text().splitlines())


def check_one_job(studio: Studio) -> None:
    """One job, whole on disk and in the database; each task ran once."""
    [job] = list_jobs(studio.database)
    folder = JobFolder(Path(job.folder))
    assert folder.read_spec().id == str(job.id)
    assert [path.name for path in folder.root.parent.iterdir()] == [job.handle]
    assert [path.name for path in folder.root.glob(".*")] == []
    assert (job.state, ran(studio)) == (State.SUCCEEDED, ["1", "2", "3", "4"]), studio.log()


def versions(studio: Studio) -> list[int]:
    return sorted(one.number for job in list_jobs(studio.database) for one in versions_of_job(studio.database, job.id))


def test_eight_who_submit_the_same_at_once_make_one_job(studio: Studio) -> None:
    processes = [submitter(studio, "-", "start", "publish") for _ in range(PROCESSES)]
    gate = threading.Barrier(PROCESSES)
    answers: list[tuple[str, str]] = []

    def let_go(process: subprocess.Popen[str]) -> None:
        wait_ready(process)
        gate.wait()
        answers.append(process.communicate("\n", timeout=60))

    threads = [threading.Thread(target=let_go, args=(process,)) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.returncode for process in processes] == [0] * PROCESSES, answers
    assert len({out.split()[0] for out, _err in answers}) == 1
    assert sorted(out.split()[1] for out, _err in answers) == ["False"] * (PROCESSES - 1) + ["True"]
    studio.wait(submit(studio))
    check_one_job(studio)
    assert versions(studio) == [1]


KILLS = [("sqlite", point) for point in POINTS] + [("postgresql", point) for point in AT_THE_DATABASE]


@pytest.mark.kill
@pytest.mark.parametrize(("database_url", "point"), KILLS, indirect=["database_url"])
def test_who_was_killed_while_submitting_submits_again_and_has_one_job(point: str, studio: Studio) -> None:
    with submitter(studio, point) as process:
        process.communicate("\n", timeout=60)
    assert process.returncode == KILLED
    again = submit(studio, publish=False)
    assert again.is_new == (point == "before the row")
    studio.wait(again)
    check_one_job(studio)


def test_who_submits_again_while_a_cancel_is_under_way_gets_a_new_job(studio: Studio) -> None:
    studio.engine.autostart = False
    first = submit(studio)
    with closing(claim(studio.database, uuid7(), host="here", lease_s=60.0, room=lambda _step: 1)) as claims:
        next(claims)
    studio.engine.cancel(first.job.id)
    assert studio.job(first).state is State.RUNNING
    second = submit(studio)
    assert (second.is_new, second.job.id == first.job.id) == (True, False)


def test_what_is_published_is_not_done_again_unless_forced(studio: Studio) -> None:
    first = submit(studio)
    studio.wait(first)
    second = submit(studio)
    assert (second.job.id, second.is_new, second.job.state) == (first.job.id, False, State.SUCCEEDED)
    check_one_job(studio)
    third = submit(studio, force=True)
    assert third.is_new
    studio.wait(third)
    assert (ran(studio), versions(studio)) == (sorted([*"1234"] * 2), [1, 2])


def test_who_submits_what_another_submits_and_cancels_at_once_has_a_job(
    postgres_url: str, opened: Callable[[str], Database]
) -> None:
    first, second = opened(postgres_url), opened(postgres_url)
    upgrade(first)
    theirs, mine = (spec(step(), id=str(uuid7())) for _ in range(2))
    acts: list[tuple[str, Callable[[], object]]] = [
        ("SELECT job.id", lambda: request_cancel(first, uuid.UUID(theirs.id))),
        ("INSERT INTO job ", lambda: put_job(first, theirs, engine="local", folder="/none")),
    ]

    def look(_connection: Any, _cursor: Any, told: str, *_more: Any) -> None:
        if acts and told.startswith(acts[-1][0]):
            acts.pop()[1]()

    event.listen(second.engine, "before_cursor_execute", look)
    job, is_new = put_job(second, mine, engine="local", folder="/none")
    assert (str(job.id), is_new, acts) == (mine.id, True, [])
