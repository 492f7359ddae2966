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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

BUILD_S = 600
COMPLETE = "complete"
# Read before fixtures clear the environment of settings.
CACHE = Path(os.environ.get("SHOTMILL_TEST_CACHE") or Path.home() / ".cache" / "shotmill-tests")


@dataclass(frozen=True)
class Environment:
    """A virtual environment that is there."""

    root: Path

    @property
    def python(self) -> Path:
        return self.program("python")

    def program(self, name: str) -> Path:
        return self.root / "bin" / name


def environment(
    name: str,
    pins: Sequence[str],
    *,
    resolve: bool = False,
    built_there: Sequence[str] = (),
    setting: str = "",
    python: str = sys.executable,
) -> Environment:
    """An environment with these packages; the test fails, in pip's words, when pip cannot build it.

    Where uv lies beside this Python, it is asked first: it takes a third of pip's time.

    Args:
        name: for people who look into the cache.
        pins: requirements such as ``grpcio==1.85.1``; all that is needed, unless ``resolve``.
        resolve: whether pip may add what the pins depend on.
        built_there: requirements that come as sources and are built with what the pins brought, not apart from it. pip
            alone makes such an environment.
        setting: ``NAME=VALUE`` that their build reads.
        python: another interpreter than the tests' own.
    """
    asked = "\n".join([sys.version if python == sys.executable else python, str(resolve), *pins, *built_there])
    root = CACHE / f"{name}-{hashlib.sha256(asked.encode()).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go when the file is closed
        if not (root / COMPLETE).is_file():
            wanted = [*([] if resolve else ["--no-deps"]), *pins]
            if built_there or not _built_by_uv(root, wanted, python):
                _build(root, wanted, python)
            if built_there:
                environ = {**os.environ, **dict([setting.split("=", 1)] if setting else [])}
                _run([*_pip(root), "--no-deps", "--no-build-isolation", *built_there], environ)
            (root / COMPLETE).touch()
    return Environment(root)


def _built_by_uv(root: Path, wanted: Sequence[str], python: str) -> bool:
    uv = Path(sys.prefix) / "bin" / "uv"
    if not uv.is_file():
        return False
    shutil.rmtree(root, ignore_errors=True)
    venv = [str(uv), "venv", "--quiet", "--no-project", "--seed", "--python", python, str(root)]
    install = [str(uv), "pip", "install", "--quiet", "--python", str(root / "bin" / "python"), *wanted]
    for argv in (venv, install):
        ended = subprocess.run(argv, capture_output=True, text=True, timeout=BUILD_S, check=False)
        if ended.returncode:
            sys.stderr.write(f"uv could not make {root.name}, so pip is asked: {ended.stderr}\n")
            return False
    return True


def _build(root: Path, wanted: Sequence[str], python: str) -> None:
    shutil.rmtree(root, ignore_errors=True)  # what a build that was killed has left
    _run([python, "-m", "venv", str(root)])
    _run([*_pip(root), *wanted])


def _pip(root: Path) -> list[str]:
    python = str(root / "bin" / "python")
    return [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]


def _run(argv: list[str], environ: Mapping[str, str] | None = None) -> None:
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=BUILD_S, check=False, env=environ)
    if ended.returncode:
        pytest.fail(f"{' '.join(argv)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}", pytrace=False)
