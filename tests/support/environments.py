"""Virtual environments of their own, for programs whose packages cannot live beside ours.

Each is built once, in a cache folder that all test runs share: ``SHOTMILL_TEST_CACHE``, else below the user's cache.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

BUILD_S = 600
COMPLETE = "complete"
# Read before fixtures clear the environment of settings.
_CACHE = Path(os.environ.get("SHOTMILL_TEST_CACHE") or Path.home() / ".cache" / "shotmill-tests")


@dataclass(frozen=True)
class Environment:
    """A virtual environment that is there."""

    root: Path

    @property
    def python(self) -> Path:
        return self.program("python")

    def program(self, name: str) -> Path:
        return self.root / "bin" / name


def environment(name: str, pins: Sequence[str], *, resolve: bool = False) -> Environment:
    """An environment with these packages; the test fails, in pip's words, when pip cannot build it.

    Args:
        name: for people who look into the cache.
        pins: requirements such as ``grpcio==1.85.1``; all that is needed, unless ``resolve``.
        resolve: whether pip may add what the pins depend on.
    """
    told = "\n".join([sys.version, str(resolve), *pins])
    root = _CACHE / f"{name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    _CACHE.mkdir(parents=True, exist_ok=True)
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go when the file is closed
        if not (root / COMPLETE).is_file():
            _build(root, pins, resolve=resolve)
    return Environment(root)


def _build(root: Path, pins: Sequence[str], *, resolve: bool) -> None:
    shutil.rmtree(root, ignore_errors=True)  # what a build that was killed has left
    _run([sys.executable, "-m", "venv", str(root)])
    pip = [
        str(root / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    _run([*pip, *([] if resolve else ["--no-deps"]), *pins])
    (root / COMPLETE).touch()


def _run(argv: list[str]) -> None:
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=BUILD_S, check=False)
    if ended.returncode:
        pytest.fail(f"{' '.join(argv)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}", pytrace=False)
