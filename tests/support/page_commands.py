"""Commands of pages of the documentation: read from their ``console`` blocks, and run as their reader does."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """One command with what its page says it prints."""

    command: str
    exit_code: int
    output: tuple[str, ...]


def shown_commands(page: Path) -> Iterator[Shown]:
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = part.rstrip().split("\n")
            wanted = re.search(r"\s+# exit (\d+)$", command)
            text = command[: wanted.start()] if wanted else command
            yield Shown(text, int(wanted.group(1)) if wanted else 0, tuple(line for line in output if line.strip()))


def pattern_of(lines: tuple[str, ...]) -> re.Pattern[str]:
    parts = [".*?".join(re.escape(piece.rstrip()) for piece in line.split("...")) for line in lines]
    return re.compile(".*?".join(parts), re.DOTALL)


def environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LANG", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {
        **kept,
        "PATH": path,
        "HOME": str(folder),
        "COLUMNS": "160",
        "SHOTMILL_HOME": str(folder / "shotmill-demo/home"),
    }


class Shell:
    """Runs command lines in a folder; what they export stays."""

    def __init__(self, folder: Path, ready: Path) -> None:
        self.folder = folder
        self._ready = f"{ready}:"
        self._is_begun = False
        self._kept = folder / "environment"
        self._environment = environment(folder)

    def run(self, command: str) -> tuple[int, str]:
        """Exit code, and all that was printed."""
        path = f"PATH={shlex.quote(self._ready)}$PATH\n" if self._is_begun else ""
        self._is_begun = self._is_begun or command.startswith("shotmill ")
        last = shlex.quote(f"env -0 > {shlex.quote(str(self._kept))}")
        line = f"trap {last} EXIT\n{path}{command}"
        ran = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        pairs = self._kept.read_text(encoding="utf-8").split("\0")
        self._environment = dict(pair.split("=", 1) for pair in pairs if pair)
        self._environment["PATH"] = self._environment["PATH"].removeprefix(self._ready)
        return ran.returncode, ran.stdout + ran.stderr

    def show(self, shown: Shown, command: str = "") -> str:
        """Run a command of a page, in other words where these are given; what it printed, which is what was shown."""
        exit_code, said = self.run(command or shown.command)
        assert exit_code == shown.exit_code, f"{shown.command}\n{said}"
        wanted = "\n".join(shown.output)
        assert pattern_of(shown.output).search(said), f"{shown.command}\nprinted:\n{said}\nshown:\n{wanted}"
        return said
