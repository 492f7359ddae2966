"""Host fact 5: one question is one job, however often it is asked, and whoever dies on the way."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import rpc_host
from rpc_host import Answered, question

from shotmill.farm_plugins import bundle
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import list_jobs
from shotmill.submitters.rpc.serve import answer
from shotmill.submitters.rpc.speaker import Speaker
from shotmill.submitters.studio import Studio

Ask = Callable[..., Answered]
QUIET = {"job_type": "selftest", "params": {"words": "once"}}


def jobs_in(home: Path) -> list[str]:
    """Ids of the jobs that a home has; no database is no job."""
    if not (home / "shotmill.db").is_file():
        return []
    database = Database(Settings(home=home).database_url)
    try:
        return [str(job.id) for job in list_jobs(database)]
    finally:
        database.dispose()


@pytest.mark.usefixtures("no_engine")
def test_the_same_id_twice_is_one_job(ask: Ask, home: Path) -> None:
    chosen = str(uuid.uuid4())
    first, second = (ask("submit", QUIET, id=chosen).value for _ in range(2))
    assert (first["is_new"], second["is_new"]) == (True, False)
    assert first["job"]["id"] == second["job"]["id"] == chosen
    assert jobs_in(home) == [chosen]


@pytest.mark.usefixtures("no_engine")
def test_the_same_id_twice_is_one_job_when_it_is_forced_too(ask: Ask, home: Path) -> None:
    chosen = str(uuid.uuid4())
    for _ in range(2):
        ask("submit", {**QUIET, "force": True}, id=chosen)
    assert jobs_in(home) == [chosen]


@pytest.mark.usefixtures("no_engine")
def test_two_ids_are_two_jobs_where_another_one_was_asked_for(ask: Ask, home: Path) -> None:
    made = {ask("submit", {**QUIET, "force": True}).value["job"]["id"] for _ in range(2)}
    assert set(jobs_in(home)) == made
    assert len(made) == 2


@pytest.mark.usefixtures("no_engine")
def test_two_ids_of_the_same_inputs_are_told_the_one_job(ask: Ask, home: Path) -> None:
    made = [ask("submit", QUIET).value for _ in range(2)]
    assert [one["is_new"] for one in made] == [True, False]
    assert len(jobs_in(home)) == 1


@pytest.mark.usefixtures("no_engine")
def test_the_same_id_at_once_is_one_job(ask: Ask, home: Path) -> None:
    chosen = str(uuid.uuid4())
    ask("status", {"jobs": ["J-NONE"]})  # makes the database
    with ThreadPoolExecutor(4) as crowd:
        found = list(crowd.map(lambda _n: rpc_host.ask(home, "submit", QUIET, id=chosen).value, range(4)))
    assert {one["job"]["id"] for one in found} == {chosen}
    assert sum(one["is_new"] for one in found) == 1
    assert jobs_in(home) == [chosen]


@pytest.mark.usefixtures("no_engine")
def test_dying_between_the_row_and_the_bundle_loses_nothing(
    ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = str(uuid.uuid4())

    def die(*_given: object) -> Path:
        raise SystemExit("killed")

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(bundle, "write_bundle", die)
        ask("submit", QUIET, id=chosen)
    assert jobs_in(home) == [chosen], "the row with the token is there"
    again = ask("submit", QUIET, id=chosen).value
    assert (again["is_new"], again["job"]["id"]) == (False, chosen)
    assert (Path(again["job"]["folder"]) / "bundle" / "job.json").is_file()
    assert jobs_in(home) == [chosen]


def child(home: Path) -> subprocess.Popen[bytes]:
    """``shotmill rpc`` as a host starts it."""
    environ = {**os.environ, "SHOTMILL_HOME": str(home), "SHOTMILL_IDLE_S": "1"}
    command = [sys.executable, "-I", "-m", "shotmill", "rpc"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environ)


def sent(asked: dict[str, Any]) -> bytes:
    return json.dumps(asked).encode() + b"\n"


@pytest.mark.kill
def test_a_kill_in_the_middle_of_a_submit_leaves_the_row_or_nothing(ask: Ask, home: Path) -> None:
    asked = question("submit", QUIET)
    with child(home) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(sent(asked))
        process.stdin.close()
        while json.loads(process.stdout.readline()).get("stage") != "store":
            continue
        process.kill()
    assert jobs_in(home) in ([], [asked["id"]])
    assert ask("submit", QUIET, id=asked["id"]).value["job"]["id"] == asked["id"]
    assert jobs_in(home) == [asked["id"]]


def test_a_host_that_closes_in_the_middle_of_a_submit_loses_nothing(home: Path) -> None:
    asked = question("submit", QUIET)
    with child(home) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(sent(asked))
        process.stdin.close()
        assert process.wait() == 0
    assert jobs_in(home) == [asked["id"]]


@pytest.mark.usefixtures("no_engine")
def test_a_watch_ends_when_nobody_listens(ask: Ask, home: Path) -> None:
    handle = ask("submit", QUIET).value["job"]["handle"]
    ear, mouth = os.pipe()
    os.close(ear)
    asked = io.BytesIO(sent(question("watch", {"jobs": [handle]})))
    with os.fdopen(mouth, "wb", buffering=0) as stream:
        assert answer(asked, Speaker(stream), Studio(str(home))) == 0


def test_a_farm_that_is_down_is_told_as_worth_a_retry(ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_OPENCUE_HOSTS", "127.0.0.1:1")
    monkeypatch.setenv("SHOTMILL_OPENCUE_TIMEOUT_S", "1")
    monkeypatch.setenv("SHOTMILL_OPENCUE_USER", "artist")
    down = ask("submit", {**QUIET, "engine": "opencue"})
    assert (down.exit_code, down.error["code"], down.error["retry"]) == (1, "E401", True)
    assert jobs_in(home) == []
    kept = ask("submit", {**QUIET, "engine": "opencue", "queue": True})
    assert "shotmill reconcile sends it" in kept.of("warning")[0]["message"]
