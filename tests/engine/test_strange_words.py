"""Tasks that say what no database takes: their own attempt fails, and the engine goes on."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from shotmill.farm_plugins.local.batches import Batch
from shotmill.farm_plugins.local.loop import EngineProcess
from shotmill.farm_plugins.local.runners import Ended
from shotmill.farm_plugins.local.work import Assignment
from shotmill.farm_plugins.task import Attempted
from shotmill.pipeline.store import engines, queue
from shotmill.schema.states import State

if TYPE_CHECKING:
    from engine_studio import Studio

pytestmark = pytest.mark.slow
WARM_AND_COLD = pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])


@WARM_AND_COLD
def test_words_that_are_no_text_fail_one_task_and_not_the_engine(warm: bool, studio: Studio) -> None:
    made = studio.submit(action="babble", warm=warm, retries=0)
    studio.wait(made)
    [task] = studio.tasks(made)
    assert (task.state, task.failure_code) == (State.FAILED, "E310"), studio.log()
    assert task.message == r"RuntimeError: plate_\udcff\x00.exr"
    assert len(studio.engine_pids()) == 1
    assert studio.wait(studio.submit(text="after it")).state is State.SUCCEEDED


@WARM_AND_COLD
def test_odd_progress_is_shown_as_well_as_it_can(warm: bool, studio: Studio) -> None:
    made = studio.submit(action="babble", warm=warm, retries=0)
    studio.until(lambda: studio.tasks(made)[0].progress == 0.5)
    assert studio.tasks(made)[0].message == r"plate_\udcff\x00.exr"


def test_an_error_without_words_of_its_own_is_told_by_its_name(embedded: Studio) -> None:
    made = embedded.submit(action="speechless", retries=0)
    assert 'cause="Speechless, and it cannot say why"' in (embedded.wait(made).failure or "")


def test_an_end_that_cannot_be_stored_costs_no_other_task_its_end(studio: Studio) -> None:
    studio.engine.autostart = False
    made = studio.submit(frames="1-3", retries=0)
    engine = EngineProcess(studio.settings, studio.database, os.environ, idle_s=None)
    with engine._bell:
        works = claimed(studio, engine)
        batch = Batch(works, works[0].task.needs, ())
        exits = [0, 2**80, 0]  # no column holds the second
        engine._store_or_fail(
            [Ended(batch, work, Attempted(code, "")) for work, code in zip(works, exits, strict=True)]
        )
    assert [task.state for task in studio.tasks(made)] == [State.SUCCEEDED, State.FAILED, State.SUCCEEDED]
    assert "what it said at its end cannot be stored" in (studio.tasks(made)[1].failure or "")


def claimed(studio: Studio, engine: EngineProcess) -> list[Assignment]:
    """Everything that waits, claimed by an engine that does not run."""
    engine._id = engines.enter(studio.database, version="0", slots={"home": "nowhere"})
    claims = queue.claim(studio.database, engine._id, host="here", lease_s=60.0, room=lambda _step: 10)
    with closing(claims):
        return [engine._assignment(task, ()) for _step, tasks in claims for task in tasks]
