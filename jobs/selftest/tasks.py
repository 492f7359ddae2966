"""The work of self-tests: tell what a task was given and what it sees."""

from __future__ import annotations

import json
import os
import sys

from ...pipeline.files import write_whole
from ...schema.task import FileMade, OutputMade, TaskContext, TaskFunction, Written
from .params import SelftestParams

# Of these the value is told; of all others no more than the name, since secrets are kept in values.
TOLD = ("CUDA_VISIBLE_DEVICES", "SHOTMILL_JOB")


def tell(task: TaskContext[SelftestParams]) -> Written:
    """Write what this task was given, once for each of its frames."""
    for line in range(1, task.params.lines + 1):
        print(f"selftest line {line} of {task.params.lines}")  # noqa: T201 - whether logs are whole is what is tested
    told = {
        "argv": sys.argv[1:],
        "frames": str(task.frames),
        "words": task.params.words,
        "variables": sorted(os.environ),
        "values": {name: os.environ[name] for name in TOLD if name in os.environ},
        "python": ".".join(map(str, sys.version_info[:3])),
    }
    files = []
    for frame in task.frames:
        name = f"{frame:04d}.json"
        write_whole(task.staging / name, (json.dumps({**told, "frame": frame}, indent=1) + "\n").encode())
        files.append(FileMade(name, frame))
    output = OutputMade(product=task.step.name, representation="json", files=files)
    task.progress(1.0, f"frames {task.frames}")
    return Written(outputs=[output], done=task.frames)


TASKS: dict[str, TaskFunction] = {"tell": tell}
