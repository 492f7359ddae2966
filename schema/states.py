"""States of jobs, steps, tasks, versions, reviews and deliveries, and the moves between them that are legal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from .errors import IllegalTransitionError


class State(StrEnum):
    """Where a job, step or task stands; every engine maps its own states into these."""

    QUEUED = "queued"
    RUNNING = "running"
    BLOCKED = "blocked"  # waits for a person: a dead frame on a farm, a task out of retries
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Nothing more happens by itself."""
        return self in FINAL


FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})

# The one table of legal moves. FAILED and CANCELLED go back to QUEUED by retry; SUCCEEDED never moves, but for tasks
# whose files were lost, and their steps: a retry queues them again.
MOVES: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.BLOCKED, State.CANCELLED, State.FAILED}),
    State.RUNNING: frozenset({State.QUEUED, State.BLOCKED, State.SUCCEEDED, State.FAILED, State.CANCELLED}),
    State.BLOCKED: frozenset({State.QUEUED, State.RUNNING, State.FAILED, State.CANCELLED}),
    State.FAILED: frozenset({State.QUEUED}),
    State.CANCELLED: frozenset({State.QUEUED}),
    State.SUCCEEDED: frozenset(),
}


def can_move(old: State, new: State) -> bool:
    """Whether the move is legal; staying put always is."""
    return old == new or new in MOVES[old]


def check_move(old: State, new: State, *, what: str) -> None:
    """Refuse an illegal move.

    Raises:
        IllegalTransitionError: names the thing, both states and the legal moves.
    """
    if not can_move(old, new):
        legal = ", ".join(sorted(MOVES[old])) or "nothing"
        raise IllegalTransitionError(f"{what} is {old} and cannot become {new}; from {old} it may become {legal}")


def summarise(states: Iterable[State]) -> State:
    """One state for a whole: what a job is when its steps are these, or a step when its tasks are these."""
    seen = set(states)
    if not seen or seen == {State.SUCCEEDED}:
        return State.SUCCEEDED
    for state in (State.RUNNING, State.BLOCKED):
        if state in seen:
            return state
    if State.QUEUED in seen:
        return State.RUNNING if State.SUCCEEDED in seen and State.FAILED not in seen else State.QUEUED
    return State.CANCELLED if State.CANCELLED in seen and State.FAILED not in seen else State.FAILED


class VersionState(StrEnum):
    """Where a version stands. Only PUBLISHED ones are visible; they are never edited."""

    RESERVED = "reserved"
    PUBLISHED = "published"
    RETIRED = "retired"


class ReviewState(StrEnum):
    """Where a published version stands with the supervisors; one that nobody has looked at is PENDING."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    OMITTED = "omitted"  # of no more use; it must be reopened before anybody judges it again


# The one table of legal moves of a review, whoever makes them: a supervisor here, or one in a tracker.
REVIEW_MOVES: Mapping[ReviewState, frozenset[ReviewState]] = {
    ReviewState.PENDING: frozenset({ReviewState.APPROVED, ReviewState.REJECTED, ReviewState.OMITTED}),
    ReviewState.APPROVED: frozenset({ReviewState.PENDING, ReviewState.REJECTED}),
    ReviewState.REJECTED: frozenset({ReviewState.PENDING, ReviewState.APPROVED, ReviewState.OMITTED}),
    ReviewState.OMITTED: frozenset({ReviewState.PENDING}),
}


def can_review(old: ReviewState, new: ReviewState) -> bool:
    """Whether the move is legal; staying put always is."""
    return old == new or new in REVIEW_MOVES[old]


def check_review(old: ReviewState, new: ReviewState, *, what: str) -> None:
    """Refuse an illegal move of a review.

    Raises:
        IllegalTransitionError: names the version, both states and the legal moves.
    """
    if not can_review(old, new):
        legal = ", ".join(sorted(REVIEW_MOVES[old]))
        raise IllegalTransitionError(f"{what} is {old} and cannot become {new}; from {old} it may become {legal}")


class DeliveryState(StrEnum):
    """Where a row of the outbox stands."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"  # will be tried again
    DEAD = "dead"  # waits for a person
