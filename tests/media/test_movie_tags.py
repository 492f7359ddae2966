"""What a movie's tags say of its colour is believed; what nothing says is good enough to look at, and no more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
import pytest
from image_makers import KINDS, image
from movie_makers import PRORES, ffmpeg, raw_frames

from shotmill.pipeline.colour import Colour
from shotmill.pipeline.colour_source import source_space
from shotmill.pipeline.media import clip_of, find_medium, probe
from shotmill.pipeline.movies import Movie, MovieForm, encode_movie, video_options
from shotmill.pipeline.movies.said import colour_said
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import Look, StudioTools
from shotmill.schema.codecs import TAGS, ColourTags, MovieCodec, TagName, container_of
from shotmill.schema.errors import ColourError
from shotmill.schema.media import Clip, Rate

CONFIG = "ocio://studio-config-latest"  # the smaller default has no HLG
DISPLAY = "sRGB - Display"
TAGGED = [tag for tag in TagName if tag is not TagName.AUTO]
SPACES = {
    TagName.REC709: "Rec.1886 Rec.709 - Display",
    TagName.SRGB: DISPLAY,
    TagName.GAMMA22: "Gamma 2.2 Rec.709 - Display",
    TagName.DISPLAY_P3: "Display P3 - Display",
    TagName.P3_D65: "Gamma 2.6 P3-D65 - Display",
    TagName.PQ: "Rec.2100-PQ - Display",
    TagName.PQ_P3: "ST2084-P3-D65 - Display",
    TagName.HLG: "Rec.2100-HLG - Display",
}
CODE = (0.5, 0.4, 0.3)  # what every pixel holds


def tagged(folder: Path, tags: ColourTags, codec: MovieCodec = MovieCodec.PRORES_HQ) -> Path:
    """A movie of two even frames."""
    path = folder / f"made.{container_of(codec)}"
    frame = np.broadcast_to(np.round(np.multiply(CODE, 65535)).astype(np.uint16), (64, 64, 3)).copy()
    encode_movie(path, [frame] * 2, MovieForm((64, 64), Rate(24), video_options(codec), tags=tags, deep=True))
    return path


def untagged(folder: Path) -> Path:
    """A movie that nobody tagged."""
    path = folder / "untagged.mov"
    given = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "64x64", "-r", "24", "-i", "-")
    ffmpeg(*given, *PRORES, path, feed=raw_frames(range(2), (64, 64)))
    return path


def said(path: Path) -> str | None:
    with Movie(path) as opened:
        return opened.header.colour


@pytest.mark.parametrize("codec", [MovieCodec.HEVC, MovieCodec.PRORES_HQ])
@pytest.mark.parametrize("tag", TAGGED)
def test_what_a_movie_is_tagged_with_is_what_it_is_read_as(tmp_path: Path, tag: TagName, codec: MovieCodec) -> None:
    assert said(tagged(tmp_path, TAGS[tag], codec)) == tag


@pytest.mark.parametrize("tag", list(SPACES))
def test_the_colour_of_a_tagged_movie_is_what_opencolorio_makes_of_it(tmp_path: Path, tag: TagName) -> None:
    path = tagged(tmp_path, TAGS[tag])
    tools = StudioTools(Settings(home=tmp_path / "home", ocio=CONFIG))
    shown = tools.still(clip_of(find_medium(str(path))), 0, width=64, look=Look())
    transform = ocio.ColorSpaceTransform(src=SPACES[tag], dst=DISPLAY)
    way = ocio.Config.CreateFromFile(CONFIG).getProcessor(transform).getDefaultCPUProcessor()
    expected = np.clip(way.applyRGB(list(CODE)), 0, 1) * 255
    assert shown.facts["colourspace"] == SPACES[tag]
    assert np.abs(shown.pixels[32, 32] - expected).max() <= 2.5  # 10 bits of HDR are coarse on an SDR display
    assert source_space(Clip(name="p", media=str(path)), Colour(CONFIG)) == SPACES[tag]


@pytest.mark.parametrize(
    ("codes", "name"),
    [
        ((1, 1), "rec709"),
        ((0, 1), "rec709"),
        ((9, 15), "rec2020"),
        ((1, 8), "linear"),
        ((2, 2), None),
        ((0, 0), None),
        ((1, 2), None),
        ((6, 6), None),
        ((5, 5), None),
        ((12, 1), "smpte432/bt709"),
        ((11, 17), "smpte431/smpte428"),
        ((9, 2), "bt2020/unspecified"),
        ((2, 16), "unspecified/smpte2084"),
        ((2, 9), "unspecified/log100"),
        ((250, 250), "unspecified/unspecified"),
    ],
)
def test_only_what_says_nothing_or_plain_video_has_no_name(codes: tuple[int, int], name: str | None) -> None:
    assert colour_said(*codes) == name


def test_tags_that_no_space_is_known_for_are_refused_and_never_taken_for_video(
    tools: StudioTools, tmp_path: Path
) -> None:
    path = tagged(tmp_path, ColourTags("smpte432", "bt709", "bt709"))
    clip = clip_of(find_medium(str(path)))
    with pytest.raises(ColourError, match=r"the tags of made\.mov say smpte432/bt709, which .* no colour space for"):
        tools.still(clip, 0, width=64, look=Look())
    found = probe(clip, tools.colour)
    assert (found.colourspace, found.colourspace_from) == (None, None)
    assert tools.still(clip, 0, width=64, look=Look(colourspace=DISPLAY)).facts["colourspace_from"] == "given"


def test_a_movie_without_tags_is_looked_at_as_video_but_not_worked_on_as_such(
    tools: StudioTools, tmp_path: Path
) -> None:
    path = untagged(tmp_path)
    assert said(path) is None
    clip = clip_of(find_medium(str(path)))
    shown = tools.still(clip, 0, width=64, look=Look())
    assert shown.facts["colourspace_from"] == "file rule 'Movies' of the config"
    words = r"nothing says which colour space untagged\.mov .* it would be 'Rec\.1886 Rec\.709 - Display', .*name it"
    with pytest.raises(ColourError, match=words):
        source_space(clip, tools.colour)


@pytest.mark.parametrize("kind", ["TIFF 8 bit", "TIFF 16 bit"])
def test_a_tiff_says_nothing_and_is_only_looked_at(tools: StudioTools, tmp_path: Path, kind: str) -> None:
    path = image(tmp_path / "still.tif", KINDS[kind], 1)
    clip = clip_of(find_medium(str(path)))
    assert tools.still(clip, 0, width=64, look=Look()).facts["colourspace"] == DISPLAY
    with pytest.raises(ColourError, match=r"nothing says which colour space still\.tif .* 'sRGB - Display'"):
        source_space(clip, tools.colour)


@pytest.mark.parametrize("kind", ["PNG 8 bit", "JPEG"])
def test_png_and_jpeg_are_srgb_by_their_own_standards(tools: StudioTools, tmp_path: Path, kind: str) -> None:
    path = image(tmp_path / f"still{KINDS[kind].suffix}", KINDS[kind], 1)
    assert source_space(clip_of(find_medium(str(path))), tools.colour) == "sRGB Encoded Rec.709 (sRGB)"
