"""``conformance --live`` against the real RQD and a Cuebot double: small jobs really run, and are compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cue_studio import CueStudio
from cuebot import Cuebot
from cuebot.jobs import FINISHED
from cuebot.rqd import rqd

from shotmill.farm_plugins.live import SHAPES, run_live
from shotmill.farm_plugins.lived import BAIT
from shotmill.farm_plugins.task import host_name
from shotmill.submitters.cli.commands.conformance import EXIT_LATE
from shotmill.submitters.cli.root import invoke

pytestmark = pytest.mark.slow


def test_what_ran_on_rqd_is_what_was_asked_for(
    bot: Cuebot, studio: CueStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in studio.site(tmp_path).items():
        monkeypatch.setenv(name, value)
    with rqd(bot, tmp_path, studio.site(tmp_path)):
        code = invoke(["conformance", "--live", "--engine", "opencue", "--json"])
    found = json.loads(capfd.readouterr().out)
    assert [probe for probe in found["probes"] if probe["difference"]] == []
    assert (code, found["ok"], found["kept"], len(found["probes"])) == (0, True, None, 36)
    assert [(job["job"], job["hosts"]) for job in found["live"]] == [(shape, [host_name()]) for shape in SHAPES]
    assert [job.state for job in bot.bot.jobs] == [FINISHED] * 4
    assert list(studio.settings.jobs_folder.iterdir()) == []
    assert invoke(["jobs"]) == 0
    assert "selftest" not in capfd.readouterr().out


def test_hosts_that_do_otherwise_are_told_of_and_what_they_wrote_is_kept(
    bot: Cuebot, studio: CueStudio, tmp_path: Path
) -> None:
    leaky = studio.tuned(opencue_command=f"env {BAIT}=1 shotmill").settings
    with rqd(bot, tmp_path, studio.site(tmp_path)):
        run = run_live("opencue", leaky, timeout_s=120, shapes=["frames"])
    told = {probe.aspect: probe.difference for probe in run.probes if probe.difference}
    assert told == {"variables": "each sees the variables of whoever submitted"}
    assert run.kept is not None
    assert len(list(run.kept.glob("*/receipts/*/*.json"))) == 2


@pytest.mark.usefixtures("still")
def test_jobs_that_do_not_end_in_time_are_ended_and_told_of(
    bot: Cuebot, studio: CueStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in studio.site(tmp_path).items():
        monkeypatch.setenv(name, value)
    assert invoke(["conformance", "--live", "--engine", "opencue", "--timeout", "1"]) == EXIT_LATE
    said = capfd.readouterr()
    assert "done: not done in " in said.out
    assert "4 probes, 4 differences\nkept: " in said.out
    assert "frames running: each 0/2" in said.err
    assert [job.state for job in bot.bot.jobs] == [FINISHED] * 4


def test_a_cuebot_that_is_away_leaves_nothing_behind(
    bot: Cuebot, studio: CueStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in studio.site(tmp_path).items():
        monkeypatch.setenv(name, value)
    bot.stop()
    assert invoke(["conformance", "--live", "--engine", "opencue"]) == 75
    assert "cannot be reached" in capfd.readouterr().err
    assert list(studio.settings.jobs_folder.iterdir()) == []
