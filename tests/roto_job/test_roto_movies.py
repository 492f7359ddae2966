"""A movie is a plate: its roto is published like that of a sequence, and its mattes know where they belong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import pytest
from roto_plates import HEIGHT, WIDTH, Plate, common, make_movie
from shows import Show

from shotmill.pipeline.images import read_matte
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database

COUNT = 6


@pytest.fixture
def movie(tmp_path: Path) -> Plate:
    return make_movie(tmp_path / "take7.mp4", count=COUNT, aspect="2", options=("-timecode", "01:00:09:22"))


def header(path: Path) -> Any:
    source: Any = oiio.ImageInput.open(str(path))
    spec = oiio.ImageSpec(source.spec())
    source.close()
    return spec


def test_mattes_of_a_movie_have_its_size_aspect_rate_and_timecode(
    tmp_path: Path, settings: Settings, sqlite_database: Database, movie: Plate
) -> None:
    """H.264 in MP4, pixels twice as wide as high, from submit to published version; both ways from a frame within."""
    show = Show(tmp_path, settings, sqlite_database)
    hero = f"hero @2 box {movie.box(2, margin=3)}"
    [version] = show.run("roto", Path(movie.pattern), objects=[hero], exports=["fusion"])
    folder = settings.projects_folder / "show" / version.folder
    mattes = sorted(folder.glob("*.exr"))
    assert [int(path.suffixes[-2][1:]) for path in mattes] == list(range(COUNT))
    for frame, path in enumerate(mattes):
        assert common(read_matte(path, "A") > 0.5, movie.truth(frame)) > 0.85, frame
        found = header(path)
        assert (found.full_width, found.full_height) == (WIDTH, HEIGHT)
        assert found.getattribute("PixelAspectRatio") == 2.0
        assert found.getattribute("framesPerSecond") == (24000, 1001)
    # By hand: 24 codes a second, so the third frame begins a second.
    codes = [header(path).get_string_attribute("smpte:TimeCode") for path in mattes]
    assert codes[:4] == ["01:00:09:22", "01:00:09:23", "01:00:10:00", "01:00:10:01"]
    [shapes] = folder.glob("*.shapes.json")
    said = json.loads(shapes.read_text())
    assert (said["width"], said["pixel_aspect"], said["first"], said["last"]) == (WIDTH, 2.0, 0, COUNT - 1)
    assert said["rate"] == "24000/1001"
    assert {path.suffix for path in folder.iterdir()} >= {".mp4", ".jpg", ".setting"}
