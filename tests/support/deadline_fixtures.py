"""Fixtures around the Deadline Cloud service of the tests; a conftest that wants them imports them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from deadline_hosts import Amazon, FarmSite, moto_server
from deadline_service import DeadlineService


@pytest.fixture
def deadline_service() -> Iterator[DeadlineService]:
    """AWS Deadline Cloud on this machine: one farm, one queue, one fleet, no workers yet."""
    service = DeadlineService()
    yield service
    service.stop()
    assert not service.failures, service.failures


@pytest.fixture(scope="session")
def amazon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Amazon]:
    """S3, STS and CloudWatch Logs, for all tests of a run."""
    with moto_server(tmp_path_factory.mktemp("moto") / "moto.log") as found:
        yield found


@pytest.fixture
def farm_site(deadline_service: DeadlineService, amazon: Amazon, tmp_path: Path) -> FarmSite:
    """A farm whose hosts share the disks; ``share_nothing`` gives its queue job attachments."""
    deadline_service.options.bucket = ""
    deadline_service.options.log_made = amazon.make_log
    root = tmp_path / "farm"
    root.mkdir()
    site = FarmSite(deadline_service, amazon, root)
    site.configure()
    return site
