"""A segmenter that runs in this process, with a backend of a studio's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from studio_backends import install_backend, write_sign_plate

from shotmill.farm_plugins.segmenter.place import Place
from shotmill.farm_plugins.segmenter.serve import Segmenter
from shotmill.pipeline.roto.clicks import Clicks
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installed wheel with the backend ``samecolour``."""
    folder = install_backend(tmp_path / "wheel")
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """Frames 1001 to 1003 of a sign that moves."""
    return write_sign_plate(tmp_path / "plate", 1001, 1002, 1003)


@pytest.fixture
def clicks(wheel: Path, tmp_path: Path) -> Clicks:
    """Answers clicks, without a server."""
    del wheel
    return Clicks(StudioTools(Settings(home=tmp_path / "home")))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.of(tmp_path / "home")


@pytest.fixture
def server(clicks: Clicks, place: Place) -> Iterator[Segmenter]:
    """A segmenter that answers."""
    with place.taken() as alone:
        assert alone
        made = Segmenter(place, lambda request: clicks.answer(request, by_server=True))
        thread = threading.Thread(target=made.stay)
        thread.start()
        yield made
        made.end()
        thread.join()
