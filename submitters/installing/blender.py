"""Blender: its extension, put in by Blender's own program where it is there, else as a file to be dropped into it."""

from __future__ import annotations

from .desk import Desk
from .steps import Host

REPOSITORY = "user_default"


def blender_host(name: str, content: bytes, desk: Desk, *, program: str, extension: str = "shotmill") -> Host:
    """What belongs into Blender.

    Args:
        name: of the extension's zip.
        content: of it.
        desk: the machine.
        program: Blender itself; empty: the file is only written.
        extension: its id in its manifest.
    """
    place = desk.config / name
    install = [program, "--command", "extension", "install-file", "--repo", REPOSITORY, "--enable", str(place)]
    remove = [program, "--command", "extension", "remove", extension]
    programs, undo = ([install], [remove]) if program else ([], [])
    return Host("blender", desk.config, {place: content}, programs=programs, undo=undo)
