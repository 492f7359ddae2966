"""What hosts get: a copy beside the client, the standard library and Qt alone, in the syntax of Python 3.7."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from qt_host import on, scripted_client, told

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "submitters" / "qt"
FILES = sorted(FOLDER.glob("*.py"))
IN_A_HOST = """
import sys, time
sys.path.insert(0, sys.argv[1])
from PySide6 import QtWidgets
app = QtWidgets.QApplication([])
before = set(sys.modules)
from shotmill_client import Client
from shotmill_qt import Facts, FormDialog, JobsPanel, VersionsBrowser
dialog = FormDialog(Client("nuke", "16.0", python=sys.argv[2]), "grade", Facts(params={"amount": 3}))
ends = time.monotonic() + 60
while dialog.view is None and time.monotonic() < ends:
    app.processEvents()
    time.sleep(0.01)
print(dialog.asked())
names = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(names - set(sys.stdlib_module_names) - {"shotmill_client", "shotmill_qt", "PySide6"}))
dialog.done(0)
"""


def test_a_copy_beside_the_client_works_and_loads_nothing_else(tmp_path: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("client", "qt"):
        shutil.copytree(ROOT / "submitters" / name, tmp_path / f"shotmill_{name}", ignore=ignore)
    field = {"name": "amount", "label": "Amount", "type": "integer", "default": 1}
    grade = {"name": "grade", "summary": "", "takes": "none", "fields": [field]}
    child = scripted_client(tmp_path, on("describe", told({"job_types": [grade]}))).command()[0]
    done = subprocess.run(
        [sys.executable, "-I", "-c", IN_A_HOST, str(tmp_path), child],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["{'job_type': 'grade', 'params': {'amount': 3}, 'plates': []}", "[]"], (
        done.stderr
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_host_of_2020_can_read_it(file: Path) -> None:
    ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_nothing_newer_than_python_3_7_is_used() -> None:
    vermin = [str(Path(sys.executable).with_name("vermin")), "-t=3.7-", "--no-tips", "--violations", str(FOLDER)]
    done = subprocess.run(vermin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
