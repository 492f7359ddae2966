"""Writers that take version numbers of one product at once: ``python reserving.py DATABASE WRITERS EACH``.

Everything is imported once, each writer is a forked process. Prints one JSON list: for each writer its numbers, what
went wrong, and how often a transaction began, was committed, was rolled back, or a statement was refused.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import event

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.versions import reserve
from shotmill.schema.errors import ShotmillError
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.publishing import Manifest

SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")


def counted(database: Database) -> Counter[str]:
    """Counts of what happens on a database's connections from now on."""
    counts: Counter[str] = Counter()
    for name in ("begin", "commit", "rollback", "handle_error"):

        def count(*_facts: object, name: str = name) -> None:
            counts[name] += 1

        event.listen(database.engine, name, count)
    return counts


def numbers(database: Database, count: int) -> list[int]:
    found = []
    for _ in range(count):
        draft = Manifest(
            version_id="", key=uuid.uuid4().hex * 2, entity=SHOT, product="comp", kind="image", number=0,
            author="artist", created=datetime.now(UTC), representations=(),
        )  # fmt: skip
        taken = reserve(database, draft, folder_of=lambda n: f"v{n:03d}", job_id=None, fault=lambda _point: None)
        found.append(taken.number)
    return found


def writer(url: str, count: int, gate: int, answer: int) -> None:
    database = Database(url)
    counts = counted(database)
    os.read(gate, 1)  # all begin together
    said: dict[str, object] = {"numbers": [], "failed": ""}
    try:
        said["numbers"] = numbers(database, count)
    except ShotmillError as error:
        said["failed"] = error.line()
    database.dispose()
    os.write(answer, json.dumps({**said, **counts}).encode())
    os._exit(0)


def main() -> None:
    url, writers, each = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    gate, opener = os.pipe()
    answers = []
    for _ in range(writers):
        answer, mouth = os.pipe()
        if os.fork() == 0:
            writer(url, each, gate, mouth)
        os.close(mouth)
        answers.append(answer)
    os.write(opener, b"!" * writers)
    said = [json.loads(os.fdopen(answer).read()) for answer in answers]
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
