"""Which files make the plug-in's folder."""

from __future__ import annotations

from pathlib import Path

PACKAGE = "shotmill_nuke"
ROOT = Path(__file__).resolve().parents[2]
NUKE = "submitters/nuke"
CLIENT = "submitters/client"
SIDE = "pipeline/exports/nuke_side.py"  # makes Roto nodes
CLIENT_JSON = f"{PACKAGE}/{CLIENT}/client.json"  # where the client looks for it, below the plug-in's folder
NOT_IN_NUKE = ("__init__.py", "menu.py", "place.py")


def plugin_files() -> dict[str, bytes]:
    """The files of a folder that is put on ``NUKE_PATH``: path below the folder, with ``/`` -> what is in it.

    Beside ``menu.py`` lies a package with a part of Shotmill's own tree, so that imports lead to the same modules. It
    holds nothing of this machine: where Shotmill lies is told by ``SHOTMILL_PYTHON``, by a ``client.json`` that is put
    at ``CLIENT_JSON``, or by that of the user.
    """
    sources = [path for path in sorted((ROOT / NUKE).glob("*.py")) if path.name not in NOT_IN_NUKE]
    sources += [
        path for path in sorted((ROOT / CLIENT).rglob("*")) if path.is_file() and "__pycache__" not in path.parts
    ]
    sources.append(ROOT / SIDE)
    found = {f"{PACKAGE}/{path.relative_to(ROOT).as_posix()}": path.read_bytes() for path in sources}
    for name in ("", "submitters/", f"{NUKE}/", "pipeline/", "pipeline/exports/"):
        found[f"{PACKAGE}/{name}__init__.py"] = b""
    found["menu.py"] = (ROOT / NUKE / "menu.py").read_bytes()
    return found
