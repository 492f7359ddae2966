"""A server of delivery workers that die: everything is imported once, each worker runs in a forked process.

Reads one JSON list a line: NAME, HOME, DATABASE, BEGAN, AHEAD, SPEED, LEASE, POINT, CHANCE, SEED. The workers' time is
AHEAD seconds ahead of ours, and goes by SPEED times as fast since BEGAN. The worker kills itself when it passes POINT
(``-``: nowhere; a number: after so many seconds, wherever it is), and at any point with a chance of CHANCE; if it
lives, it carries until nothing is left that is due.
``[NAME]`` alone asks how the worker of that name ended. Answers each line with a JSON list: NAME, and its exit code or
null while it runs.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from wire_tracker import TOKEN

from shotmill.pipeline.outbox.crew import Crew
from shotmill.pipeline.outbox.office import studio_of
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database


class FastClock:
    """Time that goes by faster, for all processes alike."""

    def __init__(self, began: float, ahead_s: float, speed: float) -> None:
        self._began, self._ahead_s, self._speed = began, ahead_s, speed

    def now(self) -> datetime:
        passed = (time.time() - self._began) * self._speed + self._ahead_s
        return datetime.fromtimestamp(self._began, UTC) + timedelta(seconds=passed)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(max(seconds / self._speed, 0.001))


def carry(home: str, url: str, *time_and_fate: Any) -> None:
    began, ahead_s, speed, lease_s, point, chance, seed = time_and_fate
    dice = random.Random(seed)

    def die(event: str, *facts: object) -> None:
        if event == "shotmill.point" and (facts[0] == point or dice.random() < chance):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.audit = die  # an audit hook would hinder threads that start while coverage measures them
    if isinstance(point, float):
        threading.Timer(point, os.kill, (os.getpid(), signal.SIGKILL)).start()
    settings = Settings(home=Path(home), targets=("wire",))
    studio = studio_of(settings, Database(url), {"WIRE_TOKEN": TOKEN})
    studio = replace(studio, clock=FastClock(began, ahead_s, speed), dice=random.Random(seed))
    Crew(studio, lease_s=lease_s).once(patience_s=600)


def start(asked: list[Any]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            carry(*asked)
        except BaseException:  # noqa: BLE001 - whatever it was, the test wants to see it
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return pid


def main() -> None:
    pids: dict[str, int] = {}
    for line in sys.stdin:
        name, *asked = json.loads(line)
        if asked:
            pids[name] = start(asked)
        ended, status = os.waitpid(pids[name], os.WNOHANG)
        code = os.waitstatus_to_exitcode(status) if ended else None
        sys.stdout.write(json.dumps([name, code]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
