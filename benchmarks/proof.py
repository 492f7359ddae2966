"""What proof costs: reading published files again against a bare hash, registering 10,000 frames, 1,000 instances.

``verify`` reads the same files as a bare hash with the same threads and blocks does. The runner of publish plug-ins is
compared with pyblish left to itself, over the same plug-ins; its memory is the peak of a process of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from pairs import Result, alone, compare, show
from publish import Bench, write_files
from pyblish import api, util

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.hashes import hash_file
from shotmill.pipeline.paths import load_templates
from shotmill.pipeline.publish.register import Origin, Place, register
from shotmill.pipeline.publish.runner import run_publish
from shotmill.pipeline.publish.stage import stage
from shotmill.pipeline.publish.verify import READ_THREADS, verify_folder
from shotmill.pipeline.seals import seal
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import upgrade
from shotmill.schema.job import JobSpec
from shotmill.schema.publishing import PublishedVersion

MIB = 1024 * 1024
INSTANCES, PLUGINS = 1000, 10
FRAMES = 10_000
SETS = {"2,000 files of 64 KiB": (2000, 64 * 1024), "100 frames of 4 MiB": (100, 4 * MIB)}


def verifying(folder: Path, name: str, count: int, size: int) -> Result:
    """Read a version again; the files lie in the cache, so that no disk hides what it costs."""
    bench = Bench(folder, count, size)
    bench.seal()
    bench.publish()
    [made] = {path.parent for path in bench.place.projects.rglob("manifest.json")}
    paths = [path for path in made.iterdir() if path.name != "manifest.json"]

    def bare() -> None:
        with ThreadPoolExecutor(READ_THREADS) as pool:
            list(pool.map(hash_file, paths))

    def ours() -> None:
        assert not verify_folder(made).problems

    found = compare(f"{name}: verify / bare hash", ours, bare, goal=1.2)
    bench.database.dispose()
    return found


def registering(folder: Path) -> Result:
    """Make a staged representation of 10,000 frames visible: names, manifest, rename, rows, commit."""
    draft = write_files(folder / "work", FRAMES, 16)
    for path in draft.root.iterdir():
        seal(path)
    database = Database(f"sqlite:///{folder / 'shotmill.db'}")
    upgrade(database)
    place = Place(database, folder / "projects", load_templates())
    times = []
    for _ in range(4):
        staged = stage(replace(draft, key=uuid.uuid4().hex * 2), place.project(draft))
        began = time.perf_counter()
        register(staged, place, Origin(None, "artist"))
        times.append(time.perf_counter() - began)
    database.dispose()
    waiting = iter(times)
    name = f"register a representation of {FRAMES:,} frames"
    found = alone(name, lambda: None, runs=1, goal_s=5.0)
    ordered = sorted(waiting)
    return replace(found, ours=ordered[len(ordered) // 2], best=ordered[0], spread=ordered[-1] / ordered[0])


class Collect(api.ContextPlugin):
    """Finds all instances."""

    order = 0

    def process(self, context: Any) -> None:
        """Make them."""
        for number in range(INSTANCES):
            context.create_instance(f"i{number}", family="x")


class Visit(api.InstancePlugin):
    """Looks at an instance, and says so."""

    families = ("x",)

    def process(self, instance: Any) -> None:
        """Look at it."""
        self.log.info("looked at %s", instance.name)


class Publish(api.ContextPlugin):
    """Says that something was published."""

    order = 3

    def process(self, context: Any) -> None:
        """Say it, where somebody listens."""
        if run := context.data.get("shotmill"):
            made = {
                "entity": "demo/sq010/sh010",
                "product": "x",
                "number": 1,
                "folder": "",
                "files": 0,
                "size_bytes": 0,
            }
            run.versions.append(PublishedVersion(version_id=str(uuid.uuid4()), is_new=True, **made))


def plugins() -> list[type]:
    """A collector of instances, plug-ins that visit each of them, and one that ends well."""
    visits = [type(f"Visit{number}", (Visit,), {"order": 1 + number / 100}) for number in range(PLUGINS)]
    return [Collect, *visits, Publish]


def bare_run() -> None:
    """What pyblish does by itself."""
    for result in util.publish_iter(api.Context(), plugins=plugins(), targets=["default", "farm"]):
        assert result["success"]


def peak_mib(work: Callable[[], None]) -> float:
    """Peak memory of a process that does only this, in MiB."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        before = _peak()
        work()
        os.write(write, str(_peak() - before).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    with os.fdopen(read) as stream:
        return float(stream.read())


def _peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def running(folder: Path) -> list[Result]:
    """Our runner with all that it writes down, over the same plug-ins as pyblish alone."""
    settings = Settings(home=folder)
    database = Database(settings.database_url)
    upgrade(database)
    spec = JobSpec(
        id=str(uuid.uuid4()), key="0" * 64, type="x", type_version=1, name="x", project="demo", user="artist",
        params={}, steps=(),
    )  # fmt: skip
    job = JobFolder(folder / "job")

    def ours() -> None:
        report = run_publish(job, spec, settings, database, plugins=plugins())
        assert len(report.results) == INSTANCES * PLUGINS + 2

    name = f"{INSTANCES:,} instances x {PLUGINS} plug-ins"
    pair = compare(f"{name}: our runner / pyblish", ours, bare_run, pairs=5)
    over = replace(
        pair, name=f"{name}: ours over pyblish", ours=pair.ours - pair.theirs, theirs=0.0, goal=2.0, best=0.0
    )
    database.dispose()  # no connection goes through a fork
    used, bare = peak_mib(ours), peak_mib(bare_run)
    print(f"{name}: peak {used:.0f} MiB more than before, pyblish alone {bare:.0f}; 150 over that are allowed")
    database.dispose()
    return [pair, over]


def main() -> int:
    """Measure all three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="a disk to work on; default: that of temporary files")
    folder = Path(tempfile.mkdtemp(dir=parser.parse_args().folder))
    try:
        results = [verifying(folder / str(index), name, *size) for index, (name, size) in enumerate(SETS.items())]
        results.append(registering(folder / "frames"))
        results += running(folder)
        status = show(results)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
