"""What runs: jobs, steps, task runs, attempts, receipts, engines."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..job import Priority
from ..states import State
from .base import Key, Moment, Name, Table, enum_column


class Job(Table):
    """One job. ``spec`` is the whole JobSpec; ``token`` makes submission repeatable; ``key`` finds its equal.

    ``active_key`` equals ``key`` while the job is the one a second submit of the same inputs is answered
    with, and is NULL after failure, cancellation or ``--force``: unique, so two submits at once agree.
    """

    __tablename__ = "job"
    __table_args__ = (Index(None, "state", "created"), Index(None, "project", "created"), Index(None, "key"))
    id: Mapped[Key]
    handle: Mapped[str] = mapped_column(String(16), unique=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    key: Mapped[str] = mapped_column(String(64))
    active_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    type: Mapped[Name]
    name: Mapped[Name]
    project: Mapped[Name]
    user: Mapped[Name]
    engine: Mapped[str] = mapped_column(String(32))
    engine_job_id: Mapped[str | None] = mapped_column(String(255))
    engine_facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    priority: Mapped[Priority] = mapped_column(enum_column(Priority, "priority"))
    state: Mapped[State] = mapped_column(enum_column(State, "job_state"), default=State.QUEUED)
    spec: Mapped[dict[str, Any]]
    folder: Mapped[str] = mapped_column(Text())
    publishes: Mapped[bool] = mapped_column(default=False)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    failure: Mapped[str | None] = mapped_column(Text())
    created: Mapped[Moment]
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]


class JobStep(Table):
    """One step of a job. Counts are kept beside it so that lists need no counting."""

    __tablename__ = "step"
    __table_args__ = (UniqueConstraint("job_id", "name"), UniqueConstraint("job_id", "position"))
    id: Mapped[Key]
    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[Name]
    after: Mapped[list[Any]] = mapped_column(default=list)
    needs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    warm: Mapped[bool] = mapped_column(default=True)
    retries: Mapped[int] = mapped_column(default=2)
    timeout_s: Mapped[int] = mapped_column(default=3600)
    state: Mapped[State] = mapped_column(enum_column(State, "step_state"), default=State.QUEUED)
    tasks: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)


class TaskRun(Table):
    """One task: a chunk of frames of a step. Claimed with a lease; the lease's owner alone may finish it.

    ``forgiven`` counts the attempts before a person last asked to try again: they do not use up retries.
    """

    __tablename__ = "task_run"
    __table_args__ = (
        UniqueConstraint("step_id", "position"),
        Index(None, "state", "lease_until"),
        Index(None, "job_id", "state"),
        Index(None, "step_id", "state", "position"),
    )
    id: Mapped[Key]
    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    step_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("step.id", ondelete="CASCADE"))
    position: Mapped[int]
    frames: Mapped[str] = mapped_column(Text())
    state: Mapped[State] = mapped_column(enum_column(State, "task_state"), default=State.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    forgiven: Mapped[int] = mapped_column(default=0, server_default="0")
    not_before: Mapped[datetime | None]
    owner: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str | None] = mapped_column(Text())
    failure_code: Mapped[str | None] = mapped_column(String(8))
    failure: Mapped[str | None] = mapped_column(Text())
    engine_task_id: Mapped[str | None] = mapped_column(String(255))
    exclude_hosts: Mapped[list[Any]] = mapped_column(default=list)


class Attempt(Table):
    """One try at one task."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("task_run_id", "number"), Index(None, "failure_code", "started"))
    id: Mapped[Key]
    task_run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("task_run.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[State] = mapped_column(enum_column(State, "attempt_state"), default=State.RUNNING)
    host: Mapped[Name]
    worker: Mapped[str | None] = mapped_column(String(64))
    exit_code: Mapped[int | None]
    failure_code: Mapped[str | None] = mapped_column(String(8))
    failure: Mapped[str | None] = mapped_column(Text())
    log: Mapped[str | None] = mapped_column(Text())
    started: Mapped[Moment]
    finished: Mapped[datetime | None]


class ReceiptRow(Table):
    """A receipt as the publish step read it; the file beside the outputs is the first copy."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("job_id", "step", "frames"),)
    id: Mapped[Key]
    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    step: Mapped[Name]
    frames: Mapped[str] = mapped_column(String(512))
    document: Mapped[dict[str, Any]]
    created: Mapped[Moment]


class EngineRow(Table):
    """A local engine process: who it is, where it runs, and when it last breathed."""

    __tablename__ = "engine"
    id: Mapped[Key]
    host: Mapped[Name]
    pid: Mapped[int]
    version: Mapped[str] = mapped_column(String(64))
    slots: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started: Mapped[Moment]
    heartbeat: Mapped[Moment]
    stopping: Mapped[bool] = mapped_column(default=False)


class Blob(Table):
    """Small content by its hash: ingested timelines and other documents that must not get lost."""

    __tablename__ = "blob"
    checksum: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(128))
    content: Mapped[bytes] = mapped_column(LargeBinary())
    created: Mapped[Moment]
