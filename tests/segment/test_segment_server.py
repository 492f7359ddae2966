"""The resident segmenter answers whoever knows its token, on this machine, and nobody else."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from command_line import wait_until
from studio_backends import request_for

import shotmill
from shotmill.farm_plugins.segmenter.ask import ask, join, living, send_away
from shotmill.farm_plugins.segmenter.place import Address, Place
from shotmill.farm_plugins.segmenter.serve import MAX_BODY, MOST_WAITING, Segmenter
from shotmill.pipeline.roto.clicks import Clicks
from shotmill.schema.errors import BadRequestError, ConfigError, EmptyMaskError

pytestmark = pytest.mark.measured

SCHEMAS = Path(shotmill.__file__).resolve().parent / "schema" / "json"


def talk(server: Segmenter, body: bytes, *, to: str | None = "/segment", **changed: str | None) -> tuple[int, Any]:
    """POST; headers that are changed to None are left out."""
    port = server.server_address[1]
    headers: dict[str, str | None] = {
        "Host": f"127.0.0.1:{port}",
        "Authorization": f"Bearer {server.address_told.token}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    headers.update({name.replace("_", "-"): value for name, value in changed.items()})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.putrequest("POST", str(to), skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


def test_a_click_is_answered_as_the_schema_says(server: Segmenter, plate: Path) -> None:
    status, said = talk(server, request_for(plate).canonical())
    jsonschema.validate(said, schema("segment"))
    assert (status, said["by"], said["masks"][0]["area_px"]) == (200, "server", 240)


def test_the_client_finds_the_server_and_asks_it(server: Segmenter, place: Place, plate: Path) -> None:
    address = living(place)
    assert address is not None
    assert address.port == server.server_address[1]
    assert ask(address, request_for(plate)).masks[0].area_px == 240


def test_the_client_meets_the_error_that_the_server_met(server: Segmenter, place: Place, plate: Path) -> None:
    del server
    address = living(place)
    assert address is not None
    with pytest.raises(EmptyMaskError, match="nothing but black") as caught:
        ask(address, request_for(plate, 2.0))
    assert caught.value.fields == {"object": "sign"}


@pytest.mark.hostile
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Authorization": None}, 401, id="no token"),
        pytest.param({"Authorization": "Bearer " + "0" * 64}, 401, id="a wrong token"),
        pytest.param({"Authorization": "Bearer "}, 401, id="an empty token"),
        pytest.param({"Authorization": "Basic Zm9v"}, 401, id="another kind of token"),
        pytest.param({"Host": "evil.example:80"}, 403, id="a name that leads here"),
        pytest.param({"Host": None}, 403, id="no host"),
        pytest.param({"Origin": "http://127.0.0.1"}, 403, id="a web page"),
        pytest.param({"Origin": "null"}, 403, id="a web page from a file"),
        pytest.param({"Content_Type": "text/plain"}, 415, id="what a form could send"),
        pytest.param({"Content_Length": None}, 411, id="a body without an end"),
        pytest.param({"Content_Length": "-1"}, 411, id="a negative length"),
        pytest.param({"Content_Length": "9" * 40}, 413, id="a length beyond counting"),
        pytest.param({"Content_Length": str(MAX_BODY + 1)}, 413, id="a large body"),
        pytest.param({"Transfer_Encoding": "chunked"}, 411, id="chunks"),
    ],
)
def test_strange_requests_are_refused_in_json(
    server: Segmenter, plate: Path, headers: dict[str, str | None], status: int
) -> None:
    found, said = talk(server, request_for(plate).canonical(), **headers)
    jsonschema.validate(said, schema("error"))
    assert found == status


@pytest.mark.hostile
@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        pytest.param({"media": "/no/such/plate.mov"}, 404, "E204", id="no such plate"),
        pytest.param({"media": "plate.mov"}, 400, "E210", id="a relative path"),
        pytest.param({"media": "/tmp/../etc/passwd"}, 400, "E210", id="a path that climbs"),
        pytest.param({"media": "/etc/passwd"}, 400, "E200", id="what is no picture"),
        pytest.param({"media": "/tmp/a\nb.png"}, 400, "E210", id="a newline in a path"),
        pytest.param({"backend": "../x"}, 400, "E210", id="a backend with a path"),
        pytest.param({"backend": "nosuch"}, 503, "E110", id="an unknown backend"),
        pytest.param({"objects": []}, 400, "E210", id="nothing to find"),
        pytest.param({"objects": [{"name": "a"}]}, 400, "E210", id="no place"),
        pytest.param({"objects": [{"points": [{"x": "NaN", "y": 1}]}]}, 400, "E210", id="a point that is no number"),
        pytest.param({"more": 1}, 400, "E210", id="an unknown word"),
    ],
)
def test_requests_that_make_no_sense_are_told_why(
    server: Segmenter, plate: Path, changed: dict[str, Any], status: int, code: str
) -> None:
    asked = {**json.loads(request_for(plate).canonical()), **changed}
    found, said = talk(server, json.dumps(asked).encode())
    jsonschema.validate(said, schema("error"))
    assert (found, said["code"]) == (status, code), said


@pytest.mark.hostile
@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"null", b'{"media": ' + b"9" * 5000 + b"}"])
def test_what_is_no_request_is_refused(server: Segmenter, body: bytes) -> None:
    assert talk(server, body)[0] == 400


@pytest.mark.hostile
def test_what_is_no_http_does_not_end_the_server(server: Segmenter, place: Place) -> None:
    for junk in (b"\x16\x03\x01\x02\x00", b"BREW /segment HTTP/1.1\r\n\r\n", b"POST " + b"a" * 70_000 + b"\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=10) as line:
            line.sendall(junk)
            line.shutdown(socket.SHUT_WR)
            assert line.recv(100)
    assert living(place)


def test_it_listens_on_this_machine_alone(server: Segmenter) -> None:
    assert server.server_address[0] == "127.0.0.1"


def test_its_token_is_for_its_user_alone(server: Segmenter, place: Place) -> None:
    assert place.file.stat().st_mode & 0o777 == 0o600
    assert place.folder.stat().st_mode & 0o077 == 0
    assert len(server.address_told.token) == 64
    place.file.chmod(0o644)
    with pytest.raises(ConfigError, match="others may read it"):
        living(place)


def test_two_clicks_at_once_are_both_answered(server: Segmenter, place: Place, plate: Path) -> None:
    del server
    address = living(place)
    assert address is not None
    areas: list[int] = []

    def click(asked: Address) -> None:
        areas.append(ask(asked, request_for(plate)).masks[0].area_px)

    threads = [threading.Thread(target=click, args=(address,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert areas == [240] * 4


def test_many_can_call_before_the_first_is_heard(clicks: Clicks, place: Place) -> None:
    """Connections that a busy machine takes late are not dropped, whose callers would wait for seconds, or in vain."""
    with (
        place.taken(),
        Segmenter(place, lambda request: clicks.answer(request, by_server=True)) as server,
        ExitStack() as calls,
    ):
        for _ in range(MOST_WAITING + 1):
            calls.enter_context(socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=5))


def test_nobody_waits_in_a_line_without_end(place: Place, plate: Path) -> None:
    """16 may wait; the seventeenth is told so at once."""
    let_go = threading.Event()

    def never(_request: object) -> Any:
        let_go.wait(30)
        raise BadRequestError("late")

    with place.taken():
        server = Segmenter(place, never)
        stays = threading.Thread(target=server.stay)
        stays.start()
        body = request_for(plate).canonical()
        waiting = [threading.Thread(target=talk, args=(server, body)) for _ in range(16)]
        statuses = []
        for thread in waiting:
            thread.start()
        wait_until(lambda: server._room._value == 0)
        statuses.append(talk(server, body))
        let_go.set()
        for thread in waiting:
            thread.join()
        server.end()
        stays.join()
    assert [(status, said["retryable"]) for status, said in statuses] == [(503, True)]


def test_it_leaves_when_it_is_sent_away_or_nobody_asks(clicks: Clicks, place: Place) -> None:
    for idle_s in (0.0, 0.1):
        with place.taken():
            server = Segmenter(place, lambda request: clicks.answer(request, by_server=True), idle_s=idle_s)
            stays = threading.Thread(target=server.stay)
            stays.start()
            if not idle_s:
                address = living(place)
                assert address is not None
                send_away(address)
            stays.join(20)
            assert not stays.is_alive()
        assert living(place) is None
        assert not place.file.exists()


def test_one_that_hosts_started_ends_with_the_last_of_them(clicks: Clicks, place: Place) -> None:
    first, second = (subprocess.Popen(["sleep", "60"]) for _ in range(2))  # two hosts
    with place.taken():
        server = Segmenter(place, lambda request: clicks.answer(request, by_server=True), host_pid=first.pid)
        stays = threading.Thread(target=server.stay)
        stays.start()
        join(server.address_told, second.pid)
        first.kill()
        first.wait()
        stays.join(0.6)  # two looks at who is left
        assert stays.is_alive()
        second.kill()
        second.wait()
        stays.join(20)
        assert not stays.is_alive()


@pytest.mark.parametrize("body", [b"[]", b'{"pid": 0}', b'{"pid": "1"}', b'{"pid": true}', b"{"])
def test_what_is_no_host_is_refused(server: Segmenter, body: bytes) -> None:
    status, said = talk(server, body, to="/host")
    assert (status, said["fields"]) == (400, {"field": "pid"})


def test_a_segmenter_that_was_killed_is_none(place: Place) -> None:
    with place.taken(), socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place.announce(taken.getsockname()[1])  # nobody listens there
    assert living(place) is None
