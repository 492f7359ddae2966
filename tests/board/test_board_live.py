"""The board's WebSocket: who is told, and what."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from board_jobs import FailedJob, Served
from sqlalchemy import update
from websockets import Origin
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from shotmill.schema.states import State
from shotmill.schema.tables import Job, JobStep

PATIENCE_S = 60


@contextmanager
def listening(board: Served) -> Iterator[ClientConnection]:
    with connect(f"ws://127.0.0.1:{board.serving.port}/api/live", open_timeout=PATIENCE_S, proxy=None) as made:
        made.send(json.dumps({"token": board.board.token}))
        yield made


def heard(line: ClientConnection) -> Any:
    return json.loads(line.recv(timeout=PATIENCE_S))


def test_who_knows_the_token_is_told_what_changes_and_nothing_else(board: Served, failed: FailedJob) -> None:
    with listening(board) as line:
        assert heard(line)["type"] == "hello"
        assert heard(line)["states"]["failed"] == 1
        with board.board.database.write() as connection:
            connection.execute(update(Job).where(Job.id == failed.id).values(state=State.RUNNING, failure=None))
            connection.execute(update(JobStep).where(JobStep.job_id == failed.id).values(state=State.RUNNING))
        told = heard(line)
        assert [(job["handle"], job["state"], job["progress"]) for job in told["jobs"]] == [
            (failed.handle, "running", 0.5)
        ]
        with board.board.database.write() as connection:
            connection.execute(update(Job).where(Job.id == failed.id).values(state=State.SUCCEEDED))
        assert heard(line)["jobs"][0]["state"] == "succeeded"
        with pytest.raises(TimeoutError):
            line.recv(timeout=0.2)  # nothing changed


@pytest.mark.parametrize("said", ['{"token": "wrong"}', '{"token": null}', "{}", "[]", "no JSON", '"x"'])
def test_without_the_token_nothing_is_told(said: str, board: Served) -> None:
    with connect(f"ws://127.0.0.1:{board.serving.port}/api/live", proxy=None) as line:
        line.send(said)
        with pytest.raises(ConnectionClosed) as closed:
            line.recv(timeout=PATIENCE_S)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        pytest.param("127.0.0.1:PORT", "http://evil.example", id="a page of another site"),
        pytest.param("evil.example:PORT", None, id="a name that leads here"),
    ],
)
def test_other_sites_reach_no_socket(name: str, origin: Origin | None, board: Served) -> None:
    name = name.replace("PORT", str(board.serving.port))
    there = socket.create_connection(("127.0.0.1", board.serving.port))
    with pytest.raises(InvalidStatus) as refused, connect(f"ws://{name}/api/live", sock=there, origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_however_many_listen_the_database_is_looked_at_once(board: Served) -> None:
    live = board.serving.app.state.live
    with listening(board) as one, listening(board) as other, listening(board) as third:
        for line in (one, other, third):
            assert heard(line)["type"] == "hello"
        assert live._task is not None
        before = live.looks
        assert heard(one)["type"] == "jobs"
        assert live.looks - before <= 2


def test_nobody_listens_nobody_looks(board: Served) -> None:
    with listening(board) as line:
        heard(line)
        heard(line)
    live = board.serving.app.state.live
    while live._task is not None and not live._task.done():
        time.sleep(0.01)
    assert live._clients == set()


def test_a_listener_that_reads_nothing_is_let_go(board: Served) -> None:
    import asyncio  # noqa: PLC0415 - one use

    from shotmill.submitters.board.live import Live  # noqa: PLC0415 - same

    live, queue = Live(board.board), asyncio.Queue[str](1)
    live._clients.add(queue)
    live._tell("one")
    live._tell("two")
    assert (live._clients, queue.get_nowait()) == (set(), "one")
