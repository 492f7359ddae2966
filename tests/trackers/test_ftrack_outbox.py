"""The outbox and ftrack together: what is published gets there, and what ftrack knows comes home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ftrack_server import USER, Fault
from ftrack_studio import FtrackStudio, ftrack_studio
from letters import picture
from mail import Hours, Mail
from sqlalchemy import select
from wire_tracker import TOKEN

from shotmill.pipeline.outbox.worker import Worker
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.pulling import bring
from shotmill.schema.tables import Shot

HOUR_S = 3600


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[FtrackStudio]:
    with ftrack_studio(tmp_path) as found:
        yield found


@pytest.fixture
def mail(settings: Settings, database: Database, studio: FtrackStudio) -> Mail:
    """An outbox whose one target is the server."""
    made = Mail(settings.model_copy(update={"targets": ("wire",)}), database, Hours())
    studio.server.key = TOKEN
    more = f'type = "ftrack"\nuser = "{USER}"\nkey = "env:WIRE_TOKEN"\ntask_status = "Pending Review"\n'
    made.section(studio.server.url, more)
    picture(made.settings.projects_folder / "demo/publish/v001/sh010.png")
    return made


def carry(mail: Mail, worker: Worker, *, hours: int) -> None:
    """Let it carry letters for so long, looking every minute."""
    end = mail.clock.passed_s + hours * HOUR_S
    while mail.clock.passed_s < end and {state for _, state in mail.states()} != {"delivered"}:
        worker.once()
        mail.clock.wait(worker.stopping, 60)


def test_publish_fact_12_a_server_that_is_down_fails_no_publish_and_is_told_once(
    mail: Mail, studio: FtrackStudio
) -> None:
    server, worker = studio.server, mail.worker()
    server.is_down = True
    mail.publish(product="comp")
    carry(mail, worker, hours=1)
    assert mail.states() == [("version-published", "failed")]  # to be tried again
    server.is_down = False
    server.fail_next(Fault("lose"), after=13)  # the version is made, and nobody hears of it
    carry(mail, worker, hours=24)
    assert mail.states() == [("version-published", "delivered")]
    version = server.world.one("AssetVersion")
    assert (version["version"], version["is_published"], version["id"]) == (1, True, mail.row().remote_id)
    assert len(server.world.uploads) == 1


def test_a_production_is_brought_home_once_and_versions_find_it(mail: Mail, studio: FtrackStudio) -> None:
    target, world = studio.target(secret=TOKEN), studio.server.world
    first, second = (bring(mail.database, "wire", target.pull(None)) for _ in range(2))
    assert (sum(first.made.values()), sum(second.made.values())) == (8, 0)
    with mail.database.read() as connection:
        assert connection.execute(select(Shot.remote)).scalar_one() == {"wire": world.one("Shot")["id"]}
    world.one("Shot")["name"] = "renamed"
    mail.publish()
    mail.worker().once()
    assert mail.states() == [("version-published", "delivered")]
    statuses = {row["id"]: row["name"] for row in world.rows("Status")}
    assert statuses[world.one("Task")["status_id"]] == "Pending Review"
