"""The dialog against Shotmill's real child process: checked while it is filled in, submitted once, and told plainly."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from own_thread import Clock, listened
from PySide6 import QtCore, QtGui, QtWidgets
from qt_host import PATIENCE_S, on, scripted_client, told, turn_until
from rpc_host import ask

from shotmill.submitters.client import Client, ClientError
from shotmill.submitters.qt import Facts, FormDialog, fault_box

Open = Callable[..., FormDialog]
Keys = QtCore.Qt.Key


def shown(dialog: FormDialog) -> str:
    return f"{dialog.notice.label.text()}\n{dialog.extra.label.text()}".strip()


def settle(dialog: FormDialog) -> str:
    turn_until(lambda: not dialog.check.busy, lambda: shown(dialog))
    return shown(dialog)


def row_of(dialog: FormDialog, name: str) -> Any:
    assert dialog.view is not None
    return dialog.view.rows[name]


def press(widget: QtWidgets.QWidget, key: Keys, text: str = "") -> None:
    none = QtCore.Qt.KeyboardModifier.NoModifier
    for kind in (QtCore.QEvent.Type.KeyPress, QtCore.QEvent.Type.KeyRelease):
        QtWidgets.QApplication.sendEvent(widget, QtGui.QKeyEvent(kind, key, none, text))


def test_a_form_is_checked_while_it_is_filled_in_and_submitted_once(
    opened: Open, client: Client, plate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Host fact 5: the same request twice is one job, however often somebody clicks."""
    dialog = opened(client, "thumbnail", Facts(plates=(plate,), shot="sq010/sh020", project="demo"))
    assert settle(dialog) == "2 tasks, publishes thumbnail v001 in sq010/sh020"
    row_of(dialog, "frame").editor.set_value("nonsense")
    assert "1 thing to mend" in settle(dialog)
    assert "nonsense" in row_of(dialog, "frame").problem.text()
    row_of(dialog, "frame").editor.set_value("first")
    assert row_of(dialog, "frame").isVisible()
    assert settle(dialog) == "2 tasks, publishes thumbnail v001 in sq010/sh020"
    assert row_of(dialog, "frame").problem.text() == ""

    jobs: list[dict[str, Any]] = []
    dialog.submitted.connect(jobs.append)
    dialog.submit_button.click()
    dialog.submit_button.click()
    dialog.submit()
    turn_until(lambda: jobs, lambda: shown(dialog))
    assert f"{jobs[0]['job']['handle']} is submitted: 2 tasks" in shown(dialog)
    assert not dialog.submit_button.isEnabled()

    monkeypatch.setenv("SHOTMILL_SUBMIT_LATER", "true")
    again = ask(tmp_path / "home", "submit", dialog.asked(), id=dialog.request_id()).value
    assert again["job"]["id"] == jobs[0]["job"]["id"] == dialog.request_id()
    row_of(dialog, "frame").editor.set_value("last")
    assert dialog.request_id() != again["job"]["id"]
    dialog.check.stop()
    row_of(dialog, "frame").editor.set_value("first")
    assert dialog.request_id() == again["job"]["id"]
    assert len(jobs) == 1


def test_a_job_type_that_a_studio_writes_appears_by_itself(opened: Open, studio_python: str) -> None:
    dialog = opened(Client("rv", "1", python=studio_python), "soft_matte", Facts())
    assert dialog.windowTitle() == "Shotmill: soft_matte"
    assert dialog.types.findText("thumbnail") >= 0
    assert dialog.asked()["job_type"] == "soft_matte"
    assert row_of(dialog, "width").label.text().startswith("&W")


BROKEN = [
    pytest.param("exit 3", "E703", "exit code 3", id="ends without a word"),
    pytest.param('printf \'{"type": "pro\'; exit 0', "E703", "", id="stops in the middle of a line"),
    pytest.param("echo 'Segmentation fault'", "E703", "no answer", id="says what is no answer"),
    pytest.param("kill -9 $$", "E703", "signal 9", id="is killed"),
    pytest.param("head -c 1000000 /dev/zero >&2; exit 1", "E703", "exit code 1", id="says a million bytes of errors"),
    pytest.param("echo 'No module named shotmill' >&2; exit 1", "E701", "not installed", id="is not installed"),
]


