"""Every image format gives the frame that was asked for, whatever its channels, parts and windows."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_makers import KINDS, SIZE, Kind, image, parts, picture, write
from numbered import read_number

from shotmill.pipeline.images import read_image, read_small, shrink
from shotmill.pipeline.images.small import READ_ROWS
from shotmill.pipeline.media import clip_of, find_medium
from shotmill.pipeline.tools import Look, StudioTools
from shotmill.schema.errors import InputMissingError
from shotmill.schema.media import Clip

LINEAR = KINDS["EXR ZIP"]
SRGB = Look(colourspace="sRGB - Display")  # shown as stored: it is what the display wants


def clip_at(path: Path) -> Clip:
    return clip_of(find_medium(str(path)))


def shown(tools: StudioTools, path: Path, frame: int = 0, *, width: int = SIZE[0]) -> np.ndarray:
    return tools.still(clip_at(path), frame, width=width, look=SRGB).pixels


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_shows_the_frame_asked_for(tools: StudioTools, tmp_path: Path, kind: str) -> None:
    for frame in (1001, 1002, 1003):
        image(tmp_path / f"plate.{frame}{KINDS[kind].suffix}", KINDS[kind], frame)
    path = tmp_path / f"plate.####{KINDS[kind].suffix}"
    assert [read_number(shown(tools, path, frame, width=96)) for frame in (1003, 1001, 1002)] == [1003, 1001, 1002]


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_keeps_its_levels(tools: StudioTools, tmp_path: Path, kind: str) -> None:
    path = image(tmp_path / f"still{KINDS[kind].suffix}", KINDS[kind], 1234)
    difference = np.abs(shown(tools, path) / 255.0 - picture(1234))
    assert difference.mean() < (0.02 if "DWA" in kind or kind == "JPEG" else 1.1 / 255)  # those two lose some


@pytest.mark.parametrize(
    "named",
    [
        pytest.param([("rgba", ["R", "G", "B", "A"]), ("depth", ["Z"])], id="beauty first"),
        pytest.param([("depth", ["Z"]), ("rgba", ["R", "G", "B", "A"])], id="beauty second"),
        pytest.param([("light", ["light.R", "light.G", "light.B"]), ("main", ["R", "G", "B"])], id="a layer first"),
    ],
)
def test_of_several_parts_the_beauty_is_shown(tools: StudioTools, tmp_path: Path, named: Any) -> None:
    assert read_number(shown(tools, parts(tmp_path / "parts.exr", named, 4321))) == 4321


def windowed(path: Path, *, data: tuple[int, int], display: tuple[int, int]) -> Path:
    """A picture of the usual size whose upper left corner lies at ``data``, in a display window of another size."""

    def shape(spec: Any) -> None:
        spec.x, spec.y = data
        spec.full_x, spec.full_y, spec.full_width, spec.full_height = 0, 0, *display

    return write(path, LINEAR, picture(7), shape=shape)


@pytest.mark.parametrize(
    ("data", "display"),
    [
        pytest.param((-16, -8), (224, 128), id="overscan on all sides"),
        pytest.param((32, 20), (320, 180), id="underscan"),
        pytest.param((-40, 12), (256, 144), id="moved to the left and down"),
        pytest.param((200, 100), (256, 144), id="mostly outside"),
        pytest.param((300, 300), (256, 144), id="wholly outside"),
    ],
)
def test_pixels_stand_where_the_data_window_puts_them(
    tools: StudioTools, tmp_path: Path, data: tuple[int, int], display: tuple[int, int]
) -> None:
    expected = np.zeros((display[1] + 800, display[0] + 800, 3))  # by hand: a sheet with room on all sides
    left, top = data[0] + 400, data[1] + 400
    expected[top : top + SIZE[1], left : left + SIZE[0]] = picture(7)
    seen = shown(tools, windowed(tmp_path / "window.exr", data=data, display=display), width=display[0]) / 255.0
    assert np.abs(seen - expected[400 : 400 + display[1], 400 : 400 + display[0]]).max() < 1.5 / 255


def test_a_display_window_away_from_the_origin_is_the_picture(tools: StudioTools, tmp_path: Path) -> None:
    def shape(spec: Any) -> None:
        spec.x = spec.full_x = 1000
        spec.y = spec.full_y = -500

    path = write(tmp_path / "away.exr", LINEAR, picture(99), shape=shape)
    assert np.abs(shown(tools, path) / 255.0 - picture(99)).max() < 1.5 / 255


@pytest.mark.parametrize("kind", ["EXR ZIP", "DPX 10 bit", "TIFF 16 bit", "PNG 8 bit"])
def test_anamorphic_pixels_become_square(tools: StudioTools, tmp_path: Path, kind: str) -> None:
    wide = Kind(KINDS[kind].suffix, KINDS[kind].sample, facts={**KINDS[kind].facts, "PixelAspectRatio": 2.0})
    path = image(tmp_path / f"scope{wide.suffix}", wide, 42)
    seen = shown(tools, path, width=512)
    assert (seen.shape, read_number(seen)) == ((144, 512, 3), 42)


def test_grey_images_are_shown_in_grey(tools: StudioTools, tmp_path: Path) -> None:
    path = write(tmp_path / "matte.exr", Kind(".exr", "half", ("Y",)), picture(0))
    assert (shown(tools, path) == round(0.75 * 255)).all()


@pytest.fixture
def gappy(tmp_path: Path) -> Path:
    for frame in (1001, 1002, 1005, 1009):
        image(tmp_path / f"gaps.{frame}.exr", LINEAR, frame, size=(64, 36))
    return tmp_path / "gaps.####.exr"


def test_gaps_of_a_sequence_are_known(gappy: Path) -> None:
    clip = clip_at(gappy)
    assert (str(clip.frames), str(clip.holes)) == ("1001-1009", "1003-1004,1006-1008")


def test_a_frame_in_a_gap_is_refused_by_number(tools: StudioTools, gappy: Path) -> None:
    with pytest.raises(InputMissingError) as caught:
        shown(tools, gappy, 1004)
    assert (caught.value.fields["frame"], "gaps.1004.exr" in caught.value.message) == ("1004", True)


def test_a_sequence_with_gaps_offers_what_is_there(tools: StudioTools, gappy: Path) -> None:
    assert list(tools.frames(clip_at(gappy))) == [1001, 1002, 1005, 1009]


class Reads:
    """Counts what is opened, and which rows of which channels are read, beside the real reader."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files: list[str] = []
        self.rows: list[int] = []
        self.channels: set[tuple[int, int]] = set()
        for module in ("read", "small"):
            place = import_module(f"shotmill.pipeline.images.{module}")
            monkeypatch.setattr(place, "open_image", self._spy(place.open_image, self._note_file))
            monkeypatch.setattr(place, "read_channels", self._spy(place.read_channels, self._note_rows))

    def _note_file(self, path: Path, *_: object) -> None:
        self.files.append(path.name)

    def _note_rows(self, _source: object, header: Any, wanted: list[int], rows: range | None = None) -> None:
        self.channels.add((min(wanted), max(wanted)))
        self.rows += range(header.height) if rows is None else rows

    @staticmethod
    def _spy(real: Callable[..., Any], note: Callable[..., object]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            note(*given)
            return real(*given, **named)

        return call


@pytest.mark.parametrize("height", [36, 300, 700])
def test_a_thumbnail_opens_one_frame_and_reads_its_three_channels_once(
    tools: StudioTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, height: int
) -> None:
    for frame in (1004, 1005, 1006):
        image(tmp_path / f"many.{frame}.exr", KINDS["EXR of 13 channels"], frame, size=(64, height))
    clip = clip_at(tmp_path / "many.####.exr")
    reads = Reads(monkeypatch)
    tools.still(clip, 1005, width=32)
    readers = 1 if height <= READ_ROWS else 2
    assert (reads.files, reads.channels) == (["many.1005.exr"] * readers, {(0, 2)})
    assert sorted(reads.rows) == list(range(height))


@pytest.mark.parametrize("width", [512, 500, 333, 100, 16])
@pytest.mark.parametrize("kind", ["EXR ZIP", "EXR PIZ", "EXR DWAB", "PNG 16 bit", "TIFF LZW", "DPX 10 bit"])
def test_what_is_shrunk_while_it_is_read_is_the_same(tmp_path: Path, kind: str, width: int) -> None:
    path = image(tmp_path / f"large{KINDS[kind].suffix}", KINDS[kind], 3, size=(800, 701))
    expected = shrink(read_image(path).pixels, width, round(width * 701 / 800))
    np.testing.assert_allclose(read_small(path, width).pixels, expected, atol=1e-5)


def test_the_header_alone_decodes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tools: StudioTools) -> None:
    clip = clip_at(image(tmp_path / "still.exr", KINDS["EXR of 13 channels"], 1))
    reads = Reads(monkeypatch)
    assert set(tools.probe(clip).channels) == set(KINDS["EXR of 13 channels"].channels)
    assert (reads.files, reads.rows) == (["still.exr"], [])


def test_channels_apart_from_each_other_come_in_the_right_order(tmp_path: Path) -> None:
    path = image(tmp_path / "order.exr", KINDS["EXR with channels in another order"], 5)
    found = read_image(path)
    assert found.channels == ("R", "G", "B")
    np.testing.assert_allclose(found.pixels, picture(5), atol=0.001)
