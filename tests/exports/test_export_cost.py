"""Roto fact 18: what exports cost. ``benchmarks/roto_export.py`` prints the seconds; here, only calls are counted."""

from __future__ import annotations

import gc
import sys
from types import FrameType

import pytest
from shape_documents import document, oval, shape

from shotmill.pipeline.exports import export_names, find_export
from shotmill.schema.shapes import ShapesDocument


def moving(frames: int) -> ShapesDocument:
    """One object of 16 knots with a key on every frame."""
    keys = {1000 + at: oval((50 + at, 40), (20, 10), knots=16, feather=2) for at in range(frames)}
    plate = document(200, 100, first=1000)
    item = plate.objects[0].model_copy(update={"shapes": (shape("body", keys),)})
    return plate.model_copy(update={"last": 999 + frames, "objects": (item,)})


def calls(name: str, plate: ShapesDocument) -> int:
    """How many functions an export calls."""
    counted = 0

    def count(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(count)
    gc.disable()  # what is collected calls back
    try:
        find_export(name).write(plate)
    finally:
        sys.setprofile(None)
        gc.enable()
    return counted


@pytest.mark.parametrize("name", export_names())
def test_work_grows_with_the_keys_and_no_faster(name: str) -> None:
    """Roto fact 18: the static Nuke file writes one frame, so it hardly grows at all."""
    few, many = moving(20), moving(40)
    find_export(name).write(few)  # imports and caches are filled, and not counted
    assert calls(name, many) < calls(name, few) * 2.1
    assert calls(name, many) < 40 * 16 * 60  # a few calls for each of a knot's seven numbers
