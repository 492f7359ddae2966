"""Fixtures around the Deadline Cloud service of the tests; a conftest that wants them imports them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deadline_service import DeadlineService


@pytest.fixture
def deadline_service() -> Iterator[DeadlineService]:
    """AWS Deadline Cloud on this machine: one farm, one queue, one fleet, no workers yet."""
    service = DeadlineService()
    yield service
    service.stop()
    assert not service.failures, service.failures
