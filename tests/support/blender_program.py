"""The real Blender, as pip's package bpy, in an environment of its own.

Run as a program it builds the environment, which takes a minute and 800 MB, and nothing else.
"""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from environments import Environment, environment

# What bpy itself pins, and what it needs of numpy: 4.5 is built for its first version.
PINS = (
    "bpy==4.5.15",  # for Python 3.11, as CI's is
    "numpy<2",
    f"coverage=={version('coverage')}",
)
_IF_ASKED = "import coverage; coverage.process_startup()"
MEASURE = f"import os; exec({_IF_ASKED!r} if 'COVERAGE_PROCESS_CONFIG' in os.environ else '')\n"
MAKE_S = 120
DRIVER = Path(__file__).with_name("blender_driver.py")


def blender_environment() -> Environment:
    """Blender; its Python measures coverage where a test asks for it."""
    found = environment("blender", PINS, resolve=True)
    (site,) = found.root.glob("lib/python*/site-packages")
    measure = site / "measure.pth"
    if not measure.is_file() or measure.read_text(encoding="utf-8") != MEASURE:
        measure.write_text(MEASURE, encoding="utf-8")
    return found


def run_blender(script: Path, *arguments: str | Path, environ: dict[str, str] | None = None) -> Any:
    """Run a script in Blender; the test fails with its words when it fails."""
    argv = [str(blender_environment().python), "-I", str(script), "--", *map(str, arguments)]
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=MAKE_S, check=False, env=environ)
    if ended.returncode:
        pytest.fail(f"{script.name} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}", pytrace=False)
    return ended.stdout


if __name__ == "__main__":
    blender_environment()
