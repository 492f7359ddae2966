"""Tasks that are told to end: by the engine that runs them, which they must hear, or by somebody else."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shotmill.farm_plugins.task.progress import EVERY_S, Teller
from shotmill.pipeline.store.jobs import attempts_of
from shotmill.schema.errors import TaskCancelledError
from shotmill.schema.states import State

if TYPE_CHECKING:
    from engine_studio import Studio

WARM_AND_COLD = pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])


@pytest.mark.slow
@WARM_AND_COLD
def test_a_sigterm_from_elsewhere_costs_an_attempt_and_cancels_nothing(
    warm: bool, embedded: Studio, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    made = embedded.submit(action="gate", trace=str(trace), warm=warm)
    embedded.until(trace.exists)
    os.kill(int(trace.read_text().split()[1]), signal.SIGTERM)
    embedded.until(lambda: "told to end by somebody else" in str(attempts_of(embedded.database, made.job.id)))
    Path(f"{trace}.open").touch()
    assert embedded.wait(made).state is State.SUCCEEDED, embedded.log()


@pytest.mark.slow
@WARM_AND_COLD
def test_a_task_that_talks_all_the_time_is_ended_in_time(warm: bool, embedded: Studio) -> None:
    made = embedded.submit(action="talk", timeout_s=1, retries=0, warm=warm)
    assert "E311" in (embedded.wait(made).failure or ""), embedded.log()


@pytest.mark.slow
@WARM_AND_COLD
def test_a_task_that_talks_all_the_time_is_cancelled(warm: bool, embedded: Studio) -> None:
    made = embedded.submit(action="talk", retries=0, warm=warm)
    embedded.until(lambda: bool(embedded.tasks(made)[0].message))
    embedded.engine.cancel(made.job.id)
    assert embedded.wait(made).state is State.CANCELLED


@pytest.mark.slow
@WARM_AND_COLD
def test_progress_tells_of_a_cancellation_again_and_again(warm: bool, embedded: Studio, tmp_path: Path) -> None:
    studio, trace = embedded.tuned(grace_s=20.0), tmp_path / "trace"
    made = studio.submit(action="deaf", trace=str(trace), warm=warm)
    studio.until(lambda: studio.tasks(made)[0].message == "deaf")
    studio.engine.cancel(made.job.id)
    studio.until(Path(f"{trace}.heard3").exists)
    assert studio.wait(made).state is not State.FAILED


def test_of_much_that_is_said_little_is_told_and_the_last_words_always() -> None:
    told: list[tuple[float, str]] = []
    teller = Teller(lambda fraction, message: told.append((fraction, message)))
    for number in range(1000):
        teller.say(number / 1000, f"frame {number}")
    while told[-1] != (0.999, "frame 999"):
        time.sleep(EVERY_S)
    assert told[0] == (0.0, "frame 0")
    assert len(told) < 100


def test_nothing_is_told_of_a_task_that_has_ended() -> None:
    told: list[str] = []
    teller = Teller(lambda _fraction, message: told.append(message))
    teller.say(0.0, "first")
    teller.say(0.1, "second")
    teller.end()
    time.sleep(3 * EVERY_S)
    assert told == ["first"]


def test_whoever_was_told_to_end_cannot_say_more() -> None:
    teller = Teller(lambda _fraction, _message: None)
    teller.cancelled = True
    for _ in range(2):
        with pytest.raises(TaskCancelledError):
            teller.say(0.0, "more")
