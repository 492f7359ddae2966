"""Many writers at one product's counter: they queue, and none has to try again."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from shotmill.pipeline.store import Database
from shotmill.schema.tables import Product

pytestmark = pytest.mark.slow
WRITERS, EACH = 16, 10
DEADLOCKS = "SELECT deadlocks + conflicts FROM pg_stat_database WHERE datname = current_database()"


def reserve(url: str) -> list[dict[str, Any]]:
    """What each writer says of itself."""
    script = Path(__file__).with_name("reserving.py")
    command = [sys.executable, str(script), url, str(WRITERS), str(EACH)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def test_sixteen_writers_get_consecutive_numbers_at_the_first_try(database: Database, database_url: str) -> None:
    found = reserve(database_url)
    assert [one["failed"] for one in found] == [""] * WRITERS
    assert sorted(itertools.chain(*(one["numbers"] for one in found))) == list(range(1, WRITERS * EACH + 1))
    counts = {name: sum(one.get(name, 0) for one in found) for name in ("begin", "commit", "rollback", "handle_error")}
    assert counts == {"begin": WRITERS * EACH, "commit": WRITERS * EACH, "rollback": 0, "handle_error": 0}
    with database.read() as connection:
        assert connection.execute(select(Product.next_version)).scalar_one() == WRITERS * EACH + 1
        assert database.is_sqlite or connection.execute(text(DEADLOCKS)).scalar_one() == 0
