"""RV: its support folder, as its own package manager leaves it; or that program itself, where it is there.

Facts of Open RV's PackageManager: ``Packages/rvinstall`` lists packages, ``*`` before those that are installed;
``Mu/rvload2`` lists modes as ``name,package,menu,shortcut,event,loaded,active,rv,optional,openrv``, below a line with
the number of that form.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from .desk import Desk
from .steps import Host

FORM = 4
INSTALLED = "*"


def rv_host(package: tuple[str, Mapping[str, bytes], bytes], desk: Desk, *, folder: Path | None, rvpkg: str) -> Host:
    """What belongs into RV.

    Args:
        package: its file name, what is in it by name, and its bytes.
        desk: the machine.
        folder: support folder; None: this user's.
        rvpkg: RV's own program for packages; empty: there is none, and its records are written here.
    """
    name, files, content = package
    support = folder or desk.rv
    target = support / "Packages" / name
    if rvpkg:
        parcel = desk.config / name
        return Host(
            "rv",
            support,
            files={parcel: content},
            programs=[[rvpkg, "-force", "-install", "-add", str(support), str(parcel)]],
            undo=[[rvpkg, "-force", "-remove", str(target)]],
            is_due=not target.is_file() or target.read_bytes() != content,
        )
    about: dict[str, Any] = yaml.safe_load(files["PACKAGE"])
    base = name.rpartition("-")[0]
    records = {support / "Packages" / "rvinstall": _packages, support / "Mu" / "rvload2": _modes}
    edits: dict[Path, bytes | None] = {}
    without: dict[Path, bytes | None] = {}
    for path, change in records.items():
        there = path.read_text(encoding="utf-8") if path.is_file() else ""
        edits[path] = change(there, base, name, about).encode()
        rest = change(there, base, "", about)
        without[path] = rest.encode() if rest.strip() not in {"", str(FORM)} else None
    return Host("rv", support, {target: content, **_unpacked(support, files, about)}, edits, without)


def _unpacked(support: Path, files: Mapping[str, bytes], about: Mapping[str, Any]) -> dict[Path, bytes]:
    """Where RV's manager would put each file."""
    places = {entry["file"]: entry["location"] for entry in about.get("files") or ()}
    return {
        support / places.get(name, "Python") / PurePosixPath(name).name: content
        for name, content in files.items()
        if name != "PACKAGE"
    }


def _packages(text: str, base: str, name: str, about: Mapping[str, Any]) -> str:
    """``rvinstall`` with this package and no other version of it; an empty name: with none."""
    del about
    kept = [line for line in text.splitlines() if line.strip() and not _is_version(line.lstrip(INSTALLED), base)]
    return "".join(f"{line}\n" for line in [*kept, *([INSTALLED + name] if name else [])])


def _modes(text: str, base: str, name: str, about: Mapping[str, Any]) -> str:
    """``rvload2`` with the modes of this package and of no other version of it, in the form that it has."""
    first, *lines = text.splitlines() or [str(FORM)]
    form = int(first) if first.strip().isdigit() else FORM
    kept = [line for line in lines if line.strip() and not _is_version(line.partition(",")[2].partition(",")[0], base)]
    added = [_mode(mode, name, about, form) for mode in about.get("modes") or ()] if name else []
    return "".join(f"{line}\n" for line in [first, *kept, *added])


def _mode(mode: Mapping[str, Any], name: str, about: Mapping[str, Any], form: int) -> str:
    now = "true" if mode.get("load") == "immediate" else "false"
    words = [
        str(mode["file"]).removesuffix(".py"),
        name,
        *(str(mode.get(key) or "nil") for key in ("menu", "shortcut", "event")),
    ]
    by_form = [str(about["rv"]), "false", str(about["openrv"])]  # each form of the file has one column more
    return ",".join([*words, now, now, *by_form[: max(0, form - 1)]])


def _is_version(file: str, base: str) -> bool:
    """Whether a package's file is some version of ours."""
    found, dash, _version = file.strip().rpartition("-")
    return bool(dash) and found == base
