"""Engines of one home, and their database, between a look and an act."""

from __future__ import annotations

import os
import threading
import time
import uuid
from contextlib import ExitStack, closing
from pathlib import Path, PosixPath
from typing import Any, ClassVar

import psutil
import pytest
from engine_studio import Studio
from meanwhile import meanwhile
from openjd.sessions import Session, SessionState
from sqlalchemy import event

from shotmill.farm_plugins.local import runners
from shotmill.farm_plugins.local.batches import Batch
from shotmill.farm_plugins.local.bell import NAME, Bell
from shotmill.farm_plugins.local.cold import ColdRunner
from shotmill.farm_plugins.local.loop import EngineProcess
from shotmill.farm_plugins.local.processes import bury
from shotmill.farm_plugins.local.runners import Runners
from shotmill.farm_plugins.local.slots import Capacity
from shotmill.farm_plugins.local.work import Assignment
from shotmill.pipeline.store import engines, queue
from shotmill.schema.errors import EXIT_DONE, DatabaseError
from shotmill.schema.states import State


def claimed(studio: Studio, **params: object) -> Assignment:
    """The one task of a job, claimed by an engine that does not run."""
    studio.engine.autostart = False
    studio.submit(**params)
    owner = engines.enter(studio.database, version="0", slots={"home": "nowhere"})
    with closing(queue.claim(studio.database, owner, host="here", lease_s=60.0, room=lambda _step: 1)) as claims:
        [(_step, [task])] = claims
    return Assignment(task, (), lambda _fraction, _message: None)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["engine:claimed", "engine:ended"])
def test_a_database_that_goes_away_for_a_moment_costs_no_task_its_end(point: str, embedded: Studio) -> None:
    studio = embedded.tuned(lease_s=4.0)
    studio.engine.autostart = False
    made = studio.submit(frames="1-2")
    engine = EngineProcess(studio.settings, studio.database, os.environ, idle_s=0.0)
    late = threading.Timer(30.0, engine.stop.set)
    late.start()

    def lost() -> None:
        raise DatabaseError("the answer was lost")

    with meanwhile(lost, before="point", fits=point.__eq__):
        engine.run()
    late.cancel()
    assert studio.job(made).state is State.SUCCEEDED
    assert [task.attempts for task in studio.tasks(made)] == [1, 1]


@pytest.mark.slow
def test_an_engine_is_told_of_the_end_of_a_batch_although_it_collected_that_before(embedded: Studio) -> None:
    work = claimed(embedded)
    batch, rung = Batch([work], work.task.needs, ()), threading.Semaphore(0)
    runners = Runners(os.environ, embedded.settings.home / "x", threads=1, grace_s=1.0, ring=rung.release)
    runners.stopping = True  # the worker goes, which takes a while
    runners.start(batch)
    assert len(runners.collect(timeout_s=40.0)) == 1
    batch.works.clear()
    assert [rung.acquire(timeout=20.0) for _ in range(2)] == [True, True]
    runners.close()


