"""The engine process: started by hand, or detached by the first submit.

It is two processes: a guard, and the engine as its child. When the engine ends, however it ends, the guard ends
everything that it left behind, and begins another where it was killed and left work. When the guard dies first, the
engine ends, too.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ...pipeline.settings import Settings, load_settings
from ...pipeline.store import Database
from ...pipeline.store.engines import dead_engines, live_engines
from ...pipeline.store.migrate import ensure_schema
from ...pipeline.store.queue import has_open_work
from ...schema.errors import StorageError
from .environment import DEVICES, allowed_environment
from .loop import EngineProcess
from .place import LOCK, engine_place
from .processes import ENDING, adopt_orphans, guard

log = logging.getLogger(__name__)

LOOK_S = 0.1
MIN_PAUSE_S = 5.0  # no transaction of an engine that lives stands still for so long
MOST_DEATHS = 10  # of engines in a row, before their guard gives up
STEADY_S = 60.0  # an engine that ran for so long did not die of how it began
LEAVING_S = 20.0  # an engine that is just leaving may need this long
SWITCH_S = 0.0005  # Python's 5 ms would keep back whoever starts a process while the loop talks to the database

__all__ = ["EngineProcess", "main", "run_engine", "serve"]


def run_engine(settings: Settings, *, idle_s: float | None = None, stop_when_idle: bool = False) -> None:
    """Run an engine in this process until it is told to stop.

    Args:
        settings: of this machine.
        idle_s: seconds without work after which it ends; None: never.
        stop_when_idle: whether it ends as soon as there is nothing to do.
    """
    adopt_orphans()
    sys.setswitchinterval(SWITCH_S)
    database = Database(
        settings.database_url, role=settings.role or None, durable=False, max_pause_s=max(settings.lease_s, MIN_PAUSE_S)
    )
    try:
        ensure_schema(database)
        engine = EngineProcess(settings, database, os.environ, idle_s=0.0 if stop_when_idle else idle_s)

        def stop(_number: int, _frame: object) -> None:
            engine.stop.set()
            engine.ring()

        for number in ENDING:
            signal.signal(number, stop)
        engine.run()
    finally:
        database.dispose()


def serve(settings: Settings, *, idle_s: float | None) -> int:
    """Run an engine under a guard until it is told to stop or has been idle for too long.

    One that is killed is followed by another while there is work: who handed it a job saw it run, and may never ask
    again.

    Returns:
        The engine's exit code; negative when a signal killed it.
    """

    def work() -> int:
        run_engine(settings, idle_s=idle_s)
        return 0

    deaths = 0
    while True:
        began = time.monotonic()
        code = guard(work)
        if code >= 0 or -code in ENDING:
            return code
        deaths = 1 if time.monotonic() - began > STEADY_S else deaths + 1
        if deaths >= MOST_DEATHS or not _is_needed(settings):
            return code
        log.warning("the engine was killed by signal %d and left work; another goes on", -code)


def _is_needed(settings: Settings) -> bool:
    """Whether an engine that was killed left work and had not been told to stop."""
    with _opened(settings) as database:
        try:
            dead = [one for one in dead_engines(database) if one.slots.get("home") == str(settings.home)]
            return has_open_work(database) and not any(one.stopping for one in dead)
        except StorageError as error:
            log.warning("%s", error.line())
            return False


@contextlib.contextmanager
def only_one(settings: Settings) -> Iterator[bool]:
    """Hold the lock that lets one started-by-itself engine run on a home and a database; False when another has it."""
    place = engine_place(settings)
    place.mkdir(parents=True, exist_ok=True)
    with (place / LOCK).open("w") as lock:
        deadline = time.monotonic() + LEAVING_S
        while not _locked(lock.fileno()):
            if _is_served(settings):
                log.info("another engine of %s takes the work; this one is not needed", place)
                yield False
                return
            if time.monotonic() > deadline:
                log.warning("another engine holds %s and takes no work; this one gives up", place / LOCK)
                yield False
                return
            time.sleep(LOOK_S)
        yield True


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_served(settings: Settings) -> bool:
    """Whether an engine of this home takes work."""
    with _opened(settings) as database:
        ensure_schema(database)
        return any(engine.slots.get("home") == str(settings.home) for engine in live_engines(database))


@contextlib.contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url, role=settings.role or None, durable=False)
    try:
        yield database
    finally:
        database.dispose()


def keep_allowed_environment() -> None:
    """Take everything out of this process's environment that no child may see; sessions hand on all there is."""
    kept = allowed_environment(os.environ)
    if DEVICES in os.environ:
        kept[DEVICES] = os.environ[DEVICES]
    os.environ.clear()
    os.environ.update(kept)


def main(home: Path | None = None) -> int:
    """The entry of a detached engine: ``python -m shotmill.farm_plugins.local.process``."""
    keep_allowed_environment()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = load_settings(flags={"home": home}).settings
    os.chdir("/")  # it may outlive the folder it was started from
    with only_one(settings) as mine:
        return serve(settings, idle_s=settings.idle_s) if mine else 0


if __name__ == "__main__":
    raise SystemExit(main())
