"""The segmenter's own process: a small HTTP server on 127.0.0.1.

``POST /segment`` takes a ``SegmentRequest`` and answers a ``SegmentOut``; ``GET /`` says that it is there; ``POST
/host`` says that one more host, ``{"pid": 4711}``, asks here; ``POST /leave`` ends it. Each request carries
``Authorization: Bearer TOKEN``. What a web page could send is refused: a foreign ``Host``, any ``Origin``, another
content type. Nothing of a request is ever run, and files are opened as pictures only.
"""

from __future__ import annotations

import hmac
import json
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import psutil
from pydantic import ValidationError

from ...schema.errors import (
    BadRequestError,
    EmptyMaskError,
    InputMissingError,
    NotFoundError,
    ParamsError,
    ShotmillError,
)
from ...schema.output import ErrorOut
from ...schema.segment import SegmentOut, SegmentRequest
from ..filling import place_of, reason_of
from .place import HOST, Place

MAX_BODY = 1024 * 1024  # bytes: a thousand points of a few dozen objects
MAX_PID = 1 << 31
MOST_WAITING = 16  # requests at a time; the work itself is done one by one
MOST_CALLING = 128  # connections that nobody took yet; of more, the system makes some wait for seconds
SOCKET_S = 30.0
LOOK_S = 0.25
THERE = "there is GET /, POST /segment, POST /host and POST /leave"
LOG = logging.getLogger(__name__)
Answer = Callable[[SegmentRequest], SegmentOut]


class _RefusedError(Exception):
    """A request that is not answered, and why; becomes the answer, and never leaves this module."""

    def __init__(self, status: HTTPStatus, error: ShotmillError) -> None:
        super().__init__(error.message)
        self.status = status
        self.error = error


