"""Fixtures of the media tests: movies that are made once, when a test asks for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from movie_makers import Made
from movie_shelf import ODD, SHELF

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools

Shelf = Callable[[str], Made]


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Movies by name; see ``movie_shelf``."""
    folder = tmp_path_factory.mktemp("movies")
    made: dict[str, Made] = {}

    def take(name: str) -> Made:
        if name not in made:
            made[name] = (SHELF | ODD)[name](folder, take)
        return made[name]

    return take


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> StudioTools:
    """Tools that stay warm over all tests, as in a worker."""
    return StudioTools(Settings(home=tmp_path_factory.mktemp("home")))


@pytest.fixture
def cold_tools(tmp_path: Path) -> StudioTools:
    """Tools that have opened nothing yet."""
    return StudioTools(Settings(home=tmp_path / "home"))
