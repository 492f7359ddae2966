"""Tables as people see them: on a terminal of any width, and in a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

PROGRAM = """
from shotmill.submitters.cli.output import print_table
says = "E205 input-corrupt: frame 1004 of /show/plates/sh010.####.exr is cut off; copy it again"
print_table(["JOB", "STATE", "HOST", "SAYS"], [["J-5DDWEC6F", "failed", "render-node-017", says]] * 2, empty="none")
"""


def on_terminal(columns: int) -> str:
    """What the program prints on a terminal so wide, without colours."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    subprocess.run([sys.executable, "-c", PROGRAM], stdout=child, stdin=child, env=environment, check=True)
    os.close(child)
    text = os.read(parent, 100_000).decode()
    os.close(parent)
    return text.replace("\x1b[1m", "").replace("\x1b[0m", "")


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_a_terminal_of_any_width_shows_every_column_whole(columns: int) -> None:
    lines = [line.rstrip() for line in on_terminal(columns).splitlines()]
    assert lines[0].split() == ["JOB", "STATE", "HOST", "SAYS"]
    start = lines[0].index("SAYS")
    assert lines[1][:start].split() == ["J-5DDWEC6F", "failed", "render-node-017"]
    folded = "".join(line[start:].strip().replace(" ", "") for line in lines[1:])
    assert folded.startswith("E205input-corrupt:frame1004of/show/plates/sh010.####.exriscutoff;copyitagainE205")


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_no_line_is_longer_than_a_common_terminal(columns: int) -> None:
    assert max(len(line.rstrip()) for line in on_terminal(columns).splitlines()) <= columns


def test_a_pipe_gets_one_line_a_row() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert [line.rstrip()[-14:] for line in ran.stdout.splitlines()[1:]] == [" copy it again"] * 2