@pytest.mark.parametrize(("script", "code", "words"), BROKEN)
def test_a_broken_child_is_told_in_one_sentence(
    script: str, code: str, words: str, tmp_path: Path, app: QtWidgets.QApplication
) -> None:
    """Host fact 6, as an artist sees it."""
    dialog = FormDialog(scripted_client(tmp_path, script), "thumbnail", Facts())
    turn_until(dialog.extra.label.text)
    said = dialog.extra.label.text()
    assert words in said
    assert said.endswith(f"({code})")
    assert "Traceback" not in said
    assert not dialog.submit_button.isEnabled()
    dialog.extra.copy_button.click()
    assert app.clipboard().text() == said
    dialog.done(0)


def test_a_child_that_cannot_start_arrives_as_a_message(app: QtWidgets.QApplication, tmp_path: Path) -> None:
    del app
    client = scripted_client(tmp_path, "exit 0")
    (tmp_path / "python").unlink()
    os.mknod(tmp_path / "python", stat.S_IFREG | 0o755)  # an empty program; nobody had it open for writing
    dialog = FormDialog(client, "thumbnail", Facts())
    turn_until(dialog.extra.label.text)
    assert "could not be started" in dialog.extra.label.text()
    assert "shotmill install" in dialog.extra.label.text()
    dialog.done(0)


