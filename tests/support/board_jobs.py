"""A studio with many jobs as rows, nothing of which was run, and a board over it in this process."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from specs import spec, step
from sqlalchemy import Connection, insert, select, update

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.entities import ensure_project
from shotmill.pipeline.store.jobs import put_job
from shotmill.schema import tables
from shotmill.schema.ids import job_handle, uuid7
from shotmill.schema.job import OutputSpec
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.states import State
from shotmill.schema.tables import Attempt, Job, JobStep, TaskRun
from shotmill.submitters.board import Board, Serving, bound_socket
from shotmill.submitters.studio import Studio

TYPES = ("thumbnail", "roto", "ocio_bake", "qc", "dailies")
USERS = ("maya", "noor", "kenji")
FAILED = 'SHOTMILL E204 input-missing frame=1042 retryable=no cause="frame 1042 is not there" hint="render it"'
SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")
HOSTILE = '<img src=x onerror="document.title=1">'
STATES = (
    State.SUCCEEDED, State.SUCCEEDED, State.RUNNING, State.SUCCEEDED, State.FAILED, State.QUEUED, State.SUCCEEDED,
    State.BLOCKED, State.SUCCEEDED, State.CANCELLED, State.SUCCEEDED,
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One job to be: of a type, for a shot, in a state."""

    type: str
    shot: str
    state: State
    user: str = "maya"
    tasks: int = 10
    done: int = 0
    engine: str = "local"
    engine_job_id: str | None = None
    minutes: float = 5.0


def many(shots: int, types: Sequence[str] = TYPES) -> list[Row]:
    """A job of each type for each shot, in all states."""
    rows = []
    for number in range(shots):
        shot = f"demo/sq{number // 20 * 10 + 10:04d}/sh{number % 20 * 10 + 10:04d}"
        for place, kind in enumerate(types):
            state = STATES[(number * 3 + place * 5) % len(STATES)]
            done = {State.SUCCEEDED: 10, State.RUNNING: (number * 7 + place) % 10}.get(state, 0)
            minutes = 3 + (number * 37 + place * 101) % 4000
            rows.append(Row(kind, shot, state, USERS[(number + place) % 3], done=done, minutes=minutes))
    return rows


def fill(database: Database, rows: Sequence[Row], *, folder: str = "/none", name: str = "") -> list[str]:
    """Put jobs in, with their shots; their handles."""
    with database.write() as connection:
        _put_shots(connection, sorted({row.shot for row in rows}))
        jobs, steps, events = [], [], []
        for row in rows:
            job, step, event = _job(row, folder, name)
            jobs.append(job)
            steps.append(step)
            events.append(event)
        connection.execute(insert(tables.Job), jobs)
        connection.execute(insert(tables.JobStep), steps)
        connection.execute(insert(TaskRun), [_task(step) for step in steps])
        connection.execute(insert(tables.Event), events)
    return [job["handle"] for job in jobs]


def _put_shots(connection: Connection, shots: Sequence[str]) -> None:
    projects = {name: uuid7() for name in {shot.split("/")[0] for shot in shots}}
    sequences = {name: uuid7() for name in {shot.rpartition("/")[0] for shot in shots}}
    connection.execute(
        insert(tables.Project),
        [{"id": key, "code": name, "settings": {}, "remote": {}} for name, key in projects.items()],
    )
    rows: list[dict[str, Any]] = [
        {"id": key, "project_id": projects[name.split("/")[0]], "code": name.split("/")[1], "remote": {}}
        for name, key in sequences.items()
    ]
    connection.execute(insert(tables.Sequence), rows)
    rows = [
        {
            "id": uuid7(),
            "project_id": projects[shot.split("/")[0]],
            "sequence_id": sequences[shot.rpartition("/")[0]],
            "code": shot.rpartition("/")[2],
            "colour": {},
            "remote": {},
        }
        for shot in shots
    ]
    connection.execute(insert(tables.Shot), rows)


