"""Jobs, layers and frames as Cuebot keeps them, and as it tells of them."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opencue_proto import comment_pb2, job_pb2

from .ranges import chunks_of
from .spec import JobSpec, LayerSpec, Spec

WAITING, RUNNING, SUCCEEDED = job_pb2.WAITING, job_pb2.RUNNING, job_pb2.SUCCEEDED
DEPEND, DEAD, EATEN = job_pb2.DEPEND, job_pb2.DEAD, job_pb2.EATEN
PENDING, FINISHED, POSTED = job_pb2.PENDING, job_pb2.FINISHED, job_pb2.POSTED
UNFINISHED = frozenset({WAITING, RUNNING, DEPEND, DEAD, job_pb2.SETUP, job_pb2.CHECKPOINT})


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(eq=False)
class Frame:
    """What Cuebot calls a frame: one chunk of a layer."""

    layer: Layer
    frames: list[int]
    order: int
    memory_kib: int
    id: str = field(default_factory=new_id)
    state: int = WAITING
    retries: int = -1
    exit_status: int = -1
    started: float = 0
    stopped: float = 0
    resource: str = ""
    last_host: str = ""
    held: set[str] = field(default_factory=set)

    @property
    def number(self) -> int:
        return self.frames[0]

    @property
    def name(self) -> str:
        return f"{self.number:04d}-{self.layer.spec.name}"

    def message(self) -> Any:
        return job_pb2.Frame(
            id=self.id,
            name=self.name,
            layer_name=self.layer.spec.name,
            number=self.number,
            state=self.state,
            retry_count=max(self.retries, 0),
            exit_status=self.exit_status,
            dispatch_order=self.order,
            start_time=int(self.started),
            stop_time=int(self.stopped),
            last_resource=f"{self.last_host}/{self.layer.spec.cores / 100:.2f}/{self.layer.spec.gpus}",
        )


@dataclass(eq=False)
class Layer:
    """One layer of a job."""

    job: Job
    spec: LayerSpec
    order: int
    id: str = field(default_factory=new_id)
    frames: list[Frame] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Cuebot does not ask whether frames were eaten."""
        return not any(frame.state in UNFINISHED for frame in self.frames)

    def message(self) -> Any:
        return job_pb2.Layer(
            id=self.id,
            name=self.spec.name,
            range=self.spec.range,
            tags=self.spec.tags,
            min_cores=self.spec.cores / 100,
            min_memory=self.spec.memory_kib,
            min_gpus=self.spec.gpus,
            min_gpu_memory=self.spec.gpu_memory_kib,
            chunk_size=self.spec.chunk,
            dispatch_order=self.order,
            type=job_pb2.LayerType.Value(self.spec.kind.upper()),
            services=self.spec.services,
            limits=self.spec.limits,
            timeout=self.spec.timeout,
            timeout_llu=self.spec.timeout_llu,
            command=self.spec.command,
            parent_id=self.job.id,
            layer_stats=job_pb2.LayerStats(**_counted(self.frames)),
        )


@dataclass(eq=False)
class Job:
    """One job."""

    spec: JobSpec
    of: Spec
    facility: str
    log_dir: Path
    name: str
    paused: bool
    max_retries: int
    user: str
    id: str = field(default_factory=new_id)
    state: int = PENDING
    started: float = field(default_factory=time.time)
    stopped: float = 0
    layers: list[Layer] = field(default_factory=list)
    comments: list[Any] = field(default_factory=list)
    post: Job | None = None

    def frames(self) -> Iterator[Frame]:
        return itertools.chain.from_iterable(layer.frames for layer in self.layers)

    def add_layers(self, specs: list[LayerSpec]) -> None:
        for order, spec in enumerate(specs, 1):
            layer = Layer(self, spec, order)
            chunks = chunks_of(spec.range, spec.chunk)
            layer.frames = [Frame(layer, chunk, number, spec.memory_kib) for number, chunk in enumerate(chunks)]
            self.layers.append(layer)

    def layer(self, name: str) -> Layer | None:
        return next((layer for layer in self.layers if layer.spec.name == name), None)

    def frame(self, name: str) -> Frame | None:
        return next((frame for frame in self.frames() if frame.name == name), None)

    @property
    def is_complete(self) -> bool:
        return all(layer.is_complete for layer in self.layers)

    def comment(self, user: str, subject: str, message: str) -> None:
        moment = int(time.time())
        made = comment_pb2.Comment(id=new_id(), timestamp=moment, user=user, subject=subject, message=message)
        self.comments.append(made)

    def message(self) -> Any:
        return job_pb2.Job(
            id=self.id,
            state=self.state,
            name=self.name,
            shot=self.of.shot,
            show=self.of.show,
            user=self.user,
            facility=self.facility,
            os=self.spec.os,
            priority=self.spec.priority,
            is_paused=self.paused,
            auto_eat=self.spec.auto_eat,
            has_comment=bool(self.comments),
            log_dir=str(self.log_dir),
            start_time=int(self.started),
            stop_time=int(self.stopped),
            job_stats=job_pb2.JobStats(total_layers=len(self.layers), **_counted(list(self.frames()))),
        )


def _counted(frames: list[Frame]) -> dict[str, int]:
    states = [frame.state for frame in frames]
    words = {"waiting": WAITING, "running": RUNNING, "dead": DEAD, "eaten": EATEN, "depend": DEPEND}
    counts = {f"{word}_frames": states.count(state) for word, state in words.items()}
    pending = counts["waiting_frames"] + counts["depend_frames"]
    done = states.count(SUCCEEDED)
    return {**counts, "succeeded_frames": done, "pending_frames": pending, "total_frames": len(states)}
