"""A worker for each target: what hangs or is wrong with one keeps no other waiting; what trackers know comes home."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from mail import Mail
from sqlalchemy import func, select, text
from wire_tracker import TOKEN, Tracker, wire_tracker

from shotmill.pipeline.outbox import crew as crews
from shotmill.pipeline.outbox.crew import Crew
from shotmill.pipeline.outbox.office import studio_of
from shotmill.pipeline.outbox.pace import SystemClock
from shotmill.pipeline.outbox.puller import Puller
from shotmill.pipeline.outbox.worker import Carried, Studio
from shotmill.pipeline.store import Database
from shotmill.schema.errors import ShotmillError
from shotmill.schema.tables import Shot

DEADLINE_S = 90.0
PROJECT = {"kind_of_thing": "PulledProject", "remote_id": "1", "code": "demo"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """None of this is a matter of the kind of database."""
    return sqlite_database


@pytest.fixture
def other() -> Iterator[Tracker]:
    """A second tracker."""
    with wire_tracker() as found:
        yield found


class QuickClock(SystemClock):
    """The machine's; nobody waits for long."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(min(seconds, 0.02))


def sections(mail: Mail, **servers: Tracker) -> None:
    text = "".join(
        f'[{name}]\ntype = "wire"\nserver = "{one.server}"\ncalls_per_s = 1000\n' for name, one in servers.items()
    )
    mail.settings.targets_path.write_text(text)


def studio_here(
    mail: Mail, said: Callable[[Carried], None] = lambda _: None, worry: Callable[[ShotmillError], None] = print
) -> Studio:
    made = studio_of(mail.settings, mail.database, {"WIRE_TOKEN": TOKEN})
    return replace(made, clock=QuickClock(), dice=random.Random(1), say=said, worry=worry, wanted=())


@contextmanager
def watching(crew: Crew) -> Iterator[list[BaseException]]:
    """A crew that watches in a thread; what it raised in the end."""
    raised: list[BaseException] = []

    def watch() -> None:
        try:
            crew.watch()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            raised.append(error)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield raised
    finally:
        crew.stopping.set()
        thread.join(DEADLINE_S)
    assert not thread.is_alive()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("how", ["once", "watch"])
def test_a_target_that_hangs_delays_no_other(how: str, mail: Mail, tracker: Tracker, other: Tracker) -> None:
    sections(mail, hangs=other, wire=tracker)
    answered, said = threading.Event(), list[str]()
    other.mood = lambda _call: "fine" if answered.wait(DEADLINE_S) else "down"
    for number in range(3):
        mail.publish(number, targets=("hangs", "wire"))

    def say(carried: Carried) -> None:
        said.append(carried.target)
        if said == ["wire"] * 3:  # all that the other has to be told, while the first still hangs
            answered.set()

    crew = Crew(studio_here(mail, say))
    if how == "once":
        crew.once(patience_s=0.01)
    else:
        with watching(crew):
            until(lambda: len(said) == 6)
    assert said == ["wire"] * 3 + ["hangs"] * 3
    assert len(set(tracker.facts)) == len(set(other.facts)) == len(tracker.things) == len(other.things) == 3


