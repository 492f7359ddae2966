"""Servers that fail on demand, and what the tests of chats and webhooks do with them.

A fault names what happens to one request, by its number from 1:
    lose: it is done, and the answer never comes.
    drop: it is not done, and nobody answers.
    half: it is done, and half of the answer comes.
    hang: it is done, and the answer takes longer than anybody waits.
    429, 500, html: it is not done, and the answer says so; html is an error page that calls itself a success.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from shotmill.pipeline.outbox.letter import Letter
from shotmill.pipeline.outbox.target import Target
from shotmill.schema.errors import TargetBusyError, TargetUnreachableError

FAULTS = ("lose", "drop", "half", "429", "500", "html")
PAGE = b"<html><body>Bad gateway. Try again.</body></html>"


@dataclass(frozen=True)
class Asked:
    """One request, its body read by its content type."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def values(self) -> dict[str, Any]:
        """What was asked, from JSON, a form or the URL."""
        kind = self.headers.get("content-type", "")
        if "json" in kind and self.body:
            return dict(json.loads(self.body))
        if "urlencoded" in kind and self.body:
            return {name: found[0] for name, found in parse_qs(self.body.decode()).items()}
        return dict(self.query)


@dataclass(frozen=True)
class Answer:
    """What a server says."""

    body: Any
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    kind: str = "application/json"

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class FaultyServer:
    """An HTTP server on this machine: ``answer`` says what it does, ``faults`` what goes wrong."""

    def __init__(self) -> None:
        self.faults: dict[int, str] = {}
        self.mood: Callable[[], str] = lambda: ""  # of each request that no fault is named for
        self.asked: list[Asked] = []
        self.busy = Answer({"ok": False, "error": "ratelimited"}, 429, (("Retry-After", "7"),))
        self._lock = threading.Lock()
        self._released = threading.Event()
        handler = type("Handler", (_Handler,), {"place": self})
        self._server = _Quiet(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, asked: Asked) -> Answer:
        """Do what is asked."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop."""
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self, asked: Asked) -> tuple[str, Answer | None]:
        """The fault of this request, and what to say."""
        with self._lock:
            self.asked.append(asked)
            fault = self.faults.pop(len(self.asked), "") or self.mood()
            if fault in {"", "lose", "half", "hang"}:
                found = self.answer(asked)
            else:
                found = {"429": self.busy, "500": Answer(PAGE, 500, kind="text/html")}.get(
                    fault, Answer(PAGE, kind="text/html")
                )
        if fault == "hang":
            self._released.wait(10)
        return fault, None if fault in {"lose", "drop", "hang"} else found


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes; the second would wait 40 ms
    place: FaultyServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""

    def _do(self) -> None:
        parts = urlsplit(self.path)
        query = {name: found[0] for name, found in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        fault, answer = self.place.serve(Asked(self.command, parts.path, query, headers, body))
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.content)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content[: len(answer.content) // 2] if fault == "half" else answer.content)
        self.close_connection = self.close_connection or fault == "half"

    do_GET = do_POST = _do  # noqa: N815 - the library's names


S = TypeVar("S", bound=FaultyServer)


@contextmanager
def serving(server: S) -> Iterator[S]:
    """A server, closed at the end."""
    try:
        yield server
    finally:
        server.close()


def carry(target: Target, letter: Letter, *, tries: int = 6) -> Letter:
    """Carry a letter as the delivery worker does, until it is told; the letter with what came of it."""
    kept = [letter.remote_id]
    for attempts in range(letter.attempts, letter.attempts + tries):
        tried = replace(letter, attempts=attempts, remote_id=kept[-1], keep=kept.append)
        try:
            return replace(tried, remote_id=target.ensure(tried))
        except (TargetBusyError, TargetUnreachableError):
            continue
    raise AssertionError(f"not told in {tries} tries: {letter.about}")


def each_fault(make: Callable[[], S], tell: Callable[[S], None], fault: str) -> Iterator[S]:
    """Servers at which the same was told, and one request had a fault: the first, the second, and so on to the last."""
    with serving(make()) as server:
        tell(server)
        requests = len(server.asked)
    for number in range(1, requests + 1):
        with serving(make()) as server:
            server.faults[number] = fault
            tell(server)
            assert not server.faults, f"request {number} was never made"
            yield server
