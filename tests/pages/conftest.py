"""Jobs that were published, published with holes, and refused, each with its page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import Chromium, Tab, chromium
from page_jobs import PageJob, Shelf, plate_in, spec_of
from sqlalchemy import update

from shotmill.pipeline.holes import mark_hole
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.page import write_page
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import upgrade
from shotmill.schema.errors import PublishError
from shotmill.schema.frames import FrameSet
from shotmill.schema.holes import HoleMark
from shotmill.schema.states import DeliveryState
from shotmill.schema.tables import Delivery, now

WHOLE = ("1001-1004", "1005-1008", "1009-1012")
SEEN = "2026-11-21T20:00:00Z"


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Three jobs and their pages."""
    home = tmp_path_factory.mktemp("pages") / "home"
    settings = Settings(home=home, user="maya", targets=("ftrack", "slack", "shotgrid"))
    database = Database(f"sqlite:///{home.parent / 'pages.db'}")
    upgrade(database)
    made = Shelf(settings, database, plate_in(home.parent / "plates"), {})
    _published(made)
    _holed(made)
    _refused(made)
    yield made
    database.dispose()


def _published(shelf: Shelf) -> None:
    job = shelf.jobs["published"] = PageJob(shelf.settings.jobs_folder, spec_of(shelf.plate), shelf.database)
    job.render(*WHOLE)
    job.still()
    report = run_publish(job.folder, job.spec, shelf.settings, shelf.database)
    _tell(shelf.database, "ftrack", DeliveryState.DELIVERED, remote_id="8b0d3f1a-77c2", attempts=1, delivered=now())
    error = "E601 https://studio.shotgrid.example did not answer: timed out after 20 s"
    _tell(shelf.database, "shotgrid", DeliveryState.FAILED, attempts=3, last_error=error)
    write_page(shelf.page("published"), job.spec, report, shelf.settings, shelf.database)


def _tell(database: Database, target: str, state: DeliveryState, **values: object) -> None:
    with database.write() as connection:
        connection.execute(update(Delivery).where(Delivery.target == target).values(state=state, **values))


def _holed(shelf: Shelf) -> None:
    spec = spec_of(shelf.plate, holes="1003", allow=True, comment="second try")
    job = shelf.jobs["holed"] = PageJob(shelf.settings.jobs_folder, spec, shelf.database)
    job.render("1001-1004", "1009-1012", holes=[1003])
    job.still()
    mark = HoleMark.model_validate(
        {"job": spec.id, "step": "render", "frames": "1005-1008", "farm": "opencue", "task": "0005-render",
         "said": "eaten", "user": "noor", "host": "wrangler1", "seen": SEEN}
    )  # fmt: skip
    mark_hole(job.folder, mark)
    run_publish(job.folder, job.spec, shelf.settings, shelf.database)


def _refused(shelf: Shelf) -> None:
    job = shelf.jobs["refused"] = PageJob(shelf.settings.jobs_folder, spec_of(shelf.plate), shelf.database)
    job.render("1001-1004", "1009-1012", without=[1002])
    job.still()
    cut = job.folder.attempt("render", FrameSet.parse("1009-1012"), "001-a") / "1011.exr"
    cut.chmod(0o644)
    cut.write_bytes(cut.read_bytes()[:1000])
    with pytest.raises(PublishError):
        run_publish(job.folder, job.spec, shelf.settings, shelf.database)


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """One browser for all tests."""
    with chromium() as made:
        yield made


@pytest.fixture(scope="session")
def tab(browser: Chromium) -> Tab:
    """One page in it."""
    return browser.tab()
