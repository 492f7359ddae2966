"""Submits a job as a process of its own: ``python submitter.py HOME DATABASE POINT FRAMES [start] [publish]``.

It waits for a line on its input, so that several begin at one moment, and kills itself when it passes POINT (``-``:
nowhere). Prints the job's id and whether it is new.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shotmill.farm_plugins import bundle, submission
from shotmill.farm_plugins.local import LocalEngine
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database, jobs
from shotmill.pipeline.store.migrate import ensure_schema

# The name that is replaced, and whether the process dies before or after what it does.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "before the row": (jobs, "put_job", False),
    "after the row": (jobs, "put_job", True),
    "in the bundle": (bundle, "write_whole", True),
    "before the bundle appears": (bundle, "_appear", False),
    "after the bundle": (bundle, "write_bundle", True),
    "before the engine knows": (LocalEngine, "submit", False),
    "before the engine is awake": (LocalEngine, "wake", False),
    "after the engine knows": (LocalEngine, "submit", True),
    "before its answer is kept": (submission, "submit", True),
}


def dying(real: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """What ``real`` does, and then death; or death instead."""

    def die(*given: Any, **more: Any) -> Any:
        if after:
            real(*given, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    return die


def main() -> None:
    """Submit once."""
    home, url, point, frames, *rest = sys.argv[1:]
    if point != "-":
        owner, name, after = POINTS[point]
        setattr(owner, name, dying(getattr(owner, name), after=after))
    settings = Settings(home=Path(home), database=url, user="artist", idle_s=2.0, cpu_slots=2)
    database = Database(settings.database_url)
    ensure_schema(database)
    params = {"frames": frames, "publish": "publish" in rest, "trace": f"{home}.trace"}
    request = submission.SubmitRequest("trial", params=params, project="demo")
    engine = LocalEngine(settings, database, autostart="start" in rest)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    made = submission.submit(request, settings=settings, database=database, engine=engine)
    database.dispose()
    sys.stdout.write(f"{made.job.id} {made.is_new}\n")


if __name__ == "__main__":
    main()
