"""Letters on their way: each fact told once, in order, whatever the target does."""

from __future__ import annotations

import random
import threading
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from mail import Mail
from wire_tracker import TOKEN, Tracker

from shotmill.pipeline.outbox.pace import SystemClock, pause_s
from shotmill.pipeline.outbox.worker import Worker
from shotmill.pipeline.store import outbox
from shotmill.pipeline.store.letters import drop, letters, retry
from shotmill.pipeline.store.outbox import Holder


def test_a_published_version_is_told_once(mail: Mail, tracker: Tracker) -> None:
    version = mail.publish()
    mail.worker().once()
    mail.worker().once()
    assert tracker.facts == [f"version:{version}"]
    row = mail.row()
    assert (row.state, row.remote_id, row.attempts, row.last_error) == ("delivered", "t1", 1, None)
    assert mail.said[0].about == "demo:sq010/sh010/p001@v001"


def test_a_tracker_that_is_down_for_an_hour_delays_and_loses_nothing(mail: Mail, tracker: Tracker) -> None:
    clock = mail.clock
    tracker.mood = lambda _call: "down" if clock.passed_s < 3600 else "fine"
    versions = [mail.publish(number) for number in range(20)]
    worker = mail.worker()
    called: list[float] = []
    while len(tracker.things) < 20 and clock.passed_s < 7200:
        before = len(tracker.calls)
        worker.once()
        called += [clock.passed_s] * (len(tracker.calls) - before)
        clock.wait(worker.stopping, 60)
    assert sorted(tracker.facts) == sorted(f"version:{version}" for version in versions)
    assert {state for _, state in mail.states()} == {"delivered"}
    assert len(tracker.calls) < 3600, "more than a call a second while it was down"
    assert clock.passed_s < 3600 + 60 + 1800, "it was noticed late that it is back"


def test_while_one_target_is_down_others_are_told(mail: Mail, tracker: Tracker) -> None:
    mail.section(tracker.server, '\n[other]\ntype = "wire"\nserver = "http://127.0.0.1:9"\n')
    version = mail.publish(targets=("other", "wire"))
    worker = mail.worker()
    worker.once()
    assert tracker.facts == [f"version:{version}"]
    assert worker.down == ["other"]
    assert {one.target for one in mail.said if one.state == "delivered"} == {"wire"}


@pytest.mark.parametrize("mood", ["lost", "half", "hang", "broken", "down"])
@pytest.mark.parametrize("request_number", [1, 2])
def test_an_answer_lost_after_any_request_makes_no_second_one(
    mood: str, request_number: int, mail: Mail, tracker: Tracker
) -> None:
    tracker.mood = lambda _call: mood if len(tracker.calls) == request_number else "fine"
    mail.section(tracker.server, "timeout_s = 0.2\n")
    version = mail.publish()
    worker = mail.worker()
    carry_until_told(mail, worker)
    assert tracker.facts == [f"version:{version}"]
    assert tracker.things[0]["puts"] >= 1


def carry_until_told(mail: Mail, worker: Worker) -> None:
    for _ in range(1000):
        worker.once()
        if {state for _, state in mail.states()} <= {"delivered", "dead"}:
            return
        mail.clock.wait(worker.stopping, 30)
    raise AssertionError(mail.states())


def test_a_busy_target_is_left_alone_for_as_long_as_it_asked(mail: Mail, tracker: Tracker) -> None:
    mail.publish(1)
    mail.publish(2)
    tracker.wait_s = 300
    tracker.mood = lambda _call: "busy" if mail.clock.passed_s < 299 else "fine"
    worker = mail.worker()
    worker.once()
    assert len(tracker.calls) == 1, "the other letter went on"
    mail.clock.wait(worker.stopping, 290)
    worker.once()
    assert len(tracker.things) == 2
    assert mail.clock.passed_s >= 300


def test_a_busy_target_that_names_no_time_is_asked_again_soon(mail: Mail, tracker: Tracker) -> None:
    mail.publish()
    tracker.mood = lambda _call: "busy" if len(tracker.calls) == 1 else "fine"
    mail.worker().once()
    assert len(tracker.things) == 1
    assert mail.clock.passed_s == pytest.approx(10, abs=0.1)


def test_being_told_to_wait_kills_no_letter(mail: Mail, tracker: Tracker) -> None:
    mail.section(tracker.server, "tries = 2\n")
    mail.publish()
    tracker.mood = lambda _call: "busy" if len(tracker.calls) < 6 else "fine"
    carry_until_told(mail, mail.worker())
    assert mail.states() == [("version-published", "delivered")]


