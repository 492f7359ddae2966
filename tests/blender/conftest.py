"""Fixtures of the tests with Blender: scenes that it made, and jobs run task by task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from blender_program import blender_environment, run_blender
from ran_jobs import RanJob

from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.job import JobSpec
from shotmill.schema.media import EntityKind, EntityRef

SCENES = Path(__file__).parents[1] / "support" / "blender_scenes.py"
SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")
Planned = Callable[..., JobSpec]


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of scenes, made by one Blender."""
    folder = tmp_path_factory.mktemp("scenes")
    run_blender(SCENES, folder)
    return folder


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With the Blender of the tests."""
    python = str(blender_environment().python)
    return settings.model_copy(update={"blender": python, "project": "demo"})


@pytest.fixture
def planned(settings: Settings) -> Planned:
    """Plan a render as a host or a command would ask for it."""

    def make(scene_file: Path, **params: Any) -> JobSpec:
        given = {"scene_file": str(scene_file), "samples": 1, **params}
        return plan(SubmitRequest("blender_render", params=given, project="demo", owner=SHOT), settings).spec

    return make


@pytest.fixture
def ran(settings: Settings, tmp_path: Path) -> Callable[[JobSpec], RanJob]:
    """Run the tasks of a job up to its publish."""
    return lambda spec: RanJob.run(spec, tmp_path / f"job-{spec.id}", settings, StudioTools(settings))
