"""Asks a keeper to do a task, and starts it where there is none; imports nothing that a task needs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...pipeline.folders import JobFolder
from ...pipeline.settings import Settings
from ...schema.errors import MachineError, ShotmillError, TaskCancelledError, WorkerLostError
from ..task.attempted import Attempted, Report, TaskRequest, late_cancel
from ..task.record import record_lost
from .place import KEEPER, Place, host_places, known_places

TRIES = 3
START_S = 60.0
LEAVE_S = 10.0
LOOK_S = 0.01
HIDDEN = ("SHOTMILL_DATABASE",)  # its URL may hold a password, and no task that keeps a model needs it


@dataclass(frozen=True)
class Asking:
    """A task for a keeper.

    Attributes:
        model: as its step names it.
        settings: of the caller.
        shown: see ``Host``.
        records: same.
        report: same.
    """

    request: TaskRequest
    model: str
    settings: Settings
    shown: bool
    records: bool
    report: Report

    def line(self, environment: Mapping[str, str]) -> bytes:
        """The request as a keeper reads it."""
        asked = {
            "bundle": str(self.request.bundle.absolute()),
            "step": self.request.step,
            "frames": str(self.request.frames),
            "attempt": self.request.attempt,
            "settings": self.settings.model_copy(update={"database": ""}).model_dump_json(),
            "shown": self.shown,
            "records": self.records,
            "environment": dict(environment),
            "folder": str(Path.cwd()),
        }
        return json.dumps(asked).encode() + b"\n"


def model_of(bundle: Path, step: str) -> str:
    """The model that a step keeps; empty where it keeps none, or the bundle cannot say: the task itself will."""
    try:
        return JobFolder.of_bundle(bundle).read_spec().step(step).model
    except (ShotmillError, KeyError):
        return ""


def attempt_kept(asking: Asking, environ: Mapping[str, str], *, on_host: bool) -> Attempted | None:
    """Let a keeper do a task.

    Args:
        asking: the task.
        environ: of this process.
        on_host: whether this host may have keepers of its own, for tasks that belong to no session.

    Returns:
        How it ended; None: no keeper is wanted here.

    Raises:
        MachineError: no keeper is to be had; the task has to load the model for itself.
    """
    environment = {name: value for name, value in environ.items() if name not in HIDDEN}
    if folder := environment.get(KEEPER):
        place = Place(Path(folder))
        with place.held(waits=True):
            return _attempt(place, asking, environment, session=True)
    if on_host and asking.settings.keeper_idle_s:
        for place in host_places(asking.model, environment):
            with place.held() as mine:
                if mine:
                    return _attempt(place, asking, environment, session=False)
    return None


def make_room(gpus: str, *, but: str = "") -> None:
    """Send keepers away that do nothing and hold memory of GPUs that a task is about to use.

    Args:
        gpus: as ``CUDA_VISIBLE_DEVICES`` names them.
        but: the model that the task wants; who keeps it on the same GPUs stays.
    """
    for place in known_places() if gpus else ():
        facts = place.facts
        theirs = str(facts.get("gpus", ""))
        wanted = facts.get("model") == but and theirs == gpus
        if not wanted and set(theirs.split(",")) & set(gpus.split(",")):
            with place.held() as idle:
                if idle:
                    send_away(place)


def send_away(place: Place) -> bool:
    """Tell a keeper that does nothing to leave, and wait until it has; whether there was one."""
    pid, keeper = int(place.facts.get("pid", 0)), place.meet()
    if keeper is None:
        return False
    with keeper:
        keeper.sendall(b'{"leave": true}\n')
        keeper.settimeout(LEAVE_S)
        while keeper.recv(4096):
            continue
    ends = time.monotonic() + LEAVE_S
    while _is_process(pid) and time.monotonic() < ends:
        time.sleep(LOOK_S)
    return True


@dataclass(frozen=True)
class Living:
    """A keeper of this host.

    Attributes:
        gpus: as ``CUDA_VISIBLE_DEVICES`` names them.
        busy: whether somebody has it for a task.
        began: seconds since 1970.
    """

    model: str
    gpus: str
    pid: int
    busy: bool
    began: float


def living() -> list[Living]:
    """The keepers of this host and user; those of sessions are the sessions' own."""
    found = []
    for place in known_places():
        facts = place.facts
        pid = int(facts.get("pid", 0))
        if place.is_open and _is_process(pid):
            with place.held() as idle:
                found.append(Living(facts["model"], facts["gpus"], pid, not idle, facts["began"]))
    return found


