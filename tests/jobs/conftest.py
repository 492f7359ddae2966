"""Fixtures of the job types' tests: the demo's media, and jobs run task by task without an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ran_jobs import RanJob

from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip, EntityKind, EntityRef
from shotmill.schema.receipts import Output
from shotmill.submitters.demo import DemoMedia, make_media


class Ran(RanJob):
    """A job whose tasks were run up to the publish."""

    def outputs(self, step: str) -> list[tuple[Output, list[Path]]]:
        assert not self.failure
        return [
            (output, [self.folder.root / receipt.root / file.path for file in output.files])
            for receipt in self.receipts(step)
            for output in receipt.outputs
        ]

    def file(self, step: str) -> Path:
        """The only file of a step."""
        [(_output, [path])] = self.outputs(step)
        return path


RunJob = Callable[..., Ran]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoMedia:
    """The demo's media, made once."""
    return make_media(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> StudioTools:
    """Tools that stay warm over all tests, as in a worker."""
    return StudioTools(Settings(home=tmp_path_factory.mktemp("home")))


@pytest.fixture
def run_job(tmp_path: Path, settings: Settings, tools: StudioTools) -> RunJob:
    """Plan a job and run its tasks in order, up to the publish or the first failure."""
    runs = iter(range(1_000))

    def run(job_type: str, clips: Sequence[Clip], *, allow_holes: bool = False, **params: Any) -> Ran:
        filled = {**params, "clips": [clip.model_dump(mode="json") for clip in clips]}
        spec = plan(SubmitRequest(job_type, params=filled, allow_holes=allow_holes), settings).spec
        return Ran.run(spec, tmp_path / f"job-{next(runs)}", settings, tools)

    return run


@pytest.fixture
def movie_clip(demo: DemoMedia) -> Clip:
    """Frames 4 to 23 of the demo's movie."""
    return Clip(name="movie", media=str(demo.movie), frames=FrameSet.span(4, 23), entity=shot("sh010"))


@pytest.fixture
def plate_clip(demo: DemoMedia) -> Clip:
    """Frames 1003 to 1012 of the demo's plate."""
    return Clip(name="plate", media=str(demo.plate), frames=FrameSet.span(1003, 1012), entity=shot("sh020"))


@pytest.fixture
def cut_clips(demo: DemoMedia) -> list[Clip]:
    """All shots of the demo's cut, as a job gets them."""
    media = {"movie": str(demo.movie), "plate": str(demo.plate)}
    return [
        Clip(
            name=one.path,
            media=media.get(one.medium, f"/offline/{one.path}"),
            frames=FrameSet.span(one.first, one.last),
            entity=shot(one.name, sequence=one.sequence),
            offline=one.medium not in media,
        )
        for one in demo.shots
    ]


def shot(name: str, *, sequence: str = "sq010") -> EntityRef:
    return EntityRef(project="demo", kind=EntityKind.SHOT, parent=sequence, name=name)
