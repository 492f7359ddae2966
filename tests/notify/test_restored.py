"""A database that was put back from a backup: what was told since is not told again."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from chat_server import serving
from ftrack_server import USER
from ftrack_studio import ftrack_studio
from letters import picture
from mail import Hours, Mail
from rocketchat_server import USER_ID, RocketChatServer
from slack_server import SlackServer
from sqlalchemy import select
from wire_tracker import TOKEN

from shotmill.pipeline.outbox.mark import Marks
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.audit import audit_of_subject
from shotmill.pipeline.store.backup import backup_database
from shotmill.pipeline.store.doubt import doubted_before, went_back
from shotmill.pipeline.store.letters import drop, letters
from shotmill.pipeline.store.migrate import downgrade, revision
from shotmill.pipeline.store.restoring import restore_database
from shotmill.schema.errors import BadRequestError
from shotmill.schema.migrations import HEAD
from shotmill.schema.states import State
from shotmill.schema.tables import Delivery

SECTIONS = {
    "slack": 'type = "slack"\nurl = "{url}/api/"\ntoken = "env:WIRE_TOKEN"\nchannel = "renders"\n',
    "rocketchat": f'type = "rocketchat"\nurl = "{{url}}"\nuser_id = "{USER_ID}"\ntoken = "env:WIRE_TOKEN"\n'
    'channel = "renders"\n',
}


@pytest.fixture
def mail(settings: Settings, sqlite_database: Database) -> Mail:
    """An outbox whose clock is ahead: jobs are younger than the target, whose first sight the database dates."""
    made = Mail(settings.model_copy(update={"targets": ("wire",)}), sqlite_database, Hours())
    made.clock.wait(threading.Event(), 600)
    picture(made.settings.projects_folder / "demo" / "publish" / "v001" / "sh010.png")
    return made


def slack() -> SlackServer:
    """A workspace in which it is now: messages are looked for from the time of their fact."""
    server = SlackServer()
    server.clock = int(time.time())
    return server


def told_all(mail: Mail) -> None:
    """A worker that has just started tells all that waits."""
    worker = mail.worker()
    for _ in range(5):
        worker.once()
        mail.clock.wait(worker.stopping, 60)
    assert {state for _, state in mail.states()} == {"delivered"}


def a_backup_before_half_is_told(mail: Mail, tmp_path: Path, *, pictures: bool = True) -> Path:
    """One job with a version that was told before the backup, and one job with one that was told after it."""
    told_all_of_one(mail)
    late = mail.job()
    mail.publish(job=late, product="late", file="sh010.png" if pictures else "sh010.exr")
    copy = tmp_path / "copy.db"
    backup_database(mail.database, copy)
    told_all(mail)
    return copy


def told_all_of_one(mail: Mail) -> None:
    mail.worker().once()  # the target is first seen
    early = mail.job()
    mail.publish(job=early, product="early")
    mail.worker().once()


def put_back(mail: Mail, copy: Path) -> None:
    """As a person does who knows of no command: files are exchanged while nobody works."""
    place = str(mail.database.url.database)
    mail.database.dispose()
    for end in ("", "-wal", "-shm"):
        Path(place + end).unlink(missing_ok=True)
    shutil.copyfile(copy, place)


def attempts(mail: Mail) -> list[int]:
    with mail.database.read() as connection:
        return list(connection.scalars(select(Delivery.attempts).order_by(Delivery.created)))


@pytest.mark.parametrize("pictures", [True, False], ids=["with pictures", "in words"])
@pytest.mark.parametrize("kind", ["slack", "rocketchat"])
def test_a_chat_hears_nothing_twice_after_a_restore(kind: str, pictures: bool, mail: Mail, tmp_path: Path) -> None:
    server: Any = slack() if kind == "slack" else RocketChatServer()
    with serving(server):
        server.token = TOKEN
        mail.section("", "")
        mail.settings.targets_path.write_text(f"[wire]\n{SECTIONS[kind].format(url=server.url)}calls_per_s = 100\n")
        copy = a_backup_before_half_is_told(mail, tmp_path, pictures=pictures)
        before = [text_of(one) for one in messages(server)]
        assert len(before) == 4
        put_back(mail, copy)
        told_all(mail)
        assert [text_of(one) for one in messages(server)] == before


def messages(server: Any) -> list[dict[str, Any]]:
    return list(server.messages) if isinstance(server.messages, list) else list(server.messages.values())


def text_of(message: dict[str, Any]) -> str:
    return str(message.get("msg") or message.get("blocks"))


def test_ftrack_has_one_of_everything_after_a_restore(mail: Mail, tmp_path: Path) -> None:
    with ftrack_studio(tmp_path) as studio:
        studio.server.key = TOKEN
        more = f'type = "ftrack"\nuser = "{USER}"\nkey = "env:WIRE_TOKEN"\n'
        mail.section(studio.server.url, more)
        mail.publish(1, product="comp")
        copy = tmp_path / "copy.db"
        backup_database(mail.database, copy)
        told_all(mail)
        world = studio.server.world
        before = {kind: len(world.rows(kind)) for kind in ("AssetVersion", "FileComponent", "Note", "Job")}
        put_back(mail, copy)
        told_all(mail)
        assert {kind: len(world.rows(kind)) for kind in before} == before
        assert before["AssetVersion"] == 1


def test_a_job_that_fails_after_a_restore_alarms_nobody_twice(mail: Mail, tmp_path: Path) -> None:
    with serving(slack()) as server:
        server.token = TOKEN
        mail.section("")
        rooms = 'failures_channel = "wranglers"\n'
        mail.settings.targets_path.write_text(f"[wire]\n{SECTIONS['slack'].format(url=server.url)}{rooms}")
        mail.worker().once()
        job = mail.job()
        worker = mail.worker()
        worker.once()  # told that it runs
        mail.clock.wait(worker.stopping, 60)
        backup_database(mail.database, tmp_path / "copy.db")
        for _ in range(2):
            mail.move(job, State.FAILED, failure="SHOTMILL E204 input-missing")
            told_all(mail)
            assert (len(server.said()), len(server.said("C0WRANGLE"))) == (1, 1)
            put_back(mail, tmp_path / "copy.db")


def test_a_restore_by_command_keeps_what_was_there_and_doubts_what_waits(mail: Mail, tmp_path: Path) -> None:
    mail.publish(1)
    backup_database(mail.database, tmp_path / "copy.db")
    mail.publish(2)
    done = restore_database(mail.database, tmp_path / "copy.db", by="ann")
    assert (done.letters, attempts(mail)) == (1, [1])
    with closing(sqlite3.connect(str(done.kept))) as kept:
        assert kept.execute("SELECT count(*) FROM version").fetchone() == (2,)
    event = audit_of_subject(mail.database, "database")[-1]
    assert (event.verb, event.actor) == ("database-restored", "ann")


def test_a_letter_that_a_person_dropped_is_no_sign_of_a_restore(mail: Mail) -> None:
    mail.publish(1)
    row = letters(mail.database)[0]
    assert went_back(mail.database, row.id, mail.clock.now())
    drop(mail.database, row, by="rosa", why="known")
    assert not went_back(mail.database, row.id, mail.clock.now())
    assert went_back(mail.database, uuid.uuid4(), mail.clock.now())


def test_where_nothing_can_be_kept_letters_are_carried_all_the_same(
    mail: Mail, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "told").write_text("a file")
    marks = Marks(tmp_path / "told", mail.database.place)
    marks.keep("wire", uuid.uuid4(), mail.clock.now())
    assert "what was told last cannot be kept" in caplog.text
    assert marks.last("wire") is not None
    marks.forget()
    assert marks.last("wire") is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"letter": "x", "told": "y"}'])
def test_a_mark_that_cannot_be_read_is_none(text: str, mail: Mail, tmp_path: Path) -> None:
    Marks(tmp_path, mail.database.place).keep("wire", uuid.uuid4(), mail.clock.now())
    next(tmp_path.rglob("wire.json")).write_text(text)
    assert Marks(tmp_path, mail.database.place).last("wire") is None


def test_a_server_is_restored_by_its_own_program(postgres_url: str, opened: Callable[[str], Database]) -> None:
    with pytest.raises(BadRequestError, match="PostgreSQL's own program") as refused:
        restore_database(opened(postgres_url), Path("copy.dump"), by="ann")
    assert refused.value.hint.endswith("then shotmill db restored")


def test_an_old_backup_is_brought_up_to_date_and_its_letters_are_doubted(mail: Mail, tmp_path: Path) -> None:
    mail.publish(1)
    backup_database(mail.database, tmp_path / "copy.db")
    older = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    downgrade(older)
    older.dispose()
    assert restore_database(mail.database, tmp_path / "copy.db", by="ann").letters == 1
    assert revision(mail.database) == HEAD


def test_what_comes_after_a_restore_is_told_at_once(mail: Mail, tmp_path: Path) -> None:
    mail.publish(1)
    backup_database(mail.database, tmp_path / "copy.db")
    restore_database(mail.database, tmp_path / "copy.db", by="ann")
    mail.publish(2)
    assert attempts(mail) == [1, 0]
    with mail.database.read() as connection:
        found = doubted_before(connection)
    assert found is not None
    assert datetime.now(UTC) - found < timedelta(minutes=5)


def test_a_database_that_was_never_put_back_is_not_doubted(mail: Mail) -> None:
    with serving(slack()) as server:
        server.token = TOKEN
        mail.section("")
        mail.settings.targets_path.write_text(f"[wire]\n{SECTIONS['slack'].format(url=server.url)}")
        for number in range(3):
            mail.publish(number)
            told_all(mail)
        assert attempts(mail) == [1, 1, 1]
        assert [one.verb for one in audit_of_subject(mail.database, "database")].count("database-restored") == 0
        assert "conversations.replies" not in {asked.path for asked in server.asked}
