"""What a worker does when everything around it is wrong: sections, sessions, the database, the file."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from letters import publication, still
from mail import Mail
from sqlalchemy import text
from wire_tracker import TOKEN, Tracker

from shotmill.pipeline.outbox.letter import FactKind, Letter
from shotmill.pipeline.outbox.secrets import Secrets
from shotmill.pipeline.outbox.sections import TargetSection, read_section
from shotmill.pipeline.outbox.worker import Worker
from shotmill.pipeline.store import Database, outbox
from shotmill.pipeline.store.outbox import Holder
from shotmill.schema.errors import ConfigError, DatabaseError, ShotmillError


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """None of this is a matter of the kind of database."""
    return sqlite_database


def rename(database: Database, old: str, new: str) -> None:
    with database.write() as connection:
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


@contextmanager
def away(database: Database) -> Iterator[None]:
    """The outbox cannot be reached."""
    rename(database, "delivery", "away")
    yield
    rename(database, "away", "delivery")


def test_a_fault_of_a_studio_s_own_kind_is_its_target_s_problem(mail: Mail) -> None:
    mail.section("raise")
    mail.publish()
    worker = mail.worker()
    worker.once()
    assert worker.problems["wire"].message == "target 'wire': a fault of its kind 'wire': ZeroDivisionError"
    assert mail.states() == [("version-published", "pending")]


@pytest.mark.parametrize("mood", ["down", "busy"])
def test_a_target_that_does_not_greet_costs_no_letter_a_try(mood: str, mail: Mail, tracker: Tracker) -> None:
    mail.section(tracker.server, "greets = true\n")
    tracker.mood = lambda _call: mood if len(tracker.calls) == 1 else "fine"
    mail.publish()
    mail.worker().once(patience_s=60)
    assert (mail.row().attempts, mail.row().state) == (1, "delivered")


def test_a_target_that_does_not_let_us_in_is_asked_seldom(mail: Mail, tracker: Tracker) -> None:
    mail.section(tracker.server, "greets = true\n")
    tracker.mood = lambda _call: "no"
    mail.publish()
    worker = mail.worker()
    for _ in range(6):
        worker.once()
        mail.clock.wait(worker.stopping, 100)
    assert len(tracker.calls) <= 3
    assert worker.problems["wire"].code == "E603"
    tracker.mood = lambda _call: "fine"
    mail.clock.wait(worker.stopping, 300)
    worker.once()
    assert (worker.problems, mail.row().state) == ({}, "delivered")


def test_what_a_fault_says_is_not_repeated(mail: Mail, tracker: Tracker) -> None:
    mail.section(tracker.server, 'odd = "faulty"\ntries = 1\n')
    mail.publish()
    mail.worker().once()
    assert mail.row().last_error == (
        "given up after 1 tries: a fault of target kind 'wire': KeyError; tell who maintains it"
    )


def test_an_error_of_another_tree_is_told_with_its_code(mail: Mail, tracker: Tracker) -> None:
    mail.section(tracker.server, 'odd = "foreign"\n')
    mail.publish()
    mail.worker().once(patience_s=0.001)
    assert (mail.row().state, mail.row().last_error) == ("failed", "E207 no such colour space")


def test_a_session_that_does_not_close_is_only_logged(
    mail: Mail, tracker: Tracker, caplog: pytest.LogCaptureFixture
) -> None:
    mail.section(tracker.server, 'odd = "sticks"\n')
    mail.publish()
    mail.worker().once()
    assert mail.row().state == "delivered"
    assert "target 'wire' does not close: RuntimeError" in caplog.text
    assert TOKEN not in caplog.text


class Asked(Mapping[str, str]):
    """An environment in which something happens each time that it is asked."""

    def __init__(self, happens: Mapping[int, object]) -> None:
        self.times, self.happens = 0, happens

    def __getitem__(self, name: str) -> str:
        self.times += 1
        found = self.happens.get(self.times)
        if callable(found):
            found()
        if found == "gone":
            raise KeyError(name)
        return TOKEN

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def worker_that_asks(mail: Mail, happens: Mapping[int, object]) -> tuple[Worker, Asked]:
    worker, asked = mail.worker(), Asked(happens)
    worker._studio = replace(worker._studio, secrets=Secrets(asked))
    return worker, asked


def test_a_session_is_made_anew_before_it_is_old(mail: Mail, tracker: Tracker) -> None:
    path = mail.settings.targets_path
    path.write_text(path.read_text().replace("calls_per_s = 100", "calls_per_s = 0.01"))
    worker, asked = worker_that_asks(mail, {})
    for number in range(3):
        mail.publish(number)
    worker.once(patience_s=1000)
    assert (len(tracker.things), asked.times) == (3, 3)


def test_a_letter_that_another_took_meanwhile_is_left_to_them(mail: Mail, tracker: Tracker) -> None:
    other = Holder(uuid.uuid4())

    def take() -> None:
        assert outbox.claim(mail.database, "wire", other, moment=mail.clock.now())

    worker, asked = worker_that_asks(mail, {2: take})
    worker.once()
    mail.publish()
    worker.once()
    assert (tracker.things, asked.times) == ([], 2)
    assert mail.row().owner == other.id


def test_a_secret_that_goes_away_leaves_letters_waiting(mail: Mail, tracker: Tracker) -> None:
    worker, _ = worker_that_asks(mail, {2: "gone"})
    worker.once()
    mail.publish()
    worker.once()
    assert (tracker.things, worker.problems["wire"].code) == ([], "E604")
    assert mail.states() == [("version-published", "pending")]


def test_a_database_that_goes_away_for_a_moment_is_waited_for(mail: Mail, tracker: Tracker) -> None:
    gone: list[str] = []

    def mood(call: str) -> str:
        if call.startswith("PUT") and not gone:
            gone.append(call)
            rename(mail.database, "delivery", "away")
            mail.clock.meanwhile = come_back
        return "fine"

    def come_back() -> None:
        rename(mail.database, "away", "delivery")
        mail.clock.meanwhile = lambda: None

    tracker.mood = mood
    mail.publish()
    mail.worker().once()
    assert (gone, mail.row().state, len(tracker.things)) == (["PUT /things/t1"], "delivered", 1)


def test_a_database_that_stays_away_brings_the_letter_back_later(mail: Mail, tracker: Tracker) -> None:
    def mood(call: str) -> str:
        if call.startswith("POST"):
            rename(mail.database, "delivery", "away")
        return "fine"

    tracker.mood = mood
    mail.publish()
    with pytest.raises(DatabaseError):
        mail.worker().once()
    rename(mail.database, "away", "delivery")
    mail.clock.wait(mail.worker().stopping, 1)
    mail.worker().once()
    assert (mail.row().state, len(tracker.things)) == ("delivered", 1)


def test_a_lease_that_could_not_be_renewed_is_renewed_next_time(mail: Mail, tracker: Tracker) -> None:
    def mood(call: str) -> str:
        if call.startswith("POST"):
            with away(mail.database):
                time.sleep(0.3)
        return "fine"

    tracker.mood = mood
    mail.publish()
    mail.worker(lease_s=0.3).once()
    assert (mail.row().state, len(tracker.things)) == ("delivered", 1)


def test_a_worker_that_watches_outlasts_a_broken_file_and_a_lost_database(mail: Mail, tracker: Tracker) -> None:
    worker, worries = mail.worker(), list[ShotmillError]()
    whole = mail.settings.targets_path.read_text()

    def worry(error: ShotmillError) -> None:
        worries.append(error)
        if len(worries) == 1:
            mail.settings.targets_path.write_text(whole)
            rename(mail.database, "delivery", "away")
        else:
            rename(mail.database, "away", "delivery")

    mail.settings.targets_path.write_text("[wire\n")
    mail.publish()
    worker._studio = replace(worker._studio, worry=worry, say=lambda _carried: worker.stopping.set())
    worker.watch()
    assert [type(one) for one in worries] == [ConfigError, DatabaseError]
    assert len(tracker.things) == 1


def test_a_worker_that_watches_sleeps_while_nothing_comes(mail: Mail) -> None:
    worker = mail.worker()

    def meanwhile() -> None:
        if mail.clock.passed_s > 60:
            worker.stopping.set()

    mail.clock.meanwhile = meanwhile
    worker.watch()
    assert 60 < mail.clock.passed_s < 63


def test_whoever_says_stop_has_no_further_letter_carried(mail: Mail, tracker: Tracker) -> None:
    worker = mail.worker()
    mail.publish(1)
    mail.publish(2)
    worker._studio = replace(worker._studio, say=lambda _carried: worker.stopping.set())
    worker.once()
    assert len(tracker.things) == 1


def test_a_section_that_changes_is_read_again(mail: Mail, tracker: Tracker) -> None:
    worker = mail.worker()
    mail.section("http://127.0.0.1:9")
    mail.publish()
    worker.once()
    mail.section(tracker.server)
    mail.clock.wait(worker.stopping, 60)
    worker.once()
    assert len(tracker.things) == 1


def test_a_target_that_nobody_wants_any_more_is_let_go(mail: Mail, tracker: Tracker) -> None:
    mail.section(tracker.server, f'\n[other]\ntype = "wire"\nserver = "{tracker.server}"\n')
    mail.publish(targets=("other",))
    worker = mail.worker()
    worker.once()
    assert set(worker._lines) == {"other", "wire"}
    mail.clock.wait(worker.stopping, 10)
    worker.once()
    assert set(worker._lines) == {"wire"}


def test_a_letter_taken_over_while_it_was_carried_is_lost_to_the_first(mail: Mail, tracker: Tracker) -> None:
    def mood(call: str) -> str:
        if call.startswith("PUT"):
            with mail.database.write() as connection:
                connection.execute(text("UPDATE delivery SET owner = NULL"))
        return "no" if call.startswith("PUT") and len(tracker.calls) > 3 else "fine"

    tracker.mood = mood
    mail.publish(1)
    mail.worker().once()
    assert [one.state for one in mail.said] == ["lost"]
    with mail.database.write() as connection:
        connection.execute(text("UPDATE delivery SET state = 'pending'"))
    mail.worker().once()
    assert [one.state for one in mail.said] == ["lost", "lost"]


def test_a_failure_of_a_letter_that_is_another_s_by_now_is_lost(mail: Mail, tracker: Tracker) -> None:
    def mood(_call: str) -> str:
        with mail.database.write() as connection:
            connection.execute(text("UPDATE delivery SET owner = NULL"))
        return "broken"

    tracker.mood = mood
    mail.publish()
    mail.worker().once(patience_s=0.001)
    assert [one.state for one in mail.said] == ["lost"]


def test_one_target_alone_may_be_served(mail: Mail, tracker: Tracker) -> None:
    mail.section(tracker.server, f'\n[other]\ntype = "wire"\nserver = "{tracker.server}"\n')
    mail.publish(targets=("other", "wire"))
    mail.worker(only="other").once()
    assert [one.target for one in mail.said] == ["other"]


def test_letters_without_a_version_say_what_they_are_about(tmp_path: Path) -> None:
    told = publication(still(tmp_path))
    made = Letter(uuid.uuid4(), "wire", FactKind.NOTED, "note:1", 0)
    assert (made.about, told.name) == ("note:1", "sh010_thumbnail_v001")
    assert told.forms[0].path == tmp_path / "sh010_thumbnail_v001.png"
    made.keep("nobody listens")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"types": "x"}, "types: there is no such key; did you mean: type"),
        ({"zzzz": 1}, "zzzz: there is no such key; known: type"),
        ({"type": 3}, "type: Input should be a valid string"),
    ],
)
def test_keys_of_a_section_that_are_wrong_are_named(given: Mapping[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_section(TargetSection, "wire", dict(given))
