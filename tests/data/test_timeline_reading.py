"""Timelines as frames: every trap of the formats, with expected frames worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from timelines import (
    BLACK,
    CURVE,
    FREEZE,
    MISSING,
    clip,
    dissolve,
    event,
    gap,
    movie,
    numbered,
    stack,
    time,
    timeline,
    track,
    warp,
    write,
)

from shotmill.pipeline.timeline import read_cut
from shotmill.schema.errors import InputMissingError, TimelineError
from shotmill.schema.media import Rate
from shotmill.schema.timeline import ClipDocument, CutDocument, Fade, LinkKind

pytestmark = pytest.mark.measured

Item = dict[str, Any]


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def of(*tracks: Item, **more: Any) -> CutDocument:
        return read_cut(write(tmp_path / "edit.otio", timeline(*tracks, **more)))

    return of


def edl(folder: Path, text: str, rate: str | None = "24", *, encoding: str = "utf-8") -> CutDocument:
    path = folder / "edit.edl"
    path.write_bytes(text.encode(encoding))
    return read_cut(path, rate=Rate.parse(rate) if rate else None)


def source(found: ClipDocument) -> tuple[int, int]:
    return found.source_in, found.source_out


def record(found: ClipDocument) -> tuple[int, int]:
    return found.record_in, found.record_out


def test_clips_follow_each_other_with_gaps_between(read: Any) -> None:
    cut = read(track(clip("a", (10, 20)), gap(5), clip("b", (0, 8))))
    assert [(one.name, record(one)) for one in cut.clips] == [("a", (0, 19)), ("b", (25, 32))]
    assert (cut.duration, cut.rate, cut.format) == (33, 24, "otio_json")


def test_the_start_timecode_is_the_first_record_frame(read: Any) -> None:
    assert read(track(clip()), start=time(86400)).start_frame == 86400  # 01:00:00:00 at 24 fps


def test_movies_count_from_zero_wherever_their_timecode_begins(read: Any) -> None:
    (found,) = read(track(clip(trim=(86410, 20), media=movie(available=(86400, 100))))).clips
    assert (source(found), found.available_in, found.available_out) == ((10, 29), 0, 99)


def test_a_movie_without_a_known_start_is_flagged(read: Any) -> None:
    (found,) = read(track(clip(trim=(86410, 20), media=movie(available=None)))).clips
    assert (source(found), found.flags) == ((86410, 86429), ("start-unknown",))


def test_image_sequences_keep_the_numbers_of_their_files(read: Any) -> None:
    (found,) = read(track(clip(trim=(5, 10), media=numbered("/plates", first=1001, available=(0, 48))))).clips
    assert (found.link, found.media, source(found)) == (LinkKind.SEQUENCE, "/plates/plate.####.exr", (1006, 1015))
    assert (found.available_in, found.available_out) == (1001, 1048)


def test_a_sequence_on_twos_counts_its_files(read: Any) -> None:
    media = numbered("/plates/", first=100, available=(0, 48), step=2)
    (found,) = read(track(clip(trim=(5, 3), media=media))).clips
    assert (source(found), found.step) == ((110, 114), 2)  # 100 + 5*2, then 112 and 114


@pytest.mark.parametrize(
    ("url", "media", "frames"),
    [
        pytest.param("/p/plate.[1001-1048].exr", "/p/plate.####.exr", (1006, 1015), id="range in brackets"),
        pytest.param("/p/plate.1001.exr", "/p/plate.####.exr", (1006, 1015), id="first file of several"),
        pytest.param("/p/plate.%04d.exr", "/p/plate.####.exr", (5, 14), id="printf"),
        pytest.param("/p/plate.#####.exr", "/p/plate.#####.exr", (5, 14), id="hashes"),
        pytest.param("file:///p/pl%20ate.%2304d.exr", "/p/pl ate.#04d.exr", (5, 14), id="escaped hash"),
        pytest.param("file:///p/take%231.mov", "/p/take#1.mov", (5, 14), id="hash in a movie's name"),
        pytest.param("/p/slate.png", "/p/slate.png", (5, 14), id="still"),
    ],
)
def test_media_addresses_become_paths(read: Any, url: str, media: str, frames: tuple[int, int]) -> None:
    (found,) = read(track(clip(trim=(5, 10), media=movie(url, (0, 48))))).clips
    assert (found.media, source(found)) == (media, frames)


def test_a_clip_without_a_range_uses_all_its_media(read: Any) -> None:
    (found,) = read(track(clip(trim=None, media=movie(available=(86400, 30))))).clips
    assert (source(found), record(found)) == ((0, 29), (0, 29))


def test_transitions_lengthen_what_is_needed_and_not_the_cut(read: Any) -> None:
    first, second = read(track(clip("a", (10, 20)), dissolve(4, 6), clip("b", (30, 20)))).clips
    assert (record(first), record(second)) == ((0, 19), (20, 39))
    assert (first.fade_out, first.tail, first.head) == (Fade("SMPTE_Dissolve", 4, 6), 6, 0)
    assert (second.fade_in, second.head, second.tail) == (Fade("SMPTE_Dissolve", 4, 6), 4, 0)


def test_nested_stacks_are_entered_and_trimmed(read: Any) -> None:
    inner = stack(track(clip("a", (0, 10)), clip("b", (100, 20))), name="scene", trim=(5, 15))
    first, second = read(track(gap(7), inner)).clips
    assert (first.path, source(first), record(first)) == (("scene",), (5, 9), (7, 11))
    assert (second.path, source(second), record(second)) == (("scene",), (100, 109), (12, 21))


def test_a_nested_stack_at_double_speed_shows_twice_the_frames(read: Any) -> None:
    inner = stack(track(clip("a", (0, 40))), name="fast", trim=(10, 10), effects=[warp(2)])
    (found,) = read(track(inner)).clips
    assert (source(found), record(found), found.speed) == ((10, 29), (0, 9), 2)


def test_what_a_nested_trim_hides_is_not_there(read: Any) -> None:
    inner = stack(track(clip("hidden", (0, 10)), clip("seen", (0, 10))), trim=(10, 10))
    assert [one.name for one in read(track(inner)).clips] == ["seen"]


@pytest.mark.parametrize(
    ("effect", "frames", "speed", "flags"),
    [
        pytest.param(warp(2), (10, 49), 2, (), id="twice as fast needs twice the frames"),
        pytest.param(warp(0.5), (10, 19), 0.5, (), id="half speed needs half"),
        pytest.param(warp(0.33), (10, 16), 0.33, (), id="a begun frame counts whole"),
        pytest.param(warp(-1), (10, 29), -1, ("reverse",), id="backwards"),
        pytest.param(FREEZE, (10, 10), 0, (), id="a freeze needs one"),
        pytest.param(CURVE, (10, 29), 1, ("retime-curve",), id="a curve is flagged"),
    ],
)
def test_retimes(read: Any, effect: Item, frames: tuple[int, int], speed: float, flags: tuple[str, ...]) -> None:
    (found,) = read(track(clip(trim=(10, 20), effects=[effect]))).clips
    assert (source(found), found.speed, found.flags) == (frames, speed, flags)
    assert record(found) == (0, 19)


def test_audio_generators_missing_media_and_disabled_clips_keep_their_kind(read: Any) -> None:
    pictures = track(clip("off", enabled=False), clip("bars", media=BLACK), clip("lost", media=MISSING))
    cut = read(pictures, track(clip("sound"), kind="Audio", name="A1"))
    assert [one.name for one in cut.clips] == ["off", "bars", "lost"]
    assert [one.enabled for one in cut.clips] == [False, True, True]
    assert [one.link for one in cut.clips] == [LinkKind.MOVIE, LinkKind.GENERATOR, LinkKind.MISSING]


def test_a_disabled_track_disables_its_clips(read: Any) -> None:
    assert not read(track(clip(), enabled=False)).clips[0].enabled


def test_tracks_are_ordered_by_record_frame_then_track(read: Any) -> None:
    cut = read(track(clip("low"), clip("later")), track(clip("high"), name=""))
    assert [(one.name, one.track) for one in cut.clips] == [("low", "V1"), ("high", "V2"), ("later", "V1")]


def test_ntsc_decimals_become_exact(read: Any) -> None:
    media = movie(available=(0, 100), rate=23.976)
    cut = read(track(clip(media=media, rate=23.976)), start=time(0, 23.976))
    assert (cut.rate, cut.clips[0].rate) == (Rate(24000, 1001), Rate(24000, 1001))
    assert (source(cut.clips[0]), record(cut.clips[0])) == ((10, 29), (0, 19))


def test_media_of_another_rate_than_the_cut_keeps_its_own(read: Any) -> None:
    fast = clip(trim=(10, 50), media=movie(available=(0, 500), rate=50), rate=50)
    cut = read(track(fast), start=time(0, 25))
    assert (source(cut.clips[0]), record(cut.clips[0]), cut.clips[0].rate) == ((10, 59), (0, 24), 50)


def test_names_lose_control_characters_and_length(read: Any) -> None:
    (found,) = read(track(clip("a\x07b\x1b[31m" + "x" * 500))).clips
    assert found.name.startswith("a_b_[31mx")
    assert len(found.name) == 256


def test_a_collection_gives_its_timeline_and_says_what_it_left(tmp_path: Path) -> None:
    both = [timeline(track(clip("a")), name="one"), timeline(track(clip("b")), name="two")]
    path = write(tmp_path / "bin.otio", {"OTIO_SCHEMA": "SerializableCollection.1", "name": "bin", "children": both})
    assert "took 'one', not 'two'" in read_cut(path).notes[0]
    assert read_cut(path, timeline="two").clips[0].name == "b"
    with pytest.raises(TimelineError, match="it holds 'one', 'two'"):
        read_cut(path, timeline="three")


def test_loose_clips_are_a_cut_too(tmp_path: Path) -> None:
    loose = {"OTIO_SCHEMA": "SerializableCollection.1", "name": "bin", "children": [clip("a"), clip("b")]}
    assert [one.record_in for one in read_cut(write(tmp_path / "bin.otio", loose)).clips] == [0, 20]


def test_a_clip_of_the_first_schema_is_read(tmp_path: Path) -> None:
    old = clip() | {"OTIO_SCHEMA": "Clip.1", "media_reference": movie("/p/old.mov")}
    del old["media_references"], old["active_media_reference_key"]
    assert read_cut(write(tmp_path / "old.otio", timeline(track(old)))).clips[0].media == "/p/old.mov"


RECORD = ("10:00:00:00", "10:00:02:00")
SOURCE = ("01:00:01:00", "01:00:03:00")


def test_an_edl_at_ten_hours_cuts_like_one_at_zero(tmp_path: Path) -> None:
    """Host fact 18: the record offset does not move the cut, which counts from 0."""
    late = edl(tmp_path, event(1, SOURCE, RECORD) + event(2, SOURCE, ("10:00:03:00", "10:00:05:00")))
    early = edl(
        tmp_path, event(1, SOURCE, ("00:00:00:00", "00:00:02:00")) + event(2, SOURCE, ("00:00:03:00", "00:00:05:00"))
    )
    assert [record(one) for one in late.clips] == [record(one) for one in early.clips] == [(0, 47), (72, 119)]
    assert (late.start_frame, early.start_frame) == (864000, 0)


def test_an_edl_without_a_rate_is_asked_for_one_that_fits(tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match="does not say its frame rate") as caught:
        edl(tmp_path, event(1, ("00:00:00:00", "00:00:00:24"), ("00:00:00:00", "00:00:00:24")), rate=None)
    assert caught.value.hint == "give it, here probably --rate 25"


@pytest.mark.parametrize(
    ("rate", "frames", "hint"),
    [
        pytest.param("24", "00:00:00:24", "--rate 25", id="25 read at 24"),
        pytest.param("25", "00:00:00:29", "--rate 30", id="30 read at 25"),
        pytest.param("30", "00:00:00;29", "--rate 29.97", id="drop-frame read at 30"),
        pytest.param("24", "00:00:00;47", "--rate 59.94", id="drop-frame of 60"),
    ],
)
def test_an_edl_of_another_rate_is_refused_with_a_suggestion(tmp_path: Path, rate: str, frames: str, hint: str) -> None:
    zero = frames.replace(frames[-2:], "00")
    with pytest.raises(TimelineError) as caught:
        edl(tmp_path, event(1, (zero, frames), (zero, frames)), rate=rate)
    assert caught.value.hint == hint


@pytest.mark.parametrize("rate", ["23.976", "24", "25", "29.97", "30", "50", "59.94", "60"])
def test_an_edl_reads_at_every_usual_rate(tmp_path: Path, rate: str) -> None:
    """Host fact 17, as all of this file: each shape that editors write gives its clips, or an error that names why."""
    (found,) = edl(tmp_path, event(1, ("00:00:01:00", "00:00:02:12"), ("00:00:00:00", "00:00:01:12")), rate=rate).clips
    base = -(-Rate.parse(rate).numerator // Rate.parse(rate).denominator)
    assert (source(found), found.rate) == ((base, 2 * base + 11), Rate.parse(rate))


def test_drop_frame_timecode_counts_real_frames(tmp_path: Path) -> None:
    tape = ("00:00:59;28", "00:01:00;04")  # 28, 29, then :02 and :03: SMPTE ST 12-1 leaves out :00 and :01
    (found,) = edl(tmp_path, event(1, tape, ("00:00:00;00", "00:00:00;04")), rate="29.97").clips
    assert source(found) == (1798, 1801)


def test_names_reels_locators_and_black_of_an_edl(tmp_path: Path) -> None:
    text = (
        event(1, SOURCE, RECORD)
        + "* FROM CLIP NAME: sq010_sh010\n* LOC: 10:00:00:10 RED     sq010_sh015\n"
        + event(2, ("00:00:00:00", "00:00:01:00"), ("10:00:02:00", "10:00:03:00"), reel="BL")
        + event(3, SOURCE, ("10:00:03:00", "10:00:05:00"), reel="A1", kind="A")
    )
    named, black = edl(tmp_path, text).clips
    assert (named.name, named.reel, named.marks) == ("sq010_sh010", "A001", ("sq010_sh015",))
    assert black.link is LinkKind.GENERATOR


def test_a_speed_that_contradicts_its_ranges_is_told(tmp_path: Path) -> None:
    cut = edl(tmp_path, event(1, SOURCE, RECORD) + "M2   A001       048.0                01:00:01:00\n")
    assert "speed changes (M2) contradict" in cut.notes[0]


def test_a_speed_change_of_an_edl_is_followed(tmp_path: Path) -> None:
    text = event(1, ("01:00:01:00", "01:00:05:00"), RECORD) + "M2   A001       048.0                01:00:01:00\n"
    (found,) = edl(tmp_path, text).clips
    assert (found.speed, record(found), found.source_out - found.source_in + 1) == (2, (0, 47), 96)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1"])
def test_byte_order_marks_line_ends_and_old_encodings_do_not_matter(tmp_path: Path, encoding: str) -> None:
    text = ("TITLE: Schnitt für heute\n" + event(1, SOURCE, RECORD)).replace("\n", "\r\n")
    assert len(edl(tmp_path, text, encoding=encoding).clips) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("TITLE: nothing\n", "no event", id="no event"),
        pytest.param(" \n", "is empty", id="blank"),
        pytest.param(event(1, SOURCE, RECORD) + event(2, SOURCE, RECORD), "Overlapping", id="overlap"),
        pytest.param(event(1, SOURCE, ("10:00:00:00", "10:00:01:00")), "don't match", id="lengths differ"),
        pytest.param("001  A001 V     D    012\n", "gave up", id="half a dissolve"),
    ],
)
def test_an_edl_that_makes_no_sense_says_why(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(TimelineError, match=says):
        edl(tmp_path, text)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        pytest.param(timeline(), "no video clip|no clip", id="no tracks"),
        pytest.param(timeline(track(gap(10))), "no video clip", id="only a gap"),
        pytest.param(timeline(track(clip(trim=(0, 2e9)))), "make no sense", id="longer than a year"),
        pytest.param(timeline(track(clip(rate=0))), "make no sense", id="rate zero"),
        pytest.param(timeline(track(clip(effects=[warp(1e9)]))), "make no sense", id="absurd speed"),
        pytest.param({"OTIO_SCHEMA": "Clip.99"}, "newer OpenTimelineIO", id="newer schema"),
        pytest.param({"name": "no schema"}, "not a timeline|no OpenTimelineIO", id="no schema"),
        pytest.param(gap(4), "not a timeline", id="a bare gap"),
    ],
)
def test_an_otio_file_that_makes_no_sense_says_why(tmp_path: Path, document: Item, says: str) -> None:
    with pytest.raises(TimelineError, match=says):
        read_cut(write(tmp_path / "edit.otio", document))


def test_a_suffix_that_nobody_knows_lists_those_that_work(tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match=r"known: \.otio, \.edl, \.xml, \.fcpxml, \.aaf"):
        read_cut(tmp_path / "edit.prproj")


def test_a_file_that_is_not_there_is_missing_and_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="No such file"):
        read_cut(tmp_path / "edit.otio")
    (tmp_path / "dir.otio").mkdir()
    with pytest.raises(TimelineError, match="not a file"):
        read_cut(tmp_path / "dir.otio")
