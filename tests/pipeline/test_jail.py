"""Folders below a root, held open, while others come and go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from shotmill.pipeline.jail import opened

REMOVER = """
import contextlib, os, sys, time
while True:
    with contextlib.suppress(OSError):
        os.rmdir(sys.argv[1])
    time.sleep(0.0002)
"""


def test_a_folder_that_others_remove_when_it_is_empty_is_made_again(tmp_path: Path) -> None:
    place = tmp_path / ".staging"
    with subprocess.Popen([sys.executable, "-c", REMOVER, str(place)]) as remover:
        try:
            for number in range(2_000):
                with opened(tmp_path, f".staging/{number}", make=True):
                    (place / str(number)).rmdir()
        finally:
            remover.kill()
