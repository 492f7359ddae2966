"""Every command in the README and the docs is run here, in the order a reader types them, and must print what is shown.

A ``console`` block holds ``$ command`` lines, each followed by the output a reader may expect: every line of it must
appear in order, ``...`` stands for anything. A command that is meant to fail ends in ``# exit N``. Blocks marked
``console no-run`` are for machines that CI does not have (a farm, another system's package manager).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
NOT_HERE = ("make ", "git clone", "pip install")  # CI's own first steps


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


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_print_what_the_page_shows(page: Path, after_demo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(after_demo, folder)
    for shown in shown_commands(page):
        if shown.command.startswith(NOT_HERE):
            continue
        ran = subprocess.run(
            ["bash", "-c", shown.command],
            cwd=folder,
            env=environment(folder),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = ran.stdout + ran.stderr
        assert ran.returncode == shown.exit_code, f"{shown.command}\n{said}"
        assert pattern_of(shown.output).search(said), f"{shown.command}\nprinted:\n{said}\nshown:\n" + "\n".join(
            shown.output
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
