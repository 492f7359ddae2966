"""Clients that publish one product while its database goes away: ``python restarted.py DATABASE HOME CLIENTS EACH``.

Everything is imported once, each client is a forked process. What fails and may be tried again, it tries again under
the same key. Prints a JSON list a line: ``["done", CLIENT, NUMBER, MOMENT]`` for each version, with the moment of the
machine's monotonic clock, ``["again", CLIENT, WHY, MOMENT]`` for each try that failed, and ``["dead", CLIENT, WHY, 0]``
for a client that gave up.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import traceback
import uuid
from pathlib import Path

from done_jobs import SHOT, output_spec

from shotmill.pipeline.hashes import hash_bytes
from shotmill.pipeline.paths import load_templates
from shotmill.pipeline.publish.draft import Draft, DraftFile, DraftForm
from shotmill.pipeline.publish.register import Origin, Place, find_published, register, stage_or_find
from shotmill.pipeline.store import Database
from shotmill.schema.errors import ShotmillError
from shotmill.schema.publishing import PublishedVersion

PAUSE_S = 0.1


def draft(root: Path, name: str) -> Draft:
    """One small file that nobody published yet."""
    content = name.encode() * 100
    file = root / f"{name}.bin"
    file.write_bytes(content)
    form = DraftForm(
        spec=output_spec(frames=None), files=(DraftFile(file, len(content), hash_bytes(content), None),), missing=None,
        holes=None, colourspace=None, width=None, height=None, pixel_aspect=None,
    )  # fmt: skip
    return Draft(SHOT, "comp", "document", uuid.uuid4().hex * 2, (form,), root)


def publish(one: Draft, place: Place) -> int:
    """One try, as the publish step does it."""
    staged = find_published(one, place) or stage_or_find(one, place)
    done = staged if isinstance(staged, PublishedVersion) else register(staged, place, Origin(None, "artist"))
    return done.number


def say(*facts: object) -> None:
    os.write(1, json.dumps(facts).encode() + b"\n")  # short enough to be one piece


def client(number: int, url: str, home: Path, each: int) -> None:
    place = Place(Database(url), home / "projects", load_templates(), ("slack",))
    dice = random.Random(number)
    for turn in range(each):
        one = draft(home / "jobs", f"c{number}t{turn}")
        while True:
            try:
                version = publish(one, place)
            except ShotmillError as error:
                if not error.retryable:
                    raise
                say("again", number, error.line()[-300:], time.monotonic())
                time.sleep(PAUSE_S * dice.uniform(0.5, 1.5))
            else:
                say("done", number, version, time.monotonic())
                break


def main() -> None:
    url, home, clients, each = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    (home / "jobs").mkdir(parents=True)
    for number in range(clients):
        if os.fork() == 0:
            try:
                client(number, url, home, each)
            except BaseException:  # noqa: BLE001 - whatever it was, the test wants to see it
                say("dead", number, traceback.format_exc()[-2000:], 0)
            os._exit(0)
    for _ in range(clients):
        os.wait()


if __name__ == "__main__":
    main()
