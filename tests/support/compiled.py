"""Bytecode that all processes of a test run share: without it each of them compiles the same hundreds of files."""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

import pytest
from _pytest.assertion import rewrite  # pytest says nowhere else how it compiles tests

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schema", "pipeline", "jobs", "farm_plugins", "submitters", "tests/support")


def compile_all(config: pytest.Config) -> None:
    """Compile Shotmill and all tests as pytest would; what is compiled already costs next to nothing."""
    if sys.dont_write_bytecode:
        return
    for package in PACKAGES:
        compileall.compile_dir(ROOT / package, quiet=1)
    for pattern in ("test_*.py", "conftest.py"):
        for path in (ROOT / "tests").rglob(pattern):
            _compile_test(path, config)


def _compile_test(path: Path, config: pytest.Config) -> None:
    folder = rewrite.get_cache_dir(path)
    compiled = folder / f"{path.stem}{rewrite.PYC_TAIL}"
    if rewrite._read_pyc(path, compiled) is None and rewrite.try_makedirs(folder):
        found, code = rewrite._rewrite_test(path, config)
        rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, found, compiled)
