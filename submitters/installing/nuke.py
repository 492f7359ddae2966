"""Nuke: a folder of ours below ``~/.nuke``, and one line in the artist's ``menu.py`` that leads to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .desk import Desk
from .steps import Host

NAME = "shotmill"
MARK = b"# shotmill: this line is its own; 'shotmill install nuke --uninstall' takes it out"


def nuke_host(plugin: Mapping[str, bytes], desk: Desk, *, folder: Path | None) -> Host:
    """What belongs into Nuke.

    Args:
        plugin: files of the plug-in by their path below its folder.
        desk: the machine.
        folder: folder for the plug-in, which the studio puts on NUKE_PATH; None: this user's, with a line in menu.py.
    """
    home = folder or desk.nuke / NAME
    files = {home / name: content for name, content in plugin.items()}
    if folder is not None:
        return Host("nuke", home, files)
    menu = desk.nuke / "menu.py"
    there = menu.read_bytes() if menu.is_file() else b""
    rest = without_line(there)
    return Host("nuke", home, files, edits={menu: with_line(there, home)}, without={menu: rest or None})


def with_line(there: bytes, home: Path) -> bytes:
    """A ``menu.py`` with our line at its end, once; all else as it is, byte for byte."""
    line = b"import nuke; nuke.pluginAddPath(" + ascii(home.as_posix()).encode() + b")  " + MARK
    if line in there.splitlines():
        return there
    rest = without_line(there)
    end = b"\r\n" if b"\r\n" in rest else b"\n"
    return rest + (end if rest and not rest.endswith((b"\n", b"\r")) else b"") + line + end


def without_line(there: bytes) -> bytes:
    """A ``menu.py`` without our line."""
    return b"".join(line for line in there.splitlines(keepends=True) if MARK not in line)
