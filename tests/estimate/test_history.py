"""What is read of the past: bounded, on both databases, and by indexes."""

from __future__ import annotations

import pytest
from past import put_past
from sqlalchemy import text

from shotmill.pipeline.store import Database, history
from shotmill.pipeline.store.history import PastStep, attempts_of_jobs, newest_jobs, past_jobs
from shotmill.schema.ids import uuid7
from shotmill.schema.states import State


def test_a_job_is_read_with_its_frames_seconds_and_size(database: Database) -> None:
    put_past(database, 1, 3.0, frames="1-12", size=700)
    [job] = past_jobs(database, "trial")
    assert job.size == 700
    assert job.steps == {"render": PastStep(frames=12, seconds=9.0, tasks=3)}


def test_failed_attempts_count_since_they_cost(database: Database) -> None:
    put_past(database, 1, 3.0, failed_s=1.5)
    [job] = past_jobs(database, "trial")
    assert job.steps == {"render": PastStep(frames=10, seconds=9.0, tasks=2)}


def test_only_jobs_of_the_type_that_succeeded_are_read_newest_first(database: Database) -> None:
    wanted = [put_past(database, day, 1.0) for day in (1, 2)]
    put_past(database, 3, 1.0, type="other")
    put_past(database, 4, 1.0, state=State.FAILED)
    assert [job.id for job in past_jobs(database, "trial")] == wanted[::-1]


def test_no_more_jobs_and_tasks_are_read_than_said(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_JOBS", 2)
    monkeypatch.setattr(history, "MOST_TASKS", 2)
    for day in range(4):
        put_past(database, day, 2.0, frames="1-40")
    found = past_jobs(database, "trial")
    assert len(found) == 2
    assert found[0].steps == {"render": PastStep(frames=40, seconds=16.0, tasks=2)}


def test_nothing_is_read_of_an_empty_database(database: Database) -> None:
    assert past_jobs(database, "trial") == []


@pytest.mark.parametrize("question", ["jobs", "attempts"])
def test_no_table_is_read_from_end_to_end(question: str, opened_sqlite: Database) -> None:
    asked = newest_jobs("trial") if question == "jobs" else attempts_of_jobs([uuid7() for _ in range(40)])
    words = asked.compile(opened_sqlite.engine, compile_kwargs={"render_postcompile": True})
    given = {name: str(value) for name, value in words.params.items()}
    with opened_sqlite.read() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {_named(str(words), list(given))}"), given).all()
    steps = [row.detail for row in plan]
    assert not [one for one in steps if one.startswith("SCAN") and "anon" not in one and "USING INDEX" not in one], (
        steps
    )


def _named(words: str, names: list[str]) -> str:
    """A statement with named places instead of question marks."""
    for name in names:
        words = words.replace("?", f":{name}", 1)
    return words
