"""Tasks that a keeper does, as farms start them: a process each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from farm_bundles import trial_bundle

from shotmill.farm_plugins.local.engine import settings_environment
from shotmill.pipeline.settings import Settings

SHOTMILL = str(Path(sys.executable).with_name("shotmill"))
DEADLINE_S = 90.0


@dataclass
class FarmHost:
    """A host of a farm, where each task is a process.

    Attributes:
        session: whether keepers are those of an OpenJD session; else those of an OpenCue host.
        more: environment variables that the farm adds.
    """

    settings: Settings
    folder: Path
    session: bool
    more: dict[str, str]

    @property
    def trace(self) -> Path:
        return self.folder / "trace"

    def bundle(self, name: str = "job", **params: Any) -> Path:
        given = {"frames": "1-4", "model": "m", "trace": str(self.trace), **params}
        return trial_bundle(self.settings, name, **given)

    def task(self, bundle: Path, frame: int = 1, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start(bundle, frame, **environment)
        output, _ = process.communicate(timeout=DEADLINE_S)
        return subprocess.CompletedProcess(process.args, process.returncode, output, "")

    def start(self, bundle: Path, frame: int = 1, **environment: str) -> subprocess.Popen[str]:
        argv = [SHOTMILL, "task", "--bundle", str(bundle), "--step", "work", "--frames", str(frame)]
        given = {**os.environ, **settings_environment(self.settings), **self.more, **environment}
        return subprocess.Popen(argv, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def has_begun(self) -> bool:
        """Whether a task has told of itself."""
        return self.trace.exists() and self.trace.read_text().endswith("\n")

    def pids(self) -> list[int]:
        """Of the processes that did the tasks so far, in their order."""
        return [int(line.split()[1]) for line in self.trace.read_text().splitlines()]

    def loads(self) -> list[int]:
        """Of the processes that loaded a model."""
        return [int(pid) for pid in self.trace.with_suffix(".loads").read_text().split()]

    def cold(self) -> FarmHost:
        """The same host where nobody keeps anything."""
        more = {name: value for name, value in self.more.items() if name != "SHOTMILL_KEEPER"}
        return FarmHost(self.settings, self.folder, self.session, {**more, "SHOTMILL_KEEPER_IDLE_S": "0"})

    def open_session(self) -> None:
        given = {**os.environ, **settings_environment(self.settings)}
        said = subprocess.run([SHOTMILL, "keeper", "start"], env=given, capture_output=True, text=True, check=True)
        name, _, folder = said.stdout.strip().removeprefix("openjd_env: ").partition("=")
        self.more[name] = folder

    def close(self) -> None:
        """End what is left."""
        if "SHOTMILL_KEEPER" in self.more:
            subprocess.run([SHOTMILL, "keeper", "stop"], env={**os.environ, **self.more}, check=True)
        for pid in self.loads() if self.trace.with_suffix(".loads").exists() else ():
            if psutil.pid_exists(pid):
                psutil.Process(pid).kill()


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def kept_on_host(environment: dict[str, str]) -> list[dict[str, Any]]:
    """What ``shotmill keeper list`` says."""
    said = subprocess.run([SHOTMILL, "keeper", "list", "--json"], env=environment, capture_output=True, check=True)
    found: list[dict[str, Any]] = json.loads(said.stdout)["keepers"]
    return found
