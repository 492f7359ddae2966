"""Plain ``openjd run`` runs our bundles, with nothing of Shotmill's but the program on the PATH."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from deadline_hosts import openjd_environment
from farm_bundles import published, trial_bundle

from shotmill.pipeline.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("trial", "sqlite_database")]


def openjd(*arguments: object, cwd: Path) -> str:
    """Run the OpenJD command line as somebody does who has ``shotmill`` installed."""
    command = [str(openjd_environment().program("openjd")), *map(str, arguments)]
    host = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    ended = subprocess.run(command, env=host, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_a_bundle_passes_the_check_of_openjd(settings: Settings, tmp_path: Path) -> None:
    bundle = trial_bundle(settings, frames="1-10", chunk=4, publish=True)
    assert "passes validation checks" in openjd("check", bundle / "template.json", cwd=tmp_path)


def test_a_bundle_is_run_and_published_from_any_folder(settings: Settings, tmp_path: Path) -> None:
    bundle = trial_bundle(settings, frames="1-6", chunk=4, publish=True)
    openjd("run", bundle / "template.json", cwd=tmp_path)
    assert sorted(content.decode() for content in published(settings).values()) == [f"frame {n}" for n in range(1, 7)]
