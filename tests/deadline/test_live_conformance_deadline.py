"""``conformance --live`` against the service of the tests and the real worker agent."""

from __future__ import annotations

import json

import pytest
from deadline_hosts import FarmSite
from deadline_user import FarmUser

from shotmill.farm_plugins.live import SHAPES
from shotmill.submitters.cli.root import invoke

pytestmark = pytest.mark.slow


def test_what_ran_on_the_worker_agent_is_what_was_asked_for(
    user: FarmUser, farm_site: FarmSite, capfd: pytest.CaptureFixture[str]
) -> None:
    with farm_site.worker():
        code = invoke(["conformance", "--live", "--engine", "deadline", "--json", "--timeout", "100"])
    found = json.loads(capfd.readouterr().out)
    assert [probe for probe in found["probes"] if probe["difference"]] == []
    assert (code, [job["job"] for job in found["live"]]) == (0, list(SHAPES))
    assert [job.status for job in user.service.jobs()] == ["SUCCEEDED"] * len(SHAPES)
    assert list(user.settings.jobs_folder.iterdir()) == []