class Segmenter(ThreadingHTTPServer):
    """Serves one home.

    Args:
        place: of the home, which must be taken.
        answer: does the work; called by one thread at a time.
        port: to listen on; 0: any that is free.
        idle_s: seconds after which it ends when nobody asks; 0: it stays.
        host_pid: of the host that it was started for: it ends with that one, and with all that came to ask later; 0:
            it was started by hand, and outlives them.

    Raises:
        BadRequestError: the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = MOST_CALLING

    def __init__(self, place: Place, answer: Answer, *, port: int = 0, idle_s: float = 0.0, host_pid: int = 0) -> None:
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise BadRequestError(
                f"port {port} of {HOST} cannot be had: {error.strerror}; choose another, or none", hint="--port 0"
            ) from error
        self._place = place
        self._answer = answer
        self._idle_s = idle_s
        self._ends_with_hosts = host_pid > 0
        self._hosts: list[psutil.Process] = []
        self.add_host(host_pid)
        self._one = threading.Lock()
        self._room = threading.BoundedSemaphore(MOST_WAITING)
        self._over = threading.Event()
        self._used = time.monotonic()
        self.address_told = place.announce(self.server_address[1])
        self.hosts = {f"{name}:{self.server_address[1]}" for name in (HOST, "localhost")}

    def stay(self) -> None:
        """Answer until it is time to leave."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": LOOK_S}, daemon=True)
        thread.start()
        try:
            while not self._over.wait(LOOK_S):
                if self._is_alone() or (self._is_idle() and not self._one.locked()):
                    break
        finally:
            self._place.leave()
            self.shutdown()
            self.server_close()

    def _is_idle(self) -> bool:
        return bool(self._idle_s) and time.monotonic() - self._used > self._idle_s

    def _is_alone(self) -> bool:
        """Whether it was started for a host, and none of those that asked is there any more."""
        return self._ends_with_hosts and not any(host.is_running() for host in tuple(self._hosts))

    def add_host(self, pid: int) -> None:
        """Do not end before this process, where it ends with hosts at all."""
        if self._ends_with_hosts:
            with suppress(psutil.NoSuchProcess):  # it is gone already
                self._hosts.append(psutil.Process(pid))

    def end(self) -> None:
        """Leave soon; what is being answered is answered."""
        self._over.set()

    def knows(self, token: str) -> bool:
        """Whether a caller may ask; takes equally long for every wrong token."""
        return hmac.compare_digest(token.encode(errors="replace"), self.address_told.token.encode())

    def answered(self, request: SegmentRequest) -> SegmentOut:
        """The answer to a request, once all before it have theirs."""
        if not self._room.acquire(blocking=False):
            raise _RefusedError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                BadRequestError(f"{MOST_WAITING} requests are waiting already; ask again in a moment"),
            )
        try:
            with self._one:
                self._used = time.monotonic()
                return self._answer(request)
        finally:
            self._used = time.monotonic()
            self._room.release()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server_version = "shotmill-segmenter"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = SOCKET_S

    def do_GET(self) -> None:
        """Say that it is there."""
        self._reply(self._hello)

    def do_POST(self) -> None:
        """Segment, or leave."""
        self._reply(self._post)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server names it so
        """Keep what was asked out of the terminal: it may hold control characters."""
        LOG.info("%s", ascii(format % args))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server itself refuses, such as an unknown method or a bad request line, as JSON as well."""
        del explain
        self._refuse(HTTPStatus(code), BadRequestError(message or HTTPStatus(code).phrase))

    @property
    def _segmenter(self) -> Segmenter:
        return cast("Segmenter", self.server)

    def _reply(self, make: Callable[[], bytes]) -> None:
        try:
            self._check_caller()
            content = make()
        except _RefusedError as refusal:
            self._refuse(refusal.status, refusal.error)
        except ShotmillError as error:
            self._refuse(_status(error), error)
        except Exception as error:
            LOG.exception("a request failed")
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, ShotmillError(f"a fault: {type(error).__name__}: {error}"))
        else:
            self._send(HTTPStatus.OK, content)

    def _check_caller(self) -> None:
        """Refuse whoever is not a program of this user."""
        server = self._segmenter
        if self.headers.get("Host", "") not in server.hosts or self.headers.get("Origin") is not None:
            raise _RefusedError(
                HTTPStatus.FORBIDDEN, BadRequestError("web pages and other hosts may not ask; ask 127.0.0.1 itself")
            )
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not server.knows(token):
            raise _RefusedError(
                HTTPStatus.UNAUTHORIZED,
                BadRequestError(
                    "the token is missing or wrong; it lies in the segmenter's server.json", hint="see docs/roto.md"
                ),
            )

    def _hello(self) -> bytes:
        if self.path != "/":
            raise _RefusedError(HTTPStatus.NOT_FOUND, NotFoundError(THERE))
        return json.dumps({"service": "shotmill segment", "pid": self._segmenter.address_told.pid}).encode()

    def _post(self) -> bytes:
        body = self._body()
        if self.path == "/leave":
            self._segmenter.end()
            return b"{}"
        if self.path == "/host":
            self._segmenter.add_host(_pid(body))
            return b"{}"
        if self.path != "/segment":
            raise _RefusedError(HTTPStatus.NOT_FOUND, NotFoundError(THERE))
        return self._segmenter.answered(_request(body)).model_dump_json().encode()

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or self.headers.get("Transfer-Encoding") is not None:
            raise _RefusedError(HTTPStatus.LENGTH_REQUIRED, BadRequestError("say how long the body is: Content-Length"))
        if len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY:
            raise _RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, BadRequestError(f"the body is larger than {MAX_BODY} bytes")
            )
        if self.headers.get_content_type() != "application/json":
            raise _RefusedError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, BadRequestError("the body must be Content-Type: application/json")
            )
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            raise _RefusedError(HTTPStatus.BAD_REQUEST, BadRequestError("the body was cut off"))
        return body

    def _refuse(self, status: HTTPStatus, error: ShotmillError) -> None:
        self.close_connection = True  # what is left of the body is nobody's
        document = ErrorOut(
            code=error.code,
            slug=error.slug,
            message=error.message,
            hint=error.hint,
            fields=error.fields,
            retryable=error.retryable or status is HTTPStatus.SERVICE_UNAVAILABLE,
        )
        self._send(status, document.model_dump_json().encode())

    def _send(self, status: HTTPStatus, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _request(body: bytes) -> SegmentRequest:
    try:
        return SegmentRequest.model_validate_json(body)
    except ValidationError as error:
        raise ParamsError(f"{place_of(error) or 'the request'}: {reason_of(error)}", field=place_of(error)) from error


def _pid(body: bytes) -> int:
    try:
        pid = json.loads(body)["pid"]
    except (ValueError, KeyError, TypeError) as error:
        raise ParamsError("say which process asks here: its 'pid'", field="pid") from error
    if type(pid) is not int or not 0 < pid < MAX_PID:
        raise ParamsError(f"{pid!r} is no process", field="pid")
    return pid


def _status(error: ShotmillError) -> HTTPStatus:
    if isinstance(error, (InputMissingError, NotFoundError)):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, EmptyMaskError):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.BAD_REQUEST if isinstance(error, BadRequestError) else HTTPStatus.SERVICE_UNAVAILABLE
