"""Following a job to its end, and seeing to it that somebody works on it meanwhile."""

from __future__ import annotations

import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ...pipeline.files import free_bytes
from ...schema.errors import DiskFullError, EngineUnreachableError, InputCorruptError
from ...schema.failure import one_line
from ...schema.ids import JobId, job_handle
from ...schema.receipts import FOUND, TOLD
from ...schema.states import State
from .progress import display
from .verdicts import exit_code_of, is_held_up, is_refused, verdict_of

if TYPE_CHECKING:
    from ...pipeline.store.jobs import JobRow
    from .studio import Studio

EXIT_TIMEOUT = 124  # as of timeout(1)
EXIT_INTERRUPTED = 130  # as of a shell: 128 and SIGINT
FIRST_POLL_S, MAX_POLL_S = 0.1, 1.0
LOOK_AFTER_S = 3.0  # how often a watcher sees to it that a killed engine is replaced
SEND_AFTER_S = 30.0  # how often a watcher hands a job over that its farm did not take
MAX_STARTS = 10  # of an engine that never stays, before the watcher gives up
CRAMPED = 64 * 1024  # bytes: less cannot take what the engine has to write down
MAX_CRAMPED = 2  # looks at a full disk in a row, before the watcher gives up
SHOWN_VERSIONS = SHOWN_NOTES = 5


def follow(where: Studio, job_id: uuid.UUID, *, quiet: bool = False, timeout_s: float | None = None) -> int:
    """Follow a job to its end. Ctrl-C leaves the job running and says so.

    Returns:
        0 when it succeeded, else what its failure, or the farm that refuses it, says (1 when cancelled), 124 when the
        time ran out first, 130 after Ctrl-C.

    Raises:
        EngineUnreachableError: the local engine does not stay up; the job stays in the queue.
        DiskFullError: the database has no space to grow; the job stays in the queue.
    """
    from ...pipeline.store.jobs import job_by_id, steps_of

    handle = job_by_id(where.database, JobId(job_id)).handle
    where.fetches = True
    try:
        with display(quiet=quiet) as show:
            pace = _Pace(where, timeout_s)
            while True:
                job = where.current(job_by_id(where.database, JobId(job_id)))
                steps = steps_of(where.database, job_id)
                show(job, steps)
                if job.state.is_final or job.state is State.BLOCKED or is_refused(job):
                    break
                if pace.is_over():
                    return EXIT_TIMEOUT
                pace.rest(job)
    except KeyboardInterrupt:
        print(f"\n{handle} goes on without you; look again with: shotmill watch {handle}", file=sys.stderr)
        return EXIT_INTERRUPTED
    if not quiet:
        verdict, following = verdict_of(job, steps)
        print(verdict)
        if job.state in {State.SUCCEEDED, State.FAILED}:
            _say_noted(job, _say_published(where, job_id))
        if job.state is not State.SUCCEEDED:
            print(f"next: {following}")
    return exit_code_of(job)


@dataclass
class _Pace:
    """When to look at the job again, when at its engine, and when to stop."""

    where: Studio
    timeout_s: float | None
    began: float = field(default_factory=time.monotonic)
    looked: float = field(default_factory=time.monotonic)
    pause_s: float = FIRST_POLL_S
    starts: int = 0
    cramped: int = 0
    sent: float | None = None

    def is_over(self) -> bool:
        return self.timeout_s is not None and time.monotonic() - self.began > self.timeout_s

    def rest(self, job: JobRow) -> None:
        if time.monotonic() - self.looked > LOOK_AFTER_S:
            self._look_at_disk(job)
            self._look_at_engine(job)
            self._look_at_farm(job)
            self.looked = time.monotonic()
        time.sleep(self.pause_s)
        self.pause_s = min(self.pause_s * 1.2, MAX_POLL_S)

    def _look_at_disk(self, job: JobRow) -> None:
        """The engine waits until there is space, which may be never; whoever watches has to know."""
        if not self.where.database.is_sqlite:
            return
        place = Path(str(self.where.database.url.database))
        self.cramped = self.cramped + 1 if free_bytes(place.parent) < CRAMPED else 0
        if self.cramped >= MAX_CRAMPED:
            raise DiskFullError(
                f"no space is left for the database {place}; {job.handle} stays in the queue until there is",
                hint=f"make space, then: shotmill watch {job.handle}",
                path=place,
            )

    def _look_at_engine(self, job: JobRow) -> None:
        self.starts = self.starts + 1 if self.where.keep_running(job) else 0
        if self.starts > MAX_STARTS:
            raise EngineUnreachableError(
                f"the local engine was started {self.starts} times and did not stay; {job.handle} stays in the queue",
                hint=f"shotmill doctor; the engine's own words are in {self.where.settings.home / 'engine.log'}",
            )

    def _look_at_farm(self, job: JobRow) -> None:
        """A farm that did not answer when the job was handed over is asked again, and whoever watches told once."""
        if not is_held_up(job):
            return
        if self.sent is None:
            verdict, _ = verdict_of(job, ())
            print(f"{verdict}; it is tried again every {SEND_AFTER_S:.0f} s", file=sys.stderr)
        elif time.monotonic() - self.sent < SEND_AFTER_S:
            return
        self.sent = time.monotonic()
        self.where.send(job)


def _say_published(where: Studio, job_id: uuid.UUID) -> frozenset[str]:
    """Print the versions of a job and what their makers say of them; the lines that they said."""
    from ...pipeline.store.catalog import representations, versions_of_job

    said: set[str] = set()
    versions = versions_of_job(where.database, job_id)
    for version in versions[:SHOWN_VERSIONS]:
        lacks = f", lacks {version.holes}" if version.holes else ""
        print(f"published {version.address}{lacks}  {where.folder_of(version)}")
        for form in representations(where.database, version.id):
            found, told = (map(one_line, form.facts.get(fact, ())) for fact in (FOUND, TOLD))
            lines = [*(f"  {line}" for line in found), *told]
            print("".join(f"{line}\n" for line in lines), end="")
            said.update(lines)
    if len(versions) > SHOWN_VERSIONS:
        print(f"... and {len(versions) - SHOWN_VERSIONS} more: shotmill versions --job {job_handle(job_id)}")
    return frozenset(said)


def _say_noted(job: JobRow, said: frozenset[str]) -> None:
    """What the tasks and the publish step noted, on the side of what programs read; not what was said of a version."""
    from ...pipeline.publish.page import report_of
    from .commands.report import read_report

    path = report_of(Path(job.folder))
    if path is None:  # its publish did not run, or it lies on a disk that this machine does not see
        return
    try:
        noted = read_report(path).notes
        notes = tuple(note for note in noted if said.isdisjoint((note, note.partition(": ")[2])))
    except InputCorruptError as error:
        notes = (error.message,)
    for note in notes[:SHOWN_NOTES]:
        print(f"note: {note}", file=sys.stderr)
    if len(notes) > SHOWN_NOTES:
        print(f"note: ... and {len(notes) - SHOWN_NOTES} more: shotmill report {job.handle}", file=sys.stderr)
