"""Targets that answer what no target should: the worker goes on, and says what it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from chat_server import Answer, Asked, FaultyServer, serving
from mail import Mail
from wire_tracker import Tracker

from shotmill.pipeline.store import outbox
from shotmill.pipeline.store.outbox import Holder
from shotmill.schema.ids import uuid7


class StrangeServer(FaultyServer):
    """Answers everything alike."""

    says = Answer({"id": None})

    def answer(self, asked: Asked) -> Answer:
        del asked
        return self.says


@pytest.fixture
def strange(mail: Mail) -> Iterator[StrangeServer]:
    with serving(StrangeServer()) as server:
        mail.section(server.url)
        mail.publish()
        yield server


@pytest.mark.parametrize("wait_s", [float("inf"), float("nan"), 1e300, -1e300])
def test_a_target_that_asks_to_wait_for_ever_is_asked_again_within_a_day(
    wait_s: float, mail: Mail, tracker: Tracker
) -> None:
    mail.publish()
    tracker.wait_s = wait_s
    tracker.mood = lambda _call: "busy" if len(tracker.calls) == 1 else "fine"
    worker = mail.worker()
    mail.clock.wait(worker.stopping, 600)
    worker.once(0)
    mail.clock.wait(worker.stopping, 86_400)
    worker.once(0)
    assert len(tracker.things) == 1


def test_what_a_server_says_is_kept_as_one_line_without_commands_to_a_terminal(
    mail: Mail, strange: StrangeServer
) -> None:
    strange.says = Answer(b"no\x00 \x1b[2Jway\r\n\xe2\x80\xae!", 403)
    mail.worker().once()
    assert mail.row().last_error == r"wire said no: no\x00 \x1b[2Jway \x202e!; look at it"


@pytest.mark.parametrize("remote_id", ["x" * 256, "a\0b", "a\ud800b", "a\nb"], ids=ascii)
def test_an_id_that_cannot_be_stored_is_said_once_to_a_person(
    remote_id: str, mail: Mail, strange: StrangeServer
) -> None:
    strange.says = Answer({"id": remote_id})
    mail.worker().once()
    row = mail.row()
    assert (row.state, row.remote_id) == ("dead", None)
    assert "has an id there that cannot be stored" in row.last_error


def test_who_lost_a_letter_to_another_worker_asks_for_nothing_more(mail: Mail, tracker: Tracker) -> None:
    mail.publish()
    later = mail.clock.now() + timedelta(hours=1)

    def fine(_call: str) -> str:
        assert outbox.claim(mail.database, "wire", Holder(uuid7()), moment=later) is not None
        return "fine"

    tracker.mood = fine
    mail.worker().once()
    assert tracker.calls == ["POST /things"]
    assert [one.state for one in mail.said] == ["lost"]


def test_a_clock_that_is_set_right_again_holds_up_no_new_letter(mail: Mail, tracker: Tracker) -> None:
    mail.publish(1)
    worker = mail.worker()
    mail.clock.wait(worker.stopping, 7 * 86_400)  # a machine whose clock is a week ahead
    tracker.wait_s = 3600
    tracker.mood = lambda _call: "busy" if len(tracker.calls) == 1 else "fine"
    worker.once(0)
    mail.clock.wait(worker.stopping, -7 * 86_400)
    second = mail.publish(2)
    mail.clock.wait(worker.stopping, 600)
    worker.once(0)
    assert tracker.facts == [f"version:{second}"]
