"""Tasks whose job folder lies on a full disk: the file is named, and the next attempt makes it good."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from small_disk import PAGE, SmallDisk

from shotmill.farm_plugins.task import TaskRequest, run_task
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.receipts import sound_receipt
from shotmill.pipeline.settings import Settings
from shotmill.schema.frames import FrameSet

FRAMES = FrameSet((1, 2, 3))
Ask = Callable[[Path], dict[str, Any]]


@pytest.mark.parametrize("leave", range(0, 10 * PAGE, PAGE))
def test_a_task_on_a_full_disk_says_so_and_is_done_when_there_is_space(
    leave: int, disk: SmallDisk, trial_bundle: Callable[..., Path], settings: Settings
) -> None:
    request = TaskRequest(trial_bundle(frames="1-3", chunk=3), "work", FRAMES)
    folder = JobFolder.of_bundle(request.bundle)
    disk.fill(leave=leave)
    first = run_task(request, settings)
    if first.exit_code:
        assert (first.exit_code, first.failure_code, first.retryable) == (75, "E301", True)
        assert str(folder.root) in first.message
    disk.make_space()
    assert run_task(request, settings).exit_code == 0
    assert sound_receipt(folder, "work", FRAMES) is not None
    assert [path.name for path in folder.receipts("work")[0].parent.iterdir()] == ["1-3.json"]


@contextmanager
def worker() -> Iterator[Ask]:
    """A warm worker, as the engine starts it: what it prints goes through a buffer."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-m", "shotmill.farm_plugins.task.worker"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(bundle: Path) -> dict[str, Any]:
            asked = {"bundle": str(bundle), "step": "work", "frames": "1-3", "attempt": 1}
            process.stdin.write(json.dumps(asked) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            while "ended" not in (said := json.loads(process.stdout.readline())):  # type: ignore[union-attr]
                continue
            ended: dict[str, Any] = said["ended"]
            return ended

        yield ask
        process.stdin.close()


@pytest.mark.parametrize("leave", range(0, 6 * PAGE, PAGE))
def test_a_worker_that_could_not_print_prints_again(
    leave: int, disk: SmallDisk, trial_bundle: Callable[..., Path]
) -> None:
    bundle = trial_bundle(frames="1-3", chunk=3, action="print", on=1, text="said ")
    with worker() as ask:
        disk.fill(leave=leave)
        full = ask(bundle)
        assert (full["exit_code"], full["failure_code"]) == (75, "E301"), full
        disk.make_space()
        done = ask(bundle)
    assert done["exit_code"] == 0
    text = (bundle.parent / done["log"]).read_text()
    assert text.count("said ") == (0 if "were done before" in text else 1000)
    assert "done: frames 1-3" in text
