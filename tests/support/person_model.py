"""A small real model of people, and a picture of one, out of wheels that hold them; neither package is installed.

Both are taken once into the cache of tests: MediaPipe's model (Apache-2.0) and scikit-image's photograph of
an astronaut (NASA, public domain).
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from environments import CACHE

MODEL = "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite"
PHOTOGRAPH = "skimage/data/astronaut.png"
HELD_BY = {MODEL: "mediapipe==0.10.14", PHOTOGRAPH: "scikit-image==0.26.0"}
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64")


def held_file(name: str) -> Path:
    """A file of one of the wheels; the test fails in pip's words when pip does not bring it."""
    folder = CACHE / "person"
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / Path(name).name
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go when the file is closed
        if not place.is_file():
            _bring(name, place)
    return place


def _bring(name: str, place: Path) -> None:
    with tempfile.TemporaryDirectory() as text:
        platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
        argv = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        argv += ["--only-binary=:all:", "--python-version", "3.11", *platforms, "--dest", text, HELD_BY[name]]
        ended = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
        if ended.returncode:
            pytest.fail(f"{' '.join(argv)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}", pytrace=False)
        with zipfile.ZipFile(next(Path(text).glob("*.whl"))) as wheel:
            half = place.with_suffix(".part")
            half.write_bytes(wheel.read(name))
            half.replace(place)
