"""Final Cut Pro X: every frame where its document says, which its reader alone does not give."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from shotmill.pipeline.timeline import read_cut
from shotmill.pipeline.timeline_fcpx import counted_fcpx
from shotmill.schema.errors import TimelineError
from shotmill.schema.media import Rate
from shotmill.schema.timeline import ClipDocument, CutDocument, LinkKind

NTSC = [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)]
RATES = [*NTSC, Fraction(24), Fraction(25), Fraction(30), Fraction(50), Fraction(60)]
PAL = Fraction(25)


def at(frame: int, rate: Fraction = PAL) -> str:
    """A time as Final Cut writes it: whole frames over the rate's own numerator."""
    return f"{frame * rate.denominator}/{rate.numerator}s" if frame else "0s"


def clip(name: str, offset: int, start: int, count: int, inside: str = "", *, rate: Fraction = PAL) -> str:
    times = f'offset="{at(offset, rate)}" start="{at(start, rate)}" duration="{at(count, rate)}"'
    return f'<asset-clip ref="a" name="{name}" {times}>{inside}</asset-clip>'


def connected(text: str, lane: int, ref: str = "a") -> str:
    """A clip that hangs on another one."""
    return text.replace('ref="a"', f'ref="{ref}" lane="{lane}"', 1)


def project(spine: str, name: str = "cut", start: int = 0, *, rate: Fraction = PAL, form: str = "NDF") -> str:
    attributes = f'format="r1" tcStart="{at(start, rate)}" tcFormat="{form}"'
    return f'<project name="{name}"><sequence {attributes}><spine>{spine}</spine></sequence></project>'


def written(folder: Path, projects: str, resources: str = "", *, rate: Fraction = PAL) -> Path:
    """A document with one movie of an hour, whose timecode begins at ten hours."""
    path = folder / "cut.fcpxml"
    ten_hours = round(rate) * 36_000
    path.write_text(f"""<?xml version="1.0" encoding="UTF-8"?>
<fcpxml version="1.10"><resources>
<format id="r1" name="FFVideoFormat1080p" frameDuration="{at(1, rate)}" width="1920" height="1080"/>
<format id="still" name="FFVideoFormatRateUndefined" width="1920" height="1080"/>
<asset id="a" name="A001" start="{at(ten_hours, rate)}" duration="{at(90_000, rate)}" hasVideo="1" format="r1">
<media-rep kind="proxy-media" src="file:///proxy/A001.mov"/>
<media-rep kind="original-media" src="file:///media/A001.mov"/></asset>
<asset id="music" name="M" src="file:///m.wav" start="0s" duration="60s" hasAudio="1"/>
{resources}</resources><library><event name="day one">{projects}</event></library></fcpxml>""")
    return path


def read(folder: Path, projects: str, resources: str = "", *, rate: Fraction = PAL) -> CutDocument:
    return read_cut(written(folder, projects, resources, rate=rate))


def record(found: ClipDocument) -> tuple[int, int]:
    return found.record_in, found.record_out


def source(found: ClipDocument) -> tuple[int, int]:
    return found.source_in, found.source_out


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.5g}")
def test_each_frame_of_a_cut_of_every_length_is_counted(tmp_path: Path, rate: Fraction) -> None:
    """Clips of 1 to 125 frames, one behind the other, from an hour on: among them those that a reader lost."""
    hour, ten, places, spine = round(rate) * 3600, round(rate) * 36_000, [], ""
    begins = 0
    for count in range(1, 126):
        spine += clip(f"s{count}", hour + begins, ten + 3 * count, count, rate=rate)
        places.append(((begins, begins + count - 1), (3 * count, 4 * count - 1)))
        begins += count
    found = read(tmp_path, project(spine, start=hour, rate=rate), rate=rate)
    assert (found.rate, found.start_frame, found.duration) == (Rate(rate.numerator, rate.denominator), hour, begins)
    assert [(record(one), source(one)) for one in found.clips] == places


def test_a_bundle_of_final_cut_is_refused_and_its_document_named(tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match=r"\.fcpxmld is no timeline") as refused:
        read_cut(tmp_path / "cut.fcpxmld")
    assert refused.value.hint == f"give {tmp_path / 'cut.fcpxmld/Info.fcpxml'}"


