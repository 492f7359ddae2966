"""The delivery worker and a pull, with Kitsu at the other end: what is said on one side is known on the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kitsu_server import PASSWORD, USER, filled, serving
from kitsu_studio import KitsuStudio, in_stand_in
from published_rows import publish_row

from shotmill.pipeline.outbox.crew import Crew
from shotmill.pipeline.outbox.office import crew_of
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import VersionRow
from shotmill.pipeline.store.pulling import bring
from shotmill.pipeline.store.reviews import Word, notes, review, standings, write_note
from shotmill.schema.states import ReviewState


@pytest.fixture
def studio() -> Iterator[KitsuStudio]:
    kitsu = filled()
    with serving(kitsu) as url, in_stand_in(kitsu, url) as production:
        yield production


@pytest.fixture
def worker(settings: Settings, sqlite_database: Database, studio: KitsuStudio) -> Crew:
    section = f'[kitsu]\nserver = "{studio.url}"\nuser = "{USER}"\npassword = "env:KITSU_PASSWORD"\n'
    settings.targets_path.parent.mkdir(parents=True, exist_ok=True)
    settings.targets_path.write_text(f"{section}calls_per_s = 100\n")
    told = settings.model_copy(update={"targets": ("kitsu",)})
    return crew_of(told, sqlite_database, {"KITSU_PASSWORD": PASSWORD}, say=lambda _: None, worry=lambda _: None)


@pytest.fixture
def version(sqlite_database: Database, studio: KitsuStudio, worker: Crew) -> VersionRow:
    """A version of a shot that was pulled, told to Kitsu."""
    bring(sqlite_database, "kitsu", studio.target().pull(None))
    made = publish_row(sqlite_database, entity=studio.shot, targets=["kitsu"])
    worker.once()
    return made


def test_a_version_its_note_and_its_review_reach_kitsu(
    sqlite_database: Database, studio: KitsuStudio, worker: Crew, version: VersionRow
) -> None:
    write_note(sqlite_database, version, Word("too dark", "rosa", 1002))
    review(sqlite_database, version, ReviewState.APPROVED, by="rosa")
    for _ in range(2):
        worker.once()
    assert [comment["text"].split("\n\n")[0] for comment in studio.comments()[::-1]] == [
        "**sh010_comp_v001** by ann",
        "**sh010_comp_v001**, frame 1002",
        "**sh010_comp_v001** is approved, says rosa",
    ]
    assert studio.status() == "done"


def test_what_kitsu_says_comes_home_once_and_goes_no_further(
    sqlite_database: Database, studio: KitsuStudio, worker: Crew, version: VersionRow
) -> None:
    studio.say("the edges", "retake")
    for _ in range(2):
        bring(sqlite_database, "kitsu", studio.target("ada@studio.example").pull(None))
        worker.once()
    assert standings(sqlite_database, [version.id])[version.id].status is ReviewState.REJECTED
    assert [(note.author, note.text) for note in notes(sqlite_database, version.id)] == [("ada", "the edges")]
    assert len(studio.comments()) == 2
