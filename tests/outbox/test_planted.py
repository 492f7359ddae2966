"""A secret that is planted where the targets file says: found nowhere else, whatever goes wrong."""

from __future__ import annotations

import logging

import pytest
from mail import Mail
from sqlalchemy import MetaData
from wire_tracker import TOKEN, Tracker

from shotmill.pipeline.outbox.office import crew_of
from shotmill.pipeline.store import Database


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Both kinds would be written the same."""
    return sqlite_database


MOODS = ("no", "broken", "busy", "down", "lost", "half", "fine")


def test_a_planted_secret_is_found_nowhere(
    mail: Mail, tracker: Tracker, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for number, (mood, odd) in enumerate([*((mood, "") for mood in MOODS), ("fine", "faulty"), ("fine", "sticks")]):
        mail.section(tracker.server, f'odd = "{odd}"\n')
        tracker.mood = lambda _call, mood=mood: mood  # type: ignore[misc]
        mail.publish(number)
        mail.worker().once(patience_s=0.5)
        mail.clock.wait(mail.worker().stopping, 60)
    told = crew_of(mail.settings, mail.database, {"WIRE_TOKEN": TOKEN}, say=mail.said.append, worry=print)
    mail.section(tracker.server, "greets = true\n")
    mail.publish(99)
    tracker.mood = lambda _call: "no"
    told.once(patience_s=0.01)
    assert told.problems
    problems = [(one.message, one.hint) for one in told.problems.values()]
    written = f"{mail.said}{problems}{caplog.text}{capfd.readouterr()}{dumped(mail)}"
    assert "[secret]" in written, "the tracker repeats what it is sent"
    assert TOKEN not in written
    files = [path for path in mail.settings.home.rglob("*") if path.is_file()]
    assert [path for path in files if TOKEN.encode() in path.read_bytes()] == []


def dumped(mail: Mail) -> str:
    """All rows of all tables."""
    tables = MetaData()
    tables.reflect(mail.database.engine)
    with mail.database.read() as connection:
        return "".join(repr(connection.execute(table.select()).all()) for table in tables.sorted_tables)