def start(place: Place, environment: Mapping[str, str], *, model: str = "", idle_s: float = 0.0) -> None:
    """Start a keeper that lives on when this process ends; returns when it can be met.

    Args:
        place: where it will be met.
        environment: its own; a task brings one along.
        model: which tasks come to it.
        idle_s: when it leaves; 0: with the session that this process belongs to.

    Raises:
        MachineError: it does not start; says what it said.
    """
    argv = [sys.executable, "-m", "shotmill.farm_plugins.keeper.serve", str(place.folder), "--model", model]
    argv += ["--idle", str(idle_s)] if idle_s else ["--session"]
    with place.log.open("ab") as log:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=dict(environment), cwd="/",
            start_new_session=True,
        )  # fmt: skip
    ends = time.monotonic() + START_S
    while (met := place.meet()) is None or place.facts.get("pid") != process.pid:
        if process.poll() is not None or time.monotonic() > ends:
            process.kill()
            said = place.log.read_text(encoding="utf-8", errors="replace")[-500:].strip()
            raise MachineError(
                f"the keeper of {model or 'a session'} does not start: {said}", path=place.log, hint="shotmill doctor"
            )
        time.sleep(LOOK_S)
    met.close()


def _attempt(place: Place, asking: Asking, environment: Mapping[str, str], *, session: bool) -> Attempted:
    began = datetime.now(UTC)
    try:
        keeper = _begun(place, asking, environment, idle_s=0.0 if session else asking.settings.keeper_idle_s)
    except TaskCancelledError as error:
        return late_cancel(error, asking.request)
    with keeper.line:
        signal.signal(signal.SIGTERM, lambda _number, _frame: keeper.cancel())
        while message := keeper.next():
            if "ended" in message:
                return Attempted(**message["ended"])
            asking.report(message["progress"], message["message"])
    lost = WorkerLostError(
        "the process that keeps the model ended with the task",
        hint="if it was short of memory, give the step more memory_mib",
    )
    return record_lost(asking.request, lost, started=began)


def _begun(place: Place, asking: Asking, environment: Mapping[str, str], *, idle_s: float) -> _Talk:
    """A keeper that does the task by now."""
    for _try in range(TRIES):
        line = place.meet()
        if line is None:
            start(place, environment, model=asking.model, idle_s=idle_s)
            continue
        keeper = _Talk(line)
        if keeper.begins(asking.line(environment)):
            return keeper
        line.close()
    raise MachineError(f"the keeper in {place.folder} takes no task", path=place.log, hint="shotmill keeper stop")


class _Talk:
    """The caller's side of a connection."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self._heard = line.makefile("rb")

    def begins(self, asked: bytes) -> bool:
        """Ask for a task, with this process's output; whether the keeper begins it: it may leave instead."""
        try:
            socket.send_fds(self.line, [b" "], [1, 2])
            self.line.sendall(asked)
            return "begun" in self.next()
        except (BrokenPipeError, ConnectionResetError):
            return False

    def next(self) -> dict[str, Any]:
        """What the keeper says next; nothing when it is gone."""
        try:
            told = self._heard.readline()
        except ConnectionResetError:
            return {}
        found: dict[str, Any] = json.loads(told) if told.endswith(b"\n") else {}
        return found

    def cancel(self) -> None:
        """Have the task ended."""
        with suppress(BrokenPipeError):  # it is gone, as the next answer tells
            self.line.send(b"x")


def _is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return pid > 0
