"""Published versions as ``shotmill rpc`` tells them, with the files that real exports write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shotmill.pipeline.exports import find_export, nuke_lut
from shotmill.schema.shapes import ShapesDocument


def told(product: str, number: int, *forms: dict[str, Any], kind: str = "image", owner: str = "sq010/sh010") -> Any:
    return {
        "id": f"{product}-{number}",
        "project": "demo",
        "owner": owner,
        "product": product,
        "kind": kind,
        "version": number,
        "representations": list(forms),
    }


def form(name: str, path: Path | str, *, frames: str = "", colour: str = "") -> dict[str, Any]:
    return {"name": name, "path": str(path), "frames": frames, "colour": colour, "files": 1}


def roto_version(
    folder: Path, number: int, document: ShapesDocument, exports: Sequence[str] = ("nukepy",), **more: Any
) -> Any:
    """A roto: mattes, the shapes document, and the exports that were asked for."""
    folder = folder / f"v{number:03d}"
    folder.mkdir(parents=True)
    forms = [form("exr", folder / "roto.####.exr", frames=f"{document.first}-{document.last}", colour="data")]
    for name in ("shapes", *exports):
        path = folder / f"roto.{find_export(name).extension}"
        path.write_bytes(find_export(name).write(document))
        forms.append(form(name, path))
    forms.append(form("overlay", folder / "roto.jpg"))
    return told("roto", number, *forms, kind="matte", **more)


def lut_version(folder: Path, number: int) -> Any:
    """A LUT from ACEScct to a display-referred look and back, with the script for Nuke."""
    folder.mkdir(parents=True)
    script = folder / "lut.nk"
    script.write_bytes(nuke_lut.write_lut_nodes(nuke_lut.NukeLut("show", "cube", 'Log "A" [b]', "ACEScg")))
    return told("lut", number, form("cube", folder / "lut.cube"), form("nuke", script), kind="lut")
