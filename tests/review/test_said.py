"""What trackers say comes in once, is not echoed, and never undoes what they have still to hear; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from published_rows import deliver, publish_row, told

from shotmill.pipeline.outbox.pulled import PulledNote, PulledReview
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.audit import audit_of_subject
from shotmill.pipeline.store.catalog import VersionRow
from shotmill.pipeline.store.reviews import Word, notes, review, standings, write_note
from shotmill.pipeline.store.said import apply_said
from shotmill.schema.states import ReviewState

APPROVED, REJECTED, OMITTED, PENDING = (
    ReviewState.APPROVED, ReviewState.REJECTED, ReviewState.OMITTED, ReviewState.PENDING
)  # fmt: skip


@pytest.fixture
def version(database: Database) -> VersionRow:
    """A version that Kitsu calls K1, and ftrack F1."""
    made = publish_row(database, targets=["ftrack", "kitsu"])
    deliver(database, made, "kitsu", "K1")
    deliver(database, made, "ftrack", "F1")
    return made


def stands(database: Database, version: VersionRow) -> ReviewState:
    found = standings(database, [version.id])
    return found[version.id].status if found else PENDING


def test_a_tracker_moves_a_version_once_and_the_others_hear_of_it(database: Database, version: VersionRow) -> None:
    said = [PulledReview("K1", REJECTED, by="sue"), PulledReview("K9", APPROVED)]
    heard = [apply_said(database, "kitsu", said) for _ in range(3)]
    assert [one.moved for one in heard] == [1, 0, 0]
    assert [one.unknown for one in heard] == [1, 1, 1]
    assert stands(database, version) is REJECTED
    assert told(database) == [("version-reviewed", "ftrack")]
    event = audit_of_subject(database, version.address)[-1]
    assert (event.verb, event.actor, event.facts["source"]) == ("review", "sue", "kitsu")


def test_a_note_comes_in_once_and_goes_to_the_others(database: Database, version: VersionRow) -> None:
    when = datetime(2026, 11, 21, 12, tzinfo=UTC)
    said = [PulledNote("N1", "K1", "sue", "edges", 1002, when), PulledNote("N2", "K1", "bob", "nice")]
    assert [apply_said(database, "kitsu", said).noted for _ in range(2)] == [2, 0]
    assert [(one.author, one.frame, one.text) for one in notes(database, version.id)] == [
        ("sue", 1002, "edges"),
        ("bob", None, "nice"),
    ]
    assert told(database) == [("note-written", "ftrack")] * 2


def test_our_own_note_does_not_come_back(database: Database, version: VersionRow) -> None:
    write_note(database, version, Word("edges", "ann"))
    deliver(database, version, "kitsu", "N7", kind="note-written")
    assert apply_said(database, "kitsu", [PulledNote("N7", "K1", "api user", "ann: edges")]).noted == 0
    assert len(notes(database, version.id)) == 1


def test_an_illegal_move_is_reported_and_not_applied(database: Database, version: VersionRow) -> None:
    review(database, version, OMITTED, by="sue")
    deliver(database, version, "kitsu", "K1", kind="version-reviewed")
    heard = apply_said(database, "kitsu", [PulledReview("K1", APPROVED), PulledNote("N1", "K1", "bob", "why?")])
    assert heard.refused == [
        "kitsu: demo:sq010/sh010/comp@v001 is omitted and cannot become approved; from omitted it may become pending"
    ]
    assert (heard.moved, heard.noted, stands(database, version)) == (0, 1, OMITTED)


def test_a_tracker_that_has_still_to_hear_undoes_nothing(database: Database, version: VersionRow) -> None:
    apply_said(database, "kitsu", [PulledReview("K1", REJECTED)])
    review(database, version, APPROVED, by="sue")
    assert apply_said(database, "kitsu", [PulledReview("K1", PENDING)]).moved == 0
    assert stands(database, version) is APPROVED
    deliver(database, version, "kitsu", "K1", kind="version-reviewed")
    assert apply_said(database, "kitsu", [PulledReview("K1", APPROVED)]).moved == 0  # it has heard
    assert apply_said(database, "kitsu", [PulledReview("K1", PENDING)]).moved == 1  # somebody reopened it there
    assert stands(database, version) is PENDING


def test_what_nobody_touched_in_a_tracker_is_no_move(database: Database, version: VersionRow) -> None:
    review(database, version, APPROVED, by="sue")
    deliver(database, version, "ftrack", "F1", kind="version-reviewed")
    assert apply_said(database, "ftrack", [PulledReview("F1", PENDING)]).moved == 0
    assert stands(database, version) is APPROVED


def test_who_speaks_last_is_right(database: Database, version: VersionRow) -> None:
    review(database, version, APPROVED, by="sue")  # which Kitsu has still to hear
    [earlier, later] = [datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (-5, 5)]
    assert apply_said(database, "kitsu", [PulledReview("K1", REJECTED, moved=earlier)]).moved == 0
    assert apply_said(database, "kitsu", [PulledReview("K1", REJECTED, moved=later)]).moved == 1