def test_the_original_file_is_named_not_its_proxy(tmp_path: Path) -> None:
    [found] = read(tmp_path, project(clip("sh010", 0, 900_000, 10))).clips
    assert (found.link, found.media, found.available_out) == (LinkKind.MOVIE, "/media/A001.mov", 89_999)


@pytest.mark.parametrize(("form", "drops"), [("DF", True), ("NDF", False)])
def test_drop_frame_is_what_the_sequence_says(tmp_path: Path, form: str, drops: bool) -> None:
    """01:00:00;00 is frame 107892 of 29.97."""
    rate = NTSC[1]
    spine = clip("sh010", 107_892, 1_080_000, 30, rate=rate)
    found = read(tmp_path, project(spine, start=107_892, rate=rate, form=form), rate=rate)
    assert (found.start_frame, found.drop_frame) == (107_892, drops)


def test_connected_clips_and_storylines_hang_on_the_clip_that_they_are_in(tmp_path: Path) -> None:
    """By hand, at 25: both hang on the second clip, which shows 900100 on from frame 50 of the cut."""
    over = connected(clip("over", 900_110, 900_000, 5), lane=1)
    story = clip("first", 0, 900_000, 4) + clip("second", 4, 900_200, 6)
    storyline = f'<spine lane="2" offset="{at(900_120)}">{story}</spine>'
    spine = clip("one", 90_000, 900_000, 50) + clip("two", 90_050, 900_100, 40, over + storyline)
    found = {one.name: one for one in read(tmp_path, project(spine, start=90_000)).clips}
    assert {name: record(one) for name, one in found.items()} == {
        "one": (0, 49),
        "two": (50, 89),
        "over": (60, 64),
        "first": (70, 73),
        "second": (74, 79),
    }
    assert source(found["two"]) == (100, 139)


def test_what_hangs_on_connected_clips_and_in_storylines_is_placed(tmp_path: Path) -> None:
    """By hand, at 25: all of it hangs on the second clip, which shows 900000 on from frame 50 of the cut."""
    deep = connected(clip("deep", 900_103, 900_000, 4), lane=1)
    over = connected(clip("over", 900_010, 900_100, 10, deep), lane=1)
    late = connected(clip("late", 900_203, 900_000, 3), lane=1)
    story = clip("first", 0, 900_100, 4) + clip("second", 4, 900_200, 6, late)
    storyline = f'<spine lane="3" offset="{at(900_025)}">{story}</spine>'
    spine = clip("one", 0, 900_000, 50) + clip("two", 50, 900_000, 40, over + storyline)
    found = {one.name: (one.track, *record(one)) for one in read(tmp_path, project(spine)).clips}
    assert found == {
        "one": ("0", 0, 49),
        "two": ("0", 50, 89),
        "over": ("1", 60, 69),
        "deep": ("2", 63, 66),
        "first": ("3", 75, 78),
        "second": ("3", 79, 84),
        "late": ("4", 82, 84),
    }


def test_connected_clips_above_each_other_keep_their_place(tmp_path: Path) -> None:
    long = connected(clip("long", 900_010, 900_000, 60), lane=1)
    short = connected(clip("short", 900_005, 900_000, 5), lane=1)
    below = connected(clip("below", 900_000, 900_000, 9), lane=-1)
    spine = clip("one", 0, 900_000, 50, long + below + below) + clip("two", 50, 900_000, 40, short)
    found = read(tmp_path, project(spine)).clips
    assert [(one.name, one.track, record(one)) for one in found if one.track != "0"] == [
        ("below", "-1", (0, 8)),
        ("below", "-2", (0, 8)),
        ("long", "1", (10, 69)),
        ("short", "2", (55, 59)),
    ]


def test_clips_without_a_place_of_their_own_follow_each_other(tmp_path: Path) -> None:
    times = f'start="{at(900_000)}" duration="{at(5)}"'
    spine = f'<asset-clip ref="a" name="one" {times}/><gap {times}/><asset-clip ref="a" name="two" {times}/>'
    assert [record(one) for one in read(tmp_path, project(spine, start=90_000)).clips] == [(0, 4), (10, 14)]


def test_a_clip_before_its_sequence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match="clip 'sh010' begins before its sequence does"):
        read(tmp_path, project(clip("sh010", 0, 900_000, 10), start=90_000))


