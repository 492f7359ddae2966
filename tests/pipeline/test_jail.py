"""Folders below a root, held open, while others come and go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Somebody who leaves removes the empty folder, three times, each just before a call of the operating system.
LEAVING = """
import os, sys
from pathlib import Path
from shotmill.pipeline.jail import opened

root, event, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
left = 3

def leave(happens, facts):
    global left
    if left and happens == event and facts[0] == name:
        left -= 1
        os.rmdir(root / ".staging")

sys.addaudithook(leave)
with opened(root, ".staging/mine", make=True):
    print(left, sorted(str(path.relative_to(root)) for path in root.rglob("*")))
"""


@pytest.mark.parametrize(("event", "name"), [("os.mkdir", "mine"), ("open", ".staging")])
def test_a_folder_that_others_remove_when_it_is_empty_is_made_again(event: str, name: str, tmp_path: Path) -> None:
    argv = [sys.executable, "-c", LEAVING, str(tmp_path), event, name]
    found = subprocess.run(argv, check=False, capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("0 ['.staging', '.staging/mine']\n", "")
