"""Runs the Nuke scripts in a real Python, beside a strict Nuke of the tests, and reads the nodes they made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from shape_pixels import ReadObject, ReadShape

DRIVER = Path(__file__).with_name("fake_nuke") / "run_script.py"


def run_in_nuke(script: bytes, folder: Path, *, keys: str = "live") -> list[dict[str, Any]]:
    """The nodes that a script made; ``keys`` says whether Nuke hands out its keys or ``copies``."""
    path = folder / "roto.py"
    path.write_bytes(script)
    ran = subprocess.run(
        [sys.executable, "-W", "error", DRIVER, path],
        env={"FAKE_NUKE": keys, "PATH": os.environ["PATH"]},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def read_nukepy(nodes: list[dict[str, Any]]) -> dict[str, ReadObject]:
    """Objects by the names of their layers; Nuke's y grows upwards."""
    return {node["layer"]: [[_shape(shape, node["format"][1]) for shape in node["shapes"]]] for node in nodes}


def _shape(shape: dict[str, Any], height: int) -> ReadShape:
    frames = shape["points"][0]
    keys = {int(float(frame)): np.array([point[frame] for point in shape["points"]]) for frame in frames}
    for knots in keys.values():
        knots[:, 1] = height - knots[:, 1]
        knots[:, 3::2] *= -1
    life = {int(frame): float(value) for frame, value in shape["opacity"].items()}
    return ReadShape(shape["name"], shape["constants"]["bm"] == 12, keys, life)
