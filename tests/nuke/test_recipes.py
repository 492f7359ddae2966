"""The recipe for hosts without a plug-in: its code is run as the page shows it, with the real client."""

from __future__ import annotations

import ast
import importlib
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import stop_engines, write_frames

from shotmill.submitters import client

PAGE = Path(__file__).resolve().parents[2] / "docs" / "maya-houdini.md"
BLOCKS = re.findall(r"^```python( \S+)?\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of the page, beside a copied client, as a host imports it."""
    source = Path(str(client.__file__)).parent
    shutil.copytree(source, tmp_path / "hosts" / "shotmill_client", ignore=shutil.ignore_patterns("__pycache__"))
    ((name, code),) = [(name.strip(), code) for name, code in BLOCKS if name]
    (tmp_path / "hosts" / name).write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path / "hosts"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    yield importlib.import_module(name.removesuffix(".py"))
    for loaded in [name for name in sys.modules if name.partition(".")[0] in {"shotmill_shelf", "shotmill_client"}]:
        del sys.modules[loaded]
    stop_engines(tmp_path / "home")


def test_every_block_of_the_page_is_python_3_7() -> None:
    assert len(BLOCKS) == 3
    for _name, code in BLOCKS:
        ast.parse(code, feature_version=(3, 7))


def test_the_shelf_submits_in_a_thread(shelf: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From where nothing says where Shotmill is, to a job of a plate whose path has ``$F4``."""
    said: list[str] = []
    shelf.submit("houdini", "20.5", said.append, "thumbnail", "/p/x.exr").join()
    assert said[0].startswith("nothing says where Shotmill is")
    monkeypatch.setenv("SHOTMILL_IDLE_S", "5")
    config = tmp_path / "shotmill" / "client.json"
    client.write_place(config, sys.executable)
    pattern = write_frames(tmp_path / "media", 1001, 1002)
    plate = str(pattern).replace("####", "$F4")
    shelf.submit("houdini", "20.5", said.append, "thumbnail", plate, width=64).join()
    assert re.fullmatch(r"submitted \S+: thumbnail.*", said[1]), said
