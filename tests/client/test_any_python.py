"""Host fact 1: the client is what any host's Python can run: the standard library and the syntax of 3.7."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_children import fake_python

from shotmill.submitters import client

FOLDER = Path(client.__file__).resolve().parent
MODULES = sorted(FOLDER.glob("*.py"))
HOST = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from shotmill_client import Client, ClientError, Form
client = Client("nuke", "13.2v1", python=sys.argv[2])
answer = client.ask("describe", {"job_type": "thumbnail"})
form = Form(answer["job_types"][0]["fields"])
form.set("width", "640")
told = [client.ask("ping")["protocol"], form.to_params(), form.problems()]
call = client.start(client.request("describe", {"job_type": "nothing"}))
call.wait(60)
try:
    call.value
except ClientError as error:
    told.append(error.code)
try:
    Client("nuke", "13.2v1", python=sys.argv[3]).ask("ping")
except ClientError as error:
    told.append(error.code)
loaded = sorted(name for name in sys.modules if name.partition(".")[0] in ("shotmill", "pydantic", "click"))
print(json.dumps([told, loaded]))
"""


def interpreters() -> Iterator[tuple[tuple[int, int], str]]:
    """Pythons of this machine that a host may have, with their versions."""
    for minor in range(7, sys.version_info.minor + 1):
        places = sorted(Path(os.path.expanduser("~/.pyenv/versions")).glob(f"3.{minor}.*/bin/python"))  # noqa: PTH111
        found = [str(place) for place in places] or [shutil.which(f"python3.{minor}") or ""]
        yield from (((3, minor), python) for python in found if python)
    yield (3, sys.version_info.minor), sys.executable


def imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "" if node.level == 1 else str(node.module).partition(".")[0]
            assert node.level <= 1, f"{module.name} reaches out of the folder that is copied into hosts"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_it_imports_nothing_but_the_standard_library_and_itself(module: Path) -> None:
    assert set(imported(module)) - {""} <= sys.stdlib_module_names


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_its_syntax_is_that_of_python_3_7(module: Path) -> None:
    ast.parse(module.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_vermin_finds_nothing_newer_than_3_7() -> None:
    command = [
        str(Path(sys.executable).with_name("vermin")),
        "-t=3.7-",
        "--violations",
        "--no-tips",
        *map(str, MODULES),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_it_runs_on_the_oldest_python_of_this_machine(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "host" / "shotmill_client", ignore=shutil.ignore_patterns("__pycache__"))
    _version, oldest = min(interpreters())
    removed = fake_python(tmp_path / "fake", "no shotmill")
    command = [oldest, "-c", HOST, str(tmp_path / "host"), sys.executable, removed]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.stdout.strip() == '[[1, {"width": 640}, [], "E112", "E701"], []]', ran.stderr
