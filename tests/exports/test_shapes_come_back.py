"""Roto fact 15: each export, read by a reader that shares no code with it, gives the picture of the document."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from read_fusion import read_fusion
from read_fxs import read_fxs
from read_jsx import read_jsx
from read_lottie import read_lottie
from read_nk import read_nk
from read_nukepy import read_nukepy, run_in_nuke
from shape_documents import document
from shape_pixels import ReadObject, as_read, iou, matte

from shotmill.pipeline.exports import find_export
from shotmill.schema.shapes import ShapesDocument
from shotmill.submitters.cli.commands.explain import schema_text

PLATES = [
    pytest.param(document(97, 61), id="odd size, frames from 1001"),
    pytest.param(document(81, 77, pixel_aspect=2.0, first=1), id="pixel aspect 2"),
    pytest.param(document(64, 48, first=0, rate="23.976"), id="even size, frames from 0, 24000/1001"),
]
ANIMATED = ["aftereffects", "fusion", "fusioncomp", "lottie", "nukepy", "shapes", "silhouette"]
EXACT = 0.002  # px; formats round, none by more


def read(name: str, plate: ShapesDocument, folder: Path) -> dict[str, ReadObject]:
    """An export read again, its objects in the document's order."""
    text = find_export(name).write(plate)
    match name:
        case "aftereffects":
            return read_jsx(text, plate.first, float(plate.rate)).objects
        case "fusion" | "fusioncomp":
            found = read_fusion(text, (plate.width, plate.height))
        case "lottie":
            return read_lottie(text, plate.first)
        case "nukepy":
            return read_nukepy(run_in_nuke(text, folder))
        case "shapes":
            return as_read(ShapesDocument.model_validate_json(text))
        case _:
            found = read_fxs(text)
    return dict(zip([item.name for item in plate.objects], found.values(), strict=True))


@pytest.mark.parametrize("plate", PLATES)
@pytest.mark.parametrize("name", ANIMATED)
def test_pictures_are_those_of_the_document(name: str, plate: ShapesDocument, tmp_path: Path) -> None:
    """Roto fact 15; roto fact 14: holes are taken away, and shapes end and begin with those that follow them."""
    found, wanted = read(name, plate, tmp_path), as_read(plate)
    assert set(found) == set(wanted)
    size = (plate.width, plate.height)
    for item, truth in wanted.items():
        for frame in (0, 1, 2, 3, 4, 5, 6, 8, 9):  # first, last, at keys, between keys, where shapes end and begin
            seen, meant = (matte(each, plate.first + frame, *size) for each in (found[item], truth))
            assert meant.sum() > 20
            assert iou(seen, meant) > 0.995, f"{item} at frame {plate.first + frame}"


@pytest.mark.parametrize("plate", PLATES)
@pytest.mark.parametrize("name", ANIMATED)
def test_keys_stand_at_their_frames_and_places(name: str, plate: ShapesDocument, tmp_path: Path) -> None:
    found = {
        (item, shape.name): shape.keys
        for item, groups in read(name, plate, tmp_path).items()
        for group in groups
        for shape in group
    }
    for item in plate.objects:
        for shape in item.shapes:
            keys = found[item.name, shape.name]
            frames = [key.frame for key in shape.keys]
            assert list(keys) == (frames if len(frames) > 1 or name != "lottie" else [plate.first])
            for key, knots in zip(shape.keys, keys.values(), strict=True):
                assert np.abs(np.array(key.knots)[:, :6] - knots).max() < EXACT


@pytest.mark.parametrize("plate", PLATES)
def test_the_nuke_nodes_hold_one_frame(plate: ShapesDocument) -> None:
    """Roto fact 15: the static ``.nk``. Most shapes are there at the key at +5, where the ``pupil`` is."""
    frame, size = plate.first + 5, (plate.width, plate.height)
    nodes = read_nk(find_export("nuke").write(plate))
    assert [node.name for node in nodes] == ["Roto_hero", "Roto_crowd_2_b"]
    for node, truth in zip(nodes, as_read(plate).values(), strict=True):
        assert node.size == (*size, plate.pixel_aspect)
        assert {key for shape in node.item[0] for key in shape.keys} == {frame}
        assert iou(matte(node.item, frame, *size), matte(truth, frame, *size)) > 0.995
    assert [shape.name for shape in nodes[1].item[0]] == ["left", "right"]  # the blob ended before


def test_the_document_fits_its_shipped_schema() -> None:
    plate = document()
    text = find_export("shapes").write(plate)
    assert text == plate.canonical()
    jsonschema.validate(json.loads(text), json.loads(schema_text("shapes")))