def test_two_crews_at_once_tell_each_target_each_fact_once_and_in_order(
    mail: Mail, tracker: Tracker, other: Tracker
) -> None:
    sections(mail, other=other, wire=tracker)
    versions = [mail.publish(number, targets=("other", "wire")) for number in range(6)]
    for number in range(3):
        for version in versions:
            mail.note(version, f"take {number}")
    both = [Crew(studio_here(mail)) for _ in range(2)]
    threads = [threading.Thread(target=one.once, kwargs={"patience_s": 0.5}) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    for server in (tracker, other):
        assert len(set(server.facts)) == len(server.things) == 24
        for told in [one for one in server.things if one["on"] is None]:
            texts = [one["text"] for one in server.things if one["on"] == told["id"]]
            assert texts == ["take 0", "take 1", "take 2"]
    assert {state for _, state in mail.states()} == {"delivered"}


def test_targets_that_come_are_served_and_those_that_go_are_let_go(
    mail: Mail, tracker: Tracker, other: Tracker
) -> None:
    sections(mail, other=other, wire=tracker)
    crew = Crew(studio_here(mail))
    before = threading.active_count()
    with watching(crew):
        mail.publish(1)
        until(lambda: len(tracker.things) == 1)
        mail.publish(2, targets=("other",))
        until(lambda: len(other.things) == 1)
        until(lambda: mail.states() == [("version-published", "delivered")] * 2)
        until(lambda: not crew._hands)
    assert threading.active_count() <= before + 2  # of the servers of this test


def test_a_fault_of_ours_ends_the_service_and_is_seen(mail: Mail, tracker: Tracker) -> None:
    sections(mail, wire=tracker)

    def say(_carried: Carried) -> None:
        raise ZeroDivisionError

    with watching(Crew(studio_here(mail, say))) as raised:
        mail.publish(1)
        until(lambda: bool(raised))
    assert [type(one) for one in raised] == [ZeroDivisionError]


def test_more_targets_than_are_served_at_once_are_named(
    mail: Mail, tracker: Tracker, other: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crews, "MOST", 1)
    sections(mail, other=other, wire=tracker)
    other.mood = lambda _call: "down"
    worries: list[str] = []
    with watching(Crew(studio_here(mail, worry=lambda error: worries.append(error.message)))):
        mail.publish(1, targets=("other", "wire"))
        until(lambda: bool(worries))
    assert worries[0] == "2 targets are to be told, and 1 are served at once"
    assert tracker.things == []


def test_a_database_that_is_away_is_waited_for(mail: Mail, tracker: Tracker) -> None:
    sections(mail, wire=tracker)
    mail.publish(1)
    rename(mail, "delivery", "away")
    worries: list[str] = []
    with watching(Crew(studio_here(mail, worry=lambda error: worries.append(error.code)))):
        until(lambda: len(worries) > 1)
        rename(mail, "away", "delivery")
        until(lambda: len(tracker.things) == 1)
    assert set(worries) == {"E302"}


def rename(mail: Mail, old: str, new: str) -> None:
    with mail.database.write() as connection:
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def test_one_target_alone_is_served_where_it_is_named(mail: Mail, tracker: Tracker, other: Tracker) -> None:
    sections(mail, other=other, wire=tracker)
    mail.publish(1, targets=("other", "wire"))
    crew = Crew(studio_here(mail), only="other")
    crew.once(patience_s=0.01)
    assert (len(tracker.things), len(other.things), crew.problems, crew.down) == (0, 1, {}, [])
    mail.publish(2, targets=("other",))
    crew.once(patience_s=0.01)  # the same crew, later
    assert len(other.things) == 2


def test_what_a_tracker_knows_is_pulled_again_and_again_without_duplicates(mail: Mail, tracker: Tracker) -> None:
    sections(mail, wire=tracker)
    with mail.settings.targets_path.open("a") as file:
        file.write("pull_s = 0.01\n")
    shot = {"kind_of_thing": "PulledShot", "project": "demo", "sequence": "sq010"}
    known = [PROJECT, {"kind_of_thing": "PulledSequence", "remote_id": "2", "project": "demo", "code": "sq010"}]
    tracker.production = [*known, {**shot, "remote_id": "3", "code": "sh010"}]
    said: list[str] = []
    studio = replace(studio_here(mail, lambda carried: said.append(carried.about)), wanted=("wire",))
    with watching(Crew(studio)):
        until(lambda: len([one for one in tracker.calls if "production" in one]) > 3)
        tracker.production = [*tracker.production, {**shot, "remote_id": "4", "code": "sh020"}]
        until(lambda: len(said) == 2)
    assert said == ["1 new project, 1 new sequence, 1 new shot", "1 new shot"]
    with mail.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(Shot)).scalar() == 2


@pytest.mark.parametrize(
    ("section", "said"),
    [
        pytest.param(
            'type = "wire"\nserver = "raise"\n', "nothing is pulled from 'wire': ZeroDivisionError", id="fault"
        ),
        pytest.param(
            'type = "webhook"\nurl = "http://127.0.0.1:9/"\nsecret = "env:WIRE_TOKEN"\n',
            "target 'wire' is no tracker: nothing can be pulled from it",
            id="no tracker",
        ),
        pytest.param('type = "wire"\nserver = "http://127.0.0.1:9"\n', "wire did not answer: URLError", id="away"),
    ],
)
def test_what_keeps_a_pull_from_being_done_is_said(section: str, said: str, mail: Mail) -> None:
    mail.settings.targets_path.write_text(f"[wire]\n{section}pull_s = 10\n")
    worries: list[str] = []

    def worry(error: ShotmillError) -> None:
        worries.append(error.message)
        puller.stopping.set()

    puller = Puller(studio_here(mail, worry=worry), "wire")
    puller.watch()
    assert worries == [said]


def test_where_nothing_is_to_be_pulled_nobody_is_asked(mail: Mail, tracker: Tracker) -> None:
    sections(mail, wire=tracker)
    Puller(studio_here(mail), "wire").turn()
    Puller(studio_here(mail), "gone").turn()
    assert tracker.calls == []


def test_a_pull_waits_for_its_time(mail: Mail, tracker: Tracker) -> None:
    sections(mail, wire=tracker)
    with mail.settings.targets_path.open("a") as file:
        file.write("pull_s = 600\n")
    puller = Puller(replace(studio_here(mail), clock=mail.clock), "wire")
    for _ in range(25):
        puller.turn()
        mail.clock.wait(puller.stopping, 60)
    assert len(tracker.calls) == 3  # at the beginning, after 600 s, after 1200 s
