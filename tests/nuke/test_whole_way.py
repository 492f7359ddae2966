"""Nuke: from an open script to nodes, through the real ``shotmill rpc``, the local engine and a publish."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import stop_engines
from nkparser import Script
from nuke_requests import kind_of
from nuke_scenes import Format, made_node, nuke
from read_nk import read_nk
from roto_plates import HEIGHT, WIDTH, Plate, make_plate

from shotmill.submitters.client import Form
from shotmill.submitters.nuke import flow, menus
from shotmill.submitters.nuke.asks import Choice, asks
from shotmill.submitters.nuke.gather import gather

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SHOTMILL_IDLE_S", "30")
    monkeypatch.setenv("SHOTMILL_PYTHON", sys.executable)
    monkeypatch.setenv("SHOTMILL_PATHS", "Z:/shows=/shows")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")  # as hosts set it for their own Python
    yield tmp_path / "home"
    stop_engines(tmp_path / "home")


@pytest.fixture
def plate(tmp_path: Path) -> Plate:
    """In a folder whose name has a space, an umlaut and a number sign."""
    return make_plate(tmp_path / "Müller & Söhne #1", last=1003)


@pytest.fixture
def read(world: Any, plate: Plate) -> Any:
    """The plate in an open script, and a Roto below it with a shape around the red square."""
    world.root["name"].setValue("/shows/comp.nk")
    found = made_node("Read", name="Plate", file=plate.pattern.replace("####", "%04d"), first=1001, last=1003)
    found["format"].setValue(Format(WIDTH, HEIGHT, 1.0, "small"))
    roto = made_node("Roto", name="Drawn", inputs=[found])
    shape = nuke.rotopaint.Shape(roto["curves"])
    shape.name = "red square"
    left, top, right, bottom = plate.square(1001)
    for x, y in ((left, top), (right, top), (right, bottom), (left, bottom)):
        point = nuke.rotopaint.ShapeControlPoint()
        point.center.addPositionKey(1001, nuke.rotopaint.CVec2(x, HEIGHT - y))
        point.leftTangent.addPositionKey(1001, nuke.rotopaint.CVec2(0, 0))
        point.rightTangent.addPositionKey(1001, nuke.rotopaint.CVec2(0, 0))
        shape.append(point)
    roto["curves"].rootLayer.append(shape)
    world.undos.steps.clear()
    return found


def choose(world: Any, **values: Any) -> None:
    """What the artist does with the panel, once it opens: fill it in, and say OK."""

    def use(panel: Any) -> bool:
        for name, value in values.items():
            knob = panel.knobs()[name]
            knob.setValue(value)
            panel.knobChanged(knob)
        return True

    world.open_panel = use


def ended(world: Any) -> str:
    """Let Nuke go on until the artist is told how it ended."""
    world.run_until(lambda: world.said)
    sentence: str = world.said.pop()
    return sentence


def test_a_drawn_shape_becomes_mattes_and_roto_nodes(home: Path, world: Any, read: Any, plate: Plate) -> None:
    """Gathered, submitted, published by the classical backend, and brought in; then a thumbnail of the same plate."""
    del home
    menus.add_menu()
    bar = nuke.menu("Nuke").menu("Shotmill")
    nuke.toNode("Drawn").setSelected(True)
    choose(world, p_exports="nukepy,nuke", shot="sq010/sh010")
    bar.findItem("Submit selected...").invoke()
    assert "made Roto_red_square, sh010_roto" in ended(world)
    matte, shapes = nuke.toNode("sh010_roto"), nuke.toNode("Roto_red_square")
    assert (matte["first"].value(), matte["last"].value(), matte["raw"].value()) == (1001, 1003, True)
    assert [Path(matte["file"].value() % frame).is_file() for frame in (1001, 1002, 1003, 1004)] == [True] * 3 + [False]
    assert (shapes.input(0), shapes.format().width(), shapes.format().height()) == (read, WIDTH, HEIGHT)
    check_outline(shapes, plate)
    check_published_nodes(Path(matte["file"].value()).parent)
    assert [name for name, _ in world.undos.steps] == ["Shotmill results"]
    assert [node.name() for node in nuke.selectedNodes()] == ["Drawn"]

    nuke.toNode("Drawn").setSelected(False)
    choose(world, use0=True, job_type="thumbnail", shot="sq010/sh010")
    bar.findItem("Submit...").invoke()
    assert "made sh010_thumbnail" in ended(world)
    assert Path(nuke.toNode("sh010_thumbnail")["file"].value()).is_file()

    read.setSelected(True)
    nuke.delete(nuke.toNode("sh010_thumbnail"))
    bar.findItem("Bring in results of selected Read").invoke()
    sentence = ended(world)
    assert "made sh010_thumbnail" in sentence
    assert "brought Roto_red_square, sh010_roto to the new version" in sentence
    bar.findItem("Update what was brought in").invoke()
    assert ended(world) == "nothing newer is published"


def check_outline(node: Any, plate: Plate) -> None:
    """The shape on the last frame lies around the square as it was painted there, y up."""
    shape = next(iter(next(iter(node["curves"].rootLayer))))
    places = [point.center.getPosition(1003) for point in shape]
    left, top, right, bottom = plate.square(1003)
    assert min(place.x for place in places) == pytest.approx(left, abs=2)
    assert max(place.x for place in places) == pytest.approx(right, abs=2)
    assert min(place.y for place in places) == pytest.approx(HEIGHT - bottom, abs=2)
    assert max(place.y for place in places) == pytest.approx(HEIGHT - top, abs=2)


def check_published_nodes(folder: Path) -> None:
    """The script beside the mattes, as nkparser and the tests' own reader read it."""
    (script,) = folder.rglob("*.nk")
    assert not Script.from_string(script.read_text()).has_errors
    assert [node.name for node in read_nk(script.read_bytes())] == ["Roto_red_square"]


@pytest.mark.usefixtures("home", "read")
def test_the_same_submit_sent_twice_is_one_job() -> None:
    """Two clicks, or a Nuke that was closed and asks again: the id is the same."""
    scene = gather(os.environ)
    client = menus.client_of(scene)
    kind = kind_of("thumbnail")
    chosen = asks(Choice(kind, Form(kind.fields, {"width": 64}), scene, scene.plates))
    first, second = (flow.submit(client, chosen[0]) for _ in range(2))
    assert first.job == second.job
    assert "publishes" in flow.check(client, chosen)
