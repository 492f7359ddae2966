"""From the artist's command to the published version, by way of Deadline Cloud and the real worker agent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import stop_engines, write_frames
from deadline_hosts import FarmSite, studio_environment
from farm_bundles import published, receipts

from shotmill.pipeline.settings import Settings

pytestmark = pytest.mark.slow


class Artist:
    """Somebody who types commands; jobs and results lie in a home of their own."""

    def __init__(self, site: FarmSite, home: Path) -> None:
        self._site, self.settings = site, Settings(home=home)

    def types(self, *words: object) -> Any:
        command = [sys.executable, "-m", "shotmill", *map(str, words), "--json"]
        host = {**self._site.environment, **studio_environment(os.environ), "SHOTMILL_HOME": str(self.settings.home)}
        ended = subprocess.run(command, env=host, capture_output=True, text=True, timeout=120, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr + self._site.situation()
        return json.loads(ended.stdout)

    def makes(self, job_type: str, plate: Path, engine: str) -> Path:
        """Submit a job and wait for its end; its folder."""
        self.types("submit", job_type, plate, "--shot", "sq010/sh010", "--engine", engine)
        [job] = self.types("jobs")["jobs"]
        self.types("wait", job["handle"])
        [job] = self.types("jobs")["jobs"]
        assert (job["state"], job["engine"]) == ("succeeded", engine)
        return Path(job["folder"])


def test_deadline_fact_3_an_artist_gets_the_same_pictures_and_receipts_from_both_engines(
    farm_site: FarmSite, settings: Settings, tmp_path: Path
) -> None:
    plate = write_frames(tmp_path / "plate", 1001, 1002, 1003)
    there, here = Artist(farm_site, settings.home), Artist(farm_site, tmp_path / "local")
    with farm_site.worker():
        on_farm = there.makes("thumbnail", plate, "deadline")
    try:
        locally = here.makes("thumbnail", plate, "local")
    finally:
        stop_engines(here.settings.home)
    assert published(there.settings) == published(here.settings) != {}
    assert receipts(on_farm) == receipts(locally) != {}
