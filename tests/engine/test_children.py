"""Looking for children while they end, as all of an engine's threads do at once."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator

import pytest

from shotmill.farm_plugins.local.processes import end_left_behind


@pytest.fixture
def churn() -> Iterator[list[int]]:
    """Children of this process that begin and end all the time; their numbers."""
    ended = threading.Event()
    seen: list[int] = []

    def breed() -> None:
        while not ended.is_set():
            with subprocess.Popen(["true"]) as child:
                seen.append(child.pid)

    threads = [threading.Thread(target=breed) for _ in range(2)]
    for thread in threads:
        thread.start()
    yield seen
    ended.set()
    for thread in threads:
        thread.join()


def test_a_child_that_ends_while_one_looks_disturbs_nobody(churn: list[int]) -> None:
    while len(churn) < 300:
        assert end_left_behind("nobody") == 0
