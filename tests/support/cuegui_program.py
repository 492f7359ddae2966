"""The real CueGUI, from pip, in an environment of its own; a copy of its package for each test to put plug-ins into."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path

from driven import Driven, driven
from environments import Environment, environment

# CueGUI's own pins, without the parts of Qt that it does not load.
PINS = (
    "opencue_cuegui==1.37.0",
    "opencue_pycue==1.37.0",
    "opencue_proto==1.37.0",
    "grpcio==1.85.1",
    "protobuf==7.36.2",
    "future==1.0.0",
    "PySide6-Essentials==6.5.3; python_version < '3.12'",
    "shiboken6==6.5.3; python_version < '3.12'",
    "PySide6-Essentials==6.8.2.1; python_version >= '3.12'",
    "shiboken6==6.8.2.1; python_version >= '3.12'",
    "QtPy==2.4.1",
    "Qt.py==2.0.7",
    "NodeGraphQt==0.6.43",
    "PyYAML==6.0.3",
    "packaging==26.3",
    "typing_extensions==4.16.0",
    f"coverage=={version('coverage')}",
)
DRIVER = Path(__file__).with_name("cuegui_driver.py")


def cuegui_package(site: Path) -> Path:
    """A copy of CueGUI's package in a folder of one's own; its folder of plug-ins."""
    found = _environment()
    (package,) = found.root.glob("lib/python*/site-packages/cuegui")
    shutil.copytree(package, site / "cuegui")  # makes the folder, too
    return site / "cuegui" / "cueguiplugin"


def _environment() -> Environment:
    return environment("opencue-cuegui", PINS)


def cuegui(site: Path, cuebot: str, folder: Path, more: Mapping[str, str]) -> AbstractContextManager[Driven]:
    """CueGUI with the package in ``site``, without a screen.

    Args:
        cuebot: its address.
        folder: becomes its home, and takes its log.
        more: of its environment.
    """
    site_of = {"USER": "wrangler", "PYTHONPATH": str(site), "CUEBOT_HOSTS": cuebot, **more}
    return driven("CueGUI", [str(_environment().python), "-P", str(DRIVER)], folder, site_of)
