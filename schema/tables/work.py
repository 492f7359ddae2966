"""What runs: jobs, steps, task runs, attempts, receipts, engines."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    ColumnClause,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)

from ..job import Priority
from ..states import State
from .base import NAME, Table, UtcDateTime, column, enum_column, json_dict, json_list, key, moment, optional


class Job(
    Table,
    name="job",
    rules=(
        Index(None, "state", "created"),
        Index(None, "project", "created"),
        Index(None, "key"),
    ),
):
    """One job. ``spec`` is the whole JobSpec; ``token`` makes submission repeatable; ``key`` finds its equal.

    ``active_key`` equals ``key`` while the job is the one a second submit of the same inputs is answered
    with, and is NULL after failure, cancellation or ``--force``: unique, so two submits at once agree.
    """

    id = key()
    handle = column(String(16), unique=True)
    token = column(String(64), unique=True)
    key = column(String(64))
    active_key = optional(String(64), unique=True)
    type = column(NAME)
    name = column(NAME)
    project = column(NAME)
    user = column(NAME)
    engine = column(String(32))
    engine_job_id = optional(String(255))
    engine_facts = column(json_dict(), default=dict)
    priority = column(enum_column(Priority, "priority"))
    state = column(enum_column(State, "job_state"), default=State.QUEUED)
    spec = column(json_dict())
    folder = column(Text())
    publishes = column(Boolean(), default=False)
    cancel_requested = column(Boolean(), default=False)
    failure = optional(Text())
    created = moment()
    started = optional(UtcDateTime())
    finished = optional(UtcDateTime())


class JobStep(
    Table,
    name="step",
    rules=(
        UniqueConstraint("job_id", "name"),
        UniqueConstraint("job_id", "position"),
    ),
):
    """One step of a job. Counts are kept beside it so that lists need no counting."""

    id = key()
    job_id = column(Uuid(), ForeignKey("job.id", ondelete="CASCADE"))
    position = column(Integer())
    name = column(NAME)
    after = column(json_list(), default=list)
    needs = column(json_dict(), default=dict)
    warm = column(Boolean(), default=True)
    retries = column(Integer(), default=2)
    timeout_s = column(Integer(), default=3600)
    state = column(enum_column(State, "step_state"), default=State.QUEUED)
    tasks = column(Integer())
    done = column(Integer(), default=0)
    failed = column(Integer(), default=0)


class TaskRun(
    Table,
    name="task_run",
    rules=(
        UniqueConstraint("step_id", "position"),
        Index(None, "state", "lease_until"),
        Index(None, "job_id", "state"),
        Index(None, "step_id", "state", "position"),
    ),
):
    """One task: a chunk of frames of a step. Claimed with a lease; the lease's owner alone may finish it.

    ``forgiven`` counts the attempts before a person last asked to try again: they do not use up retries.
    """

    id = key()
    job_id = column(Uuid(), ForeignKey("job.id", ondelete="CASCADE"))
    step_id = column(Uuid(), ForeignKey("step.id", ondelete="CASCADE"))
    position = column(Integer())
    frames = column(Text())
    state = column(enum_column(State, "task_state"), default=State.QUEUED)
    attempts = column(Integer(), default=0)
    forgiven = column(Integer(), default=0, server_default="0")
    not_before = optional(UtcDateTime())
    owner = optional(Uuid())
    lease_until = optional(UtcDateTime())
    progress: ColumnClause[float] = column(Double(), default=0.0)
    message = optional(Text())
    failure_code = optional(String(8))
    failure = optional(Text())
    engine_task_id = optional(String(255))
    exclude_hosts = column(json_list(), default=list)


class Attempt(
    Table,
    name="attempt",
    rules=(
        UniqueConstraint("task_run_id", "number"),
        Index(None, "failure_code", "started"),
    ),
):
    """One try at one task."""

    id = key()
    task_run_id = column(Uuid(), ForeignKey("task_run.id", ondelete="CASCADE"))
    number = column(Integer())
    state = column(enum_column(State, "attempt_state"), default=State.RUNNING)
    host = column(NAME)
    worker = optional(String(64))
    exit_code = optional(Integer())
    failure_code = optional(String(8))
    failure = optional(Text())
    log = optional(Text())
    started = moment()
    finished = optional(UtcDateTime())


class ReceiptRow(Table, name="receipt", rules=(UniqueConstraint("job_id", "step", "frames"),)):
    """A receipt as the publish step read it; the file beside the outputs is the first copy."""

    id = key()
    job_id = column(Uuid(), ForeignKey("job.id", ondelete="CASCADE"))
    step = column(NAME)
    frames = column(String(512))
    document = column(json_dict())
    created = moment()


class EngineRow(Table, name="engine"):
    """A local engine process: who it is, where it runs, and when it last breathed."""

    id = key()
    host = column(NAME)
    pid = column(Integer())
    version = column(String(64))
    slots = column(json_dict(), default=dict)
    started = moment()
    heartbeat = moment()
    stopping = column(Boolean(), default=False)


class Blob(Table, name="blob"):
    """Small content by its hash: ingested timelines and other documents that must not get lost."""

    checksum = column(String(64), primary_key=True)
    media_type = column(String(128))
    content = column(LargeBinary())
    created = moment()
