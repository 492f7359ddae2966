"""What QC shows: a contact sheet and a movie of mattes over their plate."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from roto_mattes import ellipse_frames, grown, spoilt

import shotmill
from shotmill.pipeline.images import read_image
from shotmill.pipeline.movies import Movie
from shotmill.pipeline.roto.qc import QcPlan, RotoFrame, frames_to_show, object_colour, overlaid, write_qc
from shotmill.schema.media import Rate

SCHEMA = Path(shotmill.__file__).resolve().parent / "schema" / "json" / "roto-qc.json"
AMBER = (232, 172, 92)


def box(width: int = 200, height: int = 100) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    matte = np.zeros((height, width), np.float32)
    matte[30:70, 50:150] = 1
    return matte


def test_inside_is_tinted_the_edge_is_drawn_and_the_rest_is_the_plate() -> None:
    plate = np.full((100, 200, 3), 100, np.uint8)
    shown = overlaid(plate, {"sign": box()}, width=200)
    assert shown[10, 10].tolist() == [100, 100, 100]
    assert shown[50, 100].tolist() == [round(100 + (c - 100) * 0.42) for c in object_colour(0)]
    assert shown[50, 50][1] > shown[50, 100][1]  # more of the colour than inside
    assert shown[50, 48][0] < 100  # shaded, so that the line is seen on its own colour


def test_mattes_in_stored_pixels_are_stretched_over_an_anamorphic_plate() -> None:
    shown = overlaid(np.full((100, 400, 3), 100, np.uint8), {"sign": box()}, width=400)
    tinted = np.flatnonzero((shown[50] != 100).any(axis=1))
    assert abs(int(tinted[0]) - 100) <= 3
    assert abs(int(tinted[-1]) - 299) <= 3


@pytest.mark.parametrize(
    ("count", "marked", "shown"),
    [
        pytest.param(3, [], [0, 1, 2], id="a short clip is shown whole"),
        pytest.param(100, [], [0, 20, 40, 59, 79, 99], id="a long one evenly"),
        pytest.param(100, [50, 51, 52, 53, 54], [0, 50, 52, 54, 99], id="half for those to check"),
        pytest.param(10, list(range(10)), [0, 2, 4, 7, 9], id="all are to check"),
    ],
)
def test_a_sheet_shows_frames_to_check_and_some_of_the_others(count: int, marked: list[int], shown: list[int]) -> None:
    found = frames_to_show(range(count), marked, most=6)
    assert len(found) <= 6
    assert found == shown or (set(shown) <= set(found) and sorted(found) == found)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("qc"))


def written(folder: Path) -> Path:
    frames = {one.number: one for one in spoilt(ellipse_frames(24), range(1011, 1016), grown)}

    def look(number: int) -> RotoFrame:
        return frames[number]

    plan = QcPlan(sorted(frames), ["ball"], look, Rate(24), "sq010/sh010 roto", tile_width=160)
    write_qc(plan, document=folder / "qc.json", sheet=folder / "overlay.png", preview=folder / "preview.mp4")
    return folder


def test_the_document_fits_its_shipped_schema(made: Path) -> None:
    document = json.loads((made / "qc.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert {one["frame"] for one in document["to_check"]} == set(range(1011, 1016))


def test_frames_to_check_have_a_frame_around_them(made: Path) -> None:
    sheet = read_image(made / "overlay.png").pixels
    amber = (np.abs(sheet.astype(int) - AMBER).max(axis=2) <= 2).mean()
    assert amber > 0.005


def test_the_preview_has_every_frame_in_its_order(made: Path) -> None:
    with Movie(made / "preview.mp4") as movie:
        header = movie.header
    assert (header.frames, header.width, header.height, str(header.rate)) == (24, 240, 136, "24")


def test_the_same_mattes_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    again = written(tmp_path)
    for name in ("qc.json", "overlay.png", "preview.mp4"):
        assert (again / name).read_bytes() == (made / name).read_bytes(), name
