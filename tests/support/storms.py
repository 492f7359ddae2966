"""Storms over farms, by dice: for each seed one job on one farm, until it is one version or an honest refusal.

``python storms.py HOME MANNER SEEDS`` runs them in a process of its own, and prints how they ended. It spares what is
the same for all of them and what only a power cut would miss, so that thousands fit into a minute.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sim_farm import SimFarm, Troubles
from sqlalchemy import event

from shotmill.farm_plugins.farm_engine import FarmEngine
from shotmill.farm_plugins.submission import SubmitRequest, Submitted, submit
from shotmill.farm_plugins.task import Host
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import versions_of_job
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.errors import EngineUnreachableError
from shotmill.schema.frames import FrameSet
from shotmill.schema.ids import job_handle
from shotmill.schema.states import State

BLOCKS = {"fails": False, "blocks": True}  # what becomes of a task out of retries
TURNS = 60
LIKELY = 0.15
MENDS = 3
COLLECT_AFTER = 200_000  # new objects, as in commands
FRAMES = FrameSet.parse("1-5").frames


@dataclass(frozen=True)
class Sky:
    """Where storms blow: the studio that all their jobs belong to, and what its hosts bring along."""

    settings: Settings
    database: Database
    host: Host = field(default_factory=lambda: Host(records=True))


@dataclass(frozen=True)
class Calm:
    """What is left: how the jobs had ended when the weather cleared, and the numbers of the versions in the end."""

    ended: Counter[State]
    made: list[int]


class Storm:
    """One job on one farm, and the dice that rule both."""

    def __init__(self, sky: Sky, seed: int, *, blocks: bool) -> None:
        self.dice = random.Random(seed)
        self.seed, self.sky = seed, sky
        self.allow_holes = self.dice.random() < 0.3
        likely = {name: LIKELY * (self.dice.random() < 0.4) for name in Troubles.__dataclass_fields__}
        self.farm = SimFarm(
            sky.settings, blocks=blocks, balanced=seed % 2 == 0, troubles=Troubles(**likely), seed=seed, host=sky.host
        )
        self.engine = FarmEngine(self.farm, sky.settings, sky.database)

    def submitted(self) -> Submitted:
        """Submit until the farm's answer arrives, as an artist would."""
        params = {"frames": "1-5", "chunk": 2, "publish": True, "text": f"storm {self.farm.blocks} {self.seed}"}
        request = SubmitRequest("trial", params=params, project="demo", allow_holes=self.allow_holes)
        while True:
            try:
                return submit(request, settings=self.sky.settings, database=self.sky.database, engine=self.engine)
            except EngineUnreachableError:
                continue

    def blow(self, job_id: uuid.UUID) -> State:
        """Let the farm work, and look at it now and then; the job's state when nothing goes on."""
        name = f"sim-{job_id}"
        for _ in range(TURNS):
            worked = self.farm.turn(name)
            if not worked or self.dice.random() < 0.3:
                self.hear(job_id)
            if not worked and self.farm.is_idle(name):  # a look may have let something go
                break
        return self.look(job_id)

    def hear(self, job_id: uuid.UUID) -> None:
        """Ask the farm until it answers."""
        while True:
            try:
                self.engine.reconcile(job_id, at_once=True)
            except EngineUnreachableError:
                continue
            return

    def look(self, job_id: uuid.UUID) -> State:
        self.hear(job_id)
        return self.engine.status(job_id).state

    def mend(self, job_id: uuid.UUID) -> State:
        """The weather clears and a wrangler retries what did not succeed."""
        self.farm.troubles = Troubles()
        state = self.blow(job_id)
        for _ in range(MENDS):
            if state is State.SUCCEEDED or not self.engine.retry(job_id):
                break
            state = self.blow(job_id)
        return state


