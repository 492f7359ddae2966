"""What is found in a clip, fault by fault and file by file; the limits hold at their edges."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_makers import KINDS, Kind, write
from pydantic import ValidationError
from qc_clips import Picture, clip_at, frame_file, scene, write_clip, write_movie

from shotmill.pipeline.qc import Check, Wanted, check_clip, measure_clip, told_lines
from shotmill.pipeline.qc.measure import Measured
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip, Rate
from shotmill.schema.qc import FindingKind, QcExpected, QcLimits, QcReport, Severity

Fault = Callable[[Picture], Picture]
STILLS = ("EXR ZIP", "EXR float", "DPX 10 bit", "PNG 8 bit", "PNG 16 bit")
EARLY, LATE = range(1001, 1006), range(1006, 1013)


def check(clip: Clip, *, wanted: Wanted | None = None, frames: str = "", **limits: Any) -> QcReport:
    asked = FrameSet.parse(frames) if frames else None
    expected = asked or clip.frames
    made = Check(clip, QcLimits(**limits), wanted or Wanted(QcExpected()), expected, is_asked=asked is not None)
    ceiling = made.limits.ceiling
    return check_clip(made, measure_clip(clip, expected.frames if expected else None, ceiling=ceiling))


def found(report: QcReport, *, but: str = "") -> list[tuple[int | None, str]]:
    kinds = [(one.frame, one.kind.value) for one in report.findings if one.kind.value != but]
    return list(dict.fromkeys(kinds))


def grey(level: float) -> Fault:
    return lambda picture: np.full_like(picture, level)


def one_pixel(value: float) -> Fault:
    def changed(picture: Picture) -> Picture:
        picture[9, 4, 2] = value
        return picture

    return changed


@pytest.mark.parametrize("kind", STILLS)
def test_a_sound_clip_has_no_findings(kind: str, tmp_path: Path) -> None:
    report = check(write_clip(tmp_path, KINDS[kind]))
    assert told_lines(report) == ["qc of plate: nothing wrong in 12 frames"]


def test_a_sound_movie_has_no_findings(tmp_path: Path) -> None:
    assert check(write_movie(tmp_path / "a.mov")).findings == ()


@pytest.mark.parametrize("kind", STILLS)
def test_black_frozen_and_repeated_frames_are_found_in_any_file(kind: str, tmp_path: Path) -> None:
    faults = {1003: grey(0), 1005: lambda _: scene(1004), 1008: lambda _: scene(1002)}
    report = check(write_clip(tmp_path, KINDS[kind], faults=faults))
    assert found(report) == [(1003, "black"), (1005, "frozen"), (1008, "duplicate")]
    assert [one.like for one in report.findings] == [None, 1004, 1002]


@pytest.mark.parametrize(
    ("value", "kind"), [(np.nan, "nan"), (np.inf, "infinite"), (-np.inf, "infinite")], ids=["NaN", "inf", "-inf"]
)
@pytest.mark.parametrize("stored", ["EXR ZIP", "EXR float"])
def test_what_is_no_number_is_found_with_its_pixel(value: float, kind: str, stored: str, tmp_path: Path) -> None:
    report = check(write_clip(tmp_path, KINDS[stored], faults={1004: one_pixel(value)}))
    [one] = report.findings
    assert (one.frame, one.kind.value, one.channel, one.x, one.y) == (1004, kind, "B", 4, 9)


def test_values_over_the_ceiling_are_found(tmp_path: Path) -> None:
    clip = write_clip(tmp_path, KINDS["EXR float"], faults={1004: one_pixel(100_000.0)})
    assert found(check(clip, ceiling=99_999.0)) == [(1004, "ceiling")]
    assert found(check(clip, ceiling=100_000.0)) == []


def test_more_negative_pixels_than_allowed_are_found(tmp_path: Path) -> None:
    def below(picture: Picture) -> Picture:
        picture[:, :32, 0] = -0.001  # a quarter of the pixels
        return picture

    clip = write_clip(tmp_path, faults={1004: below})
    assert found(check(clip, negative=0.25)) == []
    assert found(check(clip, negative=0.249)) == [(1004, "negative")]


# Levels of 8 bits: 5/255 is 0.0196, 6/255 is 0.0235.
@pytest.mark.parametrize(
    ("level", "limits", "kind"),
    [
        pytest.param(5 / 255, {"black_mean": 0.0197}, "black", id="just below both"),
        pytest.param(5 / 255, {"black_mean": 0.0195}, "flat", id="the mean just above"),
        pytest.param(6 / 255, {"black_mean": 0.03}, "flat", id="the highest just above"),
        pytest.param(6 / 255, {"black_mean": 0.03, "black_max": 0.0236}, "black", id="the highest allowed"),
    ],
)
def test_black_is_what_lies_below_both_limits(level: float, limits: Any, kind: str, tmp_path: Path) -> None:
    clip = write_clip(tmp_path, KINDS["PNG 8 bit"], faults={1004: grey(level)})
    assert found(check(clip, **limits), but="flash") == [(1004, kind)]


def test_frames_held_as_often_as_allowed_are_not_frozen(tmp_path: Path) -> None:
    held = {frame: lambda _: scene(1004) for frame in (1005, 1006, 1007)}
    clip = write_clip(tmp_path, faults=held)
    assert [found(check(clip, frozen_allow=most)) for most in (0, 2, 3)] == [
        [(1005, "frozen"), (1006, "frozen"), (1007, "frozen")],
        [(1007, "frozen")],
        [],
    ]


@pytest.mark.parametrize(("same", "is_frozen"), [(0.0, False), (0.0005, False), (0.002, True)])
def test_frames_that_hardly_differ_are_the_same_as_far_as_is_said(same: float, is_frozen: bool, tmp_path: Path) -> None:
    """A level of 0.001 lies between: 1/16 of a step of 8 bits."""
    clip = write_clip(tmp_path, KINDS["PNG 16 bit"], faults={1005: lambda _: scene(1004) + 0.001})
    assert bool(check(clip, same=same).findings) is is_frozen


def test_a_still_camera_with_grain_is_not_frozen(tmp_path: Path) -> None:
    grain = np.random.default_rng(5)
    still = {frame: lambda _: scene(1001) + grain.normal(0, 0.004, (72, 128, 3)).astype(np.float32) for frame in LATE}
    assert found(check(write_clip(tmp_path, faults=still))) == []


@pytest.mark.parametrize("share", [0.24, 0.26])
@pytest.mark.parametrize(("end", "limit"), [(1.0, "clipped_high"), (0.0, "clipped_low")])
def test_more_clipped_pixels_than_allowed_are_found(share: float, end: float, limit: str, tmp_path: Path) -> None:
    def clipped(picture: Picture) -> Picture:
        picture[:18] = end  # a quarter of the rows
        return picture

    report = check(
        write_clip(tmp_path, KINDS["PNG 8 bit"], faults={1004: clipped}),
        wanted=None,
        frames="",
        **{limit: share, "flash": 1.0},
    )
    assert bool(found(report)) is (share < 0.25)


def test_one_bright_frame_is_a_flash(tmp_path: Path) -> None:
    clip = write_clip(tmp_path, faults={1006: lambda picture: picture + 0.4})
    assert found(check(clip)) == [(1006, "flash")]
    assert found(check(clip, flash=0.5)) == []


def test_a_jump_of_exposure_is_told_in_stops(tmp_path: Path) -> None:
    """Twice the light is one stop."""
    clip = write_clip(tmp_path, faults=dict.fromkeys(LATE, lambda picture: picture * 2))
    [one] = check(clip).findings
    assert (one.frame, one.kind) == (1006, FindingKind.EXPOSURE)
    assert one.amount == pytest.approx(1.0, abs=0.05)


def test_a_jump_of_gamma_is_told_apart_from_one_of_exposure(tmp_path: Path) -> None:
    clip = write_clip(tmp_path, faults=dict.fromkeys(LATE, lambda picture: picture**1.4))
    assert found(check(clip)) == [(1006, "gamma")]


def test_a_fade_is_no_jump(tmp_path: Path) -> None:
    fade = {frame: lambda picture, by=frame: picture * (by - 1000) / 12 for frame in range(1001, 1013)}
    assert found(check(write_clip(tmp_path, faults=fade))) == []


def test_a_cut_to_another_picture_is_no_jump(tmp_path: Path) -> None:
    def other(picture: Picture) -> Picture:
        rows = np.sin(np.arange(72, dtype=np.float32) / 5)[:, None, None]
        return np.asarray(picture * 0.1 + 0.2 + 0.1 * rows, dtype=np.float32)

    assert found(check(write_clip(tmp_path, faults=dict.fromkeys(LATE, other)))) == []


def test_missing_cut_off_and_empty_frames_are_named(tmp_path: Path) -> None:
    clip = write_clip(tmp_path)
    frame_file(clip, 1003).unlink()
    whole = frame_file(clip, 1005).read_bytes()
    frame_file(clip, 1005).write_bytes(whole[: len(whole) // 2])
    frame_file(clip, 1006).write_bytes(b"")
    frame_file(clip, 1007).write_bytes(b"no picture at all")
    report = check(clip)
    assert found(report) == [(1003, "missing"), (1005, "unreadable"), (1006, "unreadable"), (1007, "unreadable")]
    assert [str(frame_file(clip, one.frame or 0)) in one.text for one in report.findings] == [True] * 4


def other_size(path: Path) -> Path:
    return write(path, KINDS["EXR ZIP"], scene(1004, (96, 72)))


def other_window(path: Path) -> Path:
    def shape(spec: Any) -> None:
        spec.x, spec.y, spec.full_width, spec.full_height = 8, 4, 128, 72

    return write(path, KINDS["EXR ZIP"], scene(1004, (112, 64)), shape=shape)


def other_aspect(path: Path) -> Path:
    return write(path, KINDS["EXR ZIP"], scene(1004), shape=lambda spec: spec.attribute("PixelAspectRatio", 2.0))


def other_rate(path: Path) -> Path:
    def shape(spec: Any) -> None:
        spec.attribute("FramesPerSecond", 25.0)

    return write(path, KINDS["EXR ZIP"], scene(1001), shape=shape)


def other_channels(path: Path) -> Path:
    return write(path, Kind(".exr", "half", ("R", "G", "B", "A"), KINDS["EXR ZIP"].facts), scene(1004))


def other_depth(path: Path) -> Path:
    return write(path, KINDS["EXR float"], scene(1004))


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        pytest.param(other_size, "resolution", "96x72 pixels instead of 128x72", id="size"),
        pytest.param(other_window, "window", "112x64 at 8,4 instead of 128x72 at 0,0", id="data window"),
        pytest.param(other_aspect, "aspect", "pixel aspect 2 instead of 1", id="pixel aspect"),
        pytest.param(other_channels, "channels", "channels R, G, B, A instead of R, G, B", id="channels"),
        pytest.param(other_depth, "depth", "float instead of half", id="bit depth"),
    ],
)
def test_a_frame_stored_otherwise_than_the_first_is_found(
    make: Callable[[Path], Path], kind: str, text: str, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path)
    make(frame_file(clip, 1004))
    [one] = [one for one in check(clip).findings if one.kind.value == kind]
    assert one.frame == 1004
    assert text in one.text


def test_what_is_wanted_counts_more_than_the_first_frame(tmp_path: Path) -> None:
    clip = write_clip(tmp_path)
    wanted = Wanted(QcExpected(width=256, height=72, pixel_aspect=1.0), ("R", "G", "B", "A"))
    assert found(check(clip, wanted=wanted))[:2] == [(1001, "resolution"), (1001, "channels")]


def test_a_movie_in_the_wrong_range_throughout_is_found(tmp_path: Path) -> None:
    clip = write_movie(tmp_path / "a.mov", levels="pc", frames=3)
    findings = check(clip, wanted=Wanted(QcExpected(sample="8 bit video range"))).findings
    assert {one.text for one in findings} == {"8 bit full range instead of 8 bit video range"}
    assert [(one.frame, one.kind) for one in findings] == [(frame, FindingKind.DEPTH) for frame in range(3)]
    assert found(check(clip)) == []
    with pytest.raises(ValidationError, match="sample"):
        QcExpected(sample="ten bits")


def test_a_rate_that_files_say_is_compared(tmp_path: Path) -> None:
    clip = write_clip(tmp_path)
    other_rate(frame_file(clip, 1001))
    wanted = Wanted(QcExpected(), rate=Rate(24))
    assert found(check(clip, wanted=wanted)) == [(1001, "rate")]
    assert found(check(clip)) == []


def test_frames_that_nobody_asked_for_are_found(tmp_path: Path) -> None:
    report = check(write_clip(tmp_path), frames="1003-1014")
    assert found(report) == [(None, "range"), (1013, "missing"), (1014, "missing")]
    assert report.findings[0].text == "frames 1001-1002 are there, 1003-1014 were asked for"


def test_a_movie_is_checked_for_the_same(tmp_path: Path) -> None:
    faults = {3: grey(0), 5: lambda _: scene(1005), 8: lambda _: scene(1003)}
    assert found(check(write_movie(tmp_path / "a.mov", faults=faults), same=0.01)) == [
        (3, "black"),
        (5, "frozen"),
        (8, "duplicate"),
    ]


def test_levels_outside_of_video_range_are_found(tmp_path: Path) -> None:
    """The scene from 0 to 1 in full range, tagged as video range."""
    faults = {frame: lambda picture: (picture - 0.05) / 0.9 for frame in range(12)}
    clip = write_movie(tmp_path / "a.mov", levels="pc", tagged="tv", faults=faults)
    assert {kind for _frame, kind in found(check(clip))} == {"legal"}
    assert found(check(clip, legal=0.5)) == []
    full = write_movie(tmp_path / "b.mov", levels="pc", faults=faults)
    assert found(check(full)) == []


def test_another_rate_of_a_movie_is_found_once(tmp_path: Path) -> None:
    report = check(write_movie(tmp_path / "a.mov"), wanted=Wanted(QcExpected(), rate=Rate(25)))
    assert [(one.frame, one.text) for one in report.findings] == [(0, "24 frames per second instead of 25")]


def test_a_movie_that_is_cut_off_names_the_frames_that_are_lost(tmp_path: Path) -> None:
    codec = ("-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj422p", "-movflags", "+faststart")
    clip = write_movie(tmp_path / "a.mov", codec=codec, levels="pc")
    path = Path(clip.media)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    lost = [one.frame for one in check(clip).findings]
    assert lost == list(range(lost[0] or 0, 12))
    assert 5 <= (lost[0] or 0) <= 8


def test_a_movie_that_is_none_is_one_finding(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(b"nothing of a movie")
    report = check(clip_at(path))
    assert found(report) == [(None, "unreadable")]
    assert report.frames is None


def test_severities_are_as_wanted_and_what_is_ignored_is_not_there(tmp_path: Path) -> None:
    clip = write_clip(tmp_path, faults={1003: grey(0), 1005: lambda _: scene(1004)})
    made = Check(
        clip,
        QcLimits(),
        Wanted(QcExpected()),
        clip.frames,
        severities={FindingKind.FROZEN: Severity.ERROR},
        ignored=frozenset({FindingKind.BLACK}),
    )
    report = check_clip(made, measure_clip(clip, range(1001, 1013)))
    assert [(one.frame, one.severity) for one in report.findings] == [(1005, Severity.ERROR)]
    assert (report.errors, report.warnings, report.notes) == (1, 0, 0)


def test_what_was_measured_survives_the_way_through_json(tmp_path: Path) -> None:
    clip = write_clip(tmp_path, faults={1004: one_pixel(np.nan)})
    for one in measure_clip(clip, range(1001, 1013)):
        assert Measured.model_validate_json(one.canonical()) == one
