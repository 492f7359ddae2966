"""Publish, register and delivery killed at random: each job is one version, whole, and told once."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from carriers import Carriers, serving
from mail import Hours, Mail
from publish_farm import Farm
from trial import STAGES, Rounds, Trial
from wire_tracker import Tracker, install_wire, wire_tracker

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database

pytestmark = [pytest.mark.kill, pytest.mark.slow]
# In full: SHOTMILL_TEST_KILLS=500 pytest -s tests/publish/test_random_kills.py; fixtures take the variable away later.
KILLS = int(os.environ.get("SHOTMILL_TEST_KILLS", "60"))


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Tracker]:
    install_wire(tmp_path / "site")
    with wire_tracker() as found:
        yield found


@pytest.fixture
def carriers(tmp_path: Path, settings: Settings, database: Database, tracker: Tracker) -> Iterator[Carriers]:
    Mail(settings, database, Hours()).section(tracker.server)
    with serving(tmp_path / "site") as made:
        yield made


def test_killed_anywhere_in_publish_register_and_delivery_each_job_is_one_version_told_once(
    farm: Farm, database: Database, tracker: Tracker, carriers: Carriers
) -> None:
    trial = Trial(farm, Rounds(carriers, farm), random.Random(20261121))
    while trial.deaths.total() < KILLS:
        trial.step()
    trial.finish()
    wrong = trial.wrong(database, tracker.facts)
    print(f"{database.dialect}: {trial.line(wrong)}")  # noqa: T201 - the figure of the kills
    assert not any(wrong.values()), trial.line(wrong)
    assert all(trial.deaths[stage] for stage in STAGES), "something was never killed"
