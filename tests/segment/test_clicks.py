"""A click on a frame becomes a mask in the plate's own pixels."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from studio_backends import request_for, write_sign_plate

from shotmill.pipeline.images import write_image
from shotmill.pipeline.roto.clicks import Clicks
from shotmill.pipeline.roto.metrics import region_j
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.errors import BadRequestError, ColourError, EmptyMaskError, InputMissingError, WeightsError
from shotmill.schema.job import WeightsRef
from shotmill.schema.roto import PromptBox
from shotmill.schema.segment import SegmentMask, SegmentObject, SegmentRequest
from shotmill.submitters.demo.balloon import SPACE, balloon_box, coverage, render


def pixels_of(mask: SegmentMask) -> NDArray[np.uint8]:
    content = np.frombuffer(base64.b64decode(mask.png), np.uint8)
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_UNCHANGED), np.uint8)


def test_a_click_finds_the_sign_and_nothing_else(clicks: Clicks, plate: Path) -> None:
    found = clicks.answer(request_for(plate, 40.0, frame=1003), by_server=False)
    wanted = np.zeros((36, 64), np.uint8)
    wanted[10:22, 24:44] = 255
    assert (pixels_of(found.masks[0]) == wanted).all()
    assert (found.frame, found.masks[0].area_px, found.masks[0].confidence) == (1003, 240, 0.9)


def test_a_click_on_a_stretched_plate_means_stored_pixels(clicks: Clicks, tmp_path: Path) -> None:
    plate = write_sign_plate(tmp_path / "wide", 1, pixel_aspect=2.0, suffix="exr")
    request = request_for(plate, 39.0, frame=1).model_copy(update={"colourspace": "scene_linear"})
    mask = pixels_of(clicks.answer(request, by_server=False).masks[0])
    assert mask.shape == (36, 64)
    assert np.flatnonzero(mask[15] > 127).tolist() == list(range(20, 40))


def test_a_box_works_as_well_and_is_cut_at_the_picture(clicks: Clicks, plate: Path) -> None:
    said = SegmentObject(name="sign", box=PromptBox(left=-4, top=-4, right=64, bottom=36))
    request = request_for(plate).model_copy(update={"objects": (said,)})
    assert clicks.answer(request, by_server=False).masks[0].area_px == 240


def test_the_second_click_finds_picture_and_model_ready(clicks: Clicks, plate: Path) -> None:
    first, second = (clicks.answer(request_for(plate), by_server=False).timings for _ in range(2))
    assert (first.picture_was_kept, first.model_was_warm) == (False, False)
    assert (second.picture_was_kept, second.model_was_warm) == (True, True)


def test_a_frame_that_was_written_anew_is_read_again(clicks: Clicks, plate: Path) -> None:
    clicks.answer(request_for(plate), by_server=False)
    file = plate.parent / "sign.1001.png"
    file.write_bytes((plate.parent / "sign.1003.png").read_bytes())
    os.utime(file, ns=(1, 1))
    found = clicks.answer(request_for(plate), by_server=False)
    assert not found.timings.picture_was_kept
    assert np.flatnonzero(pixels_of(found.masks[0])[15]).min() == 24


def test_no_more_pictures_are_kept_than_there_is_room_for(wheel: Path, tmp_path: Path) -> None:
    del wheel
    plate = write_sign_plate(tmp_path / "large", *range(1, 181))
    clicks = Clicks(StudioTools(Settings(home=tmp_path / "home")), kept_mib=1)
    for frame in range(1, 181):
        clicks.answer(request_for(plate, 10.0, frame=frame), by_server=False)
    assert 900_000 < clicks.kept_bytes <= 1024 * 1024
    assert clicks.answer(request_for(plate, 10.0, frame=180), by_server=False).timings.picture_was_kept
    assert not clicks.answer(request_for(plate, 10.0, frame=1), by_server=False).timings.picture_was_kept


@pytest.mark.parametrize(
    ("x", "frame", "error", "words"),
    [
        pytest.param(64.5, 1001, BadRequestError, "point 64.5,15 lies outside of the picture", id="out"),
        pytest.param(30.0, 1009, InputMissingError, "1009", id="no such frame"),
        pytest.param(2.0, 1001, EmptyMaskError, "nothing but black", id="nothing there"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    clicks: Clicks, plate: Path, x: float, frame: int, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        clicks.answer(request_for(plate, x, frame=frame), by_server=False)


def test_a_linear_plate_without_a_colour_space_is_refused(clicks: Clicks, tmp_path: Path) -> None:
    """roto fact 10: the colour of an EXR that says nothing is not guessed from its suffix."""
    plate = write_sign_plate(tmp_path / "linear", 1, suffix="exr")
    with pytest.raises(ColourError, match="does not guess"):
        clicks.answer(request_for(plate, frame=1), by_server=False)


def test_a_backend_whose_weights_nobody_names_is_refused(clicks: Clicks, plate: Path) -> None:
    request = request_for(plate).model_copy(update={"backend": "sam2"})
    with pytest.raises(WeightsError, match="the settings name no weights 'sam2'"):
        clicks.answer(request, by_server=False)


def test_a_checkpoint_that_is_another_is_refused(wheel: Path, plate: Path, tmp_path: Path) -> None:
    """roto fact 9: before any model is loaded."""
    del wheel
    file = tmp_path / "model.pt"
    file.write_bytes(b"abc")
    weights = {"sam2": WeightsRef(path=str(file), sha256="0" * 64)}
    clicks = Clicks(StudioTools(Settings(home=tmp_path / "home", weights=weights)))
    with pytest.raises(WeightsError, match="have SHA-256 ba7816bf"):  # of "abc", by FIPS 180-2
        clicks.answer(request_for(plate).model_copy(update={"backend": "sam2"}), by_server=False)


def test_the_classical_backend_finds_a_balloon_in_a_linear_plate(clicks: Clicks, tmp_path: Path) -> None:
    plate = tmp_path / "balloon.1001.exr"
    write_image(plate, render(1001).astype(np.float16), attributes={"colorInteropID": SPACE})
    left, top, right, bottom = balloon_box(1001)
    said = SegmentObject(box=PromptBox(left=left, top=top, right=right, bottom=bottom))
    request = SegmentRequest(media=str(plate), objects=(said,))
    mask = pixels_of(clicks.answer(request, by_server=False).masks[0]) > 127
    assert region_j(mask, coverage(1001) > 0.5) > 0.95
