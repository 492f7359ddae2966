"""Which source, and which of its frames, RV shows for a frame of any node, through sequences, stacks and retimes.

Frames of a source are as RV counts them: a sequence's own numbers, moved by what the session moves them by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from .gto import GtoObject, Value

SOURCES = frozenset({"RVFileSource", "RVImageSource"})
SOURCE_GROUP = "RVSourceGroup"
RETIME = "RVRetime"
MAX_DEPTH = 64  # of groups in groups
CLOSE = 0.00001  # RV: rates that differ by less are one; sessions hold six digits of them


class Seen(NamedTuple):
    """A frame of a source group."""

    group: str
    frame: int


class Graph:
    """The nodes of a session.

    Args:
        objects: of the session, by name.
        first_frame: of a source group, as RV counts.
    """

    def __init__(self, objects: Mapping[str, GtoObject], first_frame: Callable[[str], int]) -> None:
        self._objects = objects
        self._first_frame = first_frame
        self._inputs: dict[str, list[str]] = {}
        for one in objects.values():
            if one.protocol == "connection":
                self._connect(one.properties.get("evaluation.connections", []))

    def _connect(self, pairs: list[Value]) -> None:
        for index in range(0, len(pairs) - 1, 2):
            self._inputs.setdefault(str(pairs[index + 1]), []).append(str(pairs[index]))

    def inputs(self, group: str) -> list[str]:
        """What goes into a group, in order."""
        return self._inputs.get(group, [])

    def painted(self, node: str, frame: int) -> Seen:
        """What lies below a paint node on a frame of it.

        Raises:
            ValueError: that cannot be told; says why.
        """
        group, own = self._group_of(node)
        if own.startswith("p_"):  # of one input, before its retime
            return self.shown(own.removeprefix("p_"), frame)
        return self.shown(group, frame)

    def _group_of(self, node: str) -> tuple[str, str]:
        """The group that a member belongs to, and the member's name in it; the longest group's name that fits."""
        fitting = [name for name in self._objects if node.startswith(f"{name}_")]
        if fitting:
            group = max(fitting, key=len)
            return group, node[len(group) + 1 :]
        group, _, own = node.rpartition("_")  # short sessions leave groups out
        return group, own

    def shown(self, name: str, frame: int, depth: int = 0) -> Seen:
        """The source that a node shows on a frame.

        Raises:
            ValueError: that cannot be told; says why.
        """
        if depth > MAX_DEPTH:
            raise ValueError(f"{name} lies in more than {MAX_DEPTH} groups")
        kind = self._kind(name)
        if kind == SOURCE_GROUP:
            return Seen(name, frame)
        if kind == "RVSequenceGroup":
            below, frame = self._in_sequence(name, frame)
        elif kind == "RVStackGroup":
            below, frame = self._in_stack(name, frame)
        elif kind == "RVRetimeGroup":
            below = self._only_input(name)
            frame = self._retimed(f"{name}_retime", below, frame)
        else:
            raise ValueError(f"{name} is a {kind or 'node that is not in the session'}; mark its sources themselves")
        return self.shown(below, frame, depth + 1)

    def _kind(self, name: str) -> str:
        if name in self._objects:
            return self._objects[name].protocol
        source = self._objects.get(f"{name}_source")
        return SOURCE_GROUP if source is not None and source.protocol in SOURCES else ""

    def _in_sequence(self, name: str, frame: int) -> tuple[str, int]:
        starts, sources, first, last = (self._numbers(f"{name}_sequence", f"edl.{each}") for each in
                                        ("frame", "source", "in", "out"))  # fmt: skip
        inputs = self.inputs(name)
        cuts = min(len(starts), len(sources), len(first), len(last)) - 1  # the last entry ends the others
        found = [index for index in range(cuts) if starts[index] <= frame]
        if not found or not 0 <= sources[found[-1]] < len(inputs):
            raise ValueError(f"sequence {name} shows nothing on frame {frame}")
        cut = found[-1]
        below = inputs[sources[cut]]
        inside = max(min(frame - starts[cut] + first[cut], last[cut]), first[cut])
        return below, self._retimed(f"{name}_rt_{below}", below, inside)

    def _in_stack(self, name: str, frame: int) -> tuple[str, int]:
        """The uppermost input; a stack's first frame is 1 wherever its inputs begin."""
        inputs = self.inputs(name)
        if not inputs:
            raise ValueError(f"stack {name} has no inputs")
        starts = [self.first_frame(below) for below in inputs]
        aligned = self._number(f"{name}_stack", "mode.alignStartFrames", 0)
        start = starts[0] if aligned else min(starts)
        return inputs[0], self._retimed(f"{name}_rt_{inputs[0]}", inputs[0], int(frame + start - 1))

    def first_frame(self, name: str, depth: int = 0) -> int:
        """Where a node begins."""
        if self._kind(name) == SOURCE_GROUP:
            return self._first_frame(name)
        if self._kind(name) == "RVRetimeGroup" and depth < MAX_DEPTH:
            return self.first_frame(self._only_input(name), depth + 1)
        return 1

    def _only_input(self, name: str) -> str:
        inputs = self.inputs(name)
        if not inputs:
            raise ValueError(f"{name} has no input")
        return inputs[0]

    def _retimed(self, node: str, below: str, frame: int) -> int:
        """The frame that goes into a retime for one that comes out of it."""
        if node not in self._objects:
            return frame
        if self._number(node, "explicit.active", 0):
            listed = self._numbers(node, "explicit.inputFrames")
            if not listed:
                raise ValueError(f"{node} lists no frames")
            index = frame - int(self._number(node, "explicit.firstOutputFrame", 1))
            return listed[max(0, min(index, len(listed) - 1))]
        if self._number(node, "warp.active", 0):
            raise ValueError(f"{node} warps the time; mark its source itself")
        start = self.first_frame(below)
        scale = self._number(node, "visual.scale", 1) * self._rates(node, below) or 1
        return int(int((frame - start) / scale) + start - self._number(node, "visual.offset", 0))

    def _rates(self, node: str, below: str) -> float:
        """How much longer a retime makes what comes in slower or faster than its output."""
        out = self._number(node, "output.fps", 0)
        rate = self._number(f"{below}_source", "group.fps", 0)
        found = out / rate if out and rate else 1.0
        return 1.0 if abs(found - 1) <= CLOSE else found

    def _numbers(self, node: str, name: str) -> list[int]:
        one = self._objects.get(node)
        found = one.properties.get(name, []) if one else []
        return [int(value) for value in found if not isinstance(value, str)]

    def _number(self, node: str, name: str, default: float) -> float:
        one = self._objects.get(node)
        found = one.properties.get(name, []) if one else []
        return float(found[0]) if found and not isinstance(found[0], str) else default
