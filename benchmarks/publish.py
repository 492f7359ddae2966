"""A verified publish (hashed, pushed to the disk, renamed, committed) against a plain copy of the same files.

What a task made is sealed, and published under a second name. An artist's own file is copied, and then both have to
wait for the disk: such a publish is compared with a copy that does.

And the queue at a product's counter: how many writers a second, and how often one had to try again.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from database import postgresql
from pairs import Result, alone, compare, show
from sqlalchemy import func, select

from shotmill.pipeline.hashes import hash_file
from shotmill.pipeline.paths import load_templates
from shotmill.pipeline.publish.draft import Draft, DraftFile, DraftForm
from shotmill.pipeline.publish.register import Origin, Place, register
from shotmill.pipeline.publish.stage import stage
from shotmill.pipeline.seals import seal
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import upgrade
from shotmill.pipeline.store.versions import reserve
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import OutputSpec
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.publishing import Manifest
from shotmill.schema.tables import Product, Version

MIB = 1024 * 1024
WRITERS, RESERVATIONS = 16, 320
GOAL = 1.25  # 0.8 of a plain copy's throughput
SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")
# name -> (files, bytes of each)
SETS = {
    "2,000 files of 64 KiB": (2000, 64 * 1024),
    "100 frames of 4 MiB": (100, 4 * MIB),
    "2 files of 256 MiB": (2, 256 * MIB),
}


def write_files(folder: Path, count: int, size: int) -> Draft:
    """Random files in a folder, and the draft that publishes them."""
    folder.mkdir(parents=True)
    noise = os.urandom(min(size, 4 * MIB))
    files = []
    for frame in range(1, count + 1):
        path = folder / f"{frame}.bin"
        with path.open("wb") as stream:
            stream.write(frame.to_bytes(8, "big"))
            for _ in range(size // len(noise)):
                stream.write(noise)
        checksum, length = hash_file(path)
        files.append(DraftFile(path, length, checksum, frame))
    spec = OutputSpec(
        product="comp", entity=SHOT, name="comp", representation="bin", extension="bin", frames=FrameSet.span(1, count)
    )
    form = DraftForm(spec, tuple(files), None, None, None, None, None, None)
    return Draft(SHOT, "comp", "image", "", (form,), folder)


class Bench:
    """Publishes and copies one set of files, again and again."""

    def __init__(self, folder: Path, count: int, size: int) -> None:
        self.source, self.target = folder / "work", folder / "copied"
        self.draft = write_files(self.source, count, size)
        self.database = Database(f"sqlite:///{folder / 'shotmill.db'}")
        upgrade(self.database)
        self.place = Place(self.database, folder / "projects", load_templates())
        self.numbers = itertools.count()

    def publish(self) -> None:
        """Stage, check and register the files as the next version."""
        draft = replace(self.draft, key=hashlib.sha256(str(next(self.numbers)).encode()).hexdigest())
        register(stage(draft, self.place.project(draft)), self.place, Origin(None, "artist"))

    def copy(self) -> None:
        """Copy the files, and nothing else."""
        shutil.copytree(self.source, self.target)

    def copy_and_sync(self) -> None:
        """A copy that survives a power cut as a publish does: each file and the folder are pushed to the disk."""
        self.copy()
        for path in (*self.target.iterdir(), self.target):
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)

    def seal(self) -> None:
        """Make the files what a task leaves behind."""
        for path in self.source.iterdir():
            seal(path)

    def clean(self) -> None:
        """Remove what was made, and let the disk come to rest."""
        shutil.rmtree(self.target, ignore_errors=True)
        shutil.rmtree(self.place.projects, ignore_errors=True)
        os.sync()


def reserve_together(database: Database, writers: int, each: int) -> None:
    """Have processes take version numbers of one product at once."""

    def work() -> None:
        own = Database(database.url.render_as_string(hide_password=False))
        for _ in range(each):
            _reserve(own)
        own.dispose()

    pids = []
    for _ in range(writers):
        pid = os.fork()
        if pid == 0:
            try:
                work()
            finally:
                os._exit(sys.exc_info()[0] is not None)
        pids.append(pid)
    failed = [pid for pid in pids if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0]
    assert not failed, f"{len(failed)} of {writers} writers failed"


def _reserve(database: Database) -> None:
    draft = Manifest(
        version_id="", key=uuid.uuid4().hex * 2, entity=SHOT, product="comp", kind="image", number=0, author="artist",
        created=datetime.now(UTC), representations=(),
    )  # fmt: skip
    reserve(database, draft, folder_of=lambda number: f"v{number:03d}", job_id=None, fault=lambda _point: None)


def queue(database: Database, kind: str) -> Iterator[Result]:
    upgrade(database)
    for writers in (1, WRITERS):
        database.dispose()  # no connection goes through a fork
        each = RESERVATIONS // writers
        name = f"{kind}: {RESERVATIONS} numbers by {writers} writers"
        yield alone(name, lambda writers=writers, each=each: reserve_together(database, writers, each), runs=5)  # type: ignore[misc]
    with database.read() as connection:
        taken = connection.execute(select(func.count()).select_from(Version)).scalar_one()
        counter = connection.execute(select(Product.next_version)).scalar_one()
    assert counter == taken + 1, "a number was lost"


def throughput(folder: Path, *, pairs: int) -> Iterator[Result]:
    for number, (name, (count, size)) in enumerate(SETS.items()):
        bench = Bench(folder / str(number), count, size)
        more = {"pairs": pairs, "after": bench.clean}
        yield compare(f"{name}, not sealed: publish / copytree", bench.publish, bench.copy, **more)
        yield compare(
            f"{name}, not sealed: publish / copy and fsync", bench.publish, bench.copy_and_sync, goal=GOAL, **more
        )
        bench.seal()
        yield compare(f"{name} of a task: publish / copytree", bench.publish, bench.copy, goal=GOAL, **more)
        bench.database.dispose()
        shutil.rmtree(folder / str(number))


def main() -> int:
    """Publish and copy in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="a disk to work on; default: that of temporary files")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=asked.folder))
    try:
        results = list(throughput(folder, pairs=asked.pairs))
        results += queue(Database(f"sqlite:///{folder / 'queue.db'}"), "SQLite")
        with postgresql() as url:
            results += queue(Database(url), "PostgreSQL") if url else []
        status = show(results)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
