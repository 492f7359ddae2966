"""Servers that mean us ill: no token goes to another host, and no answer fills the memory."""

from __future__ import annotations

import gzip
import resource
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
from chat_server import Answer, Asked, FaultyServer, serving

from shotmill.pipeline.notify import rocketchat, slack
from shotmill.pipeline.outbox import answers
from shotmill.pipeline.outbox.secrets import Secrets
from shotmill.pipeline.outbox.target import Target, TargetMaker
from shotmill.pipeline.trackers import ftrack, kitsu, shotgrid
from shotmill.schema.errors import TargetRefusedError, TargetUnreachableError

TOKEN = "canary-4711"  # noqa: S105 - bait
CHAT = {"token": "env:X", "channel": "#renders"}
TARGETS: dict[str, tuple[TargetMaker, str, dict[str, Any]]] = {
    "slack": (slack.make, "url", CHAT),
    "rocketchat": (rocketchat.make, "url", {**CHAT, "user_id": "robot"}),
    "kitsu": (kitsu.make, "server", {"user": "robot@studio", "password": "env:X"}),
    "shotgrid": (shotgrid.make, "server", {"script": "robot", "key": "env:X"}),
    "ftrack": (ftrack.make, "server", {"user": "robot", "key": "env:X"}),
}
CHUNK = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
CHUNKED = b"HTTP/1.1 %d So\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


class Mirror(FaultyServer):
    """Sends everybody elsewhere, or says yes."""

    elsewhere = ""
    status = 302

    def answer(self, asked: Asked) -> Answer:
        if self.elsewhere:
            return Answer(b"", self.status, (("Location", self.elsewhere + asked.path),))
        return Answer({"ok": True, "success": True})


@pytest.fixture(params=TARGETS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def target(kind: str, url: str) -> Target:
    make, key, section = TARGETS[kind]
    return make(kind, {**section, key: f"{url}/"}, Secrets({"X": TOKEN}), 5.0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_no_token_to_another_server(status: int, kind: str) -> None:
    with serving(Mirror()) as other, serving(Mirror()) as server:
        server.elsewhere, server.status = other.url, status
        with closing(target(kind, server.url)) as found, pytest.raises(TargetRefusedError):
            found.check()
        assert other.asked == []


@contextmanager
def endless(status: int) -> Iterator[str]:
    """A server whose answers never end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, suppress(OSError):
                        connection.recv(65536)
                        connection.sendall(CHUNKED % status)
                        while True:
                            connection.sendall(CHUNK)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_that_never_ends_fills_no_memory(status: int, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_ANSWER", 4 * 2**20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (
        endless(status) as url,
        closing(target(kind, url)) as found,
        pytest.raises(TargetUnreachableError, match=r"did not end within 4 MiB|answered 500"),
    ):
        found.check()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000, "kB"


ZEROS = b" " * (8 * 2**20)


class Bomb(FaultyServer):
    """Answers with little that unpacks to much."""

    encoding, body = "", b""

    def answer(self, asked: Asked) -> Answer:
        del asked
        return Answer(self.body, 200, (("Content-Encoding", self.encoding),), kind="application/json")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        pytest.param("gzip", gzip.compress(ZEROS), id="gzip"),
        pytest.param("deflate", zlib.compress(ZEROS), id="deflate"),
        pytest.param("deflate", zlib.compress(ZEROS)[2:-4], id="deflate without a head"),
    ],
)
def test_a_small_answer_that_unpacks_to_much_is_not_unpacked(
    encoding: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MAX_ANSWER", 4 * 2**20)
    with serving(Bomb()) as server, closing(target("shotgrid", server.url)) as found:
        server.encoding, server.body = encoding, body
        with pytest.raises(TargetUnreachableError, match="did not end within 4 MiB"):
            found.check()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(gzip.compress(b"{}" * 99)[:-9], "ends too early", id="half of it"),
        pytest.param(b"\xff\xff no", "cannot be read", id="none of it"),
    ],
)
def test_a_compressed_answer_that_is_not_whole_is_asked_for_again(body: bytes, said: str) -> None:
    with serving(Bomb()) as server, closing(target("shotgrid", server.url)) as found:
        server.encoding, server.body = "gzip", body
        with pytest.raises(TargetUnreachableError, match=said):
            found.check()
