"""From a mark in RV to a matte over the plate, and from a click to a mask: with Shotmill's real processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from roto_plates import HEIGHT, WIDTH, Plate, common, make_plate
from rv_host import Event, Parrot, Rv

from shotmill.farm_plugins.segmenter.place import Address, Place
from shotmill.farm_plugins.segmenter.serve import Segmenter
from shotmill.pipeline.images import read_matte
from shotmill.pipeline.roto.clicks import Clicks
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools

ASPECT = WIDTH / HEIGHT
SIZE = {"width": WIDTH, "height": HEIGHT, "uncropWidth": WIDTH, "uncropHeight": HEIGHT}


def opened(rv: Rv, plate: Plate) -> str:
    """The plate in RV, as RV writes its path."""
    return rv.open(plate.pattern.replace("####", f"{plate.first}-{plate.last}#"), **SIZE)


def place_of(x: float, y: float) -> list[float]:
    """Pixels in RV's coordinates."""
    return [(x / WIDTH - 0.5) * ASPECT, 0.5 - y / HEIGHT]


@pytest.mark.slow
def test_a_mark_becomes_a_matte_over_the_plate(rv: Rv, home: Path, tmp_path: Path) -> None:
    from shotmill_qt import FormDialog  # type: ignore[import-not-found] # noqa: PLC0415 - lies in RV

    plate = make_plate(tmp_path / "plätes 1", last=1002)
    opened(rv, plate)
    left, top, right, bottom = plate.square(1001)
    low, high = place_of(left - 3, bottom + 3), place_of(right + 3, top - 3)
    rv.paint("sourceGroup000000_paint", "rect:1:1001:ada.l", min=low, max=high, borderColor=[0.0, 1.0, 0.0, 1.0])
    rv.press("Shotmill", "Submit", "Roto", "Current Source")
    dialog = next(one for one in rv.application.topLevelWidgets() if isinstance(one, FormDialog) and one.isVisible())
    rv.wait(dialog.submit_button.isEnabled)
    dialog.submit()
    rv.wait(lambda: any(said.startswith("Published: ") for said in rv.session.said) and not rv.mode.arrivals.busy)
    seen = [info for info in rv.session.seen(rv.session.view, 1002) if info["nodeType"] == "RVFileSource"]
    assert [info["frame"] for info in seen] == [1002, 1002]
    path = Path(rv.commands.getStringProperty(f"{seen[0]['node']}.media.movie")[0].replace("1001-1002@@@@", "1002"))
    assert path.is_relative_to(home / "projects")
    assert common(np.asarray(read_matte(path, "A")) > 0.5, plate.truth(1002)) > 0.8


@pytest.fixture
def segmenter(tmp_path: Path) -> Iterator[Address]:
    """The resident segmenter, in a thread."""
    home = tmp_path / "home"
    clicks = Clicks(StudioTools(Settings(home=home)), device="")
    place = Place.of(home)
    with place.taken():
        server = Segmenter(place, lambda request: clicks.answer(request, by_server=True))
        thread = threading.Thread(target=server.stay)
        thread.start()
        yield server.address_told
        server.end()
        thread.join()


def test_a_click_with_ctrl_shows_the_mask_of_what_is_under_it(
    rv: Rv, parrot: Parrot, segmenter: Address, tmp_path: Path
) -> None:
    plate = make_plate(tmp_path / "plates", last=1001)
    node = opened(rv, plate)
    left, top, *_ends = plate.square(1001)
    point = tuple(place_of(left + 11, top + 11))
    event = Event(point)  # type: ignore[arg-type] # two numbers
    rv.session.bindings["pointer-1--control--push"](event)
    assert event.rejected  # nobody asked for masks yet
    parrot.answer(segment={"url": f"http://127.0.0.1:{segmenter.port}", "token": segmenter.token, "pid": 1})
    rv.press("Shotmill", "Mask under Ctrl-Click")
    rv.wait(lambda: rv.mode.desk.waiting == 0)
    for _again in range(2):
        event = Event(point)  # type: ignore[arg-type] # two numbers
        rv.session.bindings["pointer-1--control--push"](event)
        assert not event.rejected
        rv.session.said.clear()
        rv.wait(lambda: rv.session.said)
    [said] = rv.session.said
    assert said.startswith("Mask, confidence ")
    others = [one for one in rv.commands.nodesOfType("RVFileSource") if one != node]
    [mask] = [rv.commands.getStringProperty(f"{one}.media.movie")[0] for one in others]
    assert common(np.asarray(read_grey(mask)) > 0.5, plate.truth(1001)) > 0.8


def read_grey(path: str) -> Any:
    import cv2  # noqa: PLC0415 - this test alone

    found = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    assert found is not None
    return found / 255


def test_a_segmenter_that_is_elsewhere_or_gone_is_one_sentence(rv: Rv, parrot: Parrot, tmp_path: Path) -> None:
    opened(rv, make_plate(tmp_path / "plates", last=1001))
    for url, said in [("http://10.0.0.1:80", "not on this machine"), ("http://127.0.0.1:9", "did not answer")]:
        parrot.answer(segment={"url": url, "token": "x", "pid": 1})
        rv.mode.clicking = False
        rv.press("Shotmill", "Mask under Ctrl-Click")
        rv.wait(lambda: rv.mode.desk.waiting == 0)
        rv.session.said.clear()
        rv.session.bindings["pointer-1--control--push"](Event())
        rv.wait(lambda: rv.session.said)
        assert said in rv.session.said[-1]
