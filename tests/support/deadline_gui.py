"""The window of ``deadline bundle gui-submit``, from pip, in an environment of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from driven import Driven, driven
from environments import environment

# The part of Qt is one that CueGUI's environment has, too, on newer Pythons.
PINS = (
    "deadline==0.60.10",
    "deadline-job-attachments==0.1.5",
    "boto3==1.44.5",
    "QtPy==2.4.3",
    "PySide6-Essentials==6.8.2.1",
    "shiboken6==6.8.2.1",
)
DRIVER = Path(__file__).with_name("deadline_gui_driver.py")


def submitter_window(bundle: Path, folder: Path, more: Mapping[str, str]) -> AbstractContextManager[Driven]:
    """The real command on a bundle; orders go to ``deadline_gui_driver``.

    Args:
        bundle: what it opens.
        folder: where it is typed in.
        more: of its environment, such as where Deadline Cloud is.
    """
    found = environment("deadline-gui", PINS, resolve=True)
    command = [str(found.program("deadline")), "bundle", "gui-submit", str(bundle)]
    return driven("deadline gui-submit", [str(found.python), "-P", str(DRIVER), *command], folder, more)
