"""A host without a screen, and Shotmill's real child process behind it."""

from __future__ import annotations

import shutil
import sysconfig
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6 import QtWidgets
from qt_host import real_client, start_app, turn_until

from shotmill.submitters.client import Client
from shotmill.submitters.qt import Facts, FormDialog
from shotmill.submitters.scaffold import write_job_type

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def app() -> QtWidgets.QApplication:
    return start_app()


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """Of a studio that keeps jobs for later: no engine is started."""
    return real_client(tmp_path / "home", SHOTMILL_SUBMIT_LATER="true")


@pytest.fixture(scope="session")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``describe`` tells of all job types."""
    value = real_client(tmp_path_factory.mktemp("home")).ask("describe")
    assert isinstance(value, dict)
    return value


@pytest.fixture
def plate(tmp_path: Path) -> str:
    """A still that is there."""
    place = tmp_path / "demo" / "sq010" / "sh020" / "plate.1001.jpg"
    place.parent.mkdir(parents=True)
    shutil.copy(Path(__file__).parents[2] / "docs" / "images" / "contactsheet.jpg", place)
    return str(place)


@pytest.fixture
def opened(app: QtWidgets.QApplication) -> Iterator[Callable[..., FormDialog]]:
    """Opens dialogs, waits for their forms, and closes them behind the test."""
    del app
    found: list[FormDialog] = []

    def open_dialog(client: Client, job_type: str = "", facts: Facts | None = None) -> FormDialog:
        dialog = FormDialog(client, job_type, facts)
        found.append(dialog)
        dialog.show()
        turn_until(lambda: dialog.view is not None, dialog.extra.label.text)
        return dialog

    yield open_dialog
    for dialog in found:
        dialog.done(0)
        dialog.deleteLater()
    QtWidgets.QApplication.processEvents()


@pytest.fixture(scope="session")
def studio_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of an environment in which a job type of ``shotmill new`` is installed."""
    folder = tmp_path_factory.mktemp("studio")
    written = folder / "written"
    write_job_type("soft_matte", written)
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    (site / "ours.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT / '.dev'}\n", encoding="utf-8")
    shutil.copytree(written / "shotmill_soft_matte", site / "shotmill_soft_matte")
    wheel = site / "shotmill_soft_matte-1.dist-info"  # what pip would write of it
    wheel.mkdir()
    (wheel / "METADATA").write_text("Metadata-Version: 2.1\nName: shotmill-soft-matte\nVersion: 1\n", encoding="utf-8")
    entry = "[shotmill.jobs]\nsoft_matte = shotmill_soft_matte\n"
    (wheel / "entry_points.txt").write_text(entry, encoding="utf-8")
    return str(folder / "venv" / "bin" / "python")
