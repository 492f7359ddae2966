"""What publishing costs for a thousand products, ten thousand frames and many versions: memory, and questions asked.

How long that takes is measured in ``benchmarks``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from done_jobs import SHOT
from sqlalchemy import event, insert, text

from shotmill.pipeline.hashes import hash_bytes
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import lineage
from shotmill.pipeline.store.versions import commit, reserve
from shotmill.schema.frames import FrameSet
from shotmill.schema.ids import uuid7
from shotmill.schema.publishing import Manifest, ManifestFile, ManifestRepresentation
from shotmill.schema.tables import Project, Sequence

pytestmark = pytest.mark.slow

# 1,000 instances through ten plug-ins, bare and by our runner: MiB of each process.
THOUSAND = """
import json, resource, sys
from pathlib import Path
import pyblish.api, pyblish.util

class Collect(pyblish.api.ContextPlugin):
    order = 0
    def process(self, context):
        for number in range(1000):
            context.create_instance(f"product{number}", family="image")

def check(self, instance):
    self.log.info("looked at %s", instance.name)

checks = [type(f"Check{n}", (pyblish.api.InstancePlugin,), {"order": 1, "process": check}) for n in range(10)]
plugins = [Collect, *checks]
if sys.argv[1] == "ours":
    from shotmill.pipeline.publish.runner import Run, _run_plugins
    from shotmill.schema.errors import NothingPublishedError
    run = Run(None, type("Spec", (), {"name": "job"}), None, None, None)
    run.folder = type("Folder", (), {"root": "job"})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if sys.argv[1] == "ours":
    try:
        _run_plugins(run, plugins)
    except NothingPublishedError:
        pass
    assert len(run.results) == 10_001
else:
    assert len(list(pyblish.util.publish_iter(pyblish.api.Context(), plugins=plugins))) == 10_001
print(json.dumps((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024))
"""


def thousand(how: str, folder: Path) -> float:
    script = folder / "thousand.py"
    script.write_text(dedent(THOUSAND))
    ran = subprocess.run([sys.executable, str(script), how], capture_output=True, text=True, check=True)
    return float(json.loads(ran.stdout))


@contextmanager
def asked(database: Database) -> Iterator[list[str]]:
    """The statements that the database gets meanwhile."""
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def test_fact_20_a_thousand_products_cost_little_over_bare_pyblish(tmp_path: Path) -> None:
    assert thousand("ours", tmp_path) - thousand("bare", tmp_path) < 150


def test_fact_20_ten_thousand_frames_are_registered_in_a_few_statements(sqlite_database: Database) -> None:
    files = tuple(
        ManifestFile(path=f"comp.{frame}.exr", size=1, checksum=hash_bytes(b"x"), frame=frame)
        for frame in range(1, 10_001)
    )
    form = ManifestRepresentation(name="exr", pattern="comp.#.exr", padding=1, files=files)
    draft = Manifest(
        version_id="", key="k" * 64, entity=SHOT, product="comp", kind="image", number=0, author="maya",
        created=datetime.now(UTC), representations=(form.model_copy(update={"frames": FrameSet.span(1, 10_000)}),),
    )  # fmt: skip
    with asked(sqlite_database) as statements:
        made = reserve(sqlite_database, draft, folder_of=str, job_id=None, fault=lambda _point: None)
        manifest = draft.model_copy(update={"version_id": str(made.id), "number": made.number})
        assert commit(sqlite_database, manifest, checksum="c" * 32, targets=("ftrack",), fault=lambda _point: None)
    assert len(statements) < 40


EACH = 1000  # versions of a product
# Each version is made from the one before it, and from that of the same number of the product before.
MANY = (
    """INSERT INTO product (id, project_id, sequence_id, entity_key, entity_path, name, kind, next_version)
    SELECT printf('%032x', i), :project, :sequence, :sequence, 'sq', 'p' || i, 'image', :each + 1 FROM counted
    WHERE i < :count / :each""",
    """INSERT INTO version (id, product_id, number, state, "key", author, comment, folder, lineage, created, published)
    SELECT printf('%032x', i), printf('%032x', i / :each), i % :each + 1, 'published', printf('%032x', i), 'maya', '',
    'v' || i, '{}', :now, :now FROM counted""",
    """INSERT INTO version_link (version_id, source_id, kind)
    SELECT printf('%032x', i), printf('%032x', i - 1), 'derived_from' FROM counted WHERE i % :each > 0""",
    """INSERT INTO version_link (version_id, source_id, kind)
    SELECT printf('%032x', i), printf('%032x', i - :each), 'derived_from' FROM counted WHERE i >= :each""",
)
COUNTED = "WITH RECURSIVE counted(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM counted WHERE i < :count - 1) "


def many_versions(database: Database, count: int) -> uuid.UUID:
    """So many versions with twice as many links; the newest's id."""
    project, sequence = uuid7(), uuid7()
    values = {"project": project.hex, "sequence": sequence.hex, "each": EACH, "count": count}
    with database.write() as connection:
        connection.execute(insert(Project).values(id=project, code="big"))
        connection.execute(insert(Sequence).values(id=sequence, project_id=project, code="sq"))
        for statement in MANY:
            into, select, rest = statement.partition("SELECT")
            connection.execute(
                text(f"{into} {COUNTED} {select}{rest}"), {**values, "now": "2026-11-21 12:00:00.000000"}
            )
    return uuid.UUID(int=count - 1)


def test_fact_20_what_a_version_was_made_from_is_one_question(sqlite_database: Database) -> None:
    newest = many_versions(sqlite_database, 3 * EACH)
    with asked(sqlite_database) as statements:
        found = lineage(sqlite_database, newest, depth=10)
    assert max(row.steps for row in found) == 10
    assert len([one for one in statements if "SELECT" in one]) == 1