def test_no_installation_is_one_sentence_in_a_box(app: QtWidgets.QApplication, tmp_path: Path) -> None:
    del app
    with pytest.raises(ClientError) as raised:
        Client("rv", "1", environ={"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)})
    box = fault_box(raised.value, None)
    assert box.text().startswith("nothing says where Shotmill is")
    assert "What to do: run 'shotmill install'" in box.text()


def test_a_type_that_is_not_there_is_told_and_another_can_be_chosen(
    app: QtWidgets.QApplication, tmp_path: Path, described: dict[str, Any]
) -> None:
    del app
    dialog = FormDialog(scripted_client(tmp_path, told(described)), "no_such", Facts())
    turn_until(dialog.extra.label.text)
    assert "no job type 'no_such'" in dialog.extra.label.text()
    dialog.types.setCurrentText("filmstrip")
    turn_until(lambda: dialog.view is not None)
    assert dialog.windowTitle() == "Shotmill: filmstrip"
    dialog.done(0)


@pytest.fixture
def quick(tmp_path: Path, described: dict[str, Any]) -> Client:
    """A child that answers at once, with what the real one says."""
    folder = f"/shows/{'long' * 40}/demo/sq010/sh020/thumbnail/v004"
    versions = [{"address": "demo:sq010/sh020/thumbnail@v004", "version": 4, "folder": folder}]
    plan = {"tasks": 2, "versions": versions, "warnings": [], "estimate": None}
    fault = '{"type": "error", "code": "E405", "message": "the farm is down", "hint": "try later", "field": null}'
    script = [
        on("describe", told(described)), on("validate", told({"ok": True, "problems": []})), on("plan", told(plan)),
        on("submit", f"echo '{fault}'"),
    ]  # fmt: skip
    return scripted_client(tmp_path, "\n".join(script))


def test_a_farm_that_is_down_is_told_and_the_same_request_is_sent_again(opened: Open, quick: Client) -> None:
    dialog = opened(quick, "thumbnail")
    settle(dialog)
    first = dialog.request_id()
    dialog.submit()
    turn_until(dialog.extra.label.text)
    assert dialog.extra.label.text() == "the farm is down. What to do: try later (E405)"
    assert dialog.submit_button.isEnabled()
    assert dialog.request_id() == first


def test_what_will_be_published_stands_there_with_its_version_and_folder(opened: Open, quick: Client) -> None:
    dialog = opened(quick, "thumbnail")
    width = dialog.width()
    assert settle(dialog) == "2 tasks, publishes thumbnail v004 in sq010/sh020"
    assert dialog.place.isVisible()
    assert dialog.place.text() == f"into /shows/{'long' * 40}/demo/sq010/sh020/thumbnail/v004"
    assert dialog.width() == width, "a long path makes no window wider"
    row_of(dialog, "width").editor.set_value(640)
    assert not dialog.place.isVisible(), "what was typed meanwhile may go elsewhere"


def test_the_keyboard_is_enough(opened: Open, quick: Client) -> None:
    dialog = opened(quick, "thumbnail", Facts(plates=("/a.exr",)))
    settle(dialog)
    dialog.activateWindow()
    dialog.types.setFocus()
    visited = []
    for _ in range(40):
        press(dialog, Keys.Key_Tab)
        focused = dialog.focusWidget()
        name = (
            next((name for name in dialog.view.rows if row_of(dialog, name).isAncestorOf(focused)), "")
            if (dialog.view)
            else ""
        )
        if name and name not in visited:
            visited.append(name)
    asked = [name for name in (dialog.view.rows if dialog.view else ()) if row_of(dialog, name).isVisible()]
    assert visited == asked
    row_of(dialog, "width").editor.focusProxy().setFocus()
    QtWidgets.QApplication.processEvents()
    assert "width in square pixels" in dialog.help.text()
    press(dialog, Keys.Key_Return)
    turn_until(lambda: "the farm is down" in shown(dialog), lambda: shown(dialog))
    press(dialog, Keys.Key_Escape)
    assert not dialog.isVisible()


SLOW_S = 10
LATE_S = 0.05


@pytest.fixture
def slow(tmp_path: Path, described: dict[str, Any]) -> Client:
    """A child that takes ten seconds to submit, with a child of its own."""
    job = {"job": {"handle": "J-SLOW", "engine": "local", "name": "x"}, "tasks": 2, "is_new": True}
    steps = SLOW_S * 20
    submit = f"""
echo $$ > {tmp_path}/pids
sleep 600 & echo $! >> {tmp_path}/pids
done=0
while [ $done -lt {steps} ]; do
  done=$((done + 1))
  echo '{{"type": "progress", "stage": "hash", "done": '$done', "total": {steps}}}'
  sleep 0.05
done
kill $!
{told(job)}"""
    script = [
        on("describe", told(described)), on("validate", told({"ok": True, "problems": []})),
        on("plan", told({"tasks": 2, "publishes": []})), on("submit", submit),
    ]  # fmt: skip
    return scripted_client(tmp_path, "\n".join(script))


@pytest.mark.alone
def test_the_host_never_waits_while_a_submit_takes_ten_seconds(opened: Open, slow: Client) -> None:
    """Host fact 7: no 50 ms of the window's thread at once, and it touches no file, process or socket."""
    dialog = opened(slow, "thumbnail")
    settle(dialog)
    jobs: list[Any] = []
    dialog.submitted.connect(jobs.append)
    clock = Clock()
    began = time.monotonic()
    with listened() as touched:
        dialog.submit()
        while not jobs:
            assert time.monotonic() - began < PATIENCE_S, shown(dialog)
            QtWidgets.QApplication.processEvents(QtCore.QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    clock.stop()
    assert time.monotonic() - began > SLOW_S * 0.9
    assert touched == []
    assert clock.busiest_s < LATE_S
    assert clock.ticks > 20


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def test_stop_ends_the_child_and_its_children_and_leaves_the_form(opened: Open, slow: Client, tmp_path: Path) -> None:
    dialog = opened(slow, "thumbnail")
    settle(dialog)
    first = dialog.request_id()
    dialog.submit()
    turn_until(lambda: "hash" in shown(dialog))
    assert dialog.close_button.text() == "Stop"
    pids = [int(line) for line in (tmp_path / "pids").read_text(encoding="utf-8").split()]
    assert len(pids) == 2
    press(dialog, Keys.Key_Escape)
    assert dialog.isVisible()
    assert "Stopped" in shown(dialog)
    turn_until(lambda: not any(map(alive, pids)), lambda: f"{pids} live on")
    assert dialog.request_id() == first


def test_a_host_that_closes_ends_what_was_asked(app: QtWidgets.QApplication, tmp_path: Path) -> None:
    del app
    client = scripted_client(tmp_path, f"echo $$ > {tmp_path}/pids; exec sleep 600")
    dialog = FormDialog(client, "thumbnail", Facts())
    turn_until(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text(encoding="utf-8"))
    pid = int((tmp_path / "pids").read_text(encoding="utf-8"))
    dialog.done(0)
    turn_until(lambda: not alive(pid))
