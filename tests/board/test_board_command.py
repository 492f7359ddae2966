"""``shotmill board`` as people start it, and end it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command_line import stop_engines, write_cut, write_frames
from sqlalchemy import select

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.tables import Version
from shotmill.submitters.cli.commands import board as command
from shotmill.submitters.cli.root import invoke

PATIENCE_S = 120


@dataclass
class Process:
    """A board in a process of its own."""

    process: subprocess.Popen[str]
    url: str
    token: str

    def ask(self, path: str, body: object = None, method: str | None = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        asked = urllib.request.Request(self.url + path, content, headers, method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(asked, timeout=PATIENCE_S) as answer:  # noqa: S310 - same
            return json.loads(answer.read())


@contextmanager
def started(home: Path, *arguments: str) -> Iterator[Process]:
    """A board that is ended at the end, if it still runs."""
    argv = [sys.executable, "-m", "shotmill", "board", f"--token-file={home}/token", *arguments]
    environment = {**os.environ, "SHOTMILL_HOME": str(home), "SHOTMILL_IDLE_S": "1"}
    home.mkdir(exist_ok=True)
    with subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.match(r"board: (http://127\.0\.0\.1:\d+)/ \(token in (.*)\)", said)
        assert found, said + (process.stderr.read() if process.stderr else "")
        try:
            yield Process(process, found[1], Path(found[2]).read_text().strip())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)


def test_a_cut_goes_from_http_to_a_published_version_although_the_board_is_killed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    cut = write_cut(tmp_path / "cut.otio", write_frames(tmp_path / "media", 1001, 1002, 1003)).read_text()
    request = {"type": "thumbnail", "project": "demo", "cut": "main", "token": str(uuid.uuid4())}
    with started(home) as first:
        first.ask("/api/projects/demo/cuts/main", {"file": "cut.otio", "content": cut}, "PUT")
        job = first.ask("/api/jobs", request)["job"]["handle"]
        first.process.kill()  # while its job runs
        assert first.process.wait() == -signal.SIGKILL
    with started(home) as second, started(home) as third:  # two at once
        assert second.ask("/api/jobs", request)["job"]["handle"] == job
        ends = time.monotonic() + PATIENCE_S
        while (found := second.ask(f"/api/jobs/{job}"))["job"]["state"] != "succeeded":
            assert found["job"]["state"] in {"queued", "running"}, found
            assert time.monotonic() < ends
            time.sleep(0.1)
        [row, *_] = third.ask("/api/board?type=thumbnail")["rows"]
        assert (row["cells"]["thumbnail"]["version"], row["cells"]["thumbnail"]["handle"]) == (1, job)
        assert row["thumbnail"] is not None
        [_version, *_] = third.ask("/api/versions?project=demo&kind=image")["versions"]
    stop_engines(home)
    database = Database(Settings(home=home).database_url)
    with database.read() as connection:
        assert len(connection.execute(select(Version.id)).all()) == 2
    database.dispose()


def test_without_the_extra_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("shotmill.submitters.board")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    assert invoke(["board"]) == 69
    assert capfd.readouterr().err.splitlines() == [
        "E111 the board needs fastapi, which is not installed",
        "what to do: pip install 'shotmill[board]'",
    ]


def test_a_port_of_somebody_elses_ends_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from shotmill.submitters.board import bound_socket  # noqa: PLC0415 - slow

    with bound_socket(0) as taken:
        assert invoke(["--home", str(tmp_path), "board", "--port", str(taken.getsockname()[1])]) == 69
    assert "cannot be used: Address already in use" in capfd.readouterr().err


def test_a_browser_is_led_to_the_page_by_a_file_of_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []

    def launch(name: str) -> int:
        seen.append((Path(name).read_text(), Path(name).stat().st_mode & 0o777))
        return 1

    monkeypatch.setattr("click.launch", launch)
    with command._opened("http://127.0.0.1:1/#token=abc", show=True):
        pass
    assert [("url=http://127.0.0.1:1/#token=abc" in text, mode) for text, mode in seen] == [(True, 0o600)]
