"""Fixtures of the tests of movies: one plate for all of them, and tools that stay warm."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import home, shotmill
from movie_jobs import MovieStudio, plate

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.media import Clip

__all__ = ["home", "shotmill"]


@pytest.fixture(scope="session")
def movie_tools(tmp_path_factory: pytest.TempPathFactory) -> StudioTools:
    return StudioTools(Settings(home=tmp_path_factory.mktemp("home")))


@pytest.fixture
def movies(tmp_path: Path, movie_tools: StudioTools) -> MovieStudio:
    return MovieStudio(tmp_path, movie_tools)


@pytest.fixture(scope="session")
def plate_clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Frames 1001 to 1008."""
    return plate(tmp_path_factory.mktemp("plates"), 1001, 1008)
