"""Questions: what is answered, and what is refused before anything is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rpc_host import Answered, ask_bytes, question

import shotmill as package

Ask = Callable[..., Answered]


def test_ping_says_who_answers(ask: Ask) -> None:
    found = ask("ping").value
    assert (found["shotmill"], found["protocol"], found["engine"]) == (package.__version__, 1, "local")


def test_another_version_of_the_protocol_is_refused_and_both_are_named(ask: Ask) -> None:
    refused = ask("ping", v=7)
    assert (refused.exit_code, refused.error["code"], refused.error["slug"]) == (2, "E702", "protocol")
    assert "version 7 of the protocol" in refused.error["message"]
    assert "Shotmill speaks 1" in refused.error["message"]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        pytest.param(b"", "no JSON", id="nothing"),
        pytest.param(b'{"v": 1, "op"', "no JSON", id="cut off"),
        pytest.param(b"[1, 2]\n", "one JSON object", id="a list"),
        pytest.param(b"\xff\xfe\x00", "no JSON", id="no text"),
        pytest.param(b"[" * 100_000, "no JSON", id="deep"),
        pytest.param(json.dumps(question("dance")).encode(), "no operation 'dance'", id="unknown operation"),
        pytest.param(json.dumps(question("ping", id="7")).encode(), "no UUID", id="id"),
        pytest.param(json.dumps(question("ping", more=1)).encode(), "more: is not known", id="unknown key"),
        pytest.param(json.dumps(question("cancel", {"jobs": "J"})).encode(), "jobs: is not known", id="argument"),
        pytest.param(json.dumps(question("cancel")).encode(), "job: Field required", id="missing argument"),
        pytest.param(json.dumps(question("cancel", {"job": "a\ud800"})).encode(), "no text in UTF-8", id="surrogate"),
    ],
)
def test_what_is_no_question_is_refused(sent: bytes, says: str, tmp_path: Path) -> None:
    refused = ask_bytes(sent, tmp_path / "home")
    assert (refused.exit_code, refused.error["code"]) == (2, "E200")
    assert says in refused.error["message"]
    assert not (tmp_path / "home").exists()


def test_a_host_that_leaves_its_end_open_is_answered_after_its_line(tmp_path: Path) -> None:
    class Open:
        """A pipe whose writer never closes it."""

        def readline(self, _most: int) -> bytes:
            return json.dumps(question("ping")).encode() + b"\n"

        def read(self, _most: int) -> bytes:
            raise AssertionError("would wait forever")

    stream: Any = Open()
    from shotmill.submitters.rpc.question import read_question  # noqa: PLC0415 - beside its use

    assert json.loads(read_question(stream))["op"] == "ping"
    assert not (tmp_path / "home").exists()


def test_broken_settings_are_told_and_not_thrown(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_CPU_SLOTS", "many")
    failed = ask("ping")
    assert (failed.exit_code, failed.error["code"]) == (1, "E110")
