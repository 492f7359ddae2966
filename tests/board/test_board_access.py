"""Who may ask a board, and what for."""

from __future__ import annotations

import asyncio
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from board_jobs import FailedJob, Served, served

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.audit import audit_of_subject
from shotmill.schema.errors import AccessError, BadRequestError, ConfigError
from shotmill.schema.roles import Role
from shotmill.submitters.board import FarmPage, bound_socket, read_token
from shotmill.submitters.board.auth import is_token


def refused(answer: Any, status: int) -> bool:
    return (answer.status, answer.json["error"]["code"]) == (status, "E800")


def test_fact_20_only_who_knows_the_token_is_answered(board: Served, failed: FailedJob) -> None:
    for path in ("/api/summary", "/api/board", "/api/jobs", f"/api/jobs/{failed.handle}", "/api/versions", "/api/x"):
        for token in ("", "wrong", board.board.token[:-1], board.board.token + "x"):
            assert refused(board.ask(path, token=token), 401)
    assert board.ask("/api/summary", token="").headers["WWW-Authenticate"] == "Bearer"


def test_fact_20_a_requeue_needs_the_token(board: Served, failed: FailedJob) -> None:
    path = f"/api/jobs/{failed.handle}/retry"
    assert refused(board.ask(path, {}, token=""), 401)
    assert board.ask(f"/api/jobs/{failed.handle}").json["job"]["state"] == "failed"
    assert board.ask(path, {}).status == 200
    assert board.ask(f"/api/jobs/{failed.handle}").json["job"]["state"] == "running"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Host": "evil.example"}, id="a name that leads here (DNS rebinding)"),
        pytest.param({"Host": "evil.example:PORT"}, id="such a name with the port"),
        pytest.param({"Host": "127.0.0.1"}, id="another port"),
        pytest.param({"Origin": "http://evil.example"}, id="a page of another site"),
        pytest.param({"Origin": "null"}, id="a page without an origin"),
        pytest.param({"Origin": "https://127.0.0.1:PORT"}, id="another scheme"),
        pytest.param({"Origin": "http://127.0.0.1:1"}, id="a page of another port"),
        pytest.param({"Sec_Fetch_Site": "cross-site"}, id="a page of another site, as browsers say it"),
        pytest.param({"Sec_Fetch_Site": "same-site"}, id="a page of another port, as browsers say it"),
    ],
)
def test_other_sites_and_names_are_refused_although_they_know_the_token(headers: dict[str, str], board: Served) -> None:
    given = {name: value.replace("PORT", str(board.serving.port)) for name, value in headers.items()}
    assert refused(board.ask("/api/summary", **given), 403)
    assert refused(board.ask("/api/projects", {"code": "new"}, **given), 403)
    assert "new" not in board.ask("/api/summary").json["projects"]


def test_the_page_itself_may_ask(board: Served) -> None:
    own = {"Origin": board.url, "Sec_Fetch_Site": "same-origin"}
    assert board.ask("/api/summary", **own).status == 200
    assert board.ask("/", token="").status == 200


def test_fact_20_only_loopback_is_listened_on(board: Served) -> None:
    assert board.serving.listening.getsockname()[0] == "127.0.0.1"
    elsewhere = socket.gethostbyname(socket.gethostname())
    if not elsewhere.startswith("127."):
        with pytest.raises(OSError, match="refused"), socket.create_connection((elsewhere, board.serving.port), 2):
            pass


def test_answers_are_not_held_back_until_their_head_was_acknowledged() -> None:
    async def seen_by_asyncio() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def connected(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            found.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = bound_socket(0)
        async with await asyncio.start_server(connected, sock=listening):
            _reader, writer = await asyncio.open_connection(*listening.getsockname())
            no_delay = await found
            writer.close()
        return no_delay

    assert asyncio.run(seen_by_asyncio())


def test_answers_carry_what_keeps_browsers_safe(board: Served) -> None:
    for path in ("/", "/board.js", "/api/summary", "/api/nothing"):
        headers = board.ask(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
        assert headers["Access-Control-Allow-Origin"] is None


def test_a_board_that_looks_only_changes_nothing(
    settings: Settings, sqlite_database: Database, failed: FailedJob
) -> None:
    with served(settings, sqlite_database, read_only=True) as board:
        assert board.ask("/api/summary").json["read_only"] is True
        for path in (f"/api/jobs/{failed.handle}/retry", "/api/jobs", "/api/projects"):
            assert refused(board.ask(path, {}), 403)
        assert board.ask(f"/api/jobs/{failed.handle}").json["job"]["state"] == "failed"


def test_what_the_role_may_not_do_the_board_does_not(settings: Settings, failed: FailedJob) -> None:
    viewer = settings.model_copy(update={"role": Role.VIEWER})
    database = Database(settings.database_url, role=Role.VIEWER)
    with served(viewer, database) as board:
        answer = board.ask(f"/api/jobs/{failed.handle}/retry", {})
        assert (answer.status, answer.json["error"]["code"]) == (403, "E304")
        assert board.ask("/api/summary").json["read_only"] is True
    database.dispose()


def test_a_token_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "token"
    made = read_token(path)
    assert (stat.S_IMODE(path.stat().st_mode), read_token(path), len(made) >= 32) == (0o600, made, True)
    path.chmod(0o644)
    with pytest.raises(AccessError, match="others may read"):
        read_token(path)
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(AccessError, match="holds no token"):
        read_token(path)


@pytest.mark.parametrize("given", ["", "é" * 40, "\ud800", None, 5])
def test_nothing_but_the_token_is_the_token(given: object, board: Served) -> None:
    assert not is_token(board.board, given)


def test_a_port_that_is_taken_is_named() -> None:
    with bound_socket(0) as taken, pytest.raises(ConfigError, match="Address already in use"):
        bound_socket(taken.getsockname()[1])


@pytest.mark.parametrize("text", ["opencue", "opencue=ftp://x/{id}", "x=http://h/{no}", "=http://h/{id}", "x=http://{"])
def test_a_farm_page_that_leads_nowhere_is_refused(text: str) -> None:
    with pytest.raises(BadRequestError, match="is no farm page"):
        FarmPage.parse(text)


def test_what_was_done_through_the_board_is_in_the_audit_as_from_the_command_line(
    board: Served, failed: FailedJob
) -> None:
    assert board.ask(f"/api/jobs/{failed.handle}/retry", {}).json["steps"] == {"work": 1}
    assert board.ask(f"/api/jobs/{failed.handle}/cancel", {}).json["state"] == "cancelled"
    told = [(one.verb, one.actor) for one in audit_of_subject(board.board.database, failed.handle)]
    assert told == [("submit", "artist"), ("retry", "artist"), ("cancel", "artist")]
