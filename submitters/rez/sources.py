"""The folders that ``rez-build`` is run in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ... import __version__

HERE = Path(__file__).resolve().parent
CLIENT = "shotmill_client"
FULL = "shotmill"


def package_sources(hosts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of both packages' folders, by their path below the folder that holds the two.

    Args:
        hosts: what the client brings, by its path: ``rv/...`` is a support folder of RV's, ``nuke/...`` lies on
            NUKE_PATH. A ``client.json`` in them says where Shotmill's Python is, unless SHOTMILL_PYTHON does.
    """
    return {
        f"{CLIENT}/package.py": _versioned("client.py.in"),
        f"{CLIENT}/build.py": (HERE / "build_client.py").read_bytes(),
        f"{CLIENT}/payload/check.py": (HERE / "check_client.py").read_bytes(),
        **{f"{CLIENT}/payload/{path}": content for path, content in hosts.items()},
        f"{FULL}/package.py": _versioned("full.py.in"),
        f"{FULL}/build.py": (HERE / "build_full.py").read_bytes(),
        f"{FULL}/check.py": (HERE / "check_full.py").read_bytes(),
    }


def _versioned(name: str) -> bytes:
    return (HERE / name).read_text(encoding="utf-8").replace("@VERSION@", __version__).encode()
