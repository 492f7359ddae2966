"""RV: a Python script that puts a LUT of a version on what is open, as RV's own commands do; no package is needed.

A session file names LUTs by paths that begin where RV was started, so that none could be published before its place is
known. A script that RV runs knows its own place, and the LUT beside it.

Where the LUT goes: each source has a look LUT just before the display. After a LUT that ends on a display nothing may
follow, and RV's own display correction is switched off; after one that ends in the light of a scene it goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

SUFFIX = "rv.py"
_BODY = '''
import os

from rv import commands

LUT = os.path.abspath(__file__)[: -len({suffix!r})] + {extension!r}
OWN_DISPLAY = {own_display!r}


def apply():
    """Put the LUT on every source that is open; how many there are."""
    nodes = commands.nodesOfType("RVLookLUT")
    for node in nodes:
        commands.readLUT(LUT, node, True)
        commands.setIntProperty(node + ".lut.active", [1], True)
    if not OWN_DISPLAY:
        for node in commands.nodesOfType("RVDisplayColor"):
            for name in ("sRGB", "Rec709"):
                commands.setIntProperty(node + ".color." + name, [0], True)
            commands.setFloatProperty(node + ".color.gamma", [1.0], True)
    return len(nodes)


print("LUT on %d sources: %s" % (apply(), LUT))
'''


@dataclass(frozen=True)
class RvLut:
    """A LUT for RV.

    Attributes:
        extension: of the LUT's file, which lies beside the script.
        on_display: whether it ends on a display, so that nothing may follow.
        notes: lines for people.
    """

    extension: str
    on_display: bool
    notes: tuple[str, ...] = ()


def write_rv_script(lut: RvLut) -> bytes:
    """The script, in Python 3.7 and later with RV's commands alone."""
    notes = [f"# {plain}" for note in lut.notes if (plain := " ".join(note.split()))]
    body = _BODY.format(suffix=SUFFIX, extension=lut.extension, own_display=not lut.on_display)
    return ("\n".join(notes) + "\n" + body).encode()
