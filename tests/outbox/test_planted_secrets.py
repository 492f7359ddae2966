"""Ten planted secrets of trackers and chats: none is found in what telling them leaves behind, says or shows."""

from __future__ import annotations

import base64
import json
import logging
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import keyring
import psutil
import pytest
from chat_server import serving
from command_line import delivering, wait_until
from keyring.backend import KeyringBackend
from mail import Hours, Mail, publish
from parrot_server import ParrotServer
from sqlalchemy import MetaData, update
from sqlalchemy.engine import make_url

from shotmill.pipeline.settings import load_settings
from shotmill.pipeline.store import Database
from shotmill.schema.states import State
from shotmill.schema.tables import Delivery
from shotmill.submitters.cli.root import invoke

pytestmark = pytest.mark.slow

CANARY = "canary-4711"
SECRETS = {
    name: f"{CANARY}-{name}"
    for name in (
        "slack", "rocketchat", "ftrack", "shotgrid", "kitsu", "webhook", "webhook-path", "unset", "file", "database",
    )
}  # fmt: skip
IN_ENVIRONMENT = {
    "SLACK_TOKEN": "slack",
    "FTRACK_API_KEY": "ftrack",
    "WALL_SECRET": "webhook",
    "OTHER_KEY": "unset",
    "PGPASSWORD": "database",
}
IN_KEYRING = {"chat/robot": "rocketchat", "kitsu/robot": "kitsu", "shotgrid/robot": "shotgrid"}
TARGETS = ("slack", "rocketchat", "ftrack", "shotgrid", "kitsu", "wall")
SECTIONS = """
[slack]
token = "env:SLACK_TOKEN"
channel = "#renders"
url = "{server}/api/"
[rocketchat]
user_id = "robot"
token = "keyring:chat/robot"
channel = "#renders"
url = "{server}"
[ftrack]
server = "{server}"
user = "robot"
key = "env:FTRACK_API_KEY"
[shotgrid]
server = "{server}"
script = "robot"
key = "keyring:shotgrid/robot"
[kitsu]
server = "{server}/api"
user = "robot@studio"
password = "keyring:kitsu/robot"
[wall]
type = "webhook"
url = "{server}/{path}"
secret = "env:WALL_SECRET"
"""
MISTAKES = {
    "a secret in place of a reference": '[oops]\ntype = "slack"\nchannel = "#a"\ntoken = "{secret}"\n',
    "a secret that looks like a reference": '[oops]\ntype = "slack"\nchannel = "#a"\ntoken = "env:{secret}"\n',
    "a password in an address": '[oops]\ntype = "kitsu"\nserver = "https://robot:{secret}@kitsu.studio/api"\n',
    "a password in a webhook's address": '[oops]\ntype = "webhook"\nsecret = "env:X"\nurl = "https://:{secret}@wall"\n',
    "a key that nobody knows": '[oops]\ntype = "ftrack"\nserver = "https://f"\nuser = "r"\napikey = "{secret}"\n',
    "a line that is no TOML": "[oops]\ntoken = {secret}\n",
}
COMMANDS = (
    "deliver --target wall",
    "outbox",
    "outbox --json",
    "outbox --state dead",
    "tracker check",
    "tracker check --json",
    *(f"tracker check {name}" for name in TARGETS),
    *(f"tracker pull --target {name}" for name in ("ftrack", "shotgrid", "kitsu")),
    "outbox retry --all-dead",
    "doctor",
    "config list",
    "config explain targets_file",
    "config explain database",
    "db check",
    "jobs --json",
    "versions --json",
)


class FileKeyring(KeyringBackend):
    """A keyring in a file, as headless machines have them."""

    path = Path()

    def get_password(self, service: str, username: str) -> str | None:
        found: str | None = json.loads(self.path.read_text()).get(f"{service}/{username}")
        return found

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.fixture
def parrot() -> Iterator[ParrotServer]:
    with serving(ParrotServer()) as found:
        yield found


