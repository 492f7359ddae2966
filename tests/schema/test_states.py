"""States: only legal moves, and one state for a whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shotmill.schema.errors import IllegalTransitionError
from shotmill.schema.states import FINAL, MOVES, State, can_move, check_move, summarise


@pytest.mark.parametrize("new", [state for state in State if state is not State.SUCCEEDED])
def test_what_succeeded_never_moves(new: State) -> None:
    with pytest.raises(IllegalTransitionError, match="succeeded"):
        check_move(State.SUCCEEDED, new, what="job J-1")


@pytest.mark.parametrize("old", list(State))
def test_staying_put_is_always_legal(old: State) -> None:
    assert can_move(old, old)


def test_every_state_has_a_row_in_the_table() -> None:
    assert set(MOVES) == set(State)


def test_retry_is_the_only_way_out_of_failure() -> None:
    assert MOVES[State.FAILED] == MOVES[State.CANCELLED] == {State.QUEUED}


@given(st.lists(st.sampled_from(list(State)), min_size=1))
def test_a_whole_is_final_only_when_all_its_parts_are(states: list[State]) -> None:
    assert (summarise(states) in FINAL) == all(state in FINAL for state in states)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        pytest.param([], State.SUCCEEDED, id="nothing to do"),
        pytest.param([State.SUCCEEDED, State.SUCCEEDED], State.SUCCEEDED, id="all done"),
        pytest.param([State.SUCCEEDED, State.QUEUED], State.RUNNING, id="between two tasks"),
        pytest.param([State.FAILED, State.RUNNING], State.RUNNING, id="others go on after a failure"),
        pytest.param([State.BLOCKED, State.SUCCEEDED], State.BLOCKED, id="waits for a person"),
        pytest.param([State.FAILED, State.CANCELLED], State.FAILED, id="failure outweighs cancellation"),
        pytest.param([State.SUCCEEDED, State.CANCELLED], State.CANCELLED, id="cancelled half-way"),
    ],
)
def test_parts_make_one_state(parts: list[State], whole: State) -> None:
    assert summarise(parts) is whole
