"""What farms really do, by dice: replies and reports lost, tasks run twice, eaten, jobs killed, farms that are away.

Each seed is one job on one farm. Whatever happens, it ends as exactly one version, or as a refusal that says why. Each
seed runs on a farm where a task out of retries fails, as on Deadline Cloud, and on one where it waits for a person, as
on OpenCue. A landing runs 64 seeds; ``SHOTMILL_TEST_STORMS=0-999`` runs a thousand.
"""

from __future__ import annotations

import os
import random
import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from engine_studio import Studio
from sim_farm import SimFarm, Troubles

from shotmill.farm_plugins.farm_engine import FarmEngine
from shotmill.farm_plugins.submission import SubmitRequest, Submitted, submit
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.store.catalog import versions_of_job
from shotmill.schema.errors import EngineUnreachableError
from shotmill.schema.frames import FrameSet
from shotmill.schema.ids import job_handle
from shotmill.schema.states import State

SEEDS = list(FrameSet.parse(os.environ.get("SHOTMILL_TEST_STORMS", "0-63")))  # "417" runs that one alone
PARTS = 4  # so that several processes share them
WHOLE = 4  # of each part, before what is the same for all of them is spared
TURNS = 60
LIKELY = 0.15
MENDS = 3
SEVERAL = 30  # seeds of which some end badly
FRAMES = FrameSet.parse("1-5").frames


class Storm:
    """One job on one farm, and the dice that rule both."""

    def __init__(self, studio: Studio, seed: int, *, blocks: bool) -> None:
        self.dice = random.Random(seed)
        self.seed, self.studio = seed, studio
        self.allow_holes = self.dice.random() < 0.3
        likely = {name: LIKELY * (self.dice.random() < 0.4) for name in Troubles.__dataclass_fields__}
        self.farm = SimFarm(
            studio.settings, blocks=blocks, balanced=seed % 2 == 0, troubles=Troubles(**likely), seed=seed
        )
        self.engine = FarmEngine(self.farm, studio.settings, studio.database)

    def submitted(self) -> Submitted:
        """Submit until the farm's answer arrives, as an artist would."""
        params = {"frames": "1-5", "chunk": 2, "publish": True, "text": f"storm {self.farm.blocks} {self.seed}"}
        request = SubmitRequest("trial", params=params, project="demo", allow_holes=self.allow_holes)
        while True:
            try:
                return submit(request, settings=self.studio.settings, database=self.studio.database, engine=self.engine)
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


def versions(studio: Studio, job_id: uuid.UUID) -> list[int]:
    return [version.number for version in versions_of_job(studio.database, job_id)]


def left_out(storm: Storm, job_id: uuid.UUID) -> list[int]:
    """The frames without a receipt, of a job that may lack some; any other has all of them."""
    folder = JobFolder(storm.studio.settings.jobs_folder / job_handle(job_id))
    done = {frame for receipt in read_receipts(folder, "work") for frame in receipt.frames}
    gone = sorted(set(FRAMES) - done)
    assert storm.allow_holes or not gone, (storm.seed, gone)
    return gone


def check_mended(storm: Storm, job_id: uuid.UUID, state: State) -> list[int]:
    """All that was not left out is published; the numbers of its versions."""
    gone = left_out(storm, job_id)
    if len(gone) == len(FRAMES):
        assert "SHOTMILL E505 " in (storm.engine.status(job_id).failure or "")
        return []
    assert state is State.SUCCEEDED, (storm.seed, storm.engine.status(job_id))
    check(storm, job_id, state)
    [version] = versions_of_job(storm.studio.database, job_id)
    listed = list(FrameSet.parse(version.holes)) if version.holes else []
    assert listed == gone, (storm.seed, listed, gone)
    return [version.number]


def check(storm: Storm, job_id: uuid.UUID, state: State) -> None:
    """One version of a job that succeeded, and none of another; what stopped it is told."""
    found = versions(storm.studio, job_id)
    assert (len(found) == 1) is (state is State.SUCCEEDED), (storm.seed, state, found)
    status = storm.engine.status(job_id)
    if state in {State.FAILED, State.BLOCKED}:
        assert (status.failure or "").startswith("SHOTMILL E"), (storm.seed, status)
    assert storm.farm.launches == 1


@pytest.mark.slow
@pytest.mark.parametrize("blocks", [False, True], ids=["fails", "blocks"])
@pytest.mark.parametrize("part", range(PARTS))
def test_every_job_in_a_storm_makes_one_version_or_says_why_not(
    embedded: Studio, monkeypatch: pytest.MonkeyPatch, part: int, *, blocks: bool
) -> None:
    seeds = SEEDS[part::PARTS]
    ended, made = storms(embedded, seeds[:WHOLE], blocks=blocks)
    spare(embedded, monkeypatch)
    others = storms(embedded, seeds[WHOLE:], blocks=blocks)
    ended, made = ended + others[0], made + others[1]
    assert sorted(made) == list(range(1, len(made) + 1))
    assert not [path for path in Path(embedded.settings.projects_folder).rglob(".staging/*") if path.is_dir()]
    assert len(ended) > 1 or len(seeds) < SEVERAL, ended  # the weather was bad enough to stop some


def spare(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what only repeats: each publish opening the database anew, and drawing a page that nobody reads."""
    monkeypatch.setattr("shotmill.pipeline.store.Database", lambda *_args, **_options: studio.database)
    monkeypatch.setattr("shotmill.pipeline.publish.runner.try_page", lambda *_args: "")


def storms(studio: Studio, seeds: Sequence[int], *, blocks: bool) -> tuple[Counter[State], list[int]]:
    """How the jobs of these seeds ended in bad weather, and the numbers of the versions they made in the end."""
    ended: Counter[State] = Counter()
    made: list[int] = []
    for seed in seeds:
        storm = Storm(studio, seed, blocks=blocks)
        job_id = storm.submitted().job.id
        state = storm.blow(job_id)
        check(storm, job_id, state)
        ended[state] += 1
        made += check_mended(storm, job_id, storm.mend(job_id))
    return ended, made
