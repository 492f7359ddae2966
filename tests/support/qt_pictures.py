"""The pictures of the dialog, the panel and the browser in the docs, drawn without a screen.

``python tests/support/qt_pictures.py docs/images`` draws them anew.
"""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from qt_host import on, scripted_client, start_app, told, turn_until
from rpc_host import ask

from shotmill.submitters.qt import Facts, FormDialog, JobsPanel, KeptJobs, VersionsBrowser

PLATE = "/shows/demo/sq010/sh020/plate/sh020_plate.####.exr"
STROKES = [{"name": "hero", "prompts": [{"frame": 1001, "points": [{"x": 812.0, "y": 404.5}]}]}]
NAMES = ("dialog.png", "dialog-problem.png", "jobs-panel.png", "versions-browser.png")


def draw_all(folder: Path) -> list[Path]:
    """Draw them into a folder.

    Returns:
        The files, as ``NAMES`` has them.
    """
    start_app()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        described = ask(place / "home", "describe").value
        makers: tuple[Callable[[Path, Any], QtWidgets.QWidget], ...] = (_dialog, _problem, _panel, _browser)
        files = [folder / name for name in NAMES]
        for file, make in zip(files, makers, strict=True):
            widget = make(place, described)
            _draw(widget, file)
            widget.close()
            widget.deleteLater()
    return files


def _draw(widget: QtWidgets.QWidget, file: Path) -> None:
    QtWidgets.QApplication.processEvents()
    assert widget.grab().toImage().convertToFormat(QtGui.QImage.Format.Format_RGB32).save(str(file)), file


def _script(place: Path, *parts: str) -> Any:
    return scripted_client(place, "\n".join(parts))


def _settled(dialog: FormDialog, *, width: int, height: int) -> FormDialog:
    dialog.resize(width, height)
    dialog.show()
    turn_until(lambda: dialog.view is not None and not dialog.check.busy)
    return dialog


def _dialog(place: Path, described: Any) -> FormDialog:
    estimate = {"cpu_hours": {"p50": 0.05, "p90": 0.08}, "gpu_hours": {"p50": 0.0, "p90": 0.0}, "cost": None}
    before = {"job": "J-37JD59TA", "state": "succeeded", "versions": ["demo:sq010/sh020/thumbnail@v003"]}
    address, folder = "demo:sq010/sh020/thumbnail@v004", "/shows/projects/demo/sq010/sh020/thumbnail/v004"
    versions = [{"address": address, "version": 4, "folder": folder}]
    plan = {"tasks": 12, "versions": versions, "estimate": estimate, "done_before": before}
    client = _script(
        place, on("describe", told(described)), on("validate", told({"ok": True, "problems": []})),
        on("plan", told(plan)),
    )  # fmt: skip
    facts = Facts(plates=(PLATE,), shot="sq010/sh020", project="demo")
    return _settled(FormDialog(client, "thumbnail", facts), width=600, height=560)


def _problem(place: Path, described: Any) -> FormDialog:
    message = "frame range '1001-1100x' cannot be read; write it as 1001-1096, 1-100x2 or 1-5,9"
    problem = {"field": "frames", "message": message, "hint": "", "code": "E202"}
    client = _script(
        place, on("describe", told(described)), on("validate", told({"ok": False, "problems": [problem]})),
    )  # fmt: skip
    notes = {"objects": "1 object of 3 strokes on frames 1001 and 1024"}
    params = {"frames": "1001-1100x", "objects": STROKES}
    facts = Facts(plates=(PLATE,), shot="sq010/sh020", project="demo", params=params, notes=notes)
    return _settled(FormDialog(client, "roto", facts), width=600, height=640)


def _moment(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes, seconds=4)).isoformat()


def _version(place: Path, product: str, number: int, hue: int, **more: Any) -> dict[str, Any]:
    form = {"name": "exr", "path": f"/p/{product}_v{number:03d}.####.exr", "frames": "1001-1100", "files": 100}
    return {
        "id": f"{product}{number}", "address": f"demo:sq010/sh020/{product}@v{number:03d}", "project": "demo",
        "owner": "sq010/sh020", "product": product, "version": number, "state": "pending",
        "picture": str(_picture(place / f"{product}{number}.png", hue)), "representations": [form], "job": "J-A",
        "comment": "", "author": "ada", "created": _moment(30 * number), "missing": "", "gone": False, **more,
    }  # fmt: skip


