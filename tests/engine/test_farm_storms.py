"""What farms really do, by dice: replies and reports lost, tasks run twice, eaten, jobs killed, farms that are away.

Each seed is one job on one farm. Whatever happens, it ends as exactly one version, or as a refusal that says why. Each
seed runs on a farm where a task out of retries fails, as on Deadline Cloud, and on one where it waits for a person, as
on OpenCue. ``SHOTMILL_TEST_STORMS=417`` runs that one alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import storms
from engine_studio import Studio
from storms import BLOCKS, Calm, Sky, run_storms

from shotmill.schema.frames import FrameSet

SEEDS = FrameSet.parse(os.environ.get("SHOTMILL_TEST_STORMS", "0-999")).frames
PARTS = 3  # so that several processes share them
WHOLE = 6  # of which nothing is spared
SEVERAL = 30  # seeds of which some end badly

pytestmark = pytest.mark.slow
manners = pytest.mark.parametrize("manner", BLOCKS)


@manners
def test_a_job_in_a_storm_makes_one_version_or_says_why_not(embedded: Studio, manner: str) -> None:
    sky = Sky(embedded.settings, embedded.database)
    check(run_storms(sky, SEEDS[:WHOLE], blocks=BLOCKS[manner]), seeds=WHOLE)


@pytest.fixture
def home(tmp_path: Path, trial: Path, _migrated_sqlite: Path) -> Path:
    """An embedded studio's home."""
    assert trial.is_dir()
    made = tmp_path / "storm"
    made.mkdir()
    shutil.copyfile(_migrated_sqlite, made / "shotmill.db")
    return made


@manners
@pytest.mark.parametrize("part", range(PARTS))
def test_every_job_in_a_thousand_storms_makes_one_version_or_says_why_not(home: Path, part: int, manner: str) -> None:
    seeds = FrameSet.of(SEEDS[part::PARTS])
    command = [sys.executable, storms.__file__, str(home), manner, str(seeds)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    check(Calm(**json.loads(ran.stdout.splitlines()[-1])), seeds=len(seeds))


def check(calm: Calm, *, seeds: int) -> None:
    """Versions are counted without a gap, and the weather was bad enough to stop some jobs."""
    assert sorted(calm.made) == list(range(1, len(calm.made) + 1))
    assert len(calm.ended) > 1 or seeds < SEVERAL, calm.ended
