"""The farms of the tests, each in a process of its own, so that what they do costs neither side its own time.

Run as a program with the name of one, it prints where the farm listens; then it answers each line of its input with the
jobs that were made since the last one, and forgets them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SUPPORT = Path(__file__).resolve().parents[1] / "tests" / "support"
OPENCUE, DEADLINE = "opencue", "deadline"
_PLACE = re.compile(r"--bundle \S+")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Double:
    """A farm that runs elsewhere.

    Attributes:
        address: where it listens.
    """

    address: str
    _process: subprocess.Popen[str]

    def made(self) -> list[dict[str, Any]]:
        """What clients have made of it since this was asked last; without names and places, which no two jobs share."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found: list[dict[str, Any]] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def farm_double(name: str) -> Iterator[Double]:
    """A farm of the tests, for as long as the context lasts."""
    with subprocess.Popen(
        [sys.executable, __file__, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield Double(process.stdout.readline().strip(), process)
        finally:
            process.kill()


def _answer(address: str, made: Any, words: IO[str]) -> None:
    print(address, flush=True)
    for _line in words:
        print(json.dumps(made()), flush=True)


def _opencue() -> None:
    from cuebot import cuebot  # noqa: PLC0415 - of the tests' support

    with tempfile.TemporaryDirectory() as logs, cuebot(Path(logs)) as farm:
        bot = farm.bot

        def made() -> list[dict[str, Any]]:
            jobs, bot.jobs = bot.jobs, []
            return [_cue_facts(job) for job in jobs]

        _answer(farm.address, made, sys.stdin)


def _cue_facts(job: Any) -> dict[str, Any]:
    layers = [
        {
            "name": layer.spec.name,
            "command": _PLACE.sub("", layer.spec.command),
            "range": layer.spec.range,
            "booked": [layer.spec.cores, layer.spec.memory_kib, layer.spec.gpus, layer.spec.timeout],
            "frames": [[frame.state, frame.frames] for frame in layer.frames],
        }
        for layer in job.layers
    ]
    comments = [len(comment.subject) for comment in job.comments]
    facts = [job.of.show, job.user, job.paused, job.max_retries, job.spec.priority]
    return {"job": facts, "layers": layers, "comments": comments}


def _deadline() -> None:
    from deadline_service import DeadlineService  # noqa: PLC0415 - of the tests' support

    service = DeadlineService()
    service.options.bucket = ""

    def made() -> list[dict[str, Any]]:
        with service.world.lock:
            jobs = service.jobs()
            service.world.jobs.clear()
            service.world.tokens.clear()
        assert not service.failures, service.failures
        return [_deadline_facts(job) for job in jobs]

    _answer(service.url, made, sys.stdin)


def _deadline_facts(job: Any) -> dict[str, Any]:
    names = ("priority", "maxRetriesPerTask", "maxFailedTasksCount", "targetTaskRunStatus", "templateType")
    steps = {step.name: [[task.status, task.parameters] for task in step.tasks] for step in job.steps}
    request = {name: job.request[name] for name in names}
    return {"request": request, "template": _ID.sub("", job.request["template"]), "steps": steps}


if __name__ == "__main__":
    sys.path.insert(0, str(SUPPORT))
    {OPENCUE: _opencue, DEADLINE: _deadline}[sys.argv[1]]()
