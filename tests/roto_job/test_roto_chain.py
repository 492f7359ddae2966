"""The whole chain with the stub: every step runs, chunks and all, and what it made is never published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import roto_backends
from roto_plates import HEIGHT, SIDE, WIDTH, Plate, common
from sqlalchemy import select

from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.roto import registry
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.shapes import rasterise
from shotmill.pipeline.store import Database
from shotmill.schema.errors import PluginFailedError
from shotmill.schema.shapes import ShapesDocument
from shotmill.schema.tables import Version

RunRoto = Callable[..., Any]  # see conftest.py
STUB = {"segment": "stub", "propagate": "stub"}
FRAMES = range(1001, 1009)


def test_each_frame_gets_a_matte_of_the_plate_s_size(run_roto: RunRoto, plate: Plate) -> None:
    done = run_roto(plate, f"hero @1004 box {plate.box(1004)}", **STUB)
    assert done.failure == ""
    mattes = [done.matte(frame) for frame in FRAMES]
    assert {matte.shape for matte in mattes} == {(HEIGHT, WIDTH)}
    assert all(0.6 < matte.sum() / SIDE**2 < 0.9 for matte in mattes)  # an ellipse fills pi/4 of its box


def test_chunks_write_the_same_bytes_as_one_task(run_roto: RunRoto, plate: Plate) -> None:
    hero = f"hero @1004 box {plate.box(1004)}"
    whole = run_roto(plate, hero, **STUB)
    parts = run_roto(plate, hero, **STUB, chunk_frames=2)
    assert [step.name for step in parts.spec.steps if step.task == "propagate"] == [
        "propagate",
        "propagate-002",
        "propagate-003",
    ]
    assert parts.failure == ""
    assert parts.files("matte") == whole.files("matte")


def test_a_correction_mends_the_frames_before_it_too(run_roto: RunRoto, plate: Plate) -> None:
    """The stub drifts by a pixel a frame; on 1008 an artist says where the square really is."""
    hero = f"hero @1001 box {plate.box(1001)}"
    left, top, right, bottom = plate.square(1008)
    fix = f"@1008 fix +{(left + right) / 2},{(top + bottom) / 2}"
    drifted = run_roto(plate, hero, **STUB, until="shapes")
    mended = run_roto(plate, f"{hero} {fix}", **STUB, until="shapes")
    alone = run_roto(plate, f"hero @1008 +{(left + right) / 2},{(top + bottom) / 2}", **STUB, until="shapes")
    assert mended.failure == ""
    for frame in (1006, 1007):  # nearer to the correction: what a walk from there brings
        np.testing.assert_array_equal(mended.matte(frame), alone.matte(frame))
    for frame in (1001, 1002, 1003):  # nearer to the first prompt
        np.testing.assert_array_equal(mended.matte(frame), drifted.matte(frame))


def test_what_a_correction_says_is_not_there_is_not_followed_back(
    run_roto: RunRoto, plate: Plate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roto_backends, "BACKEND", roto_backends.SHY)
    monkeypatch.setitem(registry.BUILT_IN, "shy", roto_backends.__name__)
    hero = f"hero @1001 box {plate.box(1001)}"
    before = run_roto(plate, hero, segment="stub", propagate="shy", until="shapes")
    done = run_roto(plate, f"{hero} @1005 fix -40,20", segment="stub", propagate="shy", until="shapes", chunk_frames=2)
    assert done.failure == ""
    np.testing.assert_array_equal(done.matte(1004), before.matte(1004))
    assert [bool(done.matte(frame).any()) for frame in (1005, 1006)] == [False, False]


def test_two_objects_lie_in_channels_of_their_names(run_roto: RunRoto, plate: Plate) -> None:
    done = run_roto(plate, "hero @1001 box 10,10,30,30", "car @1008 box 60,20,90,50", **STUB)
    hero, car = done.matte(1001, "hero.A"), done.matte(1008, "car.A")
    assert (hero[20, 20], hero[45, 80]) == (1.0, 0.0)
    assert (car[35, 75], car[5, 5]) == (1.0, 0.0)


def test_what_no_walk_comes_to_is_empty_and_says_so(run_roto: RunRoto, plate: Plate) -> None:
    done = run_roto(plate, f"hero @1005 box {plate.box(1005)}", **STUB, direction="forward")
    assert not np.any(done.matte(1004))
    said = done.document("sidecar", "sidecar")["confidence"]["hero"]["1004"]
    assert said == {"confidence": 0.0, "reason": "no walk comes here from its prompts"}


def test_a_publish_refuses_what_the_stub_made_and_burns_no_version(
    run_roto: RunRoto, plate: Plate, settings: Settings, sqlite_database: Database
) -> None:
    done = run_roto(plate, f"hero @1004 box {plate.box(1004)}", **STUB)
    with pytest.raises(PluginFailedError, match="backend 'stub' did segment and is for trying out farms"):
        run_publish(done.folder, done.spec, settings, sqlite_database)
    assert not any(settings.projects_folder.rglob("*.exr"))
    with sqlite_database.read() as connection:
        assert list(connection.scalars(select(Version.number))) == []


def test_shapes_of_each_object_lie_on_its_matte_and_become_what_was_asked_for(run_roto: RunRoto, plate: Plate) -> None:
    objects = ("hero @1001 box 10,10,40,30", "car @1001 box 60,20,90,50")
    done = run_roto(plate, *objects, **STUB, exports="nuke,fusion,lottie", fit_px=0.5)
    assert done.failure == ""
    written = {output.representation: paths[0].name for output, paths in done.outputs("export")}
    assert written == {
        "shapes": "roto.shapes.json",
        "nuke": "roto.nk",
        "fusion": "roto.setting",
        "lottie": "roto.lottie.json",
    }
    document = ShapesDocument.model_validate(done.document("export", "shapes"))
    assert [one.name for one in document.objects] == ["hero", "car"]
    assert (document.width, document.height, document.first, document.last) == (WIDTH, HEIGHT, 1001, 1008)
    for one in document.objects:
        for frame in (1001, 1005):
            drawn = rasterise(one, frame, width=WIDTH, height=HEIGHT) > 0.5
            assert common(drawn, done.matte(frame, f"{one.name}.A") > 0.5) > 0.95


def test_the_shapes_step_says_how_near_and_how_many_points(run_roto: RunRoto, plate: Plate) -> None:
    done = run_roto(plate, f"hero @1004 box {plate.box(1004)}", **STUB, until="qc")
    [report] = [output.facts for output, _paths in done.outputs("shapes")]
    assert report["worst_px"] <= 0.75
    assert all(one["points"] <= 16 for one in report["shapes"])
