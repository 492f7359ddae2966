"""A Cuebot that listens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path

import grpc
from opencue_proto import cue_pb2, facility_pb2, job_pb2, limit_pb2, report_pb2, service_pb2, show_pb2

from . import services
from .bot import Bot
from .wire import Faults, handlers

WORKERS = 16


class Cuebot:
    """A server with Cuebot's protocol and rules.

    Attributes:
        bot: its state, and what wranglers and hosts do to it.
        faults: what goes wrong on the way.
    """

    def __init__(self, logs: Path) -> None:
        self.bot = Bot(logs)
        self.faults = Faults()
        self.port = 0
        self._started: dict[str, threading.Event] = {}
        self._server = self._made()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def host_started(self, name: str) -> threading.Event:
        """Set once the RQD of this name has reported."""
        return self._started.setdefault(name, threading.Event())

    def start(self) -> None:
        """Listen; after a stop, on the same port again."""
        bound = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        assert bound, f"port {self.port} is taken"
        self.port = bound
        self._server.start()

    def stop(self) -> None:
        """Be gone; what it knows stays."""
        self.faults.ended.set()
        self._server.stop(None).wait()

    def restart(self) -> None:
        """Come back with what it knew."""
        self.faults.ended.clear()
        self._server = self._made()
        self.start()

    def _made(self) -> grpc.Server:
        server = grpc.server(futures.ThreadPoolExecutor(WORKERS), options=[("grpc.so_reuseport", 0)])
        bot = self.bot
        listed = [
            (cue_pb2, "CueInterface", services.CueService()),
            (job_pb2, "JobInterface", services.JobService(bot)),
            (job_pb2, "LayerInterface", services.LayerService(bot)),
            (job_pb2, "FrameInterface", services.FrameService(bot)),
            (show_pb2, "ShowInterface", services.ShowService(bot)),
            (limit_pb2, "LimitInterface", services.LimitService(bot)),
            (facility_pb2, "FacilityInterface", services.FacilityService(bot)),
            (service_pb2, "ServiceInterface", services.DefaultsService(bot)),
            (report_pb2, "RqdReportInterface", services.ReportService(bot, lambda name: self.host_started(name).set())),
        ]
        made = [
            handlers(module.DESCRIPTOR.services_by_name[name], servicer, self.faults)
            for module, name, servicer in listed
        ]
        server.add_generic_rpc_handlers(tuple(made))
        return server


@contextmanager
def cuebot(logs: Path) -> Iterator[Cuebot]:
    """A Cuebot that listens on a free port of this machine, with one active show, ``testing``."""
    made = Cuebot(logs)
    made.start()
    try:
        yield made
    finally:
        made.stop()