def test_a_disabled_clip_is_known_as_disabled(tmp_path: Path) -> None:
    off = clip("off", 10, 900_000, 10).replace("<asset-clip", '<asset-clip enabled="0"')
    marked = clip("on", 0, 900_000, 10, f'<marker start="{at(900_003)}" duration="{at(1)}" value="fix"/>')
    inner = project(clip("in", 0, 900_000, 100)).partition('name="cut">')[2].removesuffix("</project>")
    ref = f'<ref-clip ref="m" enabled="0" name="c" offset="{at(20)}" duration="{at(5)}"/>'
    found = read(tmp_path, project(marked + off + ref), f'<media id="m">{inner}</media>').clips
    assert [(one.name, one.enabled, one.marks) for one in found] == [
        ("on", True, ("fix",)),
        ("off", False, ()),
        ("in", False, ()),
    ]


def test_markers_of_a_connected_clip_are_its_own(tmp_path: Path) -> None:
    mark = f'<marker start="{at(900_003)}" duration="{at(1)}" value="fix"/>'
    over = connected(clip("over", 900_000, 900_000, 5, mark), lane=1)
    found = read(tmp_path, project(clip("sh010", 0, 900_000, 10, over))).clips
    assert {one.name: one.marks for one in found} == {"sh010": (), "over": ("fix",)}


def test_a_clip_without_a_length_is_as_long_as_its_media(tmp_path: Path) -> None:
    spine = f'<asset-clip ref="a" name="sh010" offset="0s" start="{at(900_000)}"/>'
    assert [record(one) for one in read(tmp_path, project(spine)).clips] == [(0, 89_999)]


def test_a_clip_shows_what_its_picture_says(tmp_path: Path) -> None:
    """Its own time 10 is time 10 of the picture in it, which begins with the media's first frame."""
    picture = f'<video ref="a" offset="0s" start="{at(900_000)}" duration="{at(500)}"/>'
    spine = f'<clip name="sh010" offset="0s" start="{at(10)}" duration="{at(20)}">{picture}</clip>'
    [found] = read(tmp_path, project(spine)).clips
    assert (found.name, source(found), record(found)) == ("sh010", (10, 29), (0, 19))


def test_a_composed_clip_is_left_out_and_told(tmp_path: Path) -> None:
    parts = f"<spine>{clip('x', 0, 900_000, 10)}{clip('y', 10, 900_100, 30)}</spine>"
    times = f'offset="{at(5)}" start="{at(2)}" duration="{at(20)}"'
    found = read(tmp_path, project(clip("one", 0, 900_000, 5) + f'<clip name="c" {times}>{parts}</clip>' * 2))
    assert ([one.name for one in found.clips], found.notes) == (["one"], ("2 composed clips left out",))


def test_media_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match="clip 'sh010' shows 'r9', which is not among its resources"):
        read(tmp_path, project(clip("sh010", 0, 900_000, 4).replace('ref="a"', 'ref="r9"')))


def test_a_gap_leaves_its_place_free(tmp_path: Path) -> None:
    spine = clip("one", 0, 900_000, 29) + f'<gap offset="{at(29)}" duration="{at(29)}"/>' + clip("two", 58, 900_000, 7)
    assert [record(one) for one in read(tmp_path, project(spine)).clips] == [(0, 28), (58, 64)]


def test_a_compound_clip_is_entered_where_its_own_timecode_says(tmp_path: Path) -> None:
    inner = clip("in", 90_000, 900_000, 100)
    media = f'<media id="m"><sequence format="r1" tcStart="{at(90_000)}"><spine>{inner}</spine></sequence></media>'
    ref = f'<ref-clip ref="m" name="c" offset="{at(10)}" start="{at(90_029)}" duration="{at(29)}"/>'
    [_before, found] = read(tmp_path, project(clip("one", 0, 900_000, 10) + ref), media).clips
    assert (found.name, record(found), source(found)) == ("in", (10, 38), (29, 57))


