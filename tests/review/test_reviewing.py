"""Reviewing: legal moves only, a pointer that follows approval, and targets that hear of it; on both databases."""

from __future__ import annotations

import threading

import pytest
from published_rows import facts_told, publish_row, told
from sqlalchemy import text

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.audit import audit_of_subject
from shotmill.pipeline.store.catalog import find_version, latest_versions
from shotmill.pipeline.store.reviews import MAX_NOTE, Word, notes, review, standings, write_note
from shotmill.schema.address import Address
from shotmill.schema.errors import BadRequestError, IllegalTransitionError, NotFoundError
from shotmill.schema.states import ReviewState

APPROVED, REJECTED, OMITTED, PENDING = (
    ReviewState.APPROVED, ReviewState.REJECTED, ReviewState.OMITTED, ReviewState.PENDING
)  # fmt: skip


def approved(database: Database) -> int | None:
    try:
        return find_version(database, Address.parse("sq010/sh010/comp@approved", project="demo")).number
    except NotFoundError:
        return None


def test_the_pointer_moves_with_approval_and_back_when_it_is_withdrawn(database: Database) -> None:
    one, two, three = (publish_row(database) for _ in range(3))
    seen = [approved(database)]
    moves = [(one, APPROVED), (three, APPROVED), (two, APPROVED), (two, REJECTED), (three, PENDING), (one, REJECTED)]
    for version, status in moves:
        review(database, version, status, by="sue")
        seen.append(approved(database))
    assert seen == [None, 1, 3, 2, 3, 1, None]


def test_latest_is_none_of_the_reviewers_business(database: Database) -> None:
    one, _two = publish_row(database), publish_row(database)
    review(database, one, APPROVED, by="sue")
    assert [row.number for row in latest_versions(database, "demo")] == [2]
    assert [row.number for row in latest_versions(database, "demo", pointer="approved")] == [1]


def test_an_illegal_move_writes_nothing(database: Database) -> None:
    version = publish_row(database, targets=["kitsu"])
    review(database, version, OMITTED, by="sue")
    before = audit_of_subject(database, version.address)
    with pytest.raises(IllegalTransitionError, match=r"comp@v001 is omitted .* from omitted it may become pending"):
        review(database, version, APPROVED, by="sue", word=Word("nice", "sue"))
    assert audit_of_subject(database, version.address) == before
    assert notes(database, version.id) == []
    assert told(database) == [("version-reviewed", "kitsu")]


def test_the_same_again_is_no_news(database: Database) -> None:
    version = publish_row(database, targets=["kitsu"])
    first, again = (review(database, version, APPROVED, by=by) for by in ("sue", "bob"))
    assert (first.is_new, first.told, again.is_new, again.told) == (True, 1, False, 0)
    assert standings(database, [version.id])[version.id].by == "sue"


def test_every_target_of_the_publish_hears_each_fact_once_and_in_order(database: Database) -> None:
    version = publish_row(database, targets=["ftrack", "kitsu"])
    publish_row(database, product="other", targets=["shotgrid"])
    review(database, version, REJECTED, by="sue", word=Word("too dark", "sue", 1002))
    review(database, version, APPROVED, by="sue")
    one_of_each = [("version-reviewed", name) for name in ("ftrack", "kitsu")]
    noted = [("note-written", name) for name in ("ftrack", "kitsu")]
    assert told(database) == [*one_of_each, *noted, *one_of_each]
    [reject, approve] = [
        f"review:{event.facts['id']}" for event in audit_of_subject(database, version.address) if event.verb == "review"
    ]
    [note] = [f"note:{one.id}" for one in notes(database, version.id)]
    assert facts_told(database) == [reject, reject, note, note, approve, approve]


def test_a_note_speaks_of_a_frame_that_is_there(database: Database) -> None:
    version = publish_row(database)
    made = write_note(database, version, Word("flicker\nhere", "ann", 1003))
    [found] = notes(database, version.id)
    assert (found.id, found.author, found.frame, found.text) == (made.id, "ann", 1003, "flicker\nhere")
    with pytest.raises(BadRequestError, match="no frame 1004; it has 1001-1003"):
        write_note(database, version, Word("flicker", "ann", 1004))


@pytest.mark.parametrize("said", ["", " \n", "x" * (MAX_NOTE + 1)], ids=["nothing", "blanks", "too long"])
def test_a_note_says_something_and_not_too_much(database: Database, said: str) -> None:
    version = publish_row(database)
    with pytest.raises(BadRequestError, match="the note"):
        review(database, version, APPROVED, by="sue", word=Word(said, "sue"))
    assert standings(database, [version.id]) == {}


def test_a_retired_version_is_not_reviewed(database: Database) -> None:
    version = publish_row(database)
    with database.write() as connection:
        connection.execute(text("UPDATE version SET state = 'retired'"))
    with pytest.raises(BadRequestError, match="retired; only published"):
        review(database, version, APPROVED, by="sue")


def test_who_reviews_at_one_moment_waits_and_one_pointer_is_left(database: Database) -> None:
    versions = [publish_row(database) for _ in range(6)]
    threads = [
        threading.Thread(target=review, args=(database, version, APPROVED), kwargs={"by": f"sue{version.number}"})
        for version in versions
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stands = standings(database, [version.id for version in versions])
    last = max(versions, key=lambda version: stands[version.id].moved or version.published)  # type: ignore[arg-type,return-value]
    assert len({one.moved for one in stands.values()}) == len(versions)
    assert approved(database) == last.number


def test_a_standing_that_does_not_exist_is_refused_by_the_tables(database: Database) -> None:
    version = publish_row(database)
    review(database, version, APPROVED, by="sue")
    with pytest.raises(Exception, match="ck_review_review_status"), database.write() as connection:
        connection.execute(text("UPDATE review SET status = 'final_FINAL'"))
