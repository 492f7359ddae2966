"""Host fact 6: whatever happens to the child, the host gets a typed error in one sentence, soon, and never hangs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_children import fake_python

from shotmill.schema.errors import error_kinds
from shotmill.submitters.client import Client, ClientError, LineReader, errors, write_place

SOON_S = 60.0  # on a machine that does much else
Make = Callable[[str], Client]


@pytest.fixture
def client(tmp_path: Path) -> Make:
    def made(program: str) -> Client:
        return Client("rv", "2025.1", python=fake_python(tmp_path / "fake", program), environ={"PATH": os.defpath})

    return made


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it was gone before, or between opening and reading
        return False


def wait_until_gone(*pids: int) -> None:
    ends = time.monotonic() + SOON_S
    while any(map(is_running, pids)):
        assert time.monotonic() < ends, "still there"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("program", "code", "says"),
    [
        pytest.param("crashed mid-line", "E703", "was killed by signal 11 before it answered", id="crash mid-line"),
        pytest.param("garbage", "E703", "said 'Traceback (most recent call last):', which is no answer", id="garbage"),
        pytest.param("not an object", "E703", "said '[1, 2]', which is no answer", id="no object"),
        pytest.param("exit code", "E703", "exit code 3 before it answered: disk of the moon is full", id="exit code"),
        pytest.param("silent end", "E703", "ended with exit code 0 before it answered", id="silent end"),
        pytest.param("1 MB of errors and an end", "E703", "exit code 1 before it answered: last words", id="1 MB"),
        pytest.param("no shotmill", "E701", "Shotmill is not installed (any more) where", id="removed package"),
    ],
)
def test_a_child_that_misbehaves_is_one_sentence(program: str, code: str, says: str, client: Make) -> None:
    with pytest.raises(ClientError) as failed:
        client(program).ask("ping", timeout=SOON_S)
    assert (failed.value.code, says in str(failed.value)) == (code, True), str(failed.value)
    assert failed.value.hint
    assert "\n" not in str(failed.value)


def test_a_child_that_never_answers_is_given_up_and_ended(client: Make) -> None:
    asking = client("never answers")
    call = asking.start(asking.request("ping", {}))
    while call.pid is None:
        time.sleep(0.01)
    assert not call.wait(0.2)
    call.too_late(0.2)
    with pytest.raises(ClientError, match=r"did not say anything for 0\.2 s") as late:
        _ = call.value
    assert (late.value.code, late.value.retry, call.done) == ("E704", True, True)
    wait_until_gone(call.pid)


def test_a_megabyte_of_errors_does_not_stop_the_answer(client: Make) -> None:
    assert client("1 MB of errors").ask("ping", timeout=SOON_S) == {"n": 1}


def test_an_answer_is_there_before_its_process_has_ended(client: Make) -> None:
    asking = client("slow to end")
    call = asking.start(asking.request("ping", {}))
    assert call.wait(SOON_S)
    assert (call.value, is_running(call.pid or 0)) == ({"n": 1}, True)
    call.cancel()
    assert call.value == {"n": 1}, "an answer that came stays"
    wait_until_gone(call.pid or 0)


def test_cancel_ends_the_child_and_all_that_it_started(client: Make) -> None:
    """Host fact 7: the tree, not only the child."""
    asking = client("has a child")
    call = asking.start(asking.request("submit", {}))
    lines: list[dict[str, int]] = []
    while not lines:
        lines = call.poll()
        time.sleep(0.01)
    call.cancel()
    with pytest.raises(ClientError, match="the host stopped asking") as ended:
        _ = call.value
    assert ended.value.code == "E705"
    wait_until_gone(call.pid or 0, lines[0]["done"])


def test_a_python_that_is_gone_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with pytest.raises(ClientError) as gone:
        Client("rv", "1", python=str(tmp_path / "removed" / "bin" / "python"))
    assert (gone.value.code, "is not there (any more)" in str(gone.value)) == ("E701", True)
    assert "shotmill install" in gone.value.hint


def test_a_python_that_goes_away_later_is_told_as_well(tmp_path: Path, client: Make) -> None:
    asking = client("good")
    (tmp_path / "fake" / "python").unlink()
    with pytest.raises(ClientError, match=r"is not there \(any more\)") as gone:
        asking.ask("ping", timeout=SOON_S)
    assert (gone.value.code, "shotmill install" in gone.value.hint) == ("E701", True)
    fake_python(tmp_path / "fake", "good")
    assert asking.ask("ping", timeout=SOON_S) == {"n": 1}, "it was mended, and the host was not started again"


def test_nobody_says_where_shotmill_is(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    with pytest.raises(ClientError, match="nothing says where Shotmill is") as missing:
        Client("rv", "1", environ=environ)
    assert missing.value.code == "E701"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"python": 7}', '{"python": ""}', '{"python": "/x", "environment": 3}']
)
def test_a_damaged_client_file_is_named(text: str, tmp_path: Path) -> None:
    file = tmp_path / "shotmill" / "client.json"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ClientError, match="does not say where Shotmill is") as damaged:
        Client("rv", "1", environ={"XDG_CONFIG_HOME": str(tmp_path)})
    assert str(file) in str(damaged.value)


def test_the_variable_wins_over_the_file_and_the_file_brings_settings(tmp_path: Path) -> None:
    python = fake_python(tmp_path / "by_file", "echo")
    write_place(tmp_path / "shotmill" / "client.json", python, {"SHOTMILL_CONFIG": "/studio/shotmill.toml"})
    by_file = Client("rv", "1", environ={"XDG_CONFIG_HOME": str(tmp_path)})
    assert by_file.ask("ping", timeout=SOON_S)[2]["SHOTMILL_CONFIG"] == "/studio/shotmill.toml"
    other = fake_python(tmp_path / "by_variable", "good")
    environ = {"XDG_CONFIG_HOME": str(tmp_path), "SHOTMILL_PYTHON": other}
    assert Client("rv", "1", environ=environ).command()[0] == other


def test_what_json_cannot_hold_is_told_to_whoever_wrote_the_host(client: Make) -> None:
    for wrong in ({"a": object()}, {"a": float("nan")}):
        with pytest.raises(ClientError) as refused:
            client("good").request("submit", wrong)
        assert refused.value.code == "E200"


def test_the_clients_codes_are_those_of_the_one_tree() -> None:
    kinds = error_kinds()
    told = [errors.INSTALLATION, errors.PROTOCOL, errors.ANSWER_LOST, errors.ANSWER_LATE, errors.ENDED]
    assert [(kinds[code].code, kinds[code].slug) for code, _slug in told] == told
    assert ("E200", kinds["E200"].slug) == errors.BAD_REQUEST


def test_lines_come_whole_however_the_pipe_cuts_them() -> None:
    sent = (
        b'{"type":"progress","stage":"h\xc3\xa4sh","done":1,"total":2}\n\n{"type":"result","ok":true,"value":3}\n{"typ'
    )
    for size in (1, 2, 7, 1000):
        reader = LineReader()
        lines = [line for at in range(0, len(sent), size) for line in reader.feed(sent[at : at + size])]
        assert [line["type"] for line in lines] == ["progress", "result"]
        assert lines[0]["stage"] == "häsh"
        assert reader.close(0) == [], "what comes behind the last line is nothing"
