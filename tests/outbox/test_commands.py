"""``deliver``, ``outbox`` and ``tracker``, as wranglers type them."""

from __future__ import annotations

import json
import signal
import uuid
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from command_line import Ran, delivering, wait_until
from mail import Hours, Mail
from sqlalchemy import update
from wire_tracker import TOKEN, Tracker

import shotmill as package
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.tables import Delivery
from shotmill.submitters.cli.root import invoke

SCHEMAS = Path(package.__file__).resolve().parent / "schema" / "json"


@pytest.fixture
def office(settings: Settings, sqlite_database: Database, tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> Mail:
    """The embedded database of the home that commands look at."""
    monkeypatch.setenv("SHOTMILL_TARGETS", "wire")
    monkeypatch.setenv("SHOTMILL_USER", "maya")
    made = Mail(settings, sqlite_database, Hours())
    made.section(tracker.server)
    return made


@pytest.fixture
def shotmill(office: Mail, capfd: pytest.CaptureFixture[str]) -> Any:
    del office

    def run(*words: str) -> Ran:
        capfd.readouterr()
        code = invoke(words)
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run


def test_deliver_says_what_it_told_and_that_nothing_is_left(office: Mail, tracker: Tracker, shotmill: Any) -> None:
    office.publish()
    ran = shotmill("deliver")
    assert (ran.exit_code, len(tracker.things)) == (0, 1)
    assert ran.out.splitlines() == ["delivered  wire  demo:sq010/sh010/p001@v001", "nothing is left to be told"]


def test_a_target_that_is_down_is_named_and_tried_again_later(office: Mail, shotmill: Any) -> None:
    office.section("http://127.0.0.1:9")
    office.publish()
    ran = shotmill("deliver", "--once")
    assert ran.exit_code == 75
    assert ran.out.splitlines()[-1] == "1 letter still waits for wire, which does not answer"


def test_dead_letters_are_named_revived_and_told(office: Mail, tracker: Tracker, shotmill: Any) -> None:
    tracker.mood = lambda _call: "no"
    office.publish()
    ran = shotmill("deliver")
    assert (ran.exit_code, ran.out.splitlines()[-1]) == (69, "1 letter is dead: shotmill outbox --state dead")
    assert "version-published: demo:sq010/sh010/p001@v001: wire said no" in shotmill("outbox", "--state", "dead").out
    tracker.mood = lambda _call: "fine"
    assert shotmill("outbox", "retry", "--all-dead").out == "1 letter to be carried again: shotmill deliver\n"
    assert shotmill("deliver", "--target", "wire").exit_code == 0
    assert shotmill("outbox", "retry", "--all-dead").out == "there is nothing to do\n"


def test_a_letter_is_dropped_with_a_reason_that_the_audit_keeps(office: Mail, tracker: Tracker, shotmill: Any) -> None:
    version = office.publish()
    office.note(version, "darker")
    row = shotmill("outbox", "--json").json["letters"][-1]
    assert shotmill("outbox", "drop", row["id"][-8:], "--why", "the client has it").exit_code == 0
    shotmill("deliver")
    assert [thing["text"] for thing in tracker.things] == ["darker"]
    assert shotmill("outbox", "list", "--state", "dropped", "--json").json["letters"][0]["state"] == "dropped"
    assert "outbox-drop" in shotmill("audit", "demo:sq010/sh010").out
    assert shotmill("outbox", "drop", row["id"], "--why", "again").exit_code == 64
    assert shotmill("outbox", "retry", row["id"]).exit_code == 0
    shotmill("deliver")
    assert len(tracker.things) == 2


def test_the_outbox_in_json_fits_its_schema(office: Mail, shotmill: Any) -> None:
    office.publish(targets=("wire", "other"))
    shotmill("deliver", "--target", "wire")
    found = shotmill("outbox", "--json").json
    jsonschema.validate(found, json.loads((SCHEMAS / "outbox.json").read_text()))
    assert found["counts"] == {"other": {"pending": 1}, "wire": {"delivered": 1}}
    delivered = shotmill("outbox", "--state", "delivered", "--target", "wire", "--json").json["letters"]
    assert [(one["target"], one["remote_id"]) for one in delivered] == [("wire", "t1")]
    assert shotmill("outbox").out.count("pending") == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["outbox", "retry"], 64, id="which letter"),
        pytest.param(["outbox", "retry", "abcd", "--all-dead"], 64, id="two ways at once"),
        pytest.param(["outbox", "retry", "ffffffffffff"], 64, id="no such letter"),
        pytest.param(["outbox", "retry", "f"], 64, id="too short"),
        pytest.param(["outbox", "--state", "gone"], 64, id="no such state"),
        pytest.param(["tracker", "pull", "--target", "chat"], 69, id="no such section"),
    ],
)
def test_wrong_words_are_refused(words: list[str], code: int, office: Mail, shotmill: Any) -> None:
    assert office.states() == []
    assert shotmill(*words).exit_code == code


def test_the_end_of_an_id_that_two_letters_have_is_refused(office: Mail, shotmill: Any) -> None:
    office.publish(targets=("wire", "other"))
    with office.database.write() as connection:
        for number, row in enumerate(connection.execute(Delivery.__table__.select()).all()):
            made = uuid.UUID(f"0190000{number}-0000-7000-8000-00000000beef")
            connection.execute(update(Delivery).where(Delivery.id == row.id).values(id=made))
    assert "is the end of several ids" in shotmill("outbox", "retry", "beef").err


def test_a_secret_that_is_not_there_is_named_and_others_go_on(office: Mail, tracker: Tracker, shotmill: Any) -> None:
    office.section(tracker.server, f'\n[other]\ntype = "wire"\nserver = "{tracker.server}"\ntoken = "env:NOWHERE"\n')
    office.publish(targets=("other", "wire"))
    ran = shotmill("deliver")
    assert (ran.exit_code, len(tracker.things)) == (69, 1)
    assert "E604 secret env:NOWHERE: the variable NOWHERE is not set" in ran.err


