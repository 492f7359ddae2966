"""Opens Nuke scripts in the tests' Nuke: classes, knobs, groups, and the input that stands above a node.

A node is a class, a brace, one line a knob, a brace; the nodes of a group stand behind it, up to ``end_group``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nuke as _nuke

nuke: Any = _nuke  # what tests look at: Nuke's own types would have them ask of every node whether it is there
KNOBS: Any = nuke._knobs
NODES: Any = nuke._nodes
Format = KNOBS.Format
Viewer = NODES.Viewer
made_node = NODES.made_node
FOLDER = "@FOLDER@"
END_GROUP = "end_group"


def open_script(path: Path, *, folder: Path | None = None) -> None:
    """Open a script; ``@FOLDER@`` in it stands for a folder of the test's."""
    open_text(path.read_text(encoding="utf-8").replace(FOLDER, str(folder)))


def open_text(text: str) -> None:
    nuke.scriptClear()
    world = nuke._scene.world()
    above: list[Any] = [None]  # the last node of each group that is open
    for kind, knobs in _blocks(text):
        if kind == END_GROUP:
            above.pop()
            above[-1].end()
        elif kind == "Root":
            del knobs["inputs"]
            world.views = knobs.pop("views", "main").split()
            _set_all(world.root, knobs)
        else:
            above[-1] = _made(kind, knobs, above[-1])
            if kind == "Group":
                above[-1].begin()
                above.append(None)
    assert above[1:] == []
    world.undos.steps.clear()


def _blocks(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    lines = [line.strip() for line in text.splitlines() if not line.startswith(("#", "version"))]
    kind, knobs = "", dict[str, str]()
    for line in filter(None, lines):
        if line == END_GROUP:
            yield END_GROUP, {}
        elif line == "}":
            yield kind, knobs
        elif re.fullmatch(r"[A-Z]\w* \{", line):
            kind, knobs = line[:-2], {}
        else:
            name, _, value = line.partition(" ")
            knobs[name] = _word(value)


def _word(value: str) -> str:
    """A word as Tcl reads it: without its quotes, and without what keeps Tcl from reading more into it."""
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _made(kind: str, knobs: dict[str, str], above: Any) -> Any:
    inputs = int(knobs.pop("inputs", "1"))
    is_selected = knobs.pop("selected", "false") == "true"
    made = made_node(kind, name=knobs.pop("name"), inputs=[above] if inputs and above is not None else [])
    _set_all(made, knobs)
    made.setSelected(is_selected)
    return made


def _set_all(node: Any, knobs: dict[str, str]) -> None:
    for name, text in knobs.items():
        knob = node[name]
        if name == "format":
            width, height, *_rest, aspect, format_name = text.split()
            knob.setValue(Format(int(width), int(height), float(aspect), format_name))
        elif isinstance(knob, KNOBS.Boolean_Knob):
            knob.setValue(text == "true")
        elif isinstance(knob, KNOBS.Double_Knob):
            knob.setValue(float(text))
        elif isinstance(knob, KNOBS.Array_Knob):
            knob.setValue(int(text))
        elif name == "tracks":
            knob._script = text
        else:
            knob.setValue(text)
