"""The server's HTTP side, which can fail on demand: at any request, before or after it has done what it was asked."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from .world import RefusedError, World

USER = "shotmill@studio.example"
KEY = "planted-ftrack-key-61c0"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request.

    Attributes:
        sort: ``lose`` does it and gives no answer, ``half`` does it and gives half of one, ``drop`` does nothing and
            closes, ``hang`` does nothing until the client gives up, ``answer`` says something else instead.
    """

    sort: Literal["lose", "half", "drop", "hang", "answer"]
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"<html><body>Service Unavailable</body></html>"


@dataclass
class FtrackDouble:
    """A running server.

    Attributes:
        faults: what goes wrong, by the number of the request; the first is 1.
        requests: how many came so far.
        log: what was asked, one line a request.
        connections: how many are open.
        key: the API key that it takes.
        is_down: whether it hangs up at once.
    """

    url: str
    world: World
    faults: dict[int, Fault] = field(default_factory=dict)
    requests: int = 0
    log: list[str] = field(default_factory=list)
    connections: int = 0
    key: str = KEY
    is_down: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)

    def fail_next(self, fault: Fault, *, after: int = 0) -> None:
        """Let a request that comes fail; ``after`` so many that do not."""
        self.faults[self.requests + 1 + after] = fault

    def empty(self, world: World) -> None:
        """Begin anew with another database."""
        world.storage = self.world.storage
        self.world, self.requests = world, 0
        self.faults.clear()
        self.log.clear()

    def take(self, line: str) -> Fault | None:
        """Count a request."""
        with self.lock:
            self.requests += 1
            self.log.append(line)
            return Fault("drop") if self.is_down else self.faults.pop(self.requests, None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one piece: in two, the client's acknowledgement is waited for
    double: FtrackDouble

    def setup(self) -> None:
        """Begin a connection."""
        super().setup()
        with self.double.lock:
            self.double.connections += 1

    def finish(self) -> None:
        """End it."""
        super().finish()
        with self.double.lock:
            self.double.connections -= 1

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""

    def do_POST(self) -> None:
        body = self._body()
        batch = json.loads(body)
        line = " ".join(str(one.get("expression") or f"{one['action']} {one.get('entity_type', '')}") for one in batch)
        self._serve(line, lambda: self._api(batch))

    def do_PUT(self) -> None:
        body = self._body()
        self._serve("upload", lambda: self._storage(body))

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _serve(self, line: str, work: Any) -> None:
        fault = self.double.take(line)
        if fault is None:
            self._answer(*work())
            return
        if fault.sort in {"lose", "half"}:
            status, answer = work()
            if fault.sort == "half":
                self._answer(status, answer + b" " * 64, cut=len(answer) // 2)
        elif fault.sort == "hang":
            self.double.released.wait(10)
        elif fault.sort == "answer":
            self._answer(fault.status, fault.body, headers=fault.headers)
            return
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _api(self, batch: list[dict[str, Any]]) -> tuple[int, bytes]:
        if self.headers["ftrack-api-key"] != self.double.key or self.headers["ftrack-user"] != USER:
            return 401, _report(
                "FTAuthenticationError", f"The supplied API key {self.headers['ftrack-api-key']} is not valid."
            )
        with self.double.lock:
            try:
                return 200, json.dumps(self.double.world.run(batch)).encode()
            except RefusedError as error:
                return 200, _report(error.sort, str(error))

    def _storage(self, body: bytes) -> tuple[int, bytes]:
        """A storage of somebody else's, who must not see our key."""
        if "ftrack-api-key" in self.headers:
            return 400, b"a key is no business of mine"
        component = self.path.rpartition("/")[2]
        with self.double.lock:
            return (200, b"") if self.double.world.store(component, body) else (400, b"BadDigest")

    def _answer(
        self, status: int, body: bytes, *, headers: Mapping[str, str] | None = None, cut: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        self.wfile.flush()


def _report(sort: str, text: str) -> bytes:
    return json.dumps({"exception": sort, "content": text, "error_code": sort}).encode()


@contextmanager
def ftrack_double(world: World) -> Iterator[FtrackDouble]:
    """A server on a port of its own."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    url = f"http://127.0.0.1:{server.server_address[1]}"
    world.storage = f"{url}/storage"
    handler.double = double = FtrackDouble(url, world)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield double
    finally:
        double.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
