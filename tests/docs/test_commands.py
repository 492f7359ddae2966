"""Every command in the README and the docs is run here, in the order a reader types them, and must print what is shown.

A ``console`` block holds ``$ command`` lines, each followed by the output a reader may expect: every line of it must
appear in order, ``...`` stands for anything. A command that is meant to fail ends in ``# exit N``. What a command
exports stays so for the rest of its page. Places of the reader's studio stand for places of this test. A block of
another language that names a file is that file.

The first command of a page is a process as users start it; the others are forked from one that is ready, see ``ready``.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ready import ready_commands

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^```\w+ (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NOT_HERE = ("make ", "git clone", "pip install", "source .venv")  # CI's own first steps


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


@pytest.fixture(scope="session")
def after_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which somebody has run ``shotmill demo``."""
    folder = tmp_path_factory.mktemp("reader")
    subprocess.run(
        [sys.executable, "-m", "shotmill", "demo"], cwd=folder, env=environment(folder), check=True, timeout=300
    )
    return folder


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a ``shotmill`` that is quick to start."""
    with ready_commands(tmp_path_factory.mktemp("ready")) as folder:
        yield folder


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
        line = f"trap 'env -0 > {shlex.quote(str(self._kept))}' EXIT\n{path}{command}"
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


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_print_what_the_page_shows(
    page: Path, after_demo: Path, ready: Path, tmp_path: Path, postgres_url: str
) -> None:
    shell = Shell(tmp_path / "reader", ready)
    shutil.copytree(after_demo, shell.folder, ignore=shutil.ignore_patterns("engine*"))
    for name, text in FILE.findall(page.read_text(encoding="utf-8")):
        place = shell.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    for shown in shown_commands(page):
        if shown.command.startswith(NOT_HERE):
            continue
        command = shown.command.replace("postgresql://db.studio/shotmill", shlex.quote(postgres_url))
        exit_code, said = shell.run(command.replace("=/shows", f"={shell.folder}/shows"))
        assert exit_code == shown.exit_code, f"{shown.command}\n{said}"
        assert pattern_of(shown.output).search(said), f"{shown.command}\nprinted:\n{said}\nshown:\n" + "\n".join(
            shown.output
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
