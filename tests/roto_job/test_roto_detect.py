"""Objects that prompts call by name are found by a backend that detects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import roto_backends
from roto_plates import Plate

from shotmill.pipeline.roto import registry

RunRoto = Callable[..., Any]  # see conftest.py
SEEING = {"segment": "stub", "propagate": "stub", "detect": "seeing", "direction": "forward"}


@pytest.fixture(autouse=True)
def seeing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that knows what red is."""
    monkeypatch.setattr(roto_backends, "BACKEND", roto_backends.SEEING)
    monkeypatch.setitem(registry.BUILT_IN, "seeing", roto_backends.__name__)


def test_what_a_text_means_is_found_where_it_is(run_roto: RunRoto, plate: Plate) -> None:
    done = run_roto(plate, "hero @1003 text red", **SEEING, until="shapes")
    assert done.failure == ""
    left, top, right, bottom = plate.square(1003)
    assert done.document("detect", "box") == {"left": left, "top": top, "right": right, "bottom": bottom}
    assert done.matte(1003)[(top + bottom) // 2, (left + right) // 2] == 1.0


def test_what_is_not_found_ends_the_job_with_object_frame_and_text(run_roto: RunRoto, plate: Plate) -> None:
    done = run_roto(plate, "hero @1003 text 'a brown dog'", **SEEING)
    assert done.code == "E314"
    assert "object 'hero': nothing called 'a brown dog' was found on frame 1003" in done.failure
    assert [step.name for step in done.spec.steps][:3] == ["prepare", "detect", "segment"]
