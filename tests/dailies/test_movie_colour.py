"""Movies show exactly what OpenColorIO shows, and say so in their tags."""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
import pytest
from image_makers import KINDS, image, picture
from movie_jobs import MovieStudio, luma, planes, plate

from shotmill.pipeline.colour import Colour
from shotmill.pipeline.movie_tags import tags_for
from shotmill.pipeline.movies import MovieForm, encode_movie, encoder_program, video_options
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.pipeline.viewtable import ViewTables
from shotmill.pipeline.viewtable_bake import keep_table, read_table
from shotmill.schema.codecs import TAGS, MovieCodec, TagName, container_of
from shotmill.schema.errors import BadRequestError, ColourError
from shotmill.schema.media import Clip, Rate

# libavutil/pixfmt.h
PRIMARIES = {"bt709": 1, "bt2020": 9, "smpte432": 12}
TRANSFERS = {
    "bt709": 1, "bt470m": 4, "iec61966-2-1": 13, "bt2020-10": 14, "smpte2084": 16, "smpte428": 17, "arib-std-b67": 18,
}  # fmt: skip
MATRICES = {"bt709": 1, "bt2020nc": 9}
LIMITED = 1
# Decibels of luma against the exact transform, over bars, waves and a patch at 256 x 144.
FLOORS = {
    MovieCodec.H264: 40, MovieCodec.HEVC: 40, MovieCodec.PRORES_PROXY: 36, MovieCodec.PRORES_LT: 42,
    MovieCodec.PRORES_422: 46, MovieCodec.PRORES_HQ: 50, MovieCodec.PRORES_4444: 50, MovieCodec.DNXHR_LB: 36,
    MovieCodec.DNXHR_SQ: 42, MovieCodec.DNXHR_HQ: 46, MovieCodec.DNXHR_HQX: 46, MovieCodec.DNXHR_444: 46,
}  # fmt: skip


CHROMA_FLOOR = 42
BT709, BT2020 = (0.2126, 0.0722), (0.2627, 0.0593)  # weights of red and blue


def exact(number: int, *, display: str = "sRGB - Display") -> np.ndarray:
    """What OpenColorIO itself shows of a frame of the plate, 0..1."""
    config = ocio.Config.CreateFromFile("ocio://default")
    view = config.getDefaultView(display)
    pixels = picture(number).astype(np.float16).astype(np.float32)
    processor = config.getProcessor(ocio.DisplayViewTransform(src="ACEScg", display=display, view=view))
    processor.getDefaultCPUProcessor().apply(ocio.PackedImageDesc(pixels, pixels.shape[1], pixels.shape[0], 3))
    return np.clip(pixels, 0, 1)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((one - other) ** 2)))


def said_by_ffmpeg(path: Path) -> str:
    program = [encoder_program(), "-i", str(path)]
    return subprocess.run(program, capture_output=True, text=True, check=False).stderr


def chroma(rgb: np.ndarray, *, weights: tuple[float, float] = BT709) -> tuple[np.ndarray, np.ndarray]:
    """Cb and Cr of pixels in 0..1, in -0.5..0.5."""
    red, blue = weights
    y = luma(rgb, red=red, blue=blue)
    return (rgb[..., 2] - y) / (2 - 2 * blue), (rgb[..., 0] - y) / (2 - 2 * red)


