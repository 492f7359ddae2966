"""Standings in review: only legal moves, whatever the order in which they are tried."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shotmill.schema.errors import IllegalTransitionError
from shotmill.schema.states import REVIEW_MOVES, ReviewState, can_review, check_review


def test_every_standing_has_a_row_in_the_table() -> None:
    assert set(REVIEW_MOVES) == set(ReviewState)


def test_every_standing_can_be_reopened() -> None:
    assert all(can_review(old, ReviewState.PENDING) for old in ReviewState)


def test_what_is_omitted_is_judged_only_after_it_was_reopened() -> None:
    assert REVIEW_MOVES[ReviewState.OMITTED] == {ReviewState.PENDING}


def test_what_is_approved_is_not_omitted_by_a_slip() -> None:
    with pytest.raises(IllegalTransitionError, match="from approved it may become pending, rejected"):
        check_review(ReviewState.APPROVED, ReviewState.OMITTED, what="comp@v001")


@given(st.lists(st.sampled_from(list(ReviewState))))
def test_no_row_of_moves_leads_where_the_table_does_not(wanted: list[ReviewState]) -> None:
    now = ReviewState.PENDING
    for new in wanted:
        legal = new is now or new in REVIEW_MOVES[now]
        try:
            check_review(now, new, what="comp@v001")
        except IllegalTransitionError:
            assert not legal
        else:
            assert legal
            now = new
