"""The demo's job on this machine, on OpenCue's RQD and on Deadline Cloud's worker agent, by the artist's commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command_line import stop_engines
from cuebot import cuebot
from cuebot.rqd import rqd
from deadline_hosts import FarmSite, studio_environment
from farm_bundles import published, receipts

from shotmill.farm_plugins.local.engine import settings_environment
from shotmill.pipeline.settings import Settings
from shotmill.submitters.demo.media import make_media

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Artist:
    """Somebody who types commands; jobs and results lie in a home of their own."""

    home: Path
    environment: Mapping[str, str]

    def types(self, *words: object) -> Any:
        command = [sys.executable, "-m", "shotmill", *map(str, words), "--json"]
        host = {**self.environment, "SHOTMILL_HOME": str(self.home), "SHOTMILL_PROJECT": "demo"}
        ended = subprocess.run(command, env=host, capture_output=True, text=True, timeout=180, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return json.loads(ended.stdout)

    def makes(self, cut: Path, engine: str) -> Path:
        """Ingest the cut, submit a still of each of its shots and wait for the end; the job's folder."""
        self.types("ingest", cut, "--cut", "demo")
        self.types("submit", "thumbnail", "--cut", "demo", "--engine", engine)
        [job] = self.types("jobs")["jobs"]
        self.types("wait", job["handle"])
        [job] = self.types("jobs")["jobs"]
        assert (job["state"], job["engine"]) == ("succeeded", engine)
        return Path(job["folder"])


def on_opencue(home: Path, cut: Path, folder: Path) -> Path:
    """The job's folder after RQD has done it."""
    folder.mkdir()
    with cuebot(folder / "logs") as bot:
        settings = Settings(home=home, user="artist", opencue_hosts=(bot.address,), opencue_user="artist")
        given = {**settings_environment(settings), "HOME": str(folder)}
        given["PATH"] = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        with rqd(bot, folder, given):
            return Artist(home, {**os.environ, **given}).makes(cut, "opencue")


def test_deadline_fact_3_all_three_engines_make_the_same_receipts_and_pictures(
    farm_site: FarmSite, settings: Settings, tmp_path: Path
) -> None:
    cut = make_media(tmp_path / "media").cut
    homes = {"deadline": settings.home, "opencue": tmp_path / "opencue", "local": tmp_path / "local"}
    with farm_site.worker():
        there = {**farm_site.environment, **studio_environment(os.environ)}
        jobs = {"deadline": Artist(homes["deadline"], there).makes(cut, "deadline")}
    jobs["opencue"] = on_opencue(homes["opencue"], cut, tmp_path / "cue")
    try:
        jobs["local"] = Artist(homes["local"], os.environ).makes(cut, "local")
    finally:
        stop_engines(homes["local"])
    pictures = {engine: published(Settings(home=home)) for engine, home in homes.items()}
    told = {engine: receipts(job) for engine, job in jobs.items()}
    assert pictures["deadline"] == pictures["opencue"] == pictures["local"] != {}
    assert told["deadline"] == told["opencue"] == told["local"] != {}
