"""Hosts that are not RQD: frames end when a test says so, or run as plain processes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

Report = Callable[[str, int, int], None]


class Host(Protocol):
    """Something that runs frames.

    Attributes:
        cores: hundredths of cores.
    """

    name: str
    cores: int
    gpus: int

    def launch(self, run: Any) -> None:
        """Begin to run a frame."""
        ...

    def kill(self, frame_id: str, reason: str) -> None:
        """End a frame."""
        ...


@dataclass(eq=False)
class StillHost:
    """Runs nothing: frames stay as they are until the test ends them."""

    name: str = "still"
    cores: int = 100_000
    gpus: int = 64
    runs: list[Any] = field(default_factory=list)

    def launch(self, run: Any) -> None:
        self.runs.append(run)

    def kill(self, frame_id: str, reason: str) -> None:
        """Nothing runs."""

    def run_of(self, frame_name: str) -> Any:
        """The last order for the frame of this name."""
        return next(run for run in reversed(self.runs) if run.frame_name == frame_name)


@dataclass(eq=False)
class ProcessHost:
    """Runs each frame's command with the system's shell, in a session of its own, and reports how it ended.

    Args:
        report: told the resource, the exit status and the signal.
        folder: where commands run.
        site: what the host adds to a frame's environment.
    """

    report: Report
    folder: Path
    site: Mapping[str, str]
    name: str = "plain"
    cores: int = 200
    gpus: int = 0
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def launch(self, run: Any) -> None:
        threading.Thread(target=self._run, args=(run,), daemon=True).start()

    def _run(self, run: Any) -> None:
        log = self.folder / f"{run.job_name}.{run.frame_name}.{run.resource_id}.log"
        environment = {"PATH": os.defpath, **self.site, **run.environment}
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["/bin/sh", "-c", run.command],
                env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
            self.running[run.frame_id] = process
            code = process.wait()
        self.report(run.resource_id, code if code >= 0 else 1, max(0, -code))

    def kill(self, frame_id: str, reason: str) -> None:
        del reason
        process = self.running.get(frame_id)
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        for frame_id in list(self.running):
            self.kill(frame_id, "the test ends")
            self.running[frame_id].wait()
