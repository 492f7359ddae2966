"""The keeper's own process: does one task after another, for whoever connects to its socket.

A task runs as if its caller ran it: with the caller's environment, folder and streams. The keeper dies with a task
whose caller is gone, and leaves after one that was told to end: nobody knows what state a model is in then.
"""

from __future__ import annotations

import argparse
import faulthandler
import io
import json
import logging
import os
import select
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...pipeline.settings import Settings
from ..code import code_stamp, installed_stamp
from ..task.attempted import Host
from ..task.children import adopt_orphans, end_children
from ..task.known import code
from ..task.logs import printing_to
from ..task.worker import Worker
from .place import Place
from .watch import Watch

LOOK_S = 0.5
MAX_ASKED = 16 * 1024 * 1024  # bytes of a request: an environment may be large


class Keeper(Worker):
    """Serves the socket of a place.

    Args:
        place: where it is met.
        idle_s: seconds after which it leaves when nobody came; 0: it stays.
        watch: tells when it must leave in any case; None: never.
        facts: told to whoever looks.
    """

    def __init__(self, place: Place, *, idle_s: float, watch: Watch | None, facts: Mapping[str, object]) -> None:
        super().__init__(io.StringIO())  # each caller has a stream of its own
        self._place = place
        self._idle_s = idle_s
        self._watch = watch
        self._left = False
        self._installed = installed_stamp(os.environ)
        self._listener = place.listen(**facts)
        self._used = time.monotonic()

    def stay(self) -> None:
        """Do tasks until it is time to leave."""
        signal.signal(signal.SIGTERM, self._end)
        while not self._leaving:
            if select.select([self._listener], [], [], LOOK_S)[0]:
                caller, _address = self._listener.accept()
                with caller:
                    self._talk(caller)
                self._used = time.monotonic()
                self._restore()
            elif self._watch is not None and self._watch.is_over():
                break
            elif self._idle_s and time.monotonic() - self._used > self._idle_s and self._leaves_unseen():
                return
        self._leave()

    def _leave(self) -> None:
        if not self._left:
            self._left = True
            self._place.leave()

    def _end(self, number: int, frame: object) -> None:
        if self._running:
            super()._end(number, frame)
        self._leaving = True

    def _leaves_unseen(self) -> bool:
        """Leave while nobody is about to ask; whoever comes later starts another keeper."""
        with self._place.held() as alone:
            if alone:
                self._leave()
            return alone

    def _talk(self, caller: socket.socket) -> None:
        asked, streams = _hear(caller)
        try:
            if asked:
                self._answer_to(caller, asked, streams)
        finally:
            for stream in streams:
                os.close(stream)

    def _answer_to(self, caller: socket.socket, asked: dict[str, Any], streams: list[int]) -> None:
        with caller.makefile("w", encoding="utf-8") as self._answers:
            if "leave" in asked or not self._is_current(asked["environment"]):
                self._leaving = True
                self._leave()
                self._answer({"left": True})
                return
            self._answer({"begun": os.getpid()})
            ended = threading.Event()
            ear = threading.Thread(target=self._listen, args=(caller, ended), daemon=True)
            ear.start()
            with _as_caller(asked, streams):
                done = asdict(self._run(self._ready(asked)))
            ended.set()
            self._leaving = self._leaving or self._weight.is_worn(self._tools.loads)
            if self._leaving:
                self._leave()
            self._answer({"ended": done})

    def _listen(self, caller: socket.socket, ended: threading.Event) -> None:
        """End the task when its caller says so, and this process when nobody is left to hear of it."""
        while caller.recv(1):
            if not ended.is_set():
                os.kill(os.getpid(), signal.SIGTERM)
        if not ended.is_set():
            self._unheard()

    def _unheard(self) -> None:
        """The caller was killed, and the task with it, as if it had run there."""
        end_children(frozenset())
        os.kill(os.getpid(), signal.SIGKILL)

    def _ready(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Take on the settings and the manner of a task; what was kept stays when the settings are the same."""
        settings = Settings.model_validate_json(asked["settings"])
        if settings != self._settings:
            from ...pipeline.tools import StudioTools  # noqa: PLC0415 - with the first task

            self._settings, self._tools = settings, StudioTools(settings)
        shown, records = asked["shown"], asked["records"]
        self._host = Host(tools=self._tools, report=self._teller.say, prints=True, shown=shown, records=records)
        return asked

    def _is_current(self, environment: Mapping[str, str]) -> bool:
        return self._installed == installed_stamp(environment) and all(
            code_stamp(place) == stamp for place, stamp in code.items()
        )


def _hear(caller: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """What a caller asks for, and its streams; nothing when it hangs up instead."""
    told = b""
    streams: list[int] = []
    while not told.endswith(b"\n") and len(told) < MAX_ASKED:
        more, passed, _flags, _address = socket.recv_fds(caller, 65536, 2)
        told, streams = told + more, streams + passed
        if not more:
            return {}, streams
    return json.loads(told), streams


@contextmanager
def _as_caller(asked: Mapping[str, Any], streams: list[int]) -> Iterator[None]:
    """Be in the caller's place: its environment, its folder, its output. The worker's own are restored afterwards."""
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    with printing_to(*streams):
        yield


def main() -> int:
    """Be a keeper."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="")
    parser.add_argument("--idle", type=float, default=0.0)
    parser.add_argument("--session", action="store_true")
    given = parser.parse_args()
    watch = Watch() if given.session else None
    adopt_orphans()
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.getLogger().setLevel(logging.INFO)
    facts = {"model": given.model, "gpus": os.environ.get("CUDA_VISIBLE_DEVICES", ""), "began": time.time()}
    Keeper(Place(given.folder), idle_s=given.idle, watch=watch, facts=facts).stay()
    if watch is not None and watch.is_over():  # else another keeper may be started there
        shutil.rmtree(given.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
