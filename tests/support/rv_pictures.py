"""Pictures of Shotmill in RV for the docs: what the mode itself opens in the tests' RV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6 import QtGui, QtWidgets
from qt_host import DARK, dark_palette
from rpc_host import ask
from rv_host import Parrot, Rv

NAMES = ("rv-dialog.png", "rv-jobs.png")
PLATE = "/shows/demo/sq010/sh020/plate/sh020_plate.1001-1096#.exr"
SHEET = Path(__file__).parents[2] / "docs" / "images" / "contactsheet.jpg"
VERSION = {
    "id": "1", "address": "demo:sq010/sh010/roto@v003", "project": "demo", "owner": "sq010/sh010", "product": "roto",
    "kind": "matte", "version": 3, "representations": [], "source": "", "picture": str(SHEET), "job": "J-8XK2M4QT",
}  # fmt: skip


def draw_all(rv: Rv, parrot: Parrot, folder: Path) -> list[Path]:
    """Draw them into a folder: a roto of what is painted, and the panel with two jobs."""
    rv.application.setStyle("Fusion")
    rv.application.setFont(QtGui.QFont("DejaVu Sans", 9))
    rv.application.setPalette(dark_palette())
    assert DARK["Window"] == rv.application.palette().color(QtGui.QPalette.ColorRole.Window).name()
    _answers(parrot, folder)
    rv.open(PLATE)
    green = [0.0, 1.0, 0.0, 1.0]
    rv.paint("sourceGroup000000_paint", "rect:1:1001:ada", min=[-0.3, -0.2], max=[0.1, 0.25], borderColor=green)
    rv.paint("sourceGroup000000_paint", "text:2:1001:ada", position=[-0.1, 0.0], text=["hero"], color=green)
    rv.press("Shotmill", "Submit", "Roto", "Current Source")
    dialog = rv.mode.windows._kept[-1]
    rv.wait(lambda: dialog.view is not None and not dialog.check.busy)
    rv.press("Shotmill", "Jobs")
    panel = rv.mode._panel
    for handle, name in (("J-8XK2M4QT", "roto sh010"), ("J-37JD59TA", "roto sh020")):
        panel.add({"job": {"handle": handle, "name": name, "type": "roto", "state": "queued", "created": ""}})
    ended, running = panel.rows["J-8XK2M4QT"], panel.rows["J-37JD59TA"]
    rv.wait(lambda: not ended.picture.pixmap().isNull() and running.steps.text())
    return [_grab(dialog, folder / NAMES[0], 600, 620), _grab(panel, folder / NAMES[1], 520, 230)]


def _answers(parrot: Parrot, folder: Path) -> None:
    place = "/shows/projects/demo/sq010/sh020/roto/v004"
    versions = [{"address": "demo:sq010/sh020/roto@v004", "version": 4, "folder": place}]
    parrot.say("watch", _event("J-8XK2M4QT", "succeeded", 10, versions=[VERSION]), _event("J-37JD59TA", "running", 4))
    parrot.answer(
        describe=ask(folder / "home", "describe").value,
        validate={"ok": True, "problems": []},
        plan={"tasks": 18, "versions": versions, "estimate": None},
        watch={"jobs": []},
    )


def _event(job: str, state: str, done: int, **more: Any) -> dict[str, Any]:
    at_work = "succeeded" if state == "succeeded" else "running"
    steps = [
        {"name": "propagate", "state": "succeeded", "done": 1, "total": 1},
        {"name": "matte", "state": at_work, "done": done, "total": 10},
        {"name": "publish", "state": "succeeded" if done > 9 else "queued", "done": done // 10, "total": 1},
    ]
    return {"type": "event", "job": job, "state": state, "steps": steps, "failure": None, **more}


def _grab(window: QtWidgets.QWidget, file: Path, width: int, height: int) -> Path:
    window.resize(width, height)
    QtWidgets.QApplication.processEvents()
    assert window.grab().save(str(file), "PNG")
    return file
