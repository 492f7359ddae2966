"""Secrets of whoever submits, and of the studio, are found nowhere in what jobs leave behind or send."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cuebot import Cuebot, cuebot
from cuebot.rqd import rqd
from deadline_service import DeadlineService, PuppetWorker
from deadline_user import SECRET, sign_in
from sqlalchemy import MetaData
from sqlalchemy.engine import make_url

from shotmill.farm_plugins.engine import Engine
from shotmill.farm_plugins.engines import engine_named
from shotmill.farm_plugins.submission import SubmitRequest, submit
from shotmill.pipeline.settings import Settings, load_settings
from shotmill.pipeline.store import Database, engines
from shotmill.pipeline.store.migrate import upgrade
from shotmill.schema.states import State
from shotmill.submitters.cli.root import invoke

pytestmark = pytest.mark.slow

CANARY = b"canary-4711"  # every secret begins with it
IN_ENVIRONMENT = (
    "FTRACK_API_KEY", "SHOTGRID_SCRIPT_KEY", "KITSU_PASSWORD", "SLACK_TOKEN", "PGPASSWORD", "SECRET",
)  # fmt: skip
IN_FILES = {
    ".pgpass": "*:*:*:*:canary-4711-pgpass\n",
    "aws-credentials": "[other]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = canary-4711-aws\n",
    ".local/share/python_keyring/keyring_pass.cfg": "[ftrack]\nartist = canary-4711-keyring\n",
}
COMMANDS = (
    "config list",
    "config explain database",
    "db check",
    "jobs --json",
    "failures",
    "versions --json",
    "doctor",
)
PATIENCE_S = 60.0


class Mill:
    """A studio on three engines.

    Args:
        folder: all that anybody writes lies below it.
        settings: with a password in the database's URL, where it has one.
    """

    def __init__(self, folder: Path, settings: Settings, bot: Cuebot, service: DeadlineService) -> None:
        self.folder, self.settings, self.bot, self.service = folder, settings, bot, service
        self.database = Database(settings.database_url)
        upgrade(self.database)

    def run(self, engine: str, *, meanwhile: Callable[[], object] = lambda: None) -> uuid.UUID:
        """Run a job that prints its environment and publishes; its id."""
        found = engine_named(engine, self.settings, self.database)
        params = {"action": "print-environment", "publish": True, "text": engine}
        request = SubmitRequest("trial", params=params, project="demo")
        made = submit(request, settings=self.settings, database=self.database, engine=found)
        self._rest(found, made.job.id, meanwhile, State.SUCCEEDED)
        return made.job.id

    def fail(self) -> None:
        """Run a job that raises an error nobody foresaw, with a traceback in its log."""
        found = engine_named("local", self.settings, self.database)
        params = {"action": "raise", "publish": True, "retries": 0}
        request = SubmitRequest("trial", params=params, project="demo")
        made = submit(request, settings=self.settings, database=self.database, engine=found)
        self._rest(found, made.job.id, lambda: None, State.FAILED)

    def _rest(self, engine: Engine, job_id: uuid.UUID, meanwhile: Callable[[], object], wanted: State) -> None:
        ends = time.monotonic() + PATIENCE_S
        while (state := engine.status(job_id).state) is not wanted:
            assert time.monotonic() < ends, (state, engine.status(job_id))
            meanwhile()
            time.sleep(0.1)

    def work(self) -> None:
        """What a host of Deadline Cloud does, without its agent: the job's own argv."""
        bundle = self.service.jobs()[-1].parameters["Bundle"]["path"]

        def task(step: str, values: dict[str, dict[str, str]]) -> int:
            [frames] = values["Frame"].values()
            argv = ["task", "--bundle", bundle, "--step", step, "--frames", frames]
            with (self.folder / "agent.log").open("ab") as log:
                words = [sys.executable, "-m", "shotmill", *argv]
                return subprocess.run(words, env=self.host(), stdout=log, stderr=log, check=False).returncode

        PuppetWorker(self.service).work(task)

    def host(self) -> dict[str, str]:
        """What a farm's administrator gives its hosts: where the settings are."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "SHOTMILL_HOME": str(self.settings.home),
            "PYTHONPATH": os.environ["PYTHONPATH"],
            "HOME": str(self.folder),
        }

    def rows(self) -> str:
        """Every row of every table as text."""
        known = MetaData()
        with self.database.read() as connection:
            known.reflect(connection)
            rows = [row for table in known.sorted_tables for row in connection.execute(table.select())]
        return "\n".join(map(str, rows))

    def files(self) -> Iterator[Path]:
        """All files but those that secrets belong into."""
        planted = {self.folder / "user" / name for name in IN_FILES} | {self.settings.home / "shotmill.toml"}
        return (path for path in self.folder.rglob("*") if path.is_file() and path not in planted)

    def close(self) -> None:
        for engine in engines.live_engines(self.database):
            os.kill(engine.pid, 15)
        while engines.live_engines(self.database):
            time.sleep(0.05)
        self.database.dispose()


@pytest.fixture
def mill(
    tmp_path: Path, database_url: str, trial: Path, deadline_service: DeadlineService, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Mill]:
    """Secrets are in the environment, in the settings file and in the files of other programs."""
    assert trial.is_dir()
    sign_in(tmp_path / "user", deadline_service, monkeypatch)
    assert CANARY in SECRET.encode()
    for name, content in IN_FILES.items():
        place = tmp_path / "user" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        place.chmod(0o600)
    for name in IN_ENVIRONMENT:
        monkeypatch.setenv(name, f"canary-4711-{name.lower()}")
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "user/.pgpass"))
    url = make_url(database_url)
    if url.drivername.startswith("postgresql"):
        url = url.set(password="canary-4711-settings")  # noqa: S106 - bait; the server asks for none
    with cuebot(tmp_path / "cue-logs") as bot:
        lines: dict[str, object] = {
            "database": url.render_as_string(hide_password=False),
            "opencue_hosts": [bot.address],
        }
        lines |= {"user": "artist", "opencue_user": "artist", "idle_s": 2.0, "cpu_slots": 2}
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        (home / "shotmill.toml").write_text("".join(f"{name} = {value!r}\n" for name, value in lines.items()))
        deadline_service.options.bucket = ""
        made = Mill(tmp_path, load_settings().settings, bot, deadline_service)
        yield made
        made.close()


def test_publish_fact_18_planted_secrets_are_found_nowhere(
    mill: Mill, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    ids = [mill.run("local"), mill.run("deadline", meanwhile=mill.work)]
    with rqd(mill.bot, mill.folder, mill.host()):
        ids.append(mill.run("opencue"))
    mill.fail()
    for command in COMMANDS:
        invoke(command.split())
    found = {str(path): path.read_bytes() for path in mill.files()}
    found |= {f"request {number} to Cuebot": sent for number, sent in enumerate(mill.bot.faults.requests)}
    found |= {
        f"request {number} to Deadline Cloud": str(call).encode() for number, call in enumerate(mill.service.calls)
    }
    found |= {
        "database": mill.rows().encode(),
        "log": caplog.text.encode(),
        "said": "".join(capfd.readouterr()).encode(),
    }
    assert [place for place, content in found.items() if CANARY in content] == []
    for job_id in ids:  # what was searched is what there is
        assert sum(str(job_id).encode() in content for content in found.values()) > 3
    assert sum(b"SHOTMILL_HOME=" in content for content in found.values()) >= len(ids)  # each task told all it knew
    assert b"opencue_hosts" in found["said"]
    assert {"LaunchSpecAndWait", "CreateJob"} <= {*mill.bot.faults.calls, *mill.service.called()}
