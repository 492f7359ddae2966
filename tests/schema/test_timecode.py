"""Timecode arithmetic; expected values from SMPTE ST 12-1 and from OpenTimelineIO."""

from __future__ import annotations

from fractions import Fraction

import pytest
from opentimelineio import opentime

from shotmill.schema.timecode import advance, check_timecode

NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("code", "frames", "rate", "expected"),
    [
        pytest.param("01:00:00:00", 13, Fraction(24), "01:00:00:13", id="within a second"),
        pytest.param("01:00:00:23", 1, Fraction(24), "01:00:01:00", id="24 fps counts to 23"),
        pytest.param("01:00:00:23", 1, Fraction(24000, 1001), "01:00:01:00", id="23.976 counts to 23"),
        pytest.param("00:00:59;29", 1, NTSC, "00:01:00;02", id="drop-frame leaves out two"),
        pytest.param("00:09:59;29", 1, NTSC, "00:10:00;00", id="not in the tenth minute"),
        pytest.param("00:00:59;59", 1, Fraction(60000, 1001), "00:01:00;04", id="59.94 leaves out four"),
        pytest.param("00:01:00;02", -1, NTSC, "00:00:59;29", id="backwards"),
        pytest.param("23:59:59:24", 1, Fraction(25), "00:00:00:00", id="midnight"),
        pytest.param("24:00:01:00", 1, Fraction(24), "00:00:01:01", id="a tape that ran on past midnight"),
        pytest.param("00:00:00:00", -1, Fraction(25), "23:59:59:24", id="before midnight"),
    ],
)
def test_the_code_some_frames_later(code: str, frames: int, rate: Fraction, expected: str) -> None:
    assert advance(code, frames, rate) == expected


def test_an_hour_of_drop_frame_agrees_with_opentimelineio() -> None:
    numbers = range(0, 107_892, 89)
    expected = [
        opentime.to_timecode(opentime.RationalTime(number, float(NTSC)), float(NTSC), drop_frame=True)
        for number in numbers
    ]
    assert [advance("00:00:00;00", number, NTSC) for number in numbers] == expected


@pytest.mark.parametrize(
    ("code", "rate", "reason"),
    [
        ("1:2:3:4", Fraction(24), "is not a timecode"),
        ("01:60:00:00", Fraction(24), "is not a timecode"),
        ("01:00:60:00", Fraction(24), "is not a timecode"),
        ("01:00:00:24", Fraction(24), "counts to 23"),
        ("01:00:00;00", Fraction(24), "is drop-frame"),
    ],
)
def test_a_code_that_the_rate_does_not_have_is_refused(code: str, rate: Fraction, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        advance(code, 0, rate)
    with pytest.raises(ValueError, match=reason):
        check_timecode(code, rate)


def test_hours_that_no_day_has_are_not_typed() -> None:
    check_timecode("23:59:59:23", Fraction(24))
    with pytest.raises(ValueError, match="a day, which ends at 23:59:59"):
        check_timecode("24:00:00:00", Fraction(24))