def run_storms(sky: Sky, seeds: Sequence[int], *, blocks: bool) -> Calm:
    """Let storms blow one after the other; each job is checked when its weather clears, and when it was mended.

    Raises:
        AssertionError: names the seed.
    """
    ended: Counter[State] = Counter()
    made: list[int] = []
    for seed in seeds:
        storm = Storm(sky, seed, blocks=blocks)
        job_id = storm.submitted().job.id
        state = storm.blow(job_id)
        _check(storm, job_id, state)
        ended[state] += 1
        made += _check_mended(storm, job_id, storm.mend(job_id))
    left = [path for path in Path(sky.settings.projects_folder).rglob(".staging/*") if path.is_dir()]
    assert not left, left
    return Calm(ended, made)


def _check(storm: Storm, job_id: uuid.UUID, state: State) -> None:
    """One version of a job that succeeded, and none of another; what stopped it is told."""
    found = versions_of_job(storm.sky.database, job_id)
    assert (len(found) == 1) is (state is State.SUCCEEDED), (storm.seed, state, found)
    status = storm.engine.status(job_id)
    if state in {State.FAILED, State.BLOCKED}:
        assert (status.failure or "").startswith("SHOTMILL E"), (storm.seed, status)
    assert storm.farm.launches == 1, (storm.seed, storm.farm.launches)


def _check_mended(storm: Storm, job_id: uuid.UUID, state: State) -> list[int]:
    """All that was not left out is published; the numbers of its versions."""
    gone = _left_out(storm, job_id)
    if len(gone) == len(FRAMES):
        assert "SHOTMILL E505 " in (storm.engine.status(job_id).failure or ""), storm.seed
        return []
    assert state is State.SUCCEEDED, (storm.seed, storm.engine.status(job_id))
    _check(storm, job_id, state)
    [version] = versions_of_job(storm.sky.database, job_id)
    listed = list(FrameSet.parse(version.holes)) if version.holes else []
    assert listed == gone, (storm.seed, listed, gone)
    return [version.number]


def _left_out(storm: Storm, job_id: uuid.UUID) -> list[int]:
    """The frames without a receipt, of a job that may lack some; any other has all of them."""
    folder = JobFolder(storm.sky.settings.jobs_folder / job_handle(job_id))
    done = {frame for receipt in read_receipts(folder, "work") for frame in receipt.frames}
    gone = sorted(set(FRAMES) - done)
    assert storm.allow_holes or not gone, (storm.seed, gone)
    return gone


@contextmanager
def spared_sky(home: Path) -> Iterator[Sky]:
    """A studio whose database is there, where nothing is done that only repeats or that only a power cut would miss.

    Publishes share one database instead of opening it anew, draw no page for people, and nothing waits for the disk.
    """
    settings = Settings(home=home, user="artist")
    database = Database(settings.database_url, durable=False)
    event.listen(database.engine, "connect", _wait_for_no_disk)
    with ExitStack() as spared:
        for name, instead in (
            ("shotmill.pipeline.store.Database", lambda *_args, **_options: _Shared(database)),
            ("shotmill.pipeline.publish.runner.try_page", lambda *_args: ""),
            ("os.fsync", lambda _handle: None),
            ("os.fdatasync", lambda _handle: None),
        ):
            spared.enter_context(patch(name, instead))
        spared.callback(database.dispose)
        yield Sky(settings, database, Host(records=True, tools=StudioTools(settings)))


def _wait_for_no_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


class _Shared:
    """A database that stays open when one of those who use it closes it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def dispose(self) -> None:
        """Leave it open."""


def main() -> None:
    """Run the storms of the command line."""
    home, manner, seeds = sys.argv[1:]
    gc.set_threshold(COLLECT_AFTER)
    with spared_sky(Path(home)) as sky:
        calm = run_storms(sky, FrameSet.parse(seeds).frames, blocks=BLOCKS[manner])
    sys.stdout.write(json.dumps({"ended": calm.ended, "made": calm.made}) + "\n")


if __name__ == "__main__":
    main()
