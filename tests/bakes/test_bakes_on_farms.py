"""The same bake in 1, 3 and 10 chunks, on this machine and on both farms: equal bytes, and one version of each."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from command_line import stop_engines, wait_until
from cuebot import Cuebot, StillHost, cuebot
from deadline_fixtures import deadline_service
from deadline_service import PuppetWorker
from deadline_user import FarmUser, user
from image_makers import Kind, write
from numpy.typing import NDArray

from shotmill.farm_plugins.engines import engine_named
from shotmill.farm_plugins.submission import SubmitRequest, submit
from shotmill.farm_plugins.task import Host, TaskRequest, run_task
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import versions_of_job
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.frames import FrameSet
from shotmill.schema.states import State

__all__ = ["deadline_service", "user"]

pytestmark = pytest.mark.slow

Work = Callable[[Path], None]


class Farms:
    """A studio with three engines; tasks of both farms' doubles are done in this process, with tools that are warm."""

    def __init__(self, user: FarmUser, database: Database, bot: Cuebot, tools: StudioTools) -> None:
        address = {"opencue_hosts": (bot.address,), "opencue_user": "artist", "idle_s": 60.0, "cpu_slots": 1}
        self.settings = user.settings.model_copy(update=address)
        self.database, self.bot, self.tools = database, bot, tools
        self.worker, self.still = PuppetWorker(user.service), StillHost()
        bot.bot.add_host(self.still)
        self.work: dict[str, Work] = {"opencue": self._frames, "deadline": self._sessions, "local": lambda _: None}

    def bake(self, engine_name: str, plate: Path, chunk: int) -> list[bytes]:
        """Bake a plate to its end; the frames of its one version, whose number is in their names."""
        params = {"colourspace": "ACEScg", "space": "ACES2065-1", "chunk_frames": chunk}
        request = SubmitRequest("ocio_bake", params=params, plates=[str(plate)], project="demo", force=True)
        engine = engine_named(engine_name, self.settings, self.database)
        made = submit(request, settings=self.settings, database=self.database, engine=engine)
        self.work[engine_name](Path(made.job.folder))
        wait_until(lambda: engine.status(made.job.id).state.is_final)
        status = engine.status(made.job.id)
        assert (status.state, status.steps[0].tasks) == (State.SUCCEEDED, -(-10 // chunk)), status
        [version] = versions_of_job(self.database, made.job.id)
        folder = self.settings.projects_folder / version.project / version.folder
        return [path.read_bytes() for path in sorted(folder.rglob("*.exr"))]

    def _frames(self, folder: Path) -> None:
        """Do what Cuebot gives to its host, by the commands that it gives."""
        while self.still.runs:
            run = self.still.runs.pop(0)
            words = shlex.split(run.command)
            asked = [words[words.index(name) + 1] for name in ("--bundle", "--step", "--frames")]
            assert Path(asked[0]).parent == folder
            self.bot.bot.completed(run.resource_id, self._task(folder, *asked[1:]), 0)

    def _sessions(self, folder: Path) -> None:
        """Do what Deadline Cloud's scheduler gives to its worker."""
        self.worker.work(lambda step, given: self._task(folder, step, *given.get("Frame", {"int": "1"}).values()))

    def _task(self, folder: Path, step: str, frames: str) -> int:
        asked = TaskRequest(folder / "bundle", step, FrameSet.parse(frames))
        return run_task(asked, self.settings, host=Host(tools=self.tools, records=True)).exit_code


@pytest.fixture
def farms(user: FarmUser, sqlite_database: Database, tools: StudioTools, tmp_path: Path) -> Iterator[Farms]:
    with cuebot(tmp_path / "cue-logs") as bot:
        yield Farms(user, sqlite_database, bot, tools)
    stop_engines(user.settings.home)


def test_three_engines_and_three_ways_to_chunk_give_the_same_bytes(
    farms: Farms, light: NDArray[np.float32], tmp_path: Path
) -> None:
    for frame in range(1, 11):
        write(tmp_path / f"plate.{frame:04d}.exr", Kind(".exr", "half"), light[:16, :16] * frame)
    made = {
        (engine, chunk): farms.bake(engine, tmp_path / "plate.####.exr", chunk)
        for engine in farms.work
        for chunk in (10, 4, 1)
    }
    first = made["local", 10]
    assert len(first) == 10
    assert [key for key, files in made.items() if files != first] == []