@pytest.fixture
def office(tmp_path: Path, database: Database, parrot: ParrotServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mail]:
    """Secrets lie where the documentation says, and one in the database's own address."""
    home, kept = tmp_path / "home", tmp_path / "keyring.json"
    home.mkdir(exist_ok=True)
    kept.write_text(json.dumps({place: SECRETS[name] for place, name in IN_KEYRING.items()}))
    monkeypatch.setattr(FileKeyring, "path", kept)
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())  # type: ignore[no-untyped-call]
    for name, secret in IN_ENVIRONMENT.items():
        monkeypatch.setenv(name, SECRETS[secret])
    faults = tmp_path / "faults"
    faults.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(faults))  # where commands leave the tracebacks of faults
    url = database.url if database.is_sqlite else make_url(database.url).set(password=SECRETS["database"])
    lines = {"database": url.render_as_string(hide_password=False), "targets": list(TARGETS), "user": "maya"}
    (home / "shotmill.toml").write_text("".join(f"{name} = {value!r}\n" for name, value in lines.items()))
    monkeypatch.setenv("SHOTMILL_HOME", str(home))
    made = Mail(load_settings().settings, database, Hours())
    made.settings.targets_path.write_text(SECTIONS.format(server=parrot.url, path=SECRETS["webhook-path"]))
    yield made
    keyring.set_keyring(before)


def disguised(secret: str) -> set[bytes]:
    """A secret as it is, and as addresses and headers have it."""
    return {
        secret.encode(),
        quote(secret, safe="").encode(),
        *(base64.b64encode(b"x" * n + secret.encode())[4:-4] for n in range(3)),
    }


def rows(database: Database) -> bytes:
    known = MetaData()
    with database.read() as connection:
        known.reflect(connection)
        return "\n".join(
            str(row) for table in known.sorted_tables for row in connection.execute(table.select())
        ).encode()


def found_in(places: dict[str, bytes]) -> list[tuple[str, str]]:
    return [
        (name, place)
        for name, secret in SECRETS.items()
        for place, content in places.items()
        if any(form in content for form in disguised(secret))
    ]


def all_due(mail: Mail) -> None:
    with mail.database.write() as connection:
        connection.execute(update(Delivery).values(next_attempt=None))


def test_ten_planted_secrets_are_found_nowhere(
    office: Mail,
    parrot: ParrotServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    job = office.job(targets=TARGETS)
    office.move(job, State.FAILED, failure="E205 it fell over")
    office.note(publish(office.database, job=job, targets=TARGETS), "look")
    for _ in range(9):  # each answer of the parrot once
        office.worker().once(0)
        all_due(office)
    for command in COMMANDS:
        invoke(command.split())
    targets = office.settings.targets_path
    whole = targets.read_text()
    for mistake in MISTAKES.values():
        targets.write_text(whole + mistake.format(secret=SECRETS["file"]))
        for command in ("deliver --target oops", "tracker check oops"):
            invoke(command.split())
    planted = {targets, office.settings.home / "shotmill.toml", FileKeyring.path}
    places = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path not in planted}
    places |= {
        "database": rows(office.database),
        "log": caplog.text.encode(),
        "said": "".join(capfd.readouterr()).encode(),
    }
    assert found_in(places) == []
    assert [place for place in places if "shotmill-fault" in place] == []
    told = {name for name, secret in SECRETS.items() if any(secret in sent for sent in parrot.heard)}
    assert told >= {"slack", "rocketchat", "ftrack", "shotgrid", "kitsu", "webhook-path"}  # all was asked for
    assert len(places["said"]) > 5000


def test_a_service_that_delivers_shows_no_secret_to_who_lists_processes(office: Mail, tmp_path: Path) -> None:
    log = tmp_path / "deliver.log"
    office.publish(targets=("slack",))
    with log.open("wb") as out, delivering(out) as service:
        wait_until(lambda: b"slack" in log.read_bytes())
        process = psutil.Process(service.pid)
        shown = [" ".join(process.cmdline())]
        for child in process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # or a zombie: it ended since it was listed
                shown.append(" ".join(child.cmdline()))
        service.terminate()
        service.wait(20)
    assert "deliver --watch" in shown[0]
    assert found_in({"processes": "\n".join(shown).encode(), "log": log.read_bytes()}) == []