def test_a_refused_letter_is_dead_and_says_what_the_target_said(mail: Mail, tracker: Tracker) -> None:
    tracker.mood = lambda _call: "no"
    mail.publish()
    mail.worker().once()
    row = mail.row()
    assert (row.state, row.owner, row.next_attempt) == ("dead", None, None)
    assert row.last_error == 'wire said no: {"error": "because of Bearer [secret]"}; look at it'
    assert TOKEN not in repr(mail.said)


def test_a_letter_is_dead_after_so_many_tries(mail: Mail, tracker: Tracker) -> None:
    mail.section(tracker.server, "tries = 3\n")
    tracker.mood = lambda _call: "broken"
    mail.publish()
    carry_until_told(mail, mail.worker())
    assert len(tracker.calls) == 3
    assert mail.row().last_error.startswith("given up after 3 tries: wire answered 502")


def test_default_tries_last_two_days() -> None:
    dice = random.Random(5)
    assert 1.5 < sum(pause_s(tries, dice) for tries in range(200)) / 86_400 < 3


def test_a_revived_letter_counts_as_one_that_was_tried(mail: Mail, tracker: Tracker) -> None:
    tracker.mood = lambda call: "no" if call.startswith("PUT") else "fine"
    mail.publish()
    mail.worker().once()
    assert retry(mail.database) == 1
    tracker.mood = lambda _call: "fine"
    mail.worker().once()
    assert len(tracker.things) == 1
    assert mail.row().state == "delivered"


def test_notes_follow_their_version_in_order(mail: Mail, tracker: Tracker) -> None:
    tracker.mood = lambda _call: "down" if len(tracker.calls) < 4 else "fine"
    version = mail.publish()
    for text in ("darker", "darker still", "thanks"):
        mail.note(version, text)
    carry_until_told(mail, mail.worker())
    assert [thing["text"] for thing in tracker.things] == ["", "darker", "darker still", "thanks"]
    assert [thing["on"] for thing in tracker.things] == [None, "t1", "t1", "t1"]


def test_a_dead_letter_holds_up_later_ones_of_its_version_alone(mail: Mail, tracker: Tracker) -> None:
    tracker.mood = lambda _call: "no" if len(tracker.calls) == 1 else "fine"
    version, other = mail.publish(1), mail.publish(2)
    mail.note(version, "darker")
    mail.worker().once()
    assert tracker.facts == [f"version:{other}"]
    [dead] = letters(mail.database, state="dead")
    drop(mail.database, dead, by="maya", why="the shot is omitted")
    mail.worker().once()
    assert [thing["text"] for thing in tracker.things] == ["", "darker"]


def test_what_a_target_does_not_take_is_none_of_its_business(mail: Mail, tracker: Tracker) -> None:
    mail.section(tracker.server, 'takes = ["note-written"]\n')
    version = mail.publish()
    mail.note(version, "darker")
    mail.worker().once()
    assert [thing["text"] for thing in tracker.things] == ["darker"]
    assert mail.states() == [("version-published", "delivered"), ("note-written", "delivered")]


def test_letters_keep_the_pace_that_the_file_sets(mail: Mail, tracker: Tracker) -> None:
    text = mail.settings.targets_path.read_text().replace("calls_per_s = 100", "calls_per_s = 0.5")
    mail.settings.targets_path.write_text(text)
    for number in range(5):
        mail.publish(number)
    mail.worker().once()
    assert len(tracker.things) == 5
    assert mail.clock.passed_s == pytest.approx(8, abs=0.1)


def test_a_letter_under_way_keeps_its_lease(mail: Mail, tracker: Tracker) -> None:
    """The target takes longer than the lease; another worker looks meanwhile."""
    tracker.mood = lambda call: "hang" if call.startswith("POST") else "fine"
    mail.publish()
    slow, other = mail.worker(lease_s=0.3), mail.worker()
    slow._studio = replace(slow._studio, clock=SystemClock())
    thread = threading.Thread(target=slow.once)
    thread.start()
    while not tracker.calls:
        time.sleep(0.01)
    time.sleep(0.5)
    assert outbox.claim(mail.database, "wire", Holder(uuid.uuid4()), moment=datetime.now(UTC)) is None
    thread.join()
    other.once()
    assert len(tracker.things) == 1


def test_publish_fact_13_a_lease_that_ran_out_brings_the_letter_back_once(mail: Mail) -> None:
    """Somebody claimed it and fell silent; another takes over."""
    mail.publish()
    row = outbox.claim(mail.database, "wire", Holder(uuid.uuid4(), 60), moment=mail.clock.now())
    assert row is not None
    mail.clock._now += timedelta(seconds=61)
    mail.worker().once()
    assert [one.state for one in mail.said] == ["delivered"]
    assert not outbox.done(mail.database, row, Holder(uuid.uuid4()), moment=mail.clock.now(), remote_id="late", told={})
    assert mail.row().remote_id == "t1"
