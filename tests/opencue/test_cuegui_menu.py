"""Shotmill's menu in the real CueGUI, over a Cuebot double with real jobs; Shotmill answers as a real child process."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cue_studio import CueStudio
from cuebot import Cuebot, ProcessHost, cuebot
from cuegui_program import cuegui, cuegui_package
from driven import Driven
from studio_jobs import install_trial

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import JobRow
from shotmill.pipeline.store.migrate import ensure_schema
from shotmill.schema.states import State
from shotmill.submitters.cuegui import place_plugin
from shotmill.submitters.cuegui.place import SOURCE, SWITCH, config_text

# In this order: the job is blocked at first, and published in the end.
pytestmark = [pytest.mark.slow, pytest.mark.measured]
ENTRIES = ["Open publish report", "Open outputs", "Why is it blocked?", "Publish again..."]
BAIT = "hunter2-of-cuegui"
SHOTMILL = Path(sys.executable).parent / "shotmill"


@dataclass
class Stage:
    """A CueGUI that is open, its Cuebot, and the studio whose jobs it lists."""

    gui: Driven
    bot: Cuebot
    studio: CueStudio
    plugin: Path
    folder: Path
    job: JobRow

    @property
    def cue_id(self) -> str:
        return self.bot.bot.jobs[0].id

    def choose(self, entry: str) -> dict[str, Any]:
        """What the window of an entry says."""
        self.gui("menu", jobs=[self.cue_id], choose=entry)
        return self.seen(entry.rstrip(".?"))

    def seen(self, picture: str) -> dict[str, Any]:
        return dict(self.gui("dialog", picture=str(self.folder / f"{picture}.png")))

    def program(self, *lines: str, **settings: object) -> None:
        """Put a script in the place of Shotmill."""
        script = self.folder / "instead.py"
        script.write_text("\n".join(["import json, os, sys, time", *lines]))
        self.configure([sys.executable, str(script)], **settings)

    def configure(self, program: list[str], **settings: object) -> None:
        text = config_text(program, {"SHOTMILL_HOME": str(self.studio.settings.home)})
        for name, value in settings.items():
            text = re.sub(rf"^{name}:.*$", f"{name}: {json.dumps(value)}", text, flags=re.MULTILINE)
        (self.plugin / "config.yaml").write_text(text)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("cuegui")
    plugins = cuegui_package(folder / "cue-site")
    (folder / "cue-site/sqlalchemy.py").write_text("raise ImportError('PYTHONPATH of CueGUI reached Shotmill')")
    (plugins / SWITCH).write_text("enabled_plugins:\n  - shotmill\n")
    with pytest.MonkeyPatch.context() as patched, cuebot(folder / "cue-logs") as bot:
        trial = install_trial(folder / "site")
        patched.syspath_prepend(str(trial))
        settings = Settings(home=folder / "home", user="artist", opencue_hosts=(bot.address,), opencue_user="artist")
        database = Database(settings.database_url)
        ensure_schema(database)
        (settings.home / "shotmill.toml").write_text(f'opencue_hosts = ["{bot.address}"]\nopencue_user = "artist"\n')
        studio = CueStudio(settings, database, bot, trial)
        host = ProcessHost(bot.bot.completed, folder, studio.site(folder))
        bot.bot.add_host(host)
        placed = place_plugin(plugins, [str(SHOTMILL)], {"SHOTMILL_HOME": str(settings.home)})
        for copied in placed.folder.glob("*.py"):  # so that what is measured is measured where it lies
            copied.unlink()
            copied.symlink_to(SOURCE / copied.name)
        made = studio.submit(publish=True, action="read", text=str(folder / "plate"), retries=0)
        studio.wait(made.job.id, states=(State.BLOCKED,))
        with cuegui(folder / "cue-site", bot.address, folder, {"AWS_SECRET_ACCESS_KEY": BAIT}) as gui:
            gui("watch", jobs=[job.id for job in bot.bot.jobs])
            yield Stage(gui, bot, studio, placed.folder, folder, made.job)
        host.close()
        studio.farm.client.close()
        database.dispose()


@pytest.fixture(autouse=True)
def _settled(stage: Stage) -> Iterator[None]:
    """Each test finds Shotmill in its place, and leaves no window behind."""
    stage.configure([str(SHOTMILL)])
    yield
    while stage.gui("dialog"):
        stage.gui("close")
    stage.bot.faults.slow_s = 0


def test_the_menu_opens_at_once_although_cuebot_is_slow_and_its_entries_wait(stage: Stage) -> None:
    stage.bot.faults.slow_s = 3
    seen = stage.gui("menu", jobs=[stage.cue_id], settle=False)
    assert seen["entries"] == dict.fromkeys(ENTRIES, False)
    assert stage.gui("seen")["longest_ms"] < 1800


def test_a_job_of_ours_has_four_entries(stage: Stage) -> None:
    seen = stage.gui("menu", jobs=[stage.cue_id], picture=str(stage.folder / "menu"))
    assert seen["title"] == f"Shotmill {stage.job.handle}"
    assert seen["entries"] == dict.fromkeys(ENTRIES, True)


def test_why_it_is_blocked_is_told_with_what_to_do(stage: Stage) -> None:
    said = stage.choose("Why is it blocked?")
    assert said["headline"] == f"{stage.job.handle} waits for a person"
    assert f"No such file or directory: '{stage.folder / 'plate'}'" in said["body"]
    assert "publish: waits for work" in said["body"]
    assert f"shotmill retry {stage.job.handle}" in said["body"]


def test_a_job_without_a_report_says_why(stage: Stage) -> None:
    assert stage.choose("Open publish report")["body"].startswith(
        f"{stage.job.handle} has no publish report: its publish step has not run; shotmill explain"
    )


def test_a_job_that_published_nothing_offers_what_its_tasks_wrote(stage: Stage) -> None:
    assert stage.choose("Open outputs")["headline"] == "Nothing is published yet"
    stage.gui("press", button="Open that folder")
    assert stage.gui("seen")["opened"][-1] == f"{stage.job.folder}/attempts"


def test_jobs_that_are_not_ours_have_no_entries_that_work(stage: Stage) -> None:
    stage.studio.launch(stage.studio.spec())
    stage.studio.launch(stage.studio.spec())
    plain, odd = stage.bot.bot.jobs[1:]
    plain.comments.clear()
    odd.comments.clear()
    odd.comment("somebody", "a note", "Shotmill? No.")
    stage.gui("watch", jobs=[plain.id, odd.id, stage.cue_id])
    assert "entries" not in stage.gui("menu", jobs=[plain.id])
    assert stage.gui("menu", jobs=[odd.id])["entries"] == dict.fromkeys(ENTRIES, False)
    stage.bot.bot.jobs.remove(odd)
    gone = stage.gui("menu", jobs=[odd.id])
    assert gone["title"].startswith("Shotmill: OpenCue did not tell its comments: ")
    assert gone["entries"] == dict.fromkeys(ENTRIES, False)
    several = stage.gui("menu", jobs=[odd.id, stage.cue_id])
    assert (several["title"], several["enabled"]) == ("Shotmill: select one job alone", False)


def test_a_shotmill_that_is_not_there_is_told_with_the_mend(stage: Stage) -> None:
    stage.configure(["/opt/nowhere/shotmill"])
    assert stage.choose("Why is it blocked?")["body"] == (
        "Shotmill is not on this machine as /opt/nowhere/shotmill: install it there, or name its program in "
        f"{stage.plugin / 'config.yaml'}"
    )


def test_a_shotmill_that_cannot_be_started_is_told(stage: Stage) -> None:
    script = stage.folder / "moved"
    script.write_text("#!/opt/nowhere/python\n")
    script.chmod(0o755)
    stage.configure([str(script)])
    assert stage.choose("Why is it blocked?")["body"].startswith(f"{script} cannot be started: ")


def test_a_viewer_that_is_not_there_leaves_the_path(stage: Stage) -> None:
    versions = {"versions": [{"address": "demo:sh010/trial@v001", "missing": None}], "folder": "/shows/trial"}
    stage.program(f"print(json.dumps({versions}))", viewer=["/opt/nowhere/rv", "{folder}"])
    said = stage.choose("Open outputs")
    assert said["headline"].startswith("/opt/nowhere/rv cannot be started; name another viewer in ")
    assert said["body"] == "/shows/trial"


def test_a_broken_shotmill_is_told_and_sees_no_secret_of_cuegui(stage: Stage) -> None:
    stage.program("json.dump(dict(os.environ), open('seen.json', 'w'))", "import nothing_of_this_name")
    assert "ModuleNotFoundError: No module named 'nothing_of_this_name'" in stage.choose("Open outputs")["body"]
    text = (stage.folder / "seen.json").read_text()
    assert BAIT not in text
    assert "PYTHONPATH" not in json.loads(text)


def test_a_shotmill_that_hangs_is_ended_and_cuegui_never_stands_still(stage: Stage) -> None:
    stage.program("open('pid', 'w').write(str(os.getpid()))", "time.sleep(60)", timeout_s=2)
    assert stage.choose("Why is it blocked?")["body"].startswith("Shotmill did not answer within 2 seconds")
    assert stage.gui("seen")["longest_ms"] < 1800
    pid = int((stage.folder / "pid").read_text())
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("print('{}')", "its answer lacks 'text': it is not of the version that put", id="another version"),
        pytest.param("print('Hello')", "is no Shotmill that works here (Hello); try in a shell", id="another program"),
        pytest.param("os.kill(os.getpid(), 9)", "Shotmill was ended from outside; try again", id="killed"),
    ],
)
def test_what_is_no_answer_is_told(line: str, told: str, stage: Stage) -> None:
    stage.program(line)
    assert told in stage.choose("Why is it blocked?")["body"]


def test_one_of_several_versions_is_chosen_and_opened_in_the_viewer(stage: Stage) -> None:
    versions = [{"address": f"demo:sh010/trial@v00{number}", "missing": None} for number in (1, 2)]
    stage.program(
        f"print(json.dumps({{'versions': {versions}}}) if sys.argv[1] == 'versions'",
        "    else json.dumps({'folder': '/shows/' + sys.argv[2]}))",
        viewer=[sys.executable, "-c", "import sys; open('viewed', 'w').write(sys.argv[1])", "{folder}"],
    )
    assert stage.choose("Open outputs")["headline"] == f"{stage.job.handle} has published 2 versions"
    stage.gui("press", button="Open")
    assert stage.seen("viewed") == {}
    stage.studio.until(lambda: (stage.folder / "viewed").exists() and (stage.folder / "viewed").read_text() != "")
    assert (stage.folder / "viewed").read_text() == "/shows/demo:sh010/trial@v001"


def test_settings_that_are_wrong_are_named(stage: Stage) -> None:
    (stage.plugin / "config.yaml").write_text("timeout_s: soon\n")
    assert "timeout_s must be a number of seconds" in stage.choose("Open outputs")["body"]


def test_publishing_again_says_what_it_will_do_does_it_and_its_report_is_shown(stage: Stage) -> None:
    (stage.folder / "plate").write_text("it is back")
    asked = stage.choose("Publish again...")
    assert asked["headline"] == f"Publish {stage.job.handle} again?"
    assert asked["body"].splitlines()[0] == "1 task to run again, outputs of 0 kept"
    assert asked["body"].endswith("  work: 1\n\nThe publish follows once they are done.")
    assert stage.studio.engine.status(stage.job.id).state is State.BLOCKED
    stage.gui("press", button="Publish again")
    assert stage.seen("done")["headline"] == "It runs again"
    stage.studio.wait(stage.job.id)
    stage.gui("close")
    report = stage.choose("Open publish report")
    assert report["headline"] == "published: demo/sq010/sh010/trial v001"
    stage.gui("press", button="Open the page")
    assert Path(stage.gui("seen")["opened"][-1]).parent == Path(stage.job.folder) / "publish"


def test_the_folder_of_what_is_published_is_opened(stage: Stage) -> None:
    assert stage.choose("Open outputs") == {}
    assert stage.gui("seen")["opened"][-1].endswith("/sq010/sh010/publish/trial/v001")


def test_what_is_published_is_not_published_again(stage: Stage) -> None:
    said = stage.choose("Publish again...")
    assert (said["headline"], said["buttons"]) == ("There is nothing to run again", ["Close", "Copy"])


def test_cuecommander_shows_the_same_menu(stage: Stage) -> None:
    stage.gui("command", jobs=[stage.cue_id])
    seen = stage.gui("menu", jobs=[stage.cue_id], choose="Why is it blocked?")
    assert seen["entries"] == dict.fromkeys(ENTRIES, True)
    assert stage.gui("dialog")["headline"].startswith(f"{stage.job.handle} succeeded")