def test_a_target_without_section_is_named_and_others_go_on(office: Mail, tracker: Tracker, shotmill: Any) -> None:
    office.publish(targets=("other", "wire"))
    ran = shotmill("deliver")
    assert (ran.exit_code, len(tracker.things)) == (69, 1)
    assert "target 'other' has no section in" in ran.err


def test_check_asks_every_target_and_changes_nothing(office: Mail, tracker: Tracker, shotmill: Any) -> None:
    ran = shotmill("tracker", "check")
    assert (ran.exit_code, ran.out) == (0, f"ok    wire         robot at {tracker.server}\n      may write\n")
    assert tracker.things == []
    office.section("http://127.0.0.1:9")
    ran = shotmill("tracker", "check", "wire", "--json")
    jsonschema.validate(ran.json, json.loads((SCHEMAS / "tracker.json").read_text()))
    assert (ran.exit_code, ran.json["targets"][0]["problem"][:4]) == (69, "E601")


def test_check_repeats_no_secret_that_a_server_repeats(
    office: Mail, tracker: Tracker, shotmill: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office.states() == []
    monkeypatch.setenv("WIRE_TOKEN", "canary-4711-wrong")
    for words in (["tracker", "check"], ["deliver"], ["outbox"], ["doctor"]):
        ran = shotmill(*words)
        assert "canary-4711" not in ran.out + ran.err
    assert "[secret]" in shotmill("tracker", "check").out
    assert "[secret]" in shotmill("tracker", "pull").err
    assert tracker.calls


def test_doctor_tells_of_targets_without_section_and_of_dead_letters(
    office: Mail, tracker: Tracker, shotmill: Any
) -> None:
    assert "outbox           wire (wire); nothing waits to be told" in shotmill("doctor").out
    tracker.mood = lambda _call: "no"
    office.publish()
    assert "outbox           wire (wire); 1 waits to be told" in shotmill("doctor").out
    shotmill("deliver")
    assert "note  outbox           1 letters are dead" in shotmill("doctor").out
    office.settings.targets_path.unlink()
    assert "note  outbox           target 'wire' has no section" in shotmill("doctor").out


def test_without_any_target_check_says_how_to_begin(
    office: Mail, shotmill: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOTMILL_TARGETS")
    office.settings.targets_path.unlink()
    ran = shotmill("tracker", "check")
    assert ran.exit_code == 64
    assert "write a section into" in ran.err


def test_pull_brings_the_production_and_tells_what_is_new(office: Mail, tracker: Tracker, shotmill: Any) -> None:
    assert office.states() == []
    tracker.production = [
        {"kind_of_thing": "PulledProject", "remote_id": "p1", "code": "demo"},
        {"kind_of_thing": "PulledSequence", "remote_id": "s1", "project": "demo", "code": "sq010"},
        {"kind_of_thing": "PulledShot", "remote_id": "h1", "project": "demo", "sequence": "sq010", "code": "sh 1"},
        *[
            {"kind_of_thing": "PulledShot", "remote_id": f"x{n}", "project": "gone", "sequence": "s", "code": f"s{n}"}
            for n in range(12)
        ],
    ]
    ran = shotmill("tracker", "pull", "demo")
    assert ran.exit_code == 0
    assert ran.out.splitlines()[:2] == [
        "project   1 new, 0 changed, 0 as they were",
        "sequence  1 new, 0 changed, 0 as they were",
    ]
    assert ran.out.splitlines()[-1] == "and 3 more remarks"
    tracker.production = []
    assert shotmill("tracker", "pull", "--target", "wire").out == "wire knows nothing that we may see\n"


def test_which_tracker_to_pull_from_has_to_be_said(office: Mail, tracker: Tracker, shotmill: Any) -> None:
    office.section(tracker.server, f'\n[other]\ntype = "wire"\nserver = "{tracker.server}"\n')
    ran = shotmill("tracker", "pull")
    assert ran.exit_code == 64
    assert "give --target with one of wire, other" in ran.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_carries_what_comes_and_ends_when_told_to(
    number: signal.Signals, office: Mail, tracker: Tracker, tmp_path: Path
) -> None:
    with (tmp_path / "deliver.log").open("wb") as log, delivering(log, WIRE_TOKEN=TOKEN) as service:
        wait_until(lambda: b"carrying" in (tmp_path / "deliver.log").read_bytes())
        office.publish()
        wait_until(lambda: office.states() == [("version-published", "delivered")])
        service.send_signal(number)
        assert service.wait(20) == 0
    assert len(tracker.things) == 1


def test_a_kind_of_target_with_a_fault_keeps_no_other_from_being_checked(
    office: Mail, tracker: Tracker, shotmill: Any
) -> None:
    office.section("raise", f'\n[other]\ntype = "wire"\nserver = "{tracker.server}"\n')
    ran = shotmill("tracker", "check")
    assert ran.exit_code == 69
    assert "FAIL  wire         a fault of its kind 'wire': ZeroDivisionError" in ran.out
    assert "ok    other        robot at" in ran.out


def test_a_service_carries_on_when_its_log_has_no_space_left(office: Mail, tracker: Tracker) -> None:
    with Path("/dev/full").open("wb") as full, delivering(full, WIRE_TOKEN=TOKEN) as service:
        office.publish(1)
        wait_until(lambda: len(tracker.things) == 1)
        office.publish(2)
        wait_until(lambda: len(tracker.things) == 2)
        service.terminate()
        service.wait(20)
    assert [state for _, state in office.states()] == ["delivered"] * 2
