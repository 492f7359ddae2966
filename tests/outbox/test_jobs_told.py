"""Jobs: one row for each, armed again when it has moved on; versions go into its thread."""

from __future__ import annotations

from mail import Mail
from wire_tracker import Tracker

from shotmill.pipeline.store.letters import drop, letters
from shotmill.schema.states import State


def go_on(mail: Mail, seconds: float) -> None:
    worker = mail.worker()
    mail.clock.wait(worker.stopping, seconds)
    worker.once()


def test_a_job_is_told_once_and_edited_in_place_as_it_goes_on(mail: Mail, tracker: Tracker) -> None:
    go_on(mail, 1)
    job = mail.job()
    go_on(mail, 1)
    assert [thing["state"] for thing in tracker.things] == ["running 0/4"]
    mail.move(job, State.RUNNING, done=2)
    go_on(mail, 20)
    mail.move(job, State.SUCCEEDED, done=4)
    go_on(mail, 1)
    go_on(mail, 100)
    assert [(thing["fact"], thing["state"]) for thing in tracker.things] == [(f"job:{job}", "succeeded 4/4")]
    assert tracker.things[0]["puts"] == 3


def test_progress_is_told_every_fifteen_seconds_at_most(mail: Mail, tracker: Tracker) -> None:
    go_on(mail, 1)
    job = mail.job(tasks=100)
    for done in range(45):
        mail.move(job, State.RUNNING, done=done)
        go_on(mail, 1)
    assert tracker.things[0]["puts"] in {3, 4}


def test_a_job_that_does_not_move_is_not_told_again(mail: Mail, tracker: Tracker) -> None:
    go_on(mail, 1)
    mail.job()
    for _ in range(4):
        go_on(mail, 30)
    assert tracker.things[0]["puts"] == 1


def test_a_target_that_was_down_hears_of_the_end_alone(mail: Mail, tracker: Tracker) -> None:
    go_on(mail, 1)
    tracker.mood = lambda _call: "down" if mail.clock.passed_s < 600 else "fine"
    job = mail.job()
    go_on(mail, 1)
    mail.move(job, State.FAILED, done=2, failure="E205 frame 1002 is cut off")
    for _ in range(60):
        go_on(mail, 60)
    assert [thing["state"] for thing in tracker.things] == ["failed 2/4"]
    assert tracker.things[0]["puts"] == 1


def test_jobs_of_before_the_target_was_there_are_history(mail: Mail, tracker: Tracker) -> None:
    mail.clock._now = mail.clock._now.replace(year=mail.clock._now.year - 1)
    mail.job()
    mail.clock._now = mail.clock.began
    go_on(mail, 0)
    assert tracker.things == []


def test_a_job_that_names_another_target_is_not_told(mail: Mail, tracker: Tracker) -> None:
    go_on(mail, 1)
    mail.job(targets=("ftrack",))
    go_on(mail, 1)
    assert tracker.things == []


def test_versions_go_into_the_thread_of_their_job(mail: Mail, tracker: Tracker) -> None:
    go_on(mail, 1)
    job = mail.job()
    mail.publish(1, job=job)
    mail.publish(2)
    go_on(mail, 1)
    found = {thing["about"]: (thing["id"], thing["thread"]) for thing in tracker.things}
    thread = found["job thumbs"][0]
    assert found["demo:sq010/sh010/p001@v001"][1] == thread
    assert found["demo:sq010/sh010/p002@v001"][1] is None


def test_a_version_waits_for_its_thread_but_not_for_one_that_is_dead(mail: Mail, tracker: Tracker) -> None:
    go_on(mail, 1)
    refused: list[str] = []

    def mood(call: str) -> str:
        if mail.clock.passed_s < 60:
            return "busy"
        refused.append(call)
        return "no" if len(refused) == 1 else "fine"

    tracker.mood = mood
    job = mail.job()
    mail.publish(1, job=job)
    for _ in range(8):
        go_on(mail, 15)
    assert [thing["about"] for thing in tracker.things] == ["demo:sq010/sh010/p001@v001"]
    assert tracker.things[0]["thread"] is None
    assert sorted(mail.states()) == [("job-state", "dead"), ("version-published", "delivered")]


def test_a_job_that_was_dropped_stays_untold(mail: Mail, tracker: Tracker) -> None:
    go_on(mail, 1)
    tracker.mood = lambda _call: "no"
    job = mail.job()
    go_on(mail, 1)
    drop(mail.database, letters(mail.database)[0], by="maya", why="a test")
    tracker.mood = lambda _call: "fine"
    mail.move(job, State.SUCCEEDED, done=4)
    go_on(mail, 20)
    assert tracker.things == []
