"""Nuke ``.nk``: a LUT of a version as plain nodes; no gizmo, nothing to install.

Which node does what: OCIOColorSpace brings Nuke's working space to what the LUT is handed, OCIOFileTransform applies
the file, without any colour handling of its own. Where the LUT ends in a colour space of a scene, a second
OCIOColorSpace brings it back; after a LUT for a display nothing follows, and the viewer shows it raw.

The LUT lies beside the script, and has its name. A script that was opened knows its own place, so that the path follows
from it wherever the version lies.
"""

from __future__ import annotations

from dataclasses import dataclass

WORKING = "scene_linear"


@dataclass(frozen=True)
class NukeLut:
    """A LUT for Nuke.

    Attributes:
        name: of the nodes; letters, digits and ``_``.
        extension: of the LUT's file, which lies beside the script.
        source: colour space that the LUT is handed.
        back: colour space that it ends in, if that is of a scene; empty: it ends on a display.
        notes: lines for people.
    """

    name: str
    extension: str
    source: str
    back: str
    notes: tuple[str, ...] = ()


def write_lut_nodes(lut: NukeLut) -> bytes:
    """The nodes as the bytes of a Nuke script."""
    lines = [f"# {plain}" for note in lut.notes if (plain := " ".join(note.split()))]
    lines += _space("in", lut.name, WORKING, lut.source, first=True)
    path = f'"\\[file rootname \\[value root.name]].{lut.extension}"'
    lines += ["OCIOFileTransform {", f" file {path}", f" interpolation {'linear'}", f" name {lut.name}", "}"]
    if lut.back:
        lines += _space("out", lut.name, lut.back, WORKING)
    return ("\n".join(lines) + "\n").encode()


def _space(end: str, name: str, source: str, target: str, *, first: bool = False) -> list[str]:
    inputs = [" inputs 0"] if first else []
    spaces = [f" in_colorspace {quoted(source)}", f" out_colorspace {quoted(target)}"]
    return ["OCIOColorSpace {", *inputs, *spaces, f" name {name}_{end}", "}"]


def quoted(text: str) -> str:
    """A word of Tcl that stands for exactly this text, whatever is in it."""
    escaped = "".join(f"\\{char}" if char in '\\"[]{}$;' else char for char in text)
    return f'"{escaped}"'
