"""What hosts get: a copy beside the client, the standard library and Qt alone, in the syntax of Python 3.7."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from environments import environment
from qt_host import on, scripted_client, told

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "submitters" / "qt"
FILES = sorted(FOLDER.glob("*.py"))
IN_A_HOST = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
if sys.argv[3] == "PySide2":
    from PySide2 import QtCore, QtWidgets
else:
    from PySide6 import QtCore, QtWidgets
app = QtWidgets.QApplication([])
before = set(sys.modules)
from shotmill_client import Client
from shotmill_qt import Facts, FormDialog, JobsPanel, KeptJobs, VersionsBrowser

def until(holds):
    ends = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends
        app.processEvents()
        time.sleep(0.005)

client = Client("nuke", "13.2", python=sys.argv[2])
dialog = FormDialog(client, "grade", Facts(params={"amount": 3}))
dialog.show()
until(lambda: dialog.view is not None and not dialog.check.busy)
told = [dialog.asked(), dialog.notice.label.text(), dialog.place.text()]
dialog.view.rows["amount"].editor.set_value(4)
until(lambda: not dialog.check.busy)
jobs = []
dialog.submitted.connect(jobs.append)
dialog.submit_button.click()
until(lambda: jobs)
told += [dialog.asked()["params"], dialog.notice.label.text()]
settings = QtCore.QSettings(sys.argv[1] + "/kept.ini", QtCore.QSettings.Format.IniFormat)
panel = JobsPanel(client, kept=KeptJobs("test", settings))
arrived = []
panel.published.connect(arrived.append)
panel.show()
panel.add(jobs[0])
until(lambda: arrived)
told += [panel.rows["J-A"].state.text(), panel.rows["J-A"].steps.text()]
browser = VersionsBrowser(client)
browser.show_shot("demo", "sq010/sh010")
browser.show()
until(browser.list.count)
told.append(browser.list.item(0).text().split(chr(10))[0])
recipe = {}
exec(open(sys.argv[5], encoding="utf-8").read(), recipe)
host_window = QtWidgets.QWidget()
recipe["submit"](host_window, panel, "/p/plate.####.exr", "1001-1003")
by_recipe = next(one for one in app.topLevelWidgets() if isinstance(one, FormDialog) and one is not dialog)
until(lambda: by_recipe.view is not None)
told.append(by_recipe.asked())
by_recipe.done(0)
print(json.dumps(told))
names = {name.partition(".")[0] for name in set(sys.modules) - before} - set(json.loads(sys.argv[4]))
print(sorted(names - {"shotmill_client", "shotmill_qt", "PySide6", "PySide2", "shiboken2"}))
for window in (panel, browser):
    window.close_down()
dialog.done(0)
"""
PLAN = {
    "tasks": 1,
    "versions": [{"address": "demo:sq010/sh010/grade@v002", "version": 2, "folder": "/p/demo/grade/v002"}],
}
VERSION = {
    "id": "1", "address": "demo:sq010/sh010/grade@v002", "project": "demo", "owner": "sq010/sh010", "product": "grade",
    "version": 2, "state": "pending", "picture": None, "representations": [], "job": "J-A", "comment": "",
    "author": "ada", "created": "2026-11-22T06:43:18Z", "missing": "", "gone": False,
}  # fmt: skip
JOB = {"handle": "J-A", "name": "grade", "type": "grade", "state": "queued", "created": VERSION["created"]}
ENDED = {
    "type": "event", "job": "J-A", "state": "succeeded", "failure": None, "versions": [VERSION],
    "steps": [{"name": "grade", "state": "succeeded", "done": 1, "total": 1}],
}  # fmt: skip


def hosts() -> Iterator[Any]:
    """A Python and the Qt for it: the tests' own, and one with PySide2 where a Python is there that PySide2 has been
    built for."""
    yield pytest.param("PySide6", sys.executable, id="PySide6")
    for minor in (10, 9, 8, 7):
        places = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))
        python = str(places[-1]) if places else shutil.which(f"python3.{minor}")
        if python:
            yield pytest.param("PySide2", python, id=f"PySide2 in Python 3.{minor}")
            return


@pytest.mark.parametrize(("qt", "python"), list(hosts()))
def test_a_copy_beside_the_client_works_and_loads_nothing_else(qt: str, python: str, tmp_path: Path) -> None:
    """From the form to what was published, in hosts of today and in those with Qt 5; and the recipe of the docs."""
    if qt == "PySide2":
        python = str(environment("pyside2", ["PySide2==5.15.2.1", "shiboken2==5.15.2.1"], python=python).python)
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("client", "qt"):
        shutil.copytree(ROOT / "submitters" / name, tmp_path / f"shotmill_{name}", ignore=ignore)
    field = {"name": "amount", "label": "Amount", "type": "integer", "default": 1}
    grade = {"name": "grade", "summary": "", "takes": "none", "fields": [field]}
    frames = {"name": "frames", "label": "Frames", "type": "frames"}
    roto = {"name": "roto", "summary": "", "takes": "plates", "fields": [frames]}
    [recipe] = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs/hosts.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    (tmp_path / "recipe.py").write_text(recipe, encoding="utf-8")
    answers = {
        "describe": {"job_types": [grade, roto]}, "validate": {"ok": True, "problems": []}, "plan": PLAN,
        "submit": {"job": {**JOB, "engine": "local"}, "is_new": True, "tasks": 1}, "versions": {"versions": [VERSION]},
    }  # fmt: skip
    script = [on(op, told(value)) for op, value in answers.items()]
    script.append(on("watch", f"cat <<'EVENT'\n{json.dumps(ENDED)}\nEVENT\n{told({'jobs': []})}"))
    child = scripted_client(tmp_path, "\n".join(script)).command()[0]
    known = json.dumps([*sys.stdlib_module_names, *sys.builtin_module_names, "distutils", "imp"])
    done = subprocess.run(
        [python, "-I", "-c", IN_A_HOST, str(tmp_path), child, qt, known, str(tmp_path / "recipe.py")],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "SHOTMILL_PYTHON": child},
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    heard, loaded = done.stdout.splitlines()
    assert json.loads(heard) == [
        {"job_type": "grade", "params": {"amount": 3}, "plates": []}, "1 task, publishes grade v002 in sq010/sh010",
        "into /p/demo/grade/v002", {"amount": 4}, "J-A is submitted: 1 task on local", "succeeded", "grade \u2713",
        "grade v002",
        {"job_type": "roto", "params": {"frames": "1001-1003"}, "plates": ["/p/plate.####.exr"]},
    ]  # fmt: skip
    assert loaded == "[]"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_host_of_2020_can_read_it(file: Path) -> None:
    ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_nothing_newer_than_python_3_7_is_used() -> None:
    vermin = [str(Path(sys.executable).with_name("vermin")), "-t=3.7-", "--no-tips", "--violations", str(FOLDER)]
    done = subprocess.run(vermin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
