"""What Cuebot does with jobs, without its network: launches them, gives frames to hosts, and decides how they end."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from . import running
from .depends import Depend, depends_of
from .hosts import Host
from .jobs import (
    DEPEND,
    EATEN,
    FINISHED,
    PENDING,
    POSTED,
    RUNNING,
    SUCCEEDED,
    WAITING,
    Frame,
    Job,
    Layer,
    new_id,
)
from .spec import RefusedError, Service, Spec, parse

T = TypeVar("T")
CLEARED = 299
MEMORY_STEP_KIB = 2 * 1024 * 1024
MAX_COMMAND = 4000
SEED_SERVICES = (
    "default", "prman", "arnold", "shell", "maya", "houdini", "katana", "nuke", "preprocess", "postprocess",
)  # fmt: skip


@dataclass
class Site:
    """What administrators have set up.

    Attributes:
        shows: name -> whether it is active.
        eaten_satisfies: the property ``depend.satisfy_only_on_frame_success``, turned round.
    """

    shows: dict[str, bool] = field(default_factory=lambda: {"testing": True})
    facilities: set[str] = field(default_factory=lambda: {"local", "cloud"})
    limits: set[str] = field(default_factory=set)
    services: dict[str, Service] = field(default_factory=lambda: {name: Service(name) for name in SEED_SERVICES})
    eaten_satisfies: bool = False


class LaunchFaultError(Exception):
    """What goes wrong behind the checks; Cuebot mails it and tells the client nothing of it."""


class Bot:
    """The state of a Cuebot. Every method may be called by any thread.

    Args:
        logs: folder of frames' logs.
    """

    def __init__(self, logs: Path) -> None:
        self.site = Site()
        self.jobs: list[Job] = []
        self.mails: list[str] = []
        self.kills: list[str] = []
        self.lock = threading.RLock()
        self._logs = logs
        self._hosts: list[Host] = []
        self._booked: dict[str, tuple[Host, Frame]] = {}
        self._depends: list[Depend] = []
        self._twice: set[str] = set()

    # Launching

    def launch(self, text: str) -> list[Job]:
        """Launch a document.

        Raises:
            RefusedError: in Cuebot's words.
        """
        with self.lock:
            spec = parse(text, self.site.services)
            self._verify(spec)
            try:
                made = self._made(spec)
            except LaunchFaultError as error:
                self.mails.append(str(error))  # and the launch goes on as if nothing were
            else:
                self.jobs += made
                self.dispatch()
            return [self.find(job.name) for job in spec.jobs]

    def _verify(self, spec: Spec) -> None:
        for job in spec.jobs:
            if self.pending(job.name):
                raise RefusedError(f"The job {job.name} is already pending")
        if spec.show not in self.site.shows:
            raise RefusedError(
                f"The {spec.show} does not exist. Please contact administrator of your OpenCue deployment to have this "
                "show created."
            )
        if not self.site.shows[spec.show]:
            raise RefusedError(
                f"The {spec.show} show has been deactivated.  Please contact administrator of your OpenCue deployment "
                "to reactivate this show."
            )

    def _made(self, spec: Spec) -> list[Job]:
        if spec.facility and spec.facility not in self.site.facilities:
            raise LaunchFaultError(f"facility {spec.facility} does not exist")
        made: list[Job] = []
        for given in spec.jobs:
            for layer in given.layers:
                if missing := set(layer.limits) - self.site.limits:
                    raise LaunchFaultError(f"limits {sorted(missing)} do not exist")
                if len(layer.command) > MAX_COMMAND:
                    raise LaunchFaultError("value too long for type character varying(4000)")
            job = self._job(spec, given, given.name, spec.user)
            job.add_layers([layer for layer in given.layers if layer.kind != "Post"])
            made.append(job)
            if post := [layer for layer in given.layers if layer.kind == "Post"]:
                name = re.sub(spec.user, "monitor", given.name, count=1) + f"_post_job_{time.time_ns() // 1_000_000}"
                job.post = self._job(spec, given, name, "monitor")
                job.post.state, job.post.max_retries = POSTED, 2
                job.post.add_layers(post)
        depends = depends_of(spec, [*made, *(job for job in self.jobs if job.state == PENDING)], LaunchFaultError)
        for depend in depends:
            depend.hold()
        self._depends += depends
        return made + [job.post for job in made if job.post is not None]

    def _job(self, spec: Spec, given: Any, name: str, user: str) -> Job:
        folder = self._logs / spec.show / spec.shot / "logs" / f"{name}--{new_id()}"
        return Job(given, spec, spec.facility or "local", folder, name, given.paused, given.max_retries, user)

    # Looking

    def pending(self, name: str) -> Job | None:
        return next((job for job in self.jobs if job.name == name and job.state == PENDING), None)

    def find(self, name: str) -> Job:
        """The visible job of this name.

        Raises:
            LookupError: there is none; the text is the one that its database library gives.
        """
        found = self.pending(name)
        if found is None:
            raise LookupError("Incorrect result size: expected 1, actual 0")
        return found

    def get(self, job_id: str) -> Job:
        """The job of this id, finished or not; see ``find``."""
        for job in self.jobs:
            if job.id == job_id:
                return job
        raise LookupError("Incorrect result size: expected 1, actual 0")

    def layer(self, layer_id: str) -> Layer:
        return _the(layer for job in self.jobs for layer in job.layers if layer.id == layer_id)

    def frame(self, frame_id: str) -> Frame:
        return _the(frame for job in self.jobs for frame in job.frames() if frame.id == frame_id)

    # Running

    def add_host(self, host: Host) -> None:
        with self.lock:
            self._hosts.append(host)
            self.dispatch()

    def lose_host(self, host: Host) -> None:
        """The host went down: what ran there waits again, and what it reports afterwards is not heard."""
        with self.lock:
            self._hosts.remove(host)
            for resource, (on, frame) in list(self._booked.items()):
                if on is host:
                    del self._booked[resource]
                    if frame.resource == resource:
                        self._stop(frame, WAITING, 399)
            self.dispatch()

    def run_twice(self, frame_name: str) -> None:
        """Give the frame of this name to a second host, too, when it is given to one."""
        self._twice.add(frame_name)

    def dispatch(self) -> None:
        """Give waiting frames to hosts that have room."""
        with self.lock:
            for job in sorted(self.jobs, key=lambda job: -job.spec.priority):
                if job.state != PENDING or job.paused:
                    continue
                for frame in [frame for frame in job.frames() if frame.state == WAITING]:
                    if not self._start(frame):
                        break

    def _start(self, frame: Frame, *, besides: Host | None = None) -> bool:
        wanted = frame.layer.spec
        for host in self._hosts:
            used = [booked.layer.spec for on, booked in self._booked.values() if on is host]
            free = host.cores - sum(spec.cores for spec in used)
            gpus = host.gpus - sum(spec.gpus for spec in used)
            if host is not besides and wanted.cores <= free and wanted.gpus <= gpus and frame.number >= 0:
                break
        else:
            return False
        resource = new_id()
        self._booked[resource] = (host, frame)
        if besides is None:
            frame.state, frame.resource, frame.last_host = RUNNING, resource, host.name
            frame.started, frame.stopped = time.time(), 0
            frame.retries += 1
        host.launch(running.run_frame(frame, resource))
        if frame.name in self._twice and besides is None:
            self._twice.discard(frame.name)
            self._start(frame, besides=host)
        return True

    def completed(self, resource: str, exit_status: int, exit_signal: int = 0) -> None:
        """A host reports the end of a frame."""
        with self.lock:
            _host, frame = self._booked.pop(resource, (None, None))
            if frame is not None and frame.resource == resource and frame.state == RUNNING:
                job = frame.layer.job
                state, counted = running.ended(frame, exit_status, exit_signal)
                if not counted:
                    frame.retries -= 1
                if state == WAITING and running.is_memory_failure(exit_status, exit_signal):
                    frame.memory_kib += MEMORY_STEP_KIB
                self._stop(frame, state, exit_status)
                if state == SUCCEEDED or (state == EATEN and self.site.eaten_satisfies):
                    self._satisfy(frame)
                self._finish_if_complete(job)
            self.dispatch()

    def _stop(self, frame: Frame, state: int, exit_status: int) -> None:
        frame.state, frame.exit_status, frame.stopped, frame.resource = state, exit_status, time.time(), ""

    def _satisfy(self, frame: Frame) -> None:
        layer = frame.layer
        for depend in self._depends:
            if depend.on is frame or (depend.on is layer and (depend.any_frame or layer.is_complete)):
                depend.satisfy()

    def _finish_if_complete(self, job: Job) -> None:
        if job.state == PENDING and job.is_complete:
            self._shut_down(job)

    def _shut_down(self, job: Job) -> None:
        job.state, job.stopped = FINISHED, time.time()
        for depend in self._depends:
            if depend.on is job:
                depend.satisfy()
        if job.post is not None:
            job.post.state = PENDING

    # What people ask for

    def kill(self, job: Job, reason: str) -> None:
        """End a job; without a reason nothing happens, and nobody is told so."""
        with self.lock:
            if not reason or job.state != PENDING:
                return
            self._shut_down(job)
            for frame in job.frames():
                if frame.state == RUNNING:
                    self._take_back(frame, reason)
                    self._stop(frame, WAITING, CLEARED)
            self.dispatch()

    def _take_back(self, frame: Frame, reason: str) -> None:
        self.kills.append(f"{frame.name}: {reason}")
        for host, booked in self._booked.values():
            if booked is frame:
                host.kill(frame.id, reason)

    def retry(self, frames: Iterable[Frame]) -> None:
        """Frames run again, also those that succeeded; ids and counts of retries stay."""
        self._change(frames, lambda frame: DEPEND if frame.held else WAITING)

    def eat(self, frames: Iterable[Frame]) -> None:
        """Frames count as done; who waits for them is not told, unless the site wants it so."""
        chosen = list(frames)
        self._change(chosen, lambda _frame: EATEN)
        with self.lock:
            if self.site.eaten_satisfies:
                for frame in chosen:
                    self._satisfy(frame)
            self.dispatch()

    def _change(self, frames: Iterable[Frame], wanted: Callable[[Frame], int]) -> None:
        with self.lock:
            for frame in list(frames):
                if frame.state == RUNNING:
                    self._take_back(frame, "changed by hand")
                frame.state, frame.resource = wanted(frame), ""
                self._finish_if_complete(frame.layer.job)
            self.dispatch()

    def add_depend(self, layer: Layer, on: Layer) -> None:
        """A layer waits for another one, once more if it has been satisfied."""
        with self.lock:
            depend = Depend(layer.frames, on)
            self._depends.append(depend)
            for frame in layer.frames:
                frame.held.add(depend.id)
                frame.state = DEPEND if frame.state == WAITING else frame.state

    def drop_depends(self, layer: Layer) -> None:
        """What a wrangler does who cannot wait."""
        with self.lock:
            for frame in layer.frames:
                frame.held.clear()
                frame.state = WAITING if frame.state == DEPEND else frame.state
            self.dispatch()


def _the(found: Iterator[T]) -> T:
    for one in found:
        return one
    raise LookupError("Incorrect result size: expected 1, actual 0")
