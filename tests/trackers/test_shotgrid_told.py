"""From a publish to a ShotGrid site and back: the outbox, its worker, the real client and a site over HTTP."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import shotgrid_server
from mail import Hours, Mail
from shotgrid_production import counts, production, rows
from shotgrid_server import Site, lose, serving
from sqlalchemy import select
from wire_tracker import TOKEN

from shotmill.pipeline.outbox.registry import make_target
from shotmill.pipeline.outbox.secrets import Secrets
from shotmill.pipeline.outbox.target import Tracker
from shotmill.pipeline.outbox.targetsfile import read_targets
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.pulling import Brought, bring
from shotmill.pipeline.trackers.shotgrid import ShotGridSection
from shotmill.schema.tables import Review

PAGE = Path(__file__).resolve().parents[2] / "docs/trackers/shotgrid.md"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(shotgrid_server, "KEY", TOKEN)
    with serving(production(tmp_path)) as found:
        yield found


@pytest.fixture
def mail(settings: Settings, sqlite_database: Database, site: Site) -> Mail:
    made = Mail(settings.model_copy(update={"targets": ("wire",)}), sqlite_database, Hours())
    made.section(site.url, 'type = "shotgrid"\nscript = "shotmill"\nkey = "env:WIRE_TOKEN"\n')
    return made


def pull(mail: Mail) -> Brought:
    made = make_target(read_targets(mail.settings).entry("wire"), Secrets({"WIRE_TOKEN": TOKEN}))
    assert isinstance(made, Tracker)
    with closing(made):
        return bring(mail.database, "wire", made.pull("demo"))


def test_a_publish_is_told_once_though_answer_after_answer_is_lost(mail: Mail, site: Site) -> None:
    site.faults = dict.fromkeys(range(3, 30, 6), lose)
    mail.publish(file="sh010.exr")
    worker = mail.worker()
    while mail.states() != [("version-published", "delivered")]:
        worker.once()
        mail.clock.wait(worker.stopping, 60)
    found = counts(site.base)
    assert (found["Version"], found["PublishedFile"]) == (1, 1)
    assert mail.row().remote_id == "1"


def test_what_a_pull_brought_needs_not_be_looked_for(mail: Mail, site: Site) -> None:
    pull(mail)
    site.base.update("Shot", 1, {"code": "renamed"})
    mail.publish(file="sh010.exr")
    mail.worker().once()
    (version,) = rows(site.base, "Version")
    assert (version["entity"]["id"], version["sg_task"]["id"], version["user"]["id"]) == (1, 1, 1)


def test_a_second_pull_brings_nothing_new(mail: Mail) -> None:
    first, second = pull(mail), pull(mail)
    assert (first.made["shot"], first.made["task"], first.remarks) == (1, 2, [])
    assert (sum(second.made.values()), sum(second.changed.values())) == (0, 0)


def test_what_a_supervisor_says_on_the_site_comes_home(mail: Mail, site: Site) -> None:
    mail.publish(file="sh010.exr")
    mail.worker().once()
    site.base.update("Version", 1, {"sg_status_list": "apr"})
    links = {"project": {"type": "Project", "id": 1}, "note_links": [{"type": "Version", "id": 1}]}
    site.base.create("Note", {"content": "lovely", **links})

    brought = pull(mail)

    assert (brought.changed["review"], brought.made["note"]) == (1, 1)
    with mail.database.read() as connection:
        assert connection.execute(select(Review.status)).scalars().all() == ["approved"]
    mail.worker().once()
    assert counts(site.base)["Note"] == 1  # it is not told what it said itself


def test_the_section_of_the_page_is_one_that_works() -> None:
    shown = PAGE.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    section = ShotGridSection.model_validate(tomllib.loads(shown)["shotgrid"])
    assert section.type_of("exr", "x.####.exr") == "Rendered Image"