def shrunk(plane: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Means over the pixels that share one code of chroma."""
    down, across = plane.shape[0] // shape[0], plane.shape[1] // shape[1]
    return np.asarray(plane.reshape(shape[0], down, shape[1], across).mean(axis=(1, 3)))


def quality(path: Path, rgb: np.ndarray, *, weights: tuple[float, float] = BT709) -> tuple[float, float]:
    """Decibels of luma, and of the worse chroma, of a movie's second frame."""
    y, *stored = planes(path, 1)
    wanted = [shrunk(plane, stored[0].shape) for plane in chroma(rgb, weights=weights)]
    return psnr(y, luma(rgb, red=weights[0], blue=weights[1])), min(map(psnr, stored, wanted))


@pytest.mark.parametrize("codec", MovieCodec)
def test_a_decoded_frame_is_what_opencolorio_shows(
    movies: MovieStudio, plate_clip: Clip, codec: MovieCodec, record_property: Callable[[str, object], None]
) -> None:
    ran = movies.run("dailies", [plate_clip], frames="1002-1003", slate=0, burn_in=False, codec=codec)
    light, colour = quality(ran.movie, exact(1003))
    told = f"luma {light:.1f} dB, floor {FLOORS[codec]}; chroma {colour:.1f} dB, floor {CHROMA_FLOOR}"
    record_property("measured", f"{codec}: {told}")
    assert light >= FLOORS[codec]
    assert colour >= CHROMA_FLOOR


@pytest.mark.parametrize(
    ("display", "codec", "weights"),
    [
        pytest.param("Rec.2100-PQ - Display", MovieCodec.HEVC, BT2020, id="PQ, HEVC"),
        pytest.param("Rec.2100-PQ - Display", MovieCodec.PRORES_HQ, BT2020, id="PQ, ProRes"),
        pytest.param("Display P3 - Display", MovieCodec.H264, BT709, id="P3, H.264"),
        pytest.param("Display P3 - Display", MovieCodec.DNXHR_HQX, BT709, id="P3, DNxHR"),
    ],
)
def test_a_decoded_frame_of_another_display_is_what_opencolorio_shows(
    movies: MovieStudio, plate_clip: Clip, display: str, codec: MovieCodec, weights: tuple[float, float]
) -> None:
    ran = movies.run("dailies", [plate_clip], frames="1002-1003", slate=0, burn_in=False, codec=codec, display=display)
    light, colour = quality(ran.movie, exact(1003, display=display), weights=weights)
    assert light >= FLOORS[codec]
    assert colour >= CHROMA_FLOOR


def test_ten_bits_go_to_the_encoder_where_it_has_ten(movies: MovieStudio, plate_clip: Clip) -> None:
    ran = movies.run("dailies", [plate_clip], frames="1002", slate=0, burn_in=False, codec="dnxhr-444")
    assert np.abs(planes(ran.movie, 0)[0] - luma(exact(1002))).mean() * 1023 < 1.0


@pytest.mark.parametrize(("pixels", "bits"), [("yuv420p", 8), ("yuv422p", 8), ("yuv422p10le", 10), ("yuv444p10le", 10)])
def test_full_range_becomes_limited_range_within_one_code_value(tmp_path: Path, pixels: str, bits: int) -> None:
    """Flat patches, white, black and primaries among them, through a lossless coder; by ITU-R BT.709's formulas."""
    top = 65535 if bits > 8 else 255
    patches = np.random.default_rng(7).random((9, 16, 3))
    patches[0, :5] = [[1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    codes = np.rint(np.repeat(np.repeat(patches, 20, 0), 20, 1) * top).astype(np.uint16 if bits > 8 else np.uint8)
    path = tmp_path / "made.mov"
    lossless = ("-c:v", "ffv1", "-pix_fmt", pixels)
    encode_movie(path, [codes] * 2, MovieForm((320, 180), Rate(24), lossless, deep=bits > 8))
    rgb = codes[10::20, 10::20].astype(np.float64) / top
    y = luma(rgb)
    wanted = [y, (rgb[..., 2] - y) / 1.8556, (rgb[..., 0] - y) / 1.5748]
    units = [219 * 2 ** (bits - 8), *[224 * 2 ** (bits - 8)] * 2]
    for plane, want, unit in zip(planes(path, 1), wanted, units, strict=True):
        across, down = 320 // plane.shape[1], 180 // plane.shape[0]
        centres = plane[10 // down :: 20 // down, 10 // across :: 20 // across]
        assert np.abs(centres - want).max() * unit <= 0.51


def said_by_the_box(path: Path) -> tuple[int, ...]:
    """Primaries, transfer and matrix as the file's ``colr`` box has them: ISO/IEC 14496-12, 12.1.5, and QuickTime's."""
    content = path.read_bytes()
    [at] = [found.end() for found in re.finditer(rb"colrncl[cx]", content)]
    if content[at - 1 : at] == b"x":
        assert content[at + 6] >> 7 == 0, "full range"
    return struct.unpack(">3H", content[at : at + 6])


@pytest.mark.parametrize(
    "codec",
    [MovieCodec.H264, MovieCodec.HEVC, MovieCodec.PRORES_422, MovieCodec.PRORES_4444, MovieCodec.DNXHR_HQX],
)
@pytest.mark.parametrize("tag", [tag for tag in TagName if tag is not TagName.AUTO])
def test_tags_are_read_back_by_three_readers(tmp_path: Path, tag: TagName, codec: MovieCodec) -> None:
    tags = TAGS[tag]
    path = tmp_path / f"made.{container_of(codec)}"
    grey = np.full((128, 256, 3), 30000, dtype=np.uint16)
    form = MovieForm((256, 128), Rate(24), video_options(codec), tags=tags, deep=True)
    encode_movie(path, [grey] * 2, form)
    with av.open(str(path)) as container:
        found = container.streams.video[0].codec_context
        read = (found.color_primaries, found.color_trc, found.colorspace, found.color_range)
    codes = (PRIMARIES[tags.primaries], TRANSFERS[tags.transfer], MATRICES[tags.matrix])
    assert read == (*codes, LIMITED)
    assert said_by_the_box(path) == codes
    names = re.search(r"yuv4\d\dp(?:1[02]le)?\(([^)]*)\)", said_by_ffmpeg(path))
    assert names is not None
    three = (tags.matrix, tags.primaries, tags.transfer)
    said = tags.matrix if len(set(three)) == 1 else "/".join(three)
    assert names[1].split(", ")[:2] == ["tv", said]


@pytest.mark.parametrize(
    ("display", "tag"),
    [
        ("sRGB - Display", TagName.SRGB),
        ("Rec.1886 Rec.709 - Display", TagName.REC709),
        ("Gamma 2.2 Rec.709 - Display", TagName.GAMMA22),
        ("Display P3 - Display", TagName.DISPLAY_P3),
        ("Gamma 2.6 P3-D65 - Display", TagName.P3_D65),
        ("Rec.2100-PQ - Display", TagName.PQ),
        ("ST2084-P3-D65 - Display", TagName.PQ_P3),
        ("Rec.2100-HLG - Display", TagName.HLG),
    ],
)
def test_a_display_of_the_aces_config_says_its_tags(display: str, tag: TagName) -> None:
    colour = Colour("ocio://studio-config-latest")
    assert tags_for(colour, display, colour.view(display)) is tag


def test_displays_of_an_older_config_are_known_by_their_names() -> None:
    colour = Colour("ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1")
    found = [str(tags_for(colour, display, colour.view(display))) for display in colour.config.getDisplays()]
    assert found == ["srgb", "rec709", "pq", "pq-p3", "p3-d65"]


def test_a_display_that_nobody_knows_is_refused_with_the_choice() -> None:
    colour = Colour("ocio://studio-config-latest")
    with pytest.raises(ColourError, match=r"say it: rec709, srgb, .*hlg"):
        tags_for(colour, "Display P3 HDR - Display", "Un-tone-mapped")


def test_hdr_does_not_go_into_eight_bits(movies: MovieStudio, plate_clip: Clip) -> None:
    with pytest.raises(BadRequestError, match=r"pq needs 10 bits, h264 has 8.*hevc"):
        movies.run("dailies", [plate_clip], tags="pq")


def test_what_was_made_for_the_display_is_not_tone_mapped_again(movies: MovieStudio, plate_clip: Clip) -> None:
    """A frame that is white on sRGB stays white; the ACES view of a scene's 1.0 is far below it."""
    made = movies.run("dailies", [plate_clip], slate=0, burn_in=False, frames="1001-1002", display="sRGB - Display")
    again = plate_clip.model_copy(update={"name": "again", "media": str(made.movie), "frames": None, "rate": None})
    second = movies.run("dailies", [again], slate=0, burn_in=False, display="sRGB - Display")
    assert psnr(planes(second.movie, 0)[0], planes(made.movie, 0)[0]) > 40


def test_a_correction_of_what_was_made_for_the_display_does_not_tone_map_it_either(
    movies: MovieStudio, plate_clip: Clip
) -> None:
    plain = {"slate": 0, "burn_in": False, "display": "sRGB - Display"}
    made = movies.run("dailies", [plate_clip], plain, frames="1001-1002")
    again = plate_clip.model_copy(update={"name": "again", "media": str(made.movie), "frames": None, "rate": None})
    graded = {"cdl": "slope 1,1,1 offset 0,0,0 power 1,1,1 saturation 0.999", "cdl_space": "ACEScg"}
    second = movies.run("dailies", [again], {**plain, **graded})
    assert psnr(planes(second.movie, 0)[0], planes(made.movie, 0)[0]) > 40
    assert [ran.outputs()[0].facts["view"] != "" for ran in (made, second)] == [True, False]


WIDE = (384, 216)  # as large as a table is worth it


def table_studio(folder: Path) -> tuple[MovieStudio, Clip, Path]:
    """A studio, a plate that is large enough for a table, and where the studio's tables are."""
    settings = Settings(home=folder / "home")
    return MovieStudio(folder, StudioTools(settings)), plate(folder, 1001, 1002, size=WIDE), settings.home


def test_eight_bits_of_a_costly_view_come_from_a_table_that_says_how_far_it_is_off(tmp_path: Path) -> None:
    studio, clip, _home = table_studio(tmp_path)
    ran = studio.run("dailies", [clip], slate=0, burn_in=False)
    assert any(re.search(r"plate: shown by a table, at most [01] of 255 off", note) for note in ran.notes)
    exact = studio.run("dailies", [clip], slate=0, burn_in=False, exact_view=True)
    assert not any("table" in note for note in exact.notes)
    assert psnr(planes(ran.movie, 0)[0], planes(exact.movie, 0)[0]) > 50
    assert [made.outputs()[0].facts["shown_by"] for made in (ran, exact)] == ["table", "exact"]


@pytest.mark.parametrize(
    "params",
    [{"codec": "hevc"}, {"view": "Un-tone-mapped"}, {"display": "sRGB - Display", "colourspace": "sRGB - Display"}],
)
def test_ten_bits_views_that_cost_little_and_what_was_shown_before_are_exact(
    tmp_path: Path, params: dict[str, object]
) -> None:
    studio, clip, home = table_studio(tmp_path)
    ran = studio.run("dailies", [clip], params)
    facts = ran.outputs()[0].facts
    assert (facts["shown_by"], ViewTables(home).folder.exists()) == ("exact", False)
    assert bool(facts["view"]) == ("colourspace" not in params)  # what was made for a display passes no view


def test_whole_numbers_of_a_log_scan_come_from_the_table_too(tmp_path: Path) -> None:
    studio, clip, _home = table_studio(tmp_path)
    image(tmp_path / "scan.0001.dpx", KINDS["DPX 10 bit"], 1, size=WIDE)
    scan = clip.model_copy(update={"name": "scan", "media": str(tmp_path / "scan.####.dpx"), "frames": None})
    log = {"slate": 0, "burn_in": False, "colourspace": "ACEScct"}
    ran, exact = studio.run("dailies", [scan], log), studio.run("dailies", [scan], log, exact_view=True)
    assert [made.outputs()[0].facts["shown_by"] for made in (ran, exact)] == ["table", "exact"]
    assert ran.outputs()[0].facts["table_off"] <= 1
    assert psnr(planes(ran.movie, 0)[0], planes(exact.movie, 0)[0]) > 44  # of two encodings


def test_movies_by_a_table_are_the_same_however_many_show_them(tmp_path: Path) -> None:
    studio, clip, _home = table_studio(tmp_path)
    movies = [studio.run("dailies", [clip], date="2026-01-01").movie.read_bytes() for _ in range(2)]
    assert movies[0] == movies[1]


def test_jobs_that_were_made_before_are_as_exact_as_they_were(movies: MovieStudio, plate_clip: Clip) -> None:
    for fast in (False, True):
        ran = movies.run("dailies", [plate_clip], fast_view=fast, frames="1001")
        assert ran.spec.params["exact_view"] is not fast


def test_a_frame_where_a_table_is_wrong_is_shown_exactly_and_told(tmp_path: Path) -> None:
    """4 of 255 are added to the table behind its back."""
    studio, clip, home = table_studio(tmp_path)
    exact = studio.run("dailies", [clip], slate=0, burn_in=False, exact_view=True)
    assert not studio.run("dailies", [clip]).failure
    [path] = ViewTables(home).folder.iterdir()
    table = read_table(path)
    assert table is not None
    keep_table(path, replace(table, nodes=table.nodes + np.float32(4 / 255)))
    again = MovieStudio(tmp_path / "again", StudioTools(Settings(home=home)))
    ran = again.run("dailies", [clip], slate=0, burn_in=False)
    [note] = [note for note in ran.notes if "table" in note]
    assert re.search("plate: shown exactly, since the table was .* of 255 off: frames 1001-1002", note)
    assert (planes(ran.movie, 0)[0] == planes(exact.movie, 0)[0]).all()


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"codec": "prores-hq", "quality": 10}, "prores-hq has no quality to choose"),
        ({"codec": "prores-hq", "container": "mp4"}, "prores-hq does not go into mp4"),
        ({"view": "Filmic"}, "view 'Filmic' is not on .*; nearest: .*, .*, "),
        ({"display": "sRGBB"}, "display 'sRGBB' is not in .*; nearest: sRGB - Display, .*, "),
        ({"look": "gammut"}, "look 'gammut' is not in .*; nearest: ACES 1.3 Reference Gamut Compression"),
        ({"colourspace": "ACEScgg"}, "colour space 'ACEScgg' is not in .*; nearest: ACEScg, ACEScc, ACEScct"),
        ({"display": "Display P3 HDR - Display"}, "nobody knows what a movie .* say it: rec709, srgb"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_runs(
    movies: MovieStudio, plate_clip: Clip, params: dict[str, object], told: str
) -> None:
    for job_type in ("dailies", "proxy"):
        with pytest.raises(BadRequestError, match=told):
            movies.run(job_type, [plate_clip], {"codec": "h264", **params})


@pytest.mark.parametrize("cdl", ["saturation 0", "grey.cc"], ids=["numbers", "file"])
def test_a_cdl_changes_the_picture_before_the_view(
    movies: MovieStudio, plate_clip: Clip, tmp_path: Path, cdl: str
) -> None:
    correction = '<ColorCorrection xmlns="urn:ASC:CDL:v1.2"><SatNode><Saturation>0</Saturation></SatNode>'
    (tmp_path / "grey.cc").write_text(f"{correction}</ColorCorrection>")
    grey = {"cdl": str(tmp_path / cdl) if cdl.endswith(".cc") else cdl, "cdl_space": "ACEScg"}
    ran = movies.run("dailies", [plate_clip], grey, frames="1001", slate=0, burn_in=False)
    _y, blue, red = planes(ran.movie, 0)
    assert max(np.abs(blue).max(), np.abs(red).max()) < 0.02