def _job(row: Row, folder: str, name: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    key = uuid7()
    created = datetime.now(UTC) - timedelta(minutes=row.minutes)
    failed = row.state is State.FAILED
    job = {
        "id": key, "handle": job_handle(key), "token": str(key), "key": uuid.uuid4().hex * 2, "type": row.type,
        "name": name or f"{row.type}-{row.shot.replace('/', '_')}", "project": row.shot.split("/")[0], "user": row.user,
        "engine": row.engine, "engine_job_id": row.engine_job_id, "engine_facts": {}, "priority": "normal",
        "state": row.state, "spec": {"steps": []}, "folder": folder, "created": created,
        "failure": FAILED if failed else None,
    }  # fmt: skip
    step = {
        "id": uuid7(), "job_id": key, "position": 0, "name": "work", "after": [], "needs": {}, "state": row.state,
        "tasks": row.tasks, "done": row.done, "failed": int(failed),
    }  # fmt: skip
    event = {
        "at": created, "actor": row.user, "host": "here", "verb": "submit", "subject": job["handle"],
        "facts": {"type": row.type, "entities": [row.shot]},
    }  # fmt: skip
    return job, step, event


def _task(step: dict[str, Any]) -> dict[str, Any]:
    """One task stands for all that a step has."""
    given = {"id": uuid7(), "job_id": step["job_id"], "step_id": step["id"], "position": 0, "frames": "1"}
    return {**given, "state": step["state"]}


def publish_pictures(database: Database, settings: Settings, shots: Sequence[str], picture: bytes) -> list[uuid.UUID]:
    """A thumbnail of each shot, on the disk and in the database; ids of the versions."""
    made: list[uuid.UUID] = []
    with database.write() as connection:
        for shot in shots:
            project, _, path = shot.partition("/")
            projects = {project: ensure_project(connection, project)}
            folder = f"shots/{path}/publish/thumbnail/v001"
            place = settings.projects_folder / project / folder
            place.mkdir(parents=True)
            (place / "thumb.jpg").write_bytes(picture)
            made.append(_publish(connection, projects[project], path, folder, len(picture)))
    return made


def _publish(connection: Connection, project: uuid.UUID, path: str, folder: str, size: int) -> uuid.UUID:
    product, version, form = uuid7(), uuid7(), uuid7()
    sequence = uuid7()
    connection.execute(
        insert(tables.Asset).values(id=sequence, project_id=project, kind=path.replace("/", "_"), code="x", remote={})
    )
    connection.execute(
        insert(tables.Product).values(
            id=product, project_id=project, asset_id=sequence, entity_key=sequence, entity_path=path, name="thumbnail",
            kind="image",
        )
    )  # fmt: skip
    connection.execute(
        insert(tables.Version).values(
            id=version, product_id=product, number=1, state="published", key=uuid.uuid4().hex * 2, author="maya",
            folder=folder, lineage={}, published=datetime.now(UTC),
        )
    )  # fmt: skip
    connection.execute(insert(tables.Pointer).values(product_id=product, name="latest", version_id=version))
    connection.execute(
        insert(tables.Representation).values(id=form, version_id=version, name="jpg", pattern="thumb.jpg", facts={})
    )
    connection.execute(
        insert(tables.PublishedFile).values(
            id=uuid7(), representation_id=form, path="thumb.jpg", size=size, checksum="0" * 32
        )
    )
    return version


@dataclass(frozen=True)
class FailedJob:
    """A job of two tasks, one of which failed."""

    id: uuid.UUID
    handle: str
    folder: Path


def fail_one(database: Database, settings: Settings, *, name: str = "job") -> FailedJob:
    """A job whose first task failed and said so in its log; its second one is done."""
    key = uuid7()
    out = OutputSpec(product="x", entity=SHOT, name="trial", kind="image", representation="jpg", extension="jpg")
    work = step("work", "1-2", chunk=1, outputs=(out,))
    folder = settings.jobs_folder / job_handle(key)
    made = spec(work, id=str(key), key=key.hex * 2, user=settings.login, name=name)
    put_job(database, made, engine="local", folder=str(folder))
    (folder / "attempts").mkdir(parents=True)
    (folder / "attempts/1.log").write_text("".join(f"line {n}\n" for n in range(1, 101)) + FAILED + "\n")
    with database.write() as connection:
        tasks = list(connection.scalars(select(TaskRun.id).where(TaskRun.job_id == key).order_by(TaskRun.position)))
        ended = {"started": datetime.now(UTC), "finished": datetime.now(UTC), "host": "here", "number": 1}
        for task, state in zip(tasks, (State.FAILED, State.SUCCEEDED), strict=True):
            said = {"failure": FAILED, "failure_code": "E204"} if state is State.FAILED else {}
            log = {"log": "attempts/1.log"} if said else {}
            connection.execute(insert(Attempt).values(task_run_id=task, state=state, **said, **log, **ended))
            connection.execute(update(TaskRun).where(TaskRun.id == task).values(state=state, attempts=1, **said))
        counts = {"state": State.FAILED, "done": 1, "failed": 1}
        connection.execute(update(JobStep).where(JobStep.job_id == key).values(**counts))
        connection.execute(update(Job).where(Job.id == key).values(state=State.FAILED, failure=FAILED, active_key=None))
    return FailedJob(key, job_handle(key), folder)


@dataclass(frozen=True)
class Answer:
    """What a board answered."""

    status: int
    body: bytes
    headers: Any

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A board that is served by a thread of this process."""

    board: Board
    serving: Serving

    @property
    def url(self) -> str:
        return self.serving.url.rstrip("/")

    @property
    def page(self) -> str:
        return f"{self.url}/#token={self.board.token}"

    def ask(
        self, path: str, body: object = None, *, method: str = "", token: str | None = None, **headers: str
    ) -> Answer:
        """One request; with a body it is a POST."""
        content = None if body is None else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {self.board.token if token is None else token}", **headers}
        if body is not None:
            given["Content-Type"] = "application/json"
        asked = urllib.request.Request(  # noqa: S310 - loopback
            self.url + path,
            content,
            {name.replace("_", "-"): value for name, value in given.items()},
            method=method or None,
        )
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - same
                return Answer(answer.status, answer.read(), answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read(), error.headers)


@contextmanager
def served(settings: Settings, database: Database, *, port: int = 0, **more: Any) -> Iterator[Served]:
    """A board over a database, for a while."""
    studio = Studio(None)
    vars(studio)["readable"] = type("Readable", (), {"problems": (), "settings": settings})()
    vars(studio)["database"] = database
    made = Served(board := Board(studio, **more), Serving(board, bound_socket(port)))
    thread = threading.Thread(target=made.serving.run, daemon=True)
    thread.start()
    while not made.serving.server.started:
        time.sleep(0.01)
    try:
        yield made
    finally:
        made.serving.server.should_exit = True
        thread.join(20)
        made.serving.listening.close()


def jpeg(path: Path) -> bytes:
    """A picture of a landscape at dusk."""
    import numpy as np  # noqa: PLC0415 - few tests look at pictures
    from page_jobs import FIRST, hills  # noqa: PLC0415 - same

    from shotmill.pipeline.images import write_image  # noqa: PLC0415 - same

    write_image(path, np.asarray(hills(FIRST, 192, 108) * 255, dtype=np.uint8))
    return path.read_bytes()
