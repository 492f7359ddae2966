"""The panel of jobs and the browser of versions."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import stop_engines
from PySide6 import QtCore, QtGui, QtWidgets
from qt_host import on, real_client, scripted_client, told, turn_until

from shotmill.submitters.client import Client
from shotmill.submitters.qt import JobsPanel, KeptJobs, VersionsBrowser

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "contactsheet.jpg"
Panel = Callable[[Client], JobsPanel]
pytestmark = pytest.mark.usefixtures("app")


def job(handle: str, state: str = "running", **more: Any) -> dict[str, Any]:
    return {
        "handle": handle, "name": f"roto-{handle}", "type": "roto", "state": state, "failure": None,
        "created": "2026-11-22T06:43:18.311058Z", **more,
    }  # fmt: skip


def step(name: str, state: str, done: int, total: int) -> dict[str, Any]:
    return {"name": name, "state": state, "done": done, "total": total}


def version(number: int, *, product: str = "roto", gone: bool = False) -> dict[str, Any]:
    return {
        "id": f"{product}{number}", "address": f"demo:sq010/sh010/{product}@v{number:03d}", "project": "demo",
        "owner": "sq010/sh010", "product": product, "version": number, "state": "pending", "picture": str(PICTURE),
        "representations": [{"name": "exr", "path": f"/p/{product}_v{number:03d}.####.exr", "frames": "1-9"}],
        "job": "J-A", "comment": "", "author": "ada", "created": "2026-11-22T06:43:18Z", "missing": "", "gone": gone,
    }  # fmt: skip


def event(handle: str, state: str, *steps: dict[str, Any], **more: Any) -> str:
    line = {"type": "event", "job": handle, "state": state, "steps": list(steps), "failure": None, **more}
    return f"echo {shlex.quote(json.dumps(line))}"


def settings(folder: Path) -> QtCore.QSettings:
    return QtCore.QSettings(str(folder / "kept.ini"), QtCore.QSettings.Format.IniFormat)


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[Panel]:
    made: list[JobsPanel] = []

    def make(client: Client) -> JobsPanel:
        found = JobsPanel(client, kept=KeptJobs("test", settings(tmp_path)))
        made.append(found)
        found.resize(520, 400)
        found.show()
        return found

    yield make
    for one in made:
        one.close_down()
        one.deleteLater()


def buttons(panel: JobsPanel, handle: str) -> list[str]:
    return [name for name, button in panel.rows[handle].buttons.items() if button.isVisibleTo(panel)]


def test_a_job_is_followed_from_its_steps_to_its_picture(panel: Panel, tmp_path: Path) -> None:
    running = event("J-A", "running", step("detect", "succeeded", 1, 1), step("propagate", "running", 41, 96))
    ended = event("J-A", "succeeded", step("detect", "succeeded", 1, 1), versions=[version(1)])
    go = tmp_path / "go"
    client = scripted_client(
        tmp_path, on("watch", f"{running}\nwhile [ ! -e {go} ]; do sleep 0.05; done\n{ended}\n{told({'jobs': []})}")
    )
    shown = panel(client)
    assert shown.empty.isVisible()
    arrived: list[Any] = []
    shown.published.connect(arrived.append)
    shown.add({"job": job("J-A", "queued")})
    row = shown.rows["J-A"]
    turn_until(row.steps.text)
    assert row.steps.text() == "detect \u2713   propagate 41/96"
    assert row.state.text() == "running"
    assert (row.bar.value(), buttons(shown, "J-A")) == (round(1000 * 42 / 97), ["cancel"])
    go.touch()
    turn_until(lambda: arrived and not row.picture.pixmap().isNull())
    assert arrived == [version(1)]
    assert row.picture.pixmap().width() / row.picture.devicePixelRatioF() <= row.picture.width()
    assert (row.state.text(), buttons(shown, "J-A")) == ("succeeded", ["open", "stack", "forget"])
    asked: list[Any] = []
    shown.open_requested.connect(lambda one: asked.append(("open", one["id"])))
    shown.stack_requested.connect(lambda one: asked.append(("stack", one["id"])))
    row.buttons["open"].click()
    row.buttons["stack"].click()
    assert asked == [("open", "roto1"), ("stack", "roto1")]


def test_all_that_a_job_published_is_told_and_can_be_opened(panel: Panel, tmp_path: Path) -> None:
    three = [version(1), {**version(4), "owner": "sq010/sh020"}, version(2, product="thumbnail")]
    client = scripted_client(
        tmp_path, on("watch", f"{event('J-A', 'succeeded', versions=three)}\n{told({'jobs': []})}")
    )
    shown = panel(client)
    arrived: list[Any] = []
    asked: list[Any] = []
    shown.published.connect(arrived.append)
    shown.stack_requested.connect(asked.append)
    shown.add({"job": job("J-A", "queued")})
    turn_until(lambda: len(arrived) == 3)
    row = shown.rows["J-A"]
    assert row.made.text() == "sq010/sh010/roto v001, sq010/sh020/roto v004, and 1 more"
    choice = row.buttons["stack"].menu().actions()
    names = ["sq010/sh010/roto v001", "sq010/sh020/roto v004", "sq010/sh010/thumbnail v002"]
    assert ([one.text() for one in choice], row.made.toolTip().splitlines()) == (names, names)
    row.buttons["stack"].clicked.emit()  # it asks which
    choice[1].trigger()
    assert (arrived, asked) == (three, [three[1]])


def test_jobs_are_still_there_when_the_host_is_started_again(panel: Panel, tmp_path: Path) -> None:
    quiet = scripted_client(tmp_path, "sleep 60")
    before = panel(quiet)
    before.add({"job": job("J-A")})
    before.add({"job": job("J-B")})
    before.close_down()
    steps = [{"name": "publish", "state": "succeeded", "tasks": 1, "done": 1, "failed": 0, "running": 0}]
    both = [{"job": job(handle, "succeeded"), "steps": steps, "verdict": ""} for handle in ("J-A", "J-B")]
    watch = on("watch", f'echo "$question" > {tmp_path}/asked\n{told({"jobs": both})}')
    after = panel(scripted_client(tmp_path, watch))
    assert list(after.rows) == ["J-A", "J-B"]
    turn_until(lambda: after.rows["J-A"].state.text() == "succeeded")
    assert json.loads((tmp_path / "asked").read_text())["args"] == {"jobs": ["J-A", "J-B"]}
    after.rows["J-A"].buttons["forget"].click()
    assert [one["handle"] for one in KeptJobs("test", settings(tmp_path)).jobs] == ["J-B"]


def test_a_failed_job_says_why_can_be_copied_and_runs_again(
    panel: Panel, app: QtWidgets.QApplication, tmp_path: Path
) -> None:
    failed = event("J-A", "failed", step("render", "failed", 2, 4), failure="frame 1003 is cut off")
    retried = {"job": "J-A", "dry_run": False, "steps": {"render": 2}, "kept": 2, "text": "2 tasks run again"}
    script = [
        on("watch", f"if [ -e {tmp_path}/again ]; then sleep 60; fi\n{failed}\n{told({'jobs': []})}"),
        on("retry", f"touch {tmp_path}/again\n{told(retried)}"),
    ]
    shown = panel(scripted_client(tmp_path, "\n".join(script)))
    shown.add({"job": job("J-A")})
    row = shown.rows["J-A"]
    turn_until(row.failure.text)
    assert buttons(shown, "J-A") == ["retry", "copy", "forget"]
    row.buttons["copy"].click()
    assert app.clipboard().text() == "J-A: frame 1003 is cut off"
    row.buttons["retry"].click()
    assert not row.buttons["retry"].isEnabled()
    turn_until(lambda: row.state.text() == "queued")
    assert (row.failure.text(), buttons(shown, "J-A")) == ("", ["cancel"])


def test_a_job_that_cannot_go_on_is_followed_as_the_new_one(panel: Panel, tmp_path: Path) -> None:
    value = {"job": "J-A", "steps": {}, "submitted": "J-NEW", "anew": "its plate changed", "text": "submitted J-NEW"}
    ended = event("J-A", "failed", failure="x")
    script = [on("watch", f"{ended}\nsleep 60"), on("retry", told(value))]
    shown = panel(scripted_client(tmp_path, "\n".join(script)))
    shown.add({"job": job("J-A")})
    turn_until(lambda: shown.rows["J-A"].state.text() == "failed")
    shown.rows["J-A"].buttons["retry"].click()
    turn_until(lambda: "J-NEW" in shown.rows)
    assert shown.rows["J-A"].failure.text() == "submitted J-NEW"
    assert [one["handle"] for one in shown.kept.jobs] == ["J-NEW", "J-A"]


def test_a_refused_cancel_is_told_at_its_job(panel: Panel, tmp_path: Path) -> None:
    fault = '{"type": "error", "code": "E402", "message": "the farm is down", "hint": "try later"}'
    script = [on("watch", "sleep 60"), on("cancel", f"echo '{fault}'")]
    shown = panel(scripted_client(tmp_path, "\n".join(script)))
    shown.add({"job": job("J-A")})
    shown.rows["J-A"].buttons["cancel"].click()
    turn_until(shown.rows["J-A"].failure.text)
    assert shown.rows["J-A"].failure.text() == "the farm is down. What to do: try later (E402)"
    assert shown.rows["J-A"].buttons["cancel"].isEnabled()


def test_a_job_of_another_studio_is_kept_and_the_others_are_followed(panel: Panel, tmp_path: Path) -> None:
    fault = '{"type": "error", "code": "E211", "message": "there is no job J-B", "hint": "shotmill jobs"}'
    running = event("J-A", "running", step("render", "running", 1, 2))
    watch = f"""case "$question" in *J-B*) echo '{fault}';; *) {running}; sleep 60;; esac"""
    shown = panel(scripted_client(tmp_path, on("watch", watch)))
    shown.add({"job": job("J-A", "queued")})
    shown.add({"job": job("J-B", "queued")})
    turn_until(lambda: shown.rows["J-A"].steps.text() == "render 1/2")
    assert shown.rows["J-B"].state.text() == "unknown"
    assert buttons(shown, "J-B") == ["copy", "forget"]


def test_nothing_is_asked_while_the_host_plays(panel: Panel, tmp_path: Path) -> None:
    watch = on(
        "watch", f"echo x >> {tmp_path}/watches\n{event('J-A', 'running', step('a', 'running', 1, 2))}\nsleep 60"
    )
    shown = panel(scripted_client(tmp_path, watch))
    shown.set_playing(True)
    shown.add({"job": job("J-A", "queued")})
    for _ in range(20):
        QtWidgets.QApplication.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 5)
    assert not (tmp_path / "watches").exists()
    shown.set_playing(False)
    turn_until(lambda: shown.rows["J-A"].steps.text() == "a 1/2")
    assert (tmp_path / "watches").read_text() == "x\n"


def test_a_watch_that_breaks_is_told_and_begun_again(panel: Panel, tmp_path: Path) -> None:
    shown = panel(scripted_client(tmp_path, "exit 1"))
    shown._again.setInterval(1)
    shown.add({"job": job("J-A")})
    turn_until(lambda: "exit code 1" in shown.notice.label.text())
    scripted_client(tmp_path, f"{event('J-A', 'running')}\nsleep 60")
    turn_until(lambda: not shown.notice.label.text())


def test_what_somebody_wrote_into_the_settings_stops_nobody(tmp_path: Path) -> None:
    kept = settings(tmp_path)
    for bad in ("{", '{"a": 1}', '[1, {"x": 2}]'):
        kept.setValue("jobs", bad)
        assert KeptJobs("test", kept).jobs == []


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[VersionsBrowser]:
    found = [version(3), version(9, product="thumbnail"), version(2, gone=True), version(1)]
    made = VersionsBrowser(
        scripted_client(tmp_path, f'echo "$question" > {tmp_path}/asked\n{told({"versions": found})}')
    )
    listed: list[Any] = []
    made.listed.connect(lambda: listed.append(1))
    made.show()
    made.show_shot("demo", "sq010/sh010")
    turn_until(lambda: listed)
    yield made
    made.close_down()
    made.deleteLater()


def test_versions_of_a_shot_are_listed_with_pictures(browser: VersionsBrowser, tmp_path: Path) -> None:
    assert json.loads((tmp_path / "asked").read_text())["args"] == {"project": "demo", "shot": "sq010/sh010"}
    texts = [browser.list.item(row).text().split("\n") for row in range(browser.list.count())]
    assert [text[0] for text in texts] == ["roto v003", "thumbnail v009", "roto v002", "roto v001"]
    assert texts[0][1].startswith("sq010/sh010, 1-9, ")
    assert texts[2][2] == "pending, its files are gone"
    assert not browser.list.item(2).flags() & QtCore.Qt.ItemFlag.ItemIsEnabled
    sizes = browser.list.iconSize()

    def drawn() -> bool:
        image = browser.list.item(0).icon().pixmap(sizes).toImage()
        return len({image.pixelColor(x, image.height() // 2).rgb() for x in range(image.width())}) > 3

    turn_until(drawn)


def test_up_down_and_latest_stay_within_the_product_and_skip_what_is_gone(browser: VersionsBrowser) -> None:
    swapped: list[str] = []
    browser.swap_requested.connect(lambda one: swapped.append(one["id"]))
    assert not browser.buttons["up"].isEnabled()
    browser.set_current("/p/roto_v001.####.exr")
    assert browser.shown.text() == "shown: roto v001"
    browser.buttons["up"].click()
    browser.buttons["up"].click()
    assert not browser.buttons["up"].isEnabled()
    browser.buttons["down"].click()
    browser.buttons["latest"].click()
    browser.latest()
    shortcuts: Any = browser.findChildren(QtGui.QShortcut)
    keys = {one.key().toString(): one for one in shortcuts}
    keys["Alt+Down"].activated.emit()
    keys["Alt+Home"].activated.emit()
    assert swapped == ["roto3", "roto1", "roto3", "roto1", "roto3"]


def test_enter_opens_what_is_chosen(browser: VersionsBrowser) -> None:
    opened: list[str] = []
    browser.open_requested.connect(lambda one: opened.append(one["id"]))
    browser.list.setCurrentRow(1)
    none = QtCore.Qt.KeyboardModifier.NoModifier
    press = QtGui.QKeyEvent(QtCore.QEvent.Type.KeyPress, QtCore.Qt.Key.Key_Return, none)
    QtWidgets.QApplication.sendEvent(browser.list, press)
    assert opened == ["thumbnail9"]


def test_a_shot_without_versions_and_a_fault_are_told(browser: VersionsBrowser, tmp_path: Path) -> None:
    scripted_client(tmp_path, told({"versions": []}))
    browser.show_shot("demo", "sq010/sh999")
    turn_until(lambda: browser.notice.label.text() == "Nothing is published here yet.")
    scripted_client(tmp_path, "exit 1")
    browser.show_shot("demo", "sq010/sh999")
    turn_until(lambda: "exit code 1" in browser.notice.label.text())


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Client]:
    """With the local engine: jobs run."""
    yield real_client(tmp_path / "home", SHOTMILL_IDLE_S="2")
    stop_engines(tmp_path / "home")


def test_a_real_job_runs_is_published_and_browsed(panel: Panel, studio: Client, plate: str) -> None:
    submitted = studio.ask("submit", {"job_type": "thumbnail", "plates": [plate], "shot": "sq010/sh020"})
    shown = panel(studio)
    arrived: list[Any] = []
    shown.published.connect(arrived.append)
    shown.add(submitted)
    row = shown.rows[submitted["job"]["handle"]]
    turn_until(lambda: arrived and not row.picture.pixmap().isNull(), lambda: f"{row.job} {shown.notice.label.text()}")
    assert row.steps.text() == "render \u2713   publish \u2713"
    assert arrived[0]["owner"] == "sq010/sh020"
    found = VersionsBrowser(studio)
    listed: list[Any] = []
    found.listed.connect(lambda: listed.append(1))
    found.show_shot("", "", source=plate)
    turn_until(lambda: listed)
    assert [one["id"] for one in found.versions] == [arrived[0]["id"]]
    found.close_down()
