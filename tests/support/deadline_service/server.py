"""The HTTP side of the service: one thread for each connection, one request at a time where state is touched."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config

from .faults import Faults, ReplyLostError
from .jobs import JobRequests, QueueRequests
from .records import Job, Step, Task, Wire
from .replies import ServiceError, validation_error
from .routes import as_json, checked_reply, find_route, read_request
from .scheduling import lose_worker
from .search import SearchRequests
from .workers import WorkerRequests
from .world import Options, World


@dataclass(frozen=True)
class Call:
    """A request that arrived: its operation, its parameters and its headers."""

    operation: str
    request: Wire
    headers: Wire = field(default_factory=dict)


class DeadlineService:
    """AWS Deadline Cloud in a thread of this process.

    Attributes:
        url: where it listens.
        calls: requests that arrived, in order; those that faults kept from being done too.
        failures: what broke inside the service, which is a mistake of the service itself.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.world = World(options or Options())
        self.faults = Faults()
        self.calls: list[Call] = []
        self.failures: list[BaseException] = []
        self._handlers: list[Any] = [
            kind(self.world) for kind in (JobRequests, QueueRequests, SearchRequests, WorkerRequests)
        ]
        self._port = 0
        self._server: _Server | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def options(self) -> Options:
        return self.world.options

    def start(self) -> None:
        """Listen, at the same address as before."""
        self._server = _Server(("127.0.0.1", self._port), _handler(self))
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="deadline", daemon=True).start()

    def stop(self) -> None:
        """Listen no more: connections are refused. State stays; ``start`` goes on with it."""
        self.faults.clear()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.cut_connections()
            self._server = None

    def client(self, **config: Any) -> Any:
        """A client of botocore's for this service."""
        return boto3.client(
            "deadline",
            endpoint_url=self.url,
            region_name="us-west-2",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - a service that asks for no secret
            config=Config(inject_host_prefix=False, **config),
        )

    def called(self) -> list[str]:
        """Names of the operations that were called, in order."""
        return [call.operation for call in self.calls]

    def jobs(self) -> list[Job]:
        """All jobs, in the order in which they were made."""
        return list(self.world.jobs.values())

    def step(self, job: Job, name: str) -> Step:
        """The step of a job that has this name."""
        return next(step for step in job.steps if step.name == name)

    def tasks(self, job: Job) -> list[Task]:
        """All tasks of a job."""
        return list(job.tasks)

    def lose_worker(self, worker_id: str) -> None:
        """Let a worker's host die, as far as the service sees it."""
        with self.world.lock:
            lose_worker(self.world, self.world.workers[worker_id])

    def answer(self, verb: str, target: str, headers: Wire, body: bytes) -> tuple[int, Wire, Wire]:
        """Status, headers and body of the reply to a request.

        Raises:
            ReplyLostError: there is none.
        """
        try:
            operation, place = find_route(verb, target)
            request = read_request(operation, place, target, headers, json.loads(body) if body else {})
            self.calls.append(Call(operation.name, request, dict(headers)))
            before, after = self.faults.take(operation.name)
            before()
            with self.world.lock:
                self.world.check_place(request)
                reply = checked_reply(operation, self._handle(operation.name)(request))
                text = json.loads(json.dumps(reply, default=as_json))
            after()
            return operation.http.get("responseCode", 200), {}, text
        except ServiceError as error:
            return error.status, {"x-amzn-errortype": error.code}, error.body

    def _handle(self, operation: str) -> Callable[[Wire], Wire]:
        name = xform_name(operation)
        for handler in self._handlers:
            if hasattr(handler, name):
                found: Callable[[Wire], Wire] = getattr(handler, name)
                return found
        raise validation_error(f"{operation} is not imitated here", reason="UNKNOWN_OPERATION")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def cut_connections(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may go away."""


def _handler(service: DeadlineService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_request(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                status, more, reply = service.answer(self.command, self.path, headers, body)
            except ReplyLostError:
                self.close_connection = True
                return
            except Exception as error:  # noqa: BLE001 - told to the test, see `failures`
                service.failures.append(error)
                status, more, reply = 500, {"x-amzn-errortype": "InternalServerErrorException"}, {"message": str(error)}
            text = json.dumps(reply).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_request  # noqa: N815 - names of the library

        def log_message(self, format: str, *_arguments: Any) -> None:  # noqa: A002 - the library's name
            """Keep the tests' output free of requests."""

    return Handler
