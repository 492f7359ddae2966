"""Every command in the README and the docs is run here, in the order a reader types them, and must print what is shown.

A ``console`` block holds ``$ command`` lines, each followed by the output a reader may expect: every line of it must
appear in order, ``...`` stands for anything. A command that is meant to fail ends in ``# exit N``. What a command
exports stays so for the rest of its page. Places of the reader's studio stand for places of this test. A block of
another language that names a file is that file.

The first command of a page is a process as users start it; the others are forked from one that is ready, see ``ready``.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from page_commands import ROOT, Shell, environment, shown_commands
from ready import ready_commands

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FILE = re.compile(r"^```\w+ (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ELSEWHERE = {"roto"}  # run by test_roto_page.py, which looks at what they made as well
NOT_HERE = ("make ", "git clone", "pip install", "source .venv")  # CI's own first steps


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


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page.stem not in ELSEWHERE], ids=lambda page: page.stem)
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
        shell.show(shown, command.replace("=/shows", f"={shell.folder}/shows"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
