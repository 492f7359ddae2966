"""A tracker over local HTTP that goes down, is busy, forgets to answer and answers halves, as a test tells it to."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "canary-4711-wire"  # noqa: S105 - bait


class Tracker:
    """What the tracker knows, and how it behaves.

    Attributes:
        things: what was made, in order; never the same fact twice, if all is well.
        calls: method and path of each request.
        mood: asked for each request how it goes: ``fine``, ``down``, ``busy``, ``broken``, ``no``, ``lost`` (done, and
            the answer is lost), ``half`` (done, half an answer), ``hang`` (done, the answer comes too late).
    """

    def __init__(self) -> None:
        self.things: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.production: list[dict[str, Any]] = []
        self.mood: Callable[[str], str] = lambda _call: "fine"
        self.wait_s: float | None = None
        self.hang_s = 1.0
        self.server = ""
        self.lock = threading.Lock()

    @property
    def facts(self) -> list[str]:
        """The facts of all things, in the order in which they were made."""
        return [str(thing["fact"]) for thing in self.things]

    def answer(self, method: str, path: str, body: Any) -> Any:
        """Do what is asked."""
        parts = urlsplit(path)
        asked = {key: value[0] for key, value in parse_qs(parts.query).items()}
        if parts.path == "/me":
            return {"login": "robot"}
        if parts.path == "/production":
            return {"things": self.production}
        if method == "GET":
            return {"id": next((one["id"] for one in self.things if one["fact"] == asked["fact"]), None)}
        if method == "POST":
            self.things.append({"id": f"t{len(self.things) + 1}", "puts": 0, **body})
            return self.things[-1]
        thing = next(one for one in self.things if path.endswith(f"/{one['id']}"))
        thing.update(body, puts=thing["puts"] + 1)
        return thing


class _Handler(BaseHTTPRequestHandler):
    tracker: Tracker

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library names it so
        """Say nothing."""
        del format, args

    def _do(self) -> None:
        tracker, call = self.tracker, f"{self.command} {self.path}"
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        with tracker.lock:
            tracker.calls.append(call)
            mood = tracker.mood(call)
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                mood = "no"
            done = tracker.answer(self.command, self.path, body) if mood in {"fine", "lost", "half", "hang"} else None
        if mood == "hang":
            time.sleep(tracker.hang_s)
        if mood in {"down", "lost"}:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        # What it was sent it repeats, as servers do that explain too much.
        told = done if done is not None else {"error": f"because of {self.headers['Authorization']}"}
        self._send({"busy": 429, "broken": 502, "no": 403}.get(mood, 200), told, is_half=mood == "half")

    def _send(self, code: int, told: Any, *, is_half: bool) -> None:
        sent = json.dumps(told).encode()
        self.send_response(code)
        if code == 429 and self.tracker.wait_s is not None:
            self.send_header("Retry-After", str(self.tracker.wait_s))
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        try:
            self.wfile.write(sent[: len(sent) // 2] if is_half else sent)
        except OSError:  # who asked went away
            self.close_connection = True

    do_GET = do_POST = do_PUT = _do  # noqa: N815 - names of the library


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients are killed here; that is no news."""


@contextmanager
def wire_tracker() -> Iterator[Tracker]:
    """A tracker on a port of its own."""
    tracker = Tracker()
    handler = type("Handler", (_Handler,), {"tracker": tracker})
    server = _Server(("127.0.0.1", 0), handler)
    tracker.server = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield tracker
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def install_wire(site: Path, *, name: str = "wire", wheel: str = "wire-wheel", make: str = "wire_target:make") -> Path:
    """Install the kind of target into a folder that a Python path can hold."""
    info = site / f"{wheel.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("wire_target.py"), site)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {wheel}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[shotmill.trackers]\n{name} = {make}\n")
    return site
