"""What is different between two cuts, on small cuts whose answers were counted by hand."""

from __future__ import annotations

import bisect
import itertools
from typing import Any

import pytest
from cut_sides import HEAD, change_of, cut, shots, use
from hypothesis import given
from hypothesis import strategies as st

from shotmill.pipeline.cutdiff import compare
from shotmill.pipeline.cutdiff import order as order_module
from shotmill.pipeline.cutdiff.order import longest_ascent
from shotmill.pipeline.cutdiff.words import needs, rows, verdict, what
from shotmill.schema.cutdiff import Change, CutUse


def kinds(change: Any) -> list[str]:
    return [str(one) for one in change.changes]


def test_a_cut_and_itself_are_the_same() -> None:
    found = compare(cut(*shots("abc")), cut(*shots("abc")))
    assert (found.same, found.counts, found.unchanged, found.changes) == (True, {}, 3, ())
    assert verdict(found) == "no difference: 3 clips as before"


def test_one_shot_at_the_head_of_3000_shifts_them_all_and_moves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Host fact 19; n binary searches, each over no more than n piles, are all that the order costs."""
    searches: list[int] = []

    def counted(piles: list[int], value: int) -> int:
        searches.append(len(piles))
        return bisect.bisect_right(piles, value)

    monkeypatch.setattr(order_module, "bisect_right", counted)
    names = [f"sh{number:05d}" for number in range(3000)]
    found = compare(cut(*shots(names)), cut(use("new"), *shots(names)))
    assert found.counts == {"added": 1, "shifted": 3000}
    assert {change.shift for change in found.changes if change.old} == {24}
    assert len(searches) == 3000
    assert max(searches) < 3000


def test_the_source_frames_say_what_a_trim_won_or_lost() -> None:
    old = cut(use("a"), use("b"), use("c"))
    new = cut(use("a", HEAD - 4), use("b", HEAD, HEAD + 17), use("c", HEAD + 2, HEAD + 30))
    found = compare(old, new)
    assert [(one.head, one.tail, one.slip) for one in found.changes] == [(4, 0, 0), (0, -6, 0), (-2, 7, 0)]
    assert change_of(found, "c").shift == 4 - 6


def test_a_head_that_is_four_longer_asks_for_those_four_frames() -> None:
    """Host fact 19: as many with handles, which lie before them."""
    old, new = cut(use("a")), cut(use("a", HEAD - 4))
    [plain] = compare(old, new).changes
    assert (str(plain.needs.head), plain.needs.tail, plain.needs.whole) == ("96-99", None, None)
    [handled] = compare(old, new, handles=8).changes
    assert (str(handled.needs.head), handled.needs.tail) == ("88-91", None)


def test_handles_end_where_the_media_does() -> None:
    [found] = compare(cut(use("a", available_in=98)), cut(use("a", HEAD - 1, available_in=98)), handles=8).changes
    assert found.needs.head is None  # 98 and 99 were handles before
    assert needs(found.needs) == "nothing"  # the middle one, 111, is still in the middle


def test_a_slip_keeps_the_length_and_shows_other_frames() -> None:
    [found] = compare(cut(use("a")), cut(use("a", HEAD + 5, HEAD + 28))).changes
    assert (kinds(found), found.slip, found.head, found.tail) == (["slipped"], 5, 0, 0)
    assert (str(found.needs.tail), found.needs.lost) == ("124-128", 5)


def test_a_slip_to_where_nothing_was_seen_needs_all_frames() -> None:
    [found] = compare(cut(use("a")), cut(use("a", HEAD + 500, HEAD + 523))).changes
    assert str(found.needs.whole) == "600-623"


def test_one_clip_put_elsewhere_is_the_only_one_that_moved() -> None:
    found = compare(cut(*shots("abcdef")), cut(*shots("aebcdf")))
    assert [one.shot for one in found.changes if Change.MOVED in one.changes] == ["sq010/e"]
    assert found.counts == {"moved": 1, "shifted": 3}
    assert change_of(found, "e").needs.is_nothing


def test_shots_come_go_and_come_back() -> None:
    found = compare(cut(*shots("abc")), cut(*shots("acde")), earlier={"sq010/d"})
    assert {one.shot[-1]: kinds(one)[0] for one in found.changes} == {
        "b": "removed", "c": "shifted", "d": "reinstated", "e": "added",
    }  # fmt: skip
    assert change_of(found, "b").needs.is_nothing
    assert str(change_of(found, "d").needs.whole) == f"{HEAD}-{HEAD + 23}"


@pytest.mark.parametrize(
    ("new", "change", "said"),
    [
        pytest.param(use("a", media="/plates/a_v002.mov", version="2"), "version", "v1 -> v2", id="version"),
        pytest.param(
            use("a", media="/other/a.mov", version=""), "media", "other media: a_v001.mov -> a.mov", id="media"
        ),
        pytest.param(use("a", speed=2.0), "retimed", "speed 1 -> 2", id="speed"),
        pytest.param(use("a", flags=("retime-curve",)), "retimed", "speed 1 -> 1", id="curve"),
        pytest.param(use("a", enabled=False, use=""), "disabled", "is off", id="off"),
        pytest.param(use("a", rate=25), "rate", "media at 25 fps, was 24", id="rate of the media"),
    ],
)
def test_a_clip_in_its_place_may_be_another(new: CutUse, change: str, said: str) -> None:
    [found] = compare(cut(use("a")), cut(new)).changes
    assert (kinds(found), what(found)) == ([change], said)


def test_a_version_asks_for_all_frames_and_a_retime_for_none() -> None:
    [version] = compare(cut(use("a")), cut(use("a", media="/plates/a_v002.mov", version="2"))).changes
    assert needs(version.needs) == "thumbnail, all frames 100-123"
    [retime] = compare(cut(use("a")), cut(use("a", speed=2.0))).changes
    assert needs(retime.needs) == "nothing"


def test_a_cut_that_names_no_media_does_not_say_that_it_changed() -> None:
    assert compare(cut(use("a")), cut(use("a", media="", version=""))).same


def test_a_track_counts_where_there_are_several() -> None:
    old = cut(use("a"), use("b", track="V2"))
    assert kinds(compare(old, cut(use("a", track="V2"), use("b", track="V2"))).changes[0]) == ["track"]
    assert compare(cut(use("a")), cut(use("a", track="Video 1"))).same


def test_a_use_that_leaves_does_not_change_the_other_uses_of_its_shot() -> None:
    old = cut(use("a", 100, 110), use("b"), use("a", 150, 160), use("a", 200, 210))
    new = cut(use("b"), use("a", 150, 160), use("a", 196, 210))
    found = compare(old, new)
    assert found.counts == {"removed": 1, "shifted": 3, "head": 1}
    assert [one.head for one in found.changes if Change.HEAD in one.changes] == [4]


def test_shots_are_told_apart_without_regard_to_capitals_and_clips_without_shots_by_media() -> None:
    plain = {"shot": "", "use": ""}
    old = cut(use("a"), use("x").model_copy(update=plain), use("y", media="").model_copy(update=plain))
    new = cut(
        use("a").model_copy(update={"shot": "SQ010/A"}),
        use("z", media="/plates/x_v001.mov").model_copy(update=plain),
        use("y", HEAD + 1, media="").model_copy(update=plain),
    )
    found = compare(old, new)
    assert [(one.clip, kinds(one)) for one in found.changes] == [("y", ["head"])]


def test_another_rate_of_the_cut_is_compared_in_time() -> None:
    found = compare(cut(use("a"), use("b")), cut(use("a"), use("b", record_out=24), rate=25))
    assert change_of(found, "b").shift == -1  # began after 24 frames of 1/24 s: at 25
    assert "the cut's rate is 25 now, and was 24" in found.notes[0]


def test_clips_that_are_shifted_alike_are_one_row() -> None:
    found = compare(cut(*shots("abc")), cut(use("new"), *shots("abc")))
    assert [row[:3] for row in rows(found)] == [
        ["added", "sq010/new", "24 frames at 0, source 100-123"],
        ["shifted", "sq010/a .. sq010/c", "3 clips, each 24 frames later"],
    ]


@given(st.lists(st.integers(0, 30), max_size=9))
def test_the_longest_ascent_is_as_long_as_trying_all_finds(values: list[int]) -> None:
    found = longest_ascent(values)
    assert [values[place] for place in found] == sorted(values[place] for place in found)
    assert found == sorted(set(found))
    longest = max(
        (
            bits.bit_count()
            for bits in range(1 << len(values))
            if _rises([value for place, value in enumerate(values) if bits >> place & 1])
        ),
        default=0,
    )
    assert len(found) == longest


def _rises(values: list[int]) -> bool:
    return all(one <= other for one, other in itertools.pairwise(values))


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)))
def test_what_is_left_of_any_change_is_accounted_for(order: list[int], gone: set[int]) -> None:
    """Each clip is in exactly one place: as before, changed, come or gone; and there and back are mirror images."""
    old = cut(*shots(f"s{number}" for number in range(12)))
    new = cut(*shots([f"s{number}" for number in order if number not in gone] + ["t"]))
    there, back = compare(old, new), compare(new, old)
    assert there.unchanged + len(there.changes) == len(old.uses) + 1
    assert there.counts.get("removed", 0) == back.counts.get("added", 0) == len(gone)
    assert (there.counts.get("added"), back.counts.get("removed")) == (1, 1)
    assert there.counts.get("moved", 0) == back.counts.get("moved", 0)
