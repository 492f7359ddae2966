"""The real CueGUI, from pip, in an environment of its own; a copy of its package for each test to put plug-ins into."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
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
END_S = 20
MEASURED = "COVERAGE_PROCESS_CONFIG"
SYSTEM = "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0"


class CueGui:
    """CueGUI while it runs; every call is an order to ``cuegui_driver``."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log

    def __call__(self, do: str, /, **order: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            print(json.dumps({"do": do, **order}), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._say_why()
        return json.loads(line)

    def _say_why(self) -> None:
        said = self._log.read_text(encoding="utf-8", errors="replace")
        if "cannot open shared object file" in said:
            pytest.fail(f"Qt needs libraries of the system: apt-get install {SYSTEM}\n{said}", pytrace=False)
        pytest.fail(f"CueGUI has ended:\n{said}", pytrace=False)


def cuegui_package(site: Path) -> Path:
    """A copy of CueGUI's package in a folder of one's own; its folder of plug-ins."""
    found = _environment()
    (package,) = found.root.glob("lib/python*/site-packages/cuegui")
    shutil.copytree(package, site / "cuegui")  # makes the folder, too
    return site / "cuegui" / "cueguiplugin"


def _environment() -> Environment:
    return environment("opencue-cuegui", PINS)


@contextmanager
def cuegui(site: Path, cuebot: str, folder: Path, more: Mapping[str, str]) -> Iterator[CueGui]:
    """CueGUI with the package in ``site``, without a screen.

    Args:
        cuebot: its address.
        folder: becomes its home, and takes its log.
        more: of its environment.
    """
    log = folder / "cuegui.log"
    variables = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "USER": "wrangler",
        "PYTHONPATH": str(site), "CUEBOT_HOSTS": cuebot, "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(folder), **more,
    }  # fmt: skip
    if measured := os.environ.get(MEASURED):
        variables[MEASURED] = measured
    with log.open("wb") as said, subprocess.Popen(
        [str(_environment().python), "-P", str(DRIVER)],
        env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, cwd=folder,
    ) as process:  # fmt: skip
        try:
            yield CueGui(process, log)
            assert process.stdin is not None
            process.stdin.close()  # it ends by itself, and writes down what was measured
            process.wait(END_S)
        finally:
            process.kill()
