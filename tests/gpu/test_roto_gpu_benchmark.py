"""The benchmark of the sam2 backend marks what was measured where."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "roto_gpu.py"


@pytest.mark.slow
def test_figures_of_a_cpu_never_stand_as_those_of_a_gpu() -> None:
    """Roto fact 19: without a GPU its column says so; a click on a frame that was seen is the cheaper one."""
    asked = [sys.executable, str(BENCHMARK), "--device", "cpu", "--frames", "3", "--image-size", "64"]
    table = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    assert table[0].startswith("device: CPU")
    rows = [line for line in table if line.startswith(("warm", "a further", "following", "ours", "of it"))]
    assert len(rows) == 6
    assert all("not measured" in row for row in rows)
    assert table[2].split() == ["GPU", "CPU,", "small"]
    assert all(row.split()[-1] != "measured" for row in rows)  # the last column is the CPU's