def _picture(file: Path, hue: int) -> Path:
    """Hills before a sky, as a shot that everybody has."""
    image = QtGui.QImage(448, 252, QtGui.QImage.Format.Format_RGB32)
    painter = QtGui.QPainter(image)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    sky = QtGui.QLinearGradient(0, 0, 0, 252)
    sky.setColorAt(0, QtGui.QColor.fromHsv(hue, 150, 90))
    sky.setColorAt(1, QtGui.QColor.fromHsv((hue + 150) % 360, 90, 235))
    painter.fillRect(image.rect(), sky)
    painter.setPen(QtCore.Qt.PenStyle.NoPen)
    painter.setBrush(QtGui.QColor("#fff3d8"))
    painter.drawEllipse(QtCore.QPointF(96, 72), 22, 22)
    for depth in range(3):
        painter.setBrush(QtGui.QColor.fromHsv(hue, 110, 150 - 45 * depth))
        for hill in range(3):
            painter.drawEllipse(QtCore.QPointF(60 + 170 * hill + 70 * depth, 262 + 12 * depth), 170, 92 - 16 * depth)
    painter.end()
    assert image.save(str(file))
    return file


def _job(handle: str, name: str, minutes: float) -> dict[str, Any]:
    return {"handle": handle, "name": name, "type": "roto", "state": "queued", "created": _moment(minutes)}


def _step(name: str, state: str, done: int, total: int) -> dict[str, Any]:
    return {"name": name, "state": state, "done": done, "total": total}


def _event(handle: str, state: str, *steps: dict[str, Any], **more: Any) -> str:
    line = {"type": "event", "job": handle, "state": state, "steps": list(steps), "failure": None, **more}
    return f"echo {shlex.quote(json.dumps(line))}"


def _panel(place: Path, described: Any) -> JobsPanel:
    del described
    first = _version(place, "thumbnail", 4, 210)
    watch = [
        _event("J-1", "running", _step("detect", "succeeded", 1, 1), _step("segment", "succeeded", 4, 4),
               _step("propagate", "running", 41, 96), _step("publish", "queued", 0, 1)),
        _event("J-2", "failed", _step("render", "failed", 11, 12), _step("publish", "queued", 0, 1),
               failure="frame 1013 of sh020_plate cannot be read: the file is cut off after 1.2 MB. Deliver it again, "
               "then press Retry (E305)"),
        _event("J-3", "succeeded", _step("render", "succeeded", 1, 1), _step("publish", "succeeded", 1, 1),
               versions=[first, *({**first, "owner": f"sq010/sh0{number}0"} for number in range(3, 9))]),
    ]  # fmt: skip
    settings = QtCore.QSettings(str(place / "kept.ini"), QtCore.QSettings.Format.IniFormat)
    panel = JobsPanel(_script(place, on("watch", "\n".join([*watch, "sleep 20"]))), kept=KeptJobs("docs", settings))
    for handle, name, minutes in (
        ("J-3", "thumbnail-edit", 47),
        ("J-2", "dailies-sh020", 9),
        ("J-1", "roto-sh020", 3),
    ):
        panel.kept.add(_job(handle, name, minutes))
        panel.add({"job": _job(handle, name, minutes)})
    panel.resize(600, 400)
    panel.show()
    turn_until(lambda: not panel.rows["J-3"].picture.pixmap().isNull())
    panel.close_down()
    return panel


def _browser(place: Path, described: Any) -> VersionsBrowser:
    del described
    versions = [
        _version(place, "roto", 3, 24, comment="arm follows now"),
        _version(place, "roto", 2, 200, state="rejected", missing="1044-1046"),
        _version(place, "bake", 1, 285, state="approved"),
        _version(place, "thumbnail", 1, 150),
    ]
    browser = VersionsBrowser(_script(place, told({"versions": versions})))
    browser.resize(600, 400)
    browser.show()
    browser.show_shot("demo", "sq010/sh020")
    turn_until(lambda: len(browser.versions) == len(versions))
    turn_until(lambda: all(browser.shelf.picture(one["picture"], browser.devicePixelRatioF()) for one in versions))
    QtWidgets.QApplication.processEvents()
    browser.set_current("roto2")
    browser.close_down()
    return browser


if __name__ == "__main__":
    for drawn in draw_all(Path(sys.argv[1])):
        sys.stdout.write(f"{drawn}\n")
