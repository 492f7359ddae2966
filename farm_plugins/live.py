"""Whether a farm does what it is sent: small jobs that really run there, and what their own tasks told of it.

The jobs lie in a folder of their own below the jobs of the studio, which the farm's hosts see, and in a database of
their own, so that nothing of them is left where people look. They read no media and publish nothing, and are removed
unless something is not as it must be.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from ..jobs.selftest.params import Shape
from ..pipeline.folders import JobFolder
from ..pipeline.settings import Settings
from ..schema.errors import BadRequestError, EngineError, EngineUnreachableError
from .conformance import Probe
from .engine import Engine
from .lived import BAIT, LINES, WORDS, LiveJob, differences
from .stored import StoredJobs

if TYPE_CHECKING:
    from ..pipeline.store import Database

PROJECT = "selftest"
SHAPES: tuple[str, ...] = get_args(Shape)
FIRST_PAUSE_S, MAX_PAUSE_S = 0.1, 2.0
LET_GO_S = 10.0
Tell = Callable[[str], None]


@dataclass(frozen=True)
class LiveRun:
    """All jobs that ran.

    Attributes:
        late: whether some did not end in time; they were cancelled.
        kept: where everything about them lies, if something was not as it must be; None: nothing is left.
    """

    jobs: tuple[LiveJob, ...]
    late: bool
    kept: Path | None

    @property
    def probes(self) -> list[Probe]:
        """Of all jobs."""
        return [probe for job in self.jobs for probe in job.probes]


def run_live(
    engine: str,
    settings: Settings,
    *,
    timeout_s: float,
    shapes: Sequence[str] = SHAPES,
    keep: bool = False,
    tell: Tell = lambda _line: None,
) -> LiveRun:
    """Run small jobs on an engine as the settings say, and compare what became of them with what was asked for.

    Args:
        engine: its name.
        settings: of this machine.
        timeout_s: seconds after which jobs that have not ended are cancelled.
        shapes: of the jobs.
        keep: whether what they wrote stays also when all is as it must be.
        tell: told how far the jobs are.

    Raises:
        EngineError: the engine does not take them; nothing is left.
    """
    with _place(engine, settings) as place, _submitted(place, shapes) as jobs:
        _wait(place.engine, jobs, timeout_s=timeout_s, tell=tell)
        for job in jobs:
            _look(place, job)
        place.keep = keep or any(probe.difference for job in jobs for probe in job.probes)
        return LiveRun(tuple(jobs), not all(job.rests for job in jobs), place.folder if place.keep else None)


@dataclass
class _Place:
    """Where a run happens.

    Attributes:
        keep: whether its folder stays.
    """

    folder: Path
    settings: Settings
    engine: Engine
    keep: bool = False


@contextmanager
def _place(engine: str, settings: Settings) -> Iterator[_Place]:
    """A folder that the farm's hosts see, and a database that nobody else does; gone afterwards, unless it is kept."""
    from ..pipeline.store import Database  # noqa: PLC0415 - heavy: SQLAlchemy
    from ..pipeline.store.migrate import ensure_schema  # noqa: PLC0415 - same
    from .engines import engine_named  # noqa: PLC0415 - only the engine in use is loaded

    if engine == "deadline" and settings.deadline_attachments:
        raise BadRequestError(
            "what small jobs write does not come back by itself from hosts that share no disk",
            field="deadline_attachments",
            hint="run it where disks are shared, with SHOTMILL_DEADLINE_ATTACHMENTS=false",
        )
    settings.jobs_folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="selftest-", dir=settings.jobs_folder))
    folder.chmod(0o755)  # hosts may run tasks as somebody else
    kept = False
    with tempfile.TemporaryDirectory(prefix="shotmill-selftest-") as own, ExitStack() as stack:
        private = settings.model_copy(
            update={
                "home": Path(own),
                "database": f"sqlite:///{own}/selftest.db",
                "jobs_root": str(folder),
                "projects_root": str(folder / "projects"),
                "idle_s": 0.0,
            }
        )
        database = Database(private.database_url)
        stack.callback(database.dispose)
        stack.callback(lambda: None if kept else shutil.rmtree(folder, ignore_errors=True))
        stack.callback(_end_engines, database)
        ensure_schema(database)
        made = _Place(folder, private, engine_named(engine, private, database))
        yield made
        kept = made.keep


def _end_engines(database: Database) -> None:
    """End the local engines of a run; nobody else has work for them."""
    from ..pipeline.store.engines import live_engines  # noqa: PLC0415 - heavy: SQLAlchemy

    ends = time.monotonic() + LET_GO_S
    while (found := live_engines(database)) and time.monotonic() < ends:
        for one in found:
            with suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGTERM)
        time.sleep(FIRST_PAUSE_S)


@contextmanager
def _submitted(place: _Place, shapes: Sequence[str]) -> Iterator[list[LiveJob]]:
    """One job of each shape, handed over; those that go on afterwards are cancelled."""
    jobs: list[LiveJob] = []
    try:
        with _bait():
            jobs.extend(_submit(place, shape) for shape in shapes)
        yield jobs
    finally:
        for job in jobs:
            if not job.rests:
                with suppress(EngineError):
                    place.engine.cancel(job.id)


@contextmanager
def _bait() -> Iterator[None]:
    """A variable of whoever submits."""
    os.environ[BAIT] = "1"
    try:
        yield
    finally:
        del os.environ[BAIT]


def _submit(place: _Place, shape: str) -> LiveJob:
    from .submission import SubmitRequest, submit  # noqa: PLC0415 - only who runs jobs

    assert isinstance(place.engine, StoredJobs)  # noqa: S101 - all engines that have a name do
    params = {"shape": shape, "words": WORDS, "lines": LINES, "publish": False}
    request = SubmitRequest("selftest", params=params, project=PROJECT)
    made = submit(request, settings=place.settings, database=place.engine.database, engine=place.engine)
    folder = JobFolder(Path(made.job.folder))
    return LiveJob(shape, folder.read_spec(), folder)


def _wait(engine: Engine, jobs: Sequence[LiveJob], *, timeout_s: float, tell: Tell) -> None:
    """Until all have ended, or the time has."""
    began, pause, said = time.monotonic(), FIRST_PAUSE_S, ""
    while not all(job.rests for job in jobs) and time.monotonic() - began < timeout_s:
        for job in jobs:
            if not job.rests:
                job.seconds = time.monotonic() - began
                try:
                    job.status = engine.status(job.id)
                except EngineUnreachableError as error:
                    tell(error.message)
        now = "; ".join(f"{job.case} {job.standing}" for job in jobs)
        if now != said:
            tell(now)
        said = now
        time.sleep(pause)
        pause = min(1.3 * pause, MAX_PAUSE_S)


def _look(place: _Place, job: LiveJob) -> None:
    """Compare a job with what was asked for."""
    tasks = place.engine.tasks(job.id) if job.rests else ()
    job.hosts = tuple(sorted({task.host for task in tasks if task.host}))
    job.attempts = sum(task.attempts for task in tasks)
    for aspect, difference in differences(place.engine, job):
        job.probes.append(Probe(place.engine.name, job.case, aspect, difference))