def test_what_hangs_on_a_compound_clip_counts_in_its_timecode(tmp_path: Path) -> None:
    """By hand, at 25: the compound clip shows its frame 90029 on from frame 10 of the cut."""
    inner = clip("in", 90_000, 900_000, 100)
    media = f'<media id="m"><sequence format="r1" tcStart="{at(90_000)}"><spine>{inner}</spine></sequence></media>'
    over = connected(clip("over", 90_040, 900_000, 5), lane=1)
    storyline = f'<spine lane="2" offset="{at(90_050)}">{clip("story", 0, 900_000, 4)}</spine>'
    times = f'offset="{at(10)}" start="{at(90_029)}" duration="{at(29)}"'
    ref = f'<ref-clip ref="m" name="c" {times}>{over}{storyline}</ref-clip>'
    found = read(tmp_path, project(clip("one", 0, 900_000, 10) + ref), media).clips
    assert {one.name: record(one) for one in found} == {
        "one": (0, 9),
        "in": (10, 38),
        "over": (21, 25),
        "story": (31, 34),
    }


def test_sound_is_no_shot(tmp_path: Path) -> None:
    music = connected(clip("music", 900_000, 0, 10), lane=-1, ref="music")
    times = f'offset="{at(29)}" start="{at(900_000)}" duration="{at(10)}"'
    split = f'<clip name="sh020" {times}><video ref="a"><audio ref="a"/></video></clip>'
    spine = clip("sh010", 0, 900_000, 29, music) + split + clip("sh030", 39, 900_000, 5)
    found = read(tmp_path, project(spine))
    assert [(one.name, record(one)) for one in found.clips] == [
        ("sh010", (0, 28)),
        ("sh020", (29, 38)),
        ("sh030", (39, 43)),
    ]
    assert found.notes == ()


def test_what_cannot_be_followed_is_told(tmp_path: Path) -> None:
    speed = f'<timeMap><timept time="0s" value="0s"/><timept time="{at(10)}" value="{at(20)}"/></timeMap>'
    kinds = "".join(
        f'<{kind} offset="{at(60)}" duration="{at(5)}"/>' for kind in ("mc-clip", "mc-clip", "sync-clip", "title")
    )
    generator = f'<video ref="effect" offset="{at(80)}" duration="{at(5)}"/>'
    dissolve = f'<transition name="Cross Dissolve" offset="{at(5)}" duration="{at(10)}"/>'
    spine = clip("sh010", 0, 900_000, 10, speed) + dissolve + kinds + generator
    found = read(tmp_path, project(spine), '<effect id="effect" name="Noise"/>')
    assert [one.name for one in found.clips] == ["sh010"]
    assert found.notes == (
        "2 multicam clips left out",
        "1 synchronized clip left out",
        "1 title left out",
        "1 generator left out",
        "1 clip with another speed, which is not followed",
        "1 transition, which is not followed",
    )


def test_what_an_event_holds_beside_its_project_is_no_part_of_it(tmp_path: Path) -> None:
    other = '<format id="r2" frameDuration="1001/24000s"/><asset id="b" src="file:///b.mov" hasVideo="1" format="r2"/>'
    beside = '<sync-clip name="s" duration="10s"/><asset-clip ref="b" name="rushes"><timeMap/></asset-clip>'
    found = read(tmp_path, project(clip("sh010", 0, 900_000, 10)) + beside, other)
    assert ([one.name for one in found.clips], found.rate, found.notes) == (["sh010"], Rate(25), ())


@pytest.mark.parametrize("kind", ["mc-clip", "sync-clip", "title", "video"])
def test_what_hangs_on_a_clip_that_is_left_out_stays(tmp_path: Path, kind: str) -> None:
    over = connected(clip("over", 900_029, 900_000, 5), lane=1)
    inside = f"<spine>{clip('inside', 0, 900_000, 10)}</spine>{over}"
    times = f'offset="{at(10)}" start="{at(900_000)}" duration="{at(50)}"'
    held = f'<{kind} ref="effect" {times}>{inside}</{kind}>'
    spine = clip("one", 0, 900_000, 10) + held + clip("two", 60, 900_000, 5)
    found = read(tmp_path, project(spine), '<effect id="effect" name="Noise"/>')
    assert {one.name: record(one) for one in found.clips} == {"one": (0, 9), "over": (39, 43), "two": (60, 64)}
    assert len(found.notes) == 1


