"""Running the command line in tests, and a small studio to look at."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import opentimelineio as otio

from shotmill.pipeline.images import write_image
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.engines import live_engines
from shotmill.pipeline.store.migrate import ensure_schema

PATIENCE_S = 180.0  # a demo on a machine that does much else


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Shotmill = Callable[..., Ran]


def run_process(*arguments: object, home: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command as users do, in a process of its own."""
    command = [sys.executable, "-m", "shotmill", *map(str, arguments)]
    environment = {**os.environ, "SHOTMILL_HOME": str(home), **more.pop("env", {})}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False, **more
    )


def stop_engines(home: Path) -> None:
    """End all engines of a home and wait until they are gone."""
    if not (home / "shotmill.db").is_file():
        return
    database = Database(Settings(home=home).database_url)
    try:
        ensure_schema(database)
        wait_until(lambda: not _signalled(database))
    finally:
        database.dispose()


def _signalled(database: Database) -> bool:
    found = live_engines(database)
    for engine in found:
        os.kill(engine.pid, signal.SIGCONT)
        os.kill(engine.pid, signal.SIGTERM)
    return bool(found)


def wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@contextlib.contextmanager
def delivering(out: IO[bytes], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A service that delivers, and says so into a file; it is killed where a test ends before it."""
    command = [sys.executable, "-m", "shotmill", "deliver", "--watch"]
    known = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    with subprocess.Popen(command, env=known, stdout=out, stderr=subprocess.STDOUT) as service:
        try:
            yield service
        finally:
            service.kill()


def write_frames(folder: Path, *frames: int) -> Path:
    """A small PNG sequence; its pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame in frames:
        write_image(folder / f"plate.{frame:04d}.png", np.full((36, 64, 3), frame % 256, np.uint8))
    return folder / "plate.####.png"


def write_cut(path: Path, plate: Path) -> Path:
    """A cut of two shots over one plate, and one whose media is lost."""

    def clip(name: str, media: str) -> otio.schema.Clip:
        span = otio.opentime.TimeRange(otio.opentime.RationalTime(1001, 24), otio.opentime.RationalTime(3, 24))
        reference = otio.schema.ImageSequenceReference(
            media, "plate.", ".png", start_frame=1001, rate=24, frame_zero_padding=4, available_range=span
        )
        return otio.schema.Clip(name, reference, span)

    folder = f"{plate.parent}/"
    clips = [clip("sq010_sh010", folder), clip("sq010_sh020", folder), clip("sq010_sh030", "/nowhere/")]
    timeline = otio.schema.Timeline("cut")
    timeline.tracks.append(otio.schema.Track("V1", children=clips, kind=otio.schema.TrackKind.Video))
    otio.adapters.write_to_file(timeline, str(path))
    return path


@dataclass(frozen=True)
class Looked:
    """A studio in which something has happened.

    Attributes:
        done: handle of a job that published thumbnails of a cut.
        failed: handle of a job that failed with E205.
    """

    home: Path
    plate: Path
    done: str
    failed: str


@dataclass(frozen=True)
class Frozen:
    """An engine that holds all work until it is let go."""

    pid: int
    database: Path

    def freeze(self) -> None:
        """Stop it, at a moment when it does not hold the database's lock."""
        while True:
            os.kill(self.pid, signal.SIGSTOP)
            with contextlib.closing(sqlite3.connect(self.database, timeout=0.1)) as connection:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError:
                    self.let_go()
                    continue
                connection.rollback()
            return

    def let_go(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)
