"""A program with windows while a test drives it: every call is an order to a driver inside it, a line of JSON."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

END_S = 60
MEASURED = "COVERAGE_PROCESS_CONFIG"
SYSTEM = "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0"


class Driven:
    """The program; ``code`` once it has ended."""

    def __init__(self, name: str, process: subprocess.Popen[str], log: Path) -> None:
        self.code: int | None = None
        self.log = log
        self._name = name
        self._process = process

    def __call__(self, do: str, /, **order: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            print(json.dumps({"do": do, **order}), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._say_why()
        return json.loads(line)

    def end(self) -> None:
        """Wait until the program has ended by itself; nobody gives it orders any more."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self.code = self._process.wait(END_S)

    def _say_why(self) -> None:
        said = self.log.read_text(encoding="utf-8", errors="replace")
        if "cannot open shared object file" in said:
            pytest.fail(f"Qt needs libraries of the system: apt-get install {SYSTEM}\n{said}", pytrace=False)
        pytest.fail(f"{self._name} has ended:\n{said}", pytrace=False)


@contextmanager
def driven(name: str, argv: Sequence[str], folder: Path, more: Mapping[str, str]) -> Iterator[Driven]:
    """The program without a screen, for as long as the context lasts.

    Args:
        name: for people, and of its log.
        argv: what to run; a driver stands in it.
        folder: where it runs; becomes its home, and takes its log.
        more: of its environment.
    """
    log = folder / f"{name.lower().replace(' ', '-')}.log"
    variables = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(folder), **more,
    }  # fmt: skip
    if measured := os.environ.get(MEASURED):
        variables[MEASURED] = measured
    with log.open("wb") as said, subprocess.Popen(
        argv, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, cwd=folder
    ) as process:  # fmt: skip
        program = Driven(name, process, log)
        try:
            yield program
            program.end()
        finally:
            process.kill()