def test_of_an_audition_the_chosen_clip_counts(tmp_path: Path) -> None:
    spine = f"<audition>{clip('chosen', 0, 900_000, 10)}{clip('spare', 0, 900_000, 12)}</audition>"
    assert [one.name for one in read(tmp_path, project(spine + clip("next", 10, 900_000, 5))).clips] == [
        "chosen",
        "next",
    ]


def test_an_audition_lies_where_it_says_and_its_clips_do_not(tmp_path: Path) -> None:
    """As Final Cut writes it: the audition has the lane and the offset."""
    chosen = clip("chosen", 0, 900_000, 4).replace('offset="0s" ', "")
    over = f'<audition lane="1" offset="{at(900_005)}">{chosen}{chosen}</audition>'
    spine = clip("one", 0, 900_000, 20, over) + clip("two", 20, 900_000, 5)
    found = read(tmp_path, project(spine)).clips
    assert {one.name: (one.track, *record(one)) for one in found} == {
        "one": ("0", 0, 19),
        "chosen": ("1", 5, 8),
        "two": ("0", 20, 24),
    }


def test_a_still_lies_in_the_cut_as_long_as_it_is_shown(tmp_path: Path) -> None:
    still = '<asset id="s" name="S" src="file:///art/card.png" start="0s" duration="0s" hasVideo="1" format="still"/>'
    video = f'<video ref="s" name="card" offset="{at(0)}" start="{at(90_000)}" duration="{at(29)}"/>'
    [card, _next] = read(tmp_path, project(video + clip("sh010", 29, 900_000, 5)), still).clips
    assert (card.link, card.media, record(card)) == (LinkKind.STILL, "/art/card.png", (0, 28))


def test_projects_of_all_events_are_found_by_name(tmp_path: Path) -> None:
    first, second = (
        project(clip("a", 0, 900_000, 5), "reel 1"),
        project(clip("b", 100, 900_000, 7), "reel 2", start=100),
    )
    path = written(tmp_path, f'{first}</event><event name="day two">{second}')
    found = read_cut(path, timeline="reel 2")
    assert (found.name, found.start_frame, found.clips[0].name, found.duration) == ("reel 2", 100, "b", 7)
    assert read_cut(path).notes == ("the file holds 2 timelines; took 'reel 1', not 'reel 2'",)


@pytest.mark.parametrize(
    ("given", "put", "says"),
    [
        ('duration="4/25s"', 'duration="four"', "'four' is no time in seconds"),
        ('duration="4/25s"', 'duration="4/0s"', "a time in it is none"),
        ('duration="4/25s"', 'duration="1e999999999s"', "'1e999999999s' is no time in seconds"),
        (f'frameDuration="{at(1)}"', "", "it says no frame rate"),
        (f'frameDuration="{at(1)}"', 'frameDuration="0s"', "a time in it is none"),
    ],
)
def test_times_that_are_none_are_refused(tmp_path: Path, given: str, put: str, says: str) -> None:
    path = written(tmp_path, project(clip("sh010", 0, 900_000, 4)))
    path.write_text(path.read_text().replace(given, put))
    with pytest.raises(TimelineError, match=says):
        read_cut(path)


def test_mixed_rates_are_refused_by_name(tmp_path: Path) -> None:
    other = '<format id="r2" frameDuration="1001/24000s"/><asset id="b" src="file:///b.mov" hasVideo="1" format="r2"/>'
    with pytest.raises(TimelineError, match=r"mixes frame rates \(23\.976, 25\)") as refused:
        read(tmp_path, project(clip("sh010", 0, 900_000, 4) + clip("b", 4, 0, 4).replace('"a"', '"b"')), other)
    assert refused.value.hint == "export an .otio or an .edl"


def test_a_sequence_that_says_no_rate_does_not_have_that_of_its_clips(tmp_path: Path) -> None:
    named = '<format id="r3" name="FFVideoFormat1080p24" width="1920" height="1080"/>'
    with pytest.raises(TimelineError, match="it says no frame rate"):
        read(tmp_path, project(clip("sh010", 0, 900_000, 4)).replace('format="r1"', 'format="r3"'), named)


def test_a_document_without_projects_is_still_counted() -> None:
    bare = '<fcpxml><resources><format id="r1" frameDuration="1/25s"/><asset id="a" format="r1"/></resources></fcpxml>'
    found = counted_fcpx(bare.encode())
    assert (found.starts, found.rate) == ((), Fraction(25))
