"""The session of the tests' RV."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = json.loads((Path(__file__).resolve().parents[1] / "names.json").read_text())
INT, FLOAT, STRING = 1, 2, 8  # GTO's numbers of these types
_SPAN = re.compile(r"(-?\d+)-(-?\d+)(?:#+|@+)")
_PROC = re.compile(r"start=(-?\d+),end=(-?\d+)")


class RvError(Exception):
    """What RV throws into Python."""


@dataclass
class Property:
    kind: int
    width: int
    values: list[Any] = field(default_factory=list)


@dataclass
class Node:
    kind: str
    group: str = ""
    inputs: list[str] = field(default_factory=list)


@dataclass
class Session:
    """All that RV holds; ``said`` is what it showed on its screen."""

    made: int = 0
    nodes: dict[str, Node] = field(default_factory=dict)
    properties: dict[str, Property] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    attributes: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    menus: dict[str, Any] = field(default_factory=dict)
    bindings: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    marked: list[int] = field(default_factory=list)
    view: str = ""
    frame: int = 1
    redrawn: int = 0
    thread: int = field(default_factory=threading.get_ident)

    def check_thread(self) -> None:
        if threading.get_ident() != self.thread:
            raise RvError("RV's commands were called off the main thread; the real RV would crash")

    def node(self, name: str) -> Node:
        if name not in self.nodes:
            raise RvError(f"no node {name!r}")
        return self.nodes[name]

    def property(self, full: str, kind: int) -> Property:
        found = self.properties.get(full)
        if found is None:
            raise RvError(f"invalid property name {full}")
        if found.kind != kind:
            raise RvError(f"property {full} is of another type")
        return found

    def make(self, full: str, kind: int, width: int, values: Sequence[Any] = ()) -> None:
        node = full.split(".", maxsplit=1)[0]
        self.node(node)
        self.properties[full] = Property(kind, width, list(values))

    def set(self, full: str, kind: int, values: Sequence[Any], *, resize: bool) -> None:
        found = self.property(full, kind)
        wanted = {INT: int, FLOAT: float, STRING: str}[kind]
        if not isinstance(values, list) or not all(type(one) is wanted for one in values):
            raise RvError(f"{full} takes a list of {wanted.__name__}, not {values!r}")
        if len(values) != len(found.values) and not resize:
            raise RvError(f"{full} is not resized without being told to")
        found.values = list(values)

    def add_source(self, path: str) -> str:
        group = f"sourceGroup{self.made:06d}"
        self.made += 1
        self.nodes[group] = Node("RVSourceGroup")
        for own, kind in [("source", "RVFileSource"), ("paint", "RVPaint"), ("lensWarp", "RVLensWarp"),
                          ("lookPipeline_0", "RVLookLUT")]:  # fmt: skip
            self.nodes[f"{group}_{own}"] = Node(kind, group)
        self.make(f"{group}_lookPipeline_0.lut.file", STRING, 1, [""])
        self.make(f"{group}_lookPipeline_0.lut.active", INT, 1, [0])
        self.nodes[f"{group}_paint"].inputs = [f"{group}_source"]
        self.make(f"{group}_source.media.movie", STRING, 1, [path])
        self.make(f"{group}_source.group.rangeOffset", INT, 1, [0])
        self.make(f"{group}_lensWarp.warp.pixelAspectRatio", FLOAT, 1, [0.0])
        self.view = self.view or group
        return f"{group}_source"

    def add_display(self) -> str:
        """What RV makes when its window opens, as it is by default."""
        name = "displayGroup0_colorPipeline_0"
        self.nodes[name] = Node("RVDisplayColor", "displayGroup0")
        self.make(f"{name}.color.sRGB", INT, 1, [1])
        self.make(f"{name}.color.Rec709", INT, 1, [0])
        self.make(f"{name}.color.gamma", FLOAT, 1, [2.2])
        return name

    def add_group(self, kind: str, name: str) -> str:
        found, count = name, 0
        while found in self.nodes:
            count += 1
            found = f"{name}{count:06d}"
        self.nodes[found] = Node(kind)
        inner = {"RVStackGroup": "stack", "RVSequenceGroup": "sequence"}[kind]
        self.nodes[f"{found}_{inner}"] = Node(kind.removesuffix("Group"), found)
        if kind == "RVStackGroup":
            self.nodes[f"{found}_paint"] = Node("RVPaint", found, [found])
            self.make(f"{found}_stack.mode.strictFrameRanges", INT, 1, [0])
            self.make(f"{found}_stack.composite.type", STRING, 1, ["over"])
        else:
            for name_ in ("frame", "source", "in", "out"):
                self.make(f"{found}_sequence.edl.{name_}", INT, 1)
            self.make(f"{found}_sequence.mode.autoEDL", INT, 1, [1])
        return found

    def set_inputs(self, name: str, inputs: Sequence[str]) -> None:
        for one in inputs:
            self.node(one)
        self.node(name).inputs = list(inputs)
        if self.nodes[name].kind == "RVSequenceGroup":  # RV makes a paint node for each input
            for one in inputs:
                self.nodes[f"{name}_p_{one}"] = Node("RVPaint", name, [one])

    def delete(self, name: str) -> None:
        """A group goes with all that is in it; whatever it was put into goes on without it."""
        self.node(name)
        gone = {name, *(own for own, one in self.nodes.items() if one.group == name)}
        self.nodes = {own: one for own, one in self.nodes.items() if own not in gone}
        self.properties = {full: one for full, one in self.properties.items() if full.partition(".")[0] not in gone}
        for one in self.nodes.values():
            one.inputs = [each for each in one.inputs if each not in gone]

    def info(self, source: str) -> dict[str, Any]:
        path = self.properties[f"{source}.media.movie"].values[0]
        span = _SPAN.search(path) or _PROC.search(path)
        first, last = (int(span.group(1)), int(span.group(2))) if span else (1, 48)
        base = {"width": 1920, "height": 1080, "uncropWidth": 1920, "uncropHeight": 1080, "startFrame": first,
                "endFrame": last, "fps": 24.0, "pixelAspect": 1.0, "file": path}  # fmt: skip
        return {**base, **self.media.get(path, {})}

    def first_frame(self, name: str) -> int:
        kind = self.node(name).kind
        if kind == "RVSourceGroup":
            offset = self.properties[f"{name}_source.group.rangeOffset"].values[0]
            return int(self.info(f"{name}_source")["startFrame"]) + int(offset)
        return 1

    def seen(self, name: str, frame: int) -> list[dict[str, Any]]:
        """What is evaluated below a node, the uppermost first."""
        node = self.node(name)
        found = [{"node": name, "nodeType": node.kind, "frame": frame}]
        if node.kind == "RVSourceGroup":
            return [*found, *self.seen(f"{name}_paint", frame)]
        if node.kind == "RVStackGroup":
            strict = self.properties[f"{name}_stack.mode.strictFrameRanges"].values[0]
            moved = frame if strict else frame + min(map(self.first_frame, node.inputs), default=1) - 1
            return [*found, *(info for one in node.inputs for info in self.seen(one, moved))]
        if node.kind == "RVSequenceGroup":
            return [*found, *self._in_sequence(name, frame)]
        return [*found, *(info for one in node.inputs for info in self.seen(one, frame))]

    def _in_sequence(self, name: str, frame: int) -> list[dict[str, Any]]:
        starts, sources, first, last = (
            self.properties[f"{name}_sequence.edl.{each}"].values for each in ("frame", "source", "in", "out")
        )
        cuts = [index for index in range(len(starts) - 1) if starts[index] <= frame]
        if not cuts:
            return []
        cut = cuts[-1]
        own = max(min(frame - starts[cut] + first[cut], last[cut]), first[cut])
        return self.seen(f"{name}_p_{self.nodes[name].inputs[sources[cut]]}", own)


session = Session()


def new_session() -> Session:
    """Begin anew."""
    vars(session).update(vars(Session()))
    return session
