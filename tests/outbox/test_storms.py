"""Workers that are killed anywhere, two at once, and a tracker with every fault: each fact told once, in order."""

from __future__ import annotations

import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from carriers import LEASE_S, PATIENCE_S, POINTS, Carriers, serving
from done_jobs import done_job, job_spec, output_spec
from mail import Mail
from wire_tracker import Tracker

from shotmill.pipeline.publish import run_publish
from shotmill.schema.states import State

pytestmark = [pytest.mark.kill, pytest.mark.slow]


@pytest.fixture
def carriers(tmp_path: Path, tracker: Tracker) -> Iterator[Carriers]:
    assert tracker.things == []
    with serving(tmp_path / "site") as made:
        yield made


def test_a_worker_killed_at_any_named_point_leaves_one_of_everything(
    mail: Mail, tracker: Tracker, carriers: Carriers
) -> None:
    mail.worker().once()  # the target is seen for the first time
    url, home = mail.database.url.render_as_string(hide_password=False), str(mail.settings.home)
    told: list[str] = []
    began = time.time()
    for number, point in enumerate(POINTS):
        job = mail.job()
        version = mail.publish(number, job=job)
        mail.note(version, f"note {number}")
        carriers.ask("w", home, url, began, number * 3 * LEASE_S, 1, LEASE_S, point, 0, number)
        assert carriers.end_of("w") == -9, point
        carriers.ask("w", home, url, began, (number * 3 + 2) * LEASE_S, 1, LEASE_S, "-", 0, number)
        assert carriers.end_of("w") == 0
        told += [f"job:{job}", f"version:{version}"]
    facts = [fact for fact in tracker.facts if not fact.startswith("note:")]
    assert Counter(facts) == Counter(told)
    assert len(tracker.things) == 3 * len(POINTS)
    check_order(tracker)
    assert {state for _, state in mail.states()} == {"delivered"}


def check_order(tracker: Tracker) -> None:
    """Each note is on its version, which was there first; each version in the thread of its job."""
    ids: dict[str, str] = {}
    for thing in tracker.things:
        ids[thing["id"]] = thing["fact"]
        if thing["kind"] == "note-written":
            assert ids[thing["on"]].startswith("version:")


def moods(tracker: Tracker, seconds_down: float, dice: random.Random) -> None:
    """Down for a while from the tenth call on; before and after every fault there is, each now and then."""
    down: list[float] = []
    hung: list[str] = []

    def mood(call: str) -> str:
        if len(tracker.calls) > 10 and not down:
            down.append(time.monotonic() + seconds_down)
        if down and time.monotonic() < down[0]:
            return "down"
        if len(tracker.calls) > 60 and len(hung) < 2:
            hung.append(call)
            return "hang"
        tracker.wait_s = dice.choice([1, 30, None])
        return dice.choices(["fine", "lost", "half", "busy", "broken"], [80, 6, 6, 4, 4])[0]

    tracker.mood = mood


def test_a_hundred_publishes_stay_green_in_a_storm_and_are_told_once(
    mail: Mail, tracker: Tracker, carriers: Carriers, tmp_path: Path
) -> None:
    speed, hour = 1800.0, 2.0  # an hour of the workers' time is two seconds of ours
    tracker.hang_s = 2.5
    mail.section(tracker.server, "timeout_s = 2\n")
    moods(tracker, hour, random.Random(4))
    dice = random.Random(20261121)
    url, home = mail.database.url.render_as_string(hide_password=False), str(mail.settings.home)
    began = time.time()
    seeds = iter(range(10_000))

    def work(name: str, chance: float = 0.03) -> None:
        carriers.ask(name, home, url, began, 0, speed, LEASE_S, "-", chance, next(seeds))

    work("first")
    work("second")
    versions, ends = [], Counter[int]()
    for number in range(100):
        versions.append(publish_one(number, f"comp{dice.randrange(9)}", mail, tmp_path / str(number)))
        if number % 10 == 0:
            mail.note(versions[-1], f"note {number}")
        for name in ("first", "second"):
            if (code := carriers.ask(name)) is not None:
                ends[code] += 1
                work(name)
    deadline = time.monotonic() + PATIENCE_S
    while {state for _, state in mail.states()} != {"delivered"}:
        assert time.monotonic() < deadline, Counter(mail.states())
        for name in ("first", "second"):
            if (code := carriers.ask(name)) is not None:
                ends[code] += 1
                work(name, chance=0.01)
        time.sleep(0.05)
    for name in ("first", "second"):
        carriers.end_of(name)
    made = [fact for fact in tracker.facts if fact.startswith("version:")]
    assert sorted(made) == sorted(f"version:{version}" for version in versions)
    assert len(tracker.things) == 110
    check_order(tracker)
    assert ends[-9] >= 5, "hardly anybody was killed"
    assert ends.keys() <= {0, -9}
    line = f"100 published, 100 told, 0 twice, 0 lost; {ends[-9]} workers killed, {len(tracker.calls)} requests"
    print(line)  # noqa: T201 - the figure of the storm


def publish_one(number: int, product: str, mail: Mail, folder: Path) -> uuid.UUID:
    """One publish: each fifth is a whole job's, the others are its transaction alone; neither knows of any tracker."""
    if number % 5:
        return mail.publish(number, product=product)
    spec = job_spec(output_spec(product=product, frames=None))
    report = run_publish(done_job(folder, spec, {None: b"one"}), spec, mail.settings, mail.database)
    assert report.outcome == "published"
    return uuid.UUID(report.versions[0].version_id)


def test_publish_fact_13_two_workers_at_once_tell_each_fact_once(
    mail: Mail, tracker: Tracker, carriers: Carriers
) -> None:
    job = mail.job()
    versions = [mail.publish(number, job=job) for number in range(15)]
    mail.move(job, State.SUCCEEDED, done=4)
    url, home = mail.database.url.render_as_string(hide_password=False), str(mail.settings.home)
    names = [f"w{number}" for number in range(2)]
    for name in names:
        carriers.ask(name, home, url, time.time(), 0, 100, LEASE_S, "-", 0, 1)
    assert [carriers.end_of(name) for name in names] == [0] * 2
    facts = [fact for fact in tracker.facts if fact.startswith("version:")]
    assert sorted(facts) == sorted(f"version:{version}" for version in versions)