@pytest.mark.slow
def test_a_task_that_ends_while_it_is_cancelled_is_done(
    embedded: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace, cancelled, real = tmp_path / "trace", threading.Event(), Session.cancel_action
    work = claimed(embedded, action="gate", trace=str(trace), warm=False)

    def late(session: Session, **how: Any) -> None:
        Path(f"{trace}.open").touch()
        while session.state is SessionState.RUNNING:
            time.sleep(0.01)
        real(session, **how)

    monkeypatch.setattr(Session, "cancel_action", late)
    cancelled.set()
    with ColdRunner(os.environ, tmp_path / "sessions", grace_s=20.0) as cold:
        ended = cold.run(work, cancelled=cancelled)
    assert ended.exit_code == EXIT_DONE


def test_the_sessions_of_an_engine_that_begins_meanwhile_are_kept(embedded: Studio) -> None:
    engine = EngineProcess(embedded.settings, embedded.database, os.environ, idle_s=0.0)
    engine._sessions.mkdir(parents=True)
    (engine._sessions / str(uuid.uuid4())).mkdir()
    begun: list[Path] = []

    def begin(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT") and not begun:
            begun.append(engine._sessions)
            begun[0] /= str(engines.enter(embedded.database, version="0", slots={}))
            begun[0].mkdir()

    event.listen(embedded.database.engine, "after_cursor_execute", begin)
    engine._sweep_sessions()
    assert list(engine._sessions.iterdir()) == begun


def test_two_engines_that_begin_at_once_have_one_bell(tmp_path: Path) -> None:
    first: list[Bell] = []

    class Place(PosixPath):
        def is_fifo(self) -> bool:
            found = super().is_fifo()
            first.append(Bell(Path(self.parent)))
            return found

    with Bell(Place(tmp_path)) as second, first.pop() if first else Bell(tmp_path) as other:
        assert [os.fstat(one._outside or -1).st_ino for one in (second, other)] == [(tmp_path / NAME).stat().st_ino] * 2


def test_ringing_for_an_engine_that_has_left_is_heard_by_nobody(tmp_path: Path) -> None:
    with Bell(tmp_path) as bell:
        pass
    with ExitStack() as stack:
        files = [tmp_path / name for name in "abc"]  # as many as the bell had, and under its numbers
        for path in files:
            stack.enter_context(path.open("wb"))
        bell.ring()
        assert [path.read_bytes() for path in files] == [b"", b"", b""]


def test_no_task_begins_while_orphans_are_buried(
    embedded: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = claimed(embedded, action="gate", trace=str(tmp_path / "trace"), warm=False)
    batch, seen = Batch([work], work.task.needs, ()), [0]
    made = Runners(os.environ, tmp_path / "sessions", threads=1, grace_s=1.0, ring=lambda: None)

    def late(known: set[int]) -> None:
        made.start(batch)
        time.sleep(0.5)
        seen.append(len(psutil.Process().children()) - before)
        bury(known)

    before = len(psutil.Process().children())
    monkeypatch.setattr(runners, "bury", late)
    made.tidy()
    batch.cancelled.set()
    assert len(made.collect(timeout_s=40.0)) == 1
    assert seen == [0, 0]
    made.close()


def test_a_step_is_not_blocked_for_which_a_larger_engine_begins_meanwhile(embedded: Studio) -> None:
    studio = embedded.tuned(memory_mib=64)
    studio.engine.autostart = False
    owner = engines.enter(studio.database, version="0", slots={"cpu": 1, "memory_mib": 10**6})
    made = studio.submit(memory_mib=4096)
    engines.leave(studio.database, owner)
    small = EngineProcess(studio.settings, studio.database, os.environ, idle_s=0.0)
    slots = Capacity(cpu=1, memory_mib=10**6).as_facts()
    begun: list[uuid.UUID] = []

    def begin(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "FROM engine" in statement and not begun:
            begun.append(uuid.UUID(int=0))
            begun.append(engines.enter(studio.database, version="0", slots=slots))

    event.listen(studio.database.engine, "after_cursor_execute", begin)
    with closing(queue.ready_steps(studio.database)) as ready:
        [step] = ready
    small._refuse(step)
    assert studio.tasks(made)[0].state is State.QUEUED


class Learning(Runners):
    """Runners that begin nothing, and learn how long a task takes while tasks are claimed."""

    shares: ClassVar[list[int]] = []

    def share(self, *_step: object, **_more: object) -> int:
        return self.shares.pop(0) if self.shares else 1

    def start(self, batch: Batch) -> None:
        """Keep it waiting."""


def test_tasks_that_were_claimed_for_a_runner_get_it_whatever_it_has_learnt_meanwhile(embedded: Studio) -> None:
    studio = embedded.tuned(cpu_slots=1)
    claimed(studio, frames="1-9")  # the job; its first task is somebody else's
    engine = EngineProcess(studio.settings, studio.database, os.environ, idle_s=0.0)
    engine._id = engines.enter(studio.database, version="0", slots={})
    engine._runners = Learning(os.environ, studio.settings.home / "x", threads=1, grace_s=1.0, ring=lambda: None)
    Learning.shares[:] = [2, 2]
    engine._hand_out()
    Learning.shares[:] = [4]  # and 1 from then on
    engine._hand_out()
    first, heir = engine._batches
    assert (len(first.works), len(heir.works), first.heir) == (2, 4, heir)
    engine._runners.close()


def test_an_engine_asks_for_tasks_when_it_has_room_for_one(embedded: Studio) -> None:
    studio = embedded.tuned(cpu_slots=1)
    studio.engine.autostart = False
    studio.submit(frames="1-9")
    engine = EngineProcess(studio.settings, studio.database, os.environ, idle_s=0.0)
    engine._id = engines.enter(studio.database, version="0", slots={})
    engine._runners = Learning(os.environ, studio.settings.home / "x", threads=1, grace_s=1.0, ring=lambda: None)
    Learning.shares[:] = []
    asked: list[str] = []
    event.listen(
        studio.database.engine,
        "after_cursor_execute",
        lambda _connection, _cursor, statement, *_more: asked.append(statement) if "FROM step" in statement else None,
    )

    def turn() -> int:
        engine._due["look"] = time.monotonic()  # it looks now and then in any case
        asked.clear()
        engine.ring()  # so that it does not wait
        assert engine._turn()
        return len(asked)

    assert [turn(), turn()] == [1, 0]
    Learning.shares[:] = [2, 2]  # its tasks are quick: the batch may have an heir
    assert turn() == 1
    engine._runners.close()
