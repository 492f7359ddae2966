"""What RV knows: its sources, frames, marks. Only reads, and only on the main thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rv import commands
from shotmill_marks import FrameMarks, Mark, Picture, media_pattern, read_paint

SOURCES = {"RVFileSource", "RVImageSource"}
GETTERS = {
    "IntType": "getIntProperty",
    "FloatType": "getFloatProperty",
    "StringType": "getStringProperty",
}


class Plate:
    """One source with its file.

    Attributes:
        node, group: its nodes.
        media: path as Shotmill writes it.
        first: first frame of it as RV counts; ``own_first``: in its own numbering, 0 for movies.
        length: in frames.
    """

    def __init__(self, node: str) -> None:
        self.node = node
        self.group = commands.nodeGroup(node)
        self.media = plain_media(node)
        info = commands.sourceMediaInfo(node)
        start = int(info["startFrame"])
        self.length = int(info["endFrame"]) - start + 1
        given = read(node, "group.rangeStart")
        offset = (read(node, "group.rangeOffset") or [0])[0]
        self.first = int(given[0]) if given else start + int(offset)
        self.own_first = start if "#" in self.media else 0
        self._info = info

    def own_frame(self, frame: int) -> int:
        """A frame of RV's in the plate's own numbering."""
        return self.own_first + frame - self.first

    @property
    def picture(self) -> Picture:
        """Its display window."""
        info = self._info
        width = int(info.get("uncropWidth") or info["width"])
        height = int(info.get("uncropHeight") or info["height"])
        return Picture(width, height, self._pixel_aspect(), self._turned())

    def _pixel_aspect(self) -> float:
        lens = read(f"{self.group}_lensWarp", "warp.pixelAspectRatio")
        found = float(lens[0]) if lens else 0.0
        return found if found > 0 else float(self._info.get("pixelAspect") or 1.0)

    def _turned(self) -> str:
        """Why marks cannot be told in pixels: the picture is turned as it comes out of its file."""
        for name, value in commands.sourceAttributes(self.node) or []:
            is_turn = name.rpartition("/")[2].lower() in {"rotation", "orientation"}
            if is_turn and value.strip().lower() not in {"", "0", "0.0", "1", "normal", "none", "top-left"}:
                return f"{self.media} is stored turned ({name} {value})"
        return ""


def read(node: str, name: str) -> list[Any] | None:
    """The values of a property; None: there is no such property."""
    full = f"{node}.{name}"
    return values_of(full) if commands.nodeExists(node) and commands.propertyExists(full) else None


def values_of(full: str) -> list[Any]:
    """The values of a property that is there; of a type that marks have none of: nothing."""
    kind = commands.propertyInfo(full)["type"]
    getter = next((each for name, each in GETTERS.items() if kind == getattr(commands, name)), "")
    return list(getattr(commands, getter)(full)) if getter else []


def has_source() -> bool:
    """Whether anything is open; looks at nothing but RV's own list."""
    return bool(commands.sources())


def current_plate() -> Plate | None:
    """The source that is seen now; of several on top of one another, the first that Shotmill did not put there."""
    found = [info["node"] for info in commands.metaEvaluate(commands.frame(), commands.viewNode()) if is_file(info)]
    plain = [node for node in found if read(node, "shotmill.version") is None]
    return Plate((plain or found)[0]) if found else None


def seen_source() -> str:
    """The uppermost source that is seen now, whoever put it there; empty: none."""
    infos = commands.metaEvaluate(commands.frame(), commands.viewNode())
    return next((info["node"] for info in infos if is_file(info)), "")


def is_file(info: dict[str, Any]) -> bool:
    """Whether a node that is evaluated is a source with a file."""
    return info["nodeType"] == "RVFileSource"


def all_plates() -> list[Plate]:
    """The sources of the view, each once, in the order of its frames."""
    first, last = commands.frameStart(), commands.frameEnd()
    nodes: dict[str, None] = {}
    for frame in [first, *_cuts(), last]:
        if first <= frame <= last:
            nodes.update(dict.fromkeys(commands.sourcesAtFrame(frame)))
    return [Plate(node) for node in nodes if read(node, "shotmill.version") is None]


def _cuts() -> list[int]:
    """Frames on which the sequences in the view go on to another source."""
    found = [read(node, "edl.frame") or [] for node in commands.nodesOfType("RVSequence")]
    return sorted({int(frame) for frames in found for frame in frames})


def plain_media(node: str) -> str:
    """The path of a source as Shotmill writes it."""
    return media_pattern(str((read(node, "media.movie") or [""])[0]))


def frame_now(plate: Plate) -> int | None:
    """The frame of a plate that is seen now, in its own numbering; None: it is not seen."""
    return _frame_of(plate, commands.frame())


def marked_range() -> tuple[int, int]:
    """First and last frame that the artist marked: RV's marks, else its in and out points."""
    marks = sorted(commands.markedFrames())
    return (marks[0], marks[-1]) if len(marks) > 1 else (commands.inPoint(), commands.outPoint())


def own_range(plate: Plate, first: int, last: int) -> str:
    """The frames of a plate that are seen from one frame of the view to another, such as ``1005-1010``."""
    ends = [_frame_of(plate, frame) for frame in (first, last)]
    start = plate.own_first if ends[0] is None else ends[0]
    end = plate.own_first + plate.length - 1 if ends[1] is None else ends[1]
    return f"{min(start, end)}-{max(start, end)}"


def _frame_of(plate: Plate, frame: int) -> int | None:
    for info in commands.metaEvaluate(frame, commands.viewNode()):
        if info["node"] == plate.node:
            return plate.own_frame(int(info["frame"]))
    return None


def frame_marks(plate: Plate) -> list[FrameMarks]:
    """What is painted on a plate, on its own node or on one above it, by frames of the plate's own numbering."""
    found: dict[int, list[Mark]] = {}
    for node in commands.nodesOfType("RVPaint"):
        for mark in read_paint(_properties(node)).marks:
            frame = _seen_below(node, mark.frame, plate.node)
            if frame is not None:
                found.setdefault(plate.own_frame(frame), []).append(mark)
    return [FrameMarks(frame, marks) for frame, marks in sorted(found.items())]


def _properties(node: str) -> dict[str, list[Any]]:
    return {full[len(node) + 1 :]: values_of(full) for full in commands.properties(node)}


def _seen_below(node: str, frame: int, wanted: str) -> int | None:
    """The frame of a source below a paint node, if that source is the first that is seen there."""
    for info in _sources_below(node, frame):
        return int(info["frame"]) if info["node"] == wanted else None
    return None


def _sources_below(node: str, frame: int) -> Iterator[dict[str, Any]]:
    return (info for info in commands.metaEvaluate(frame, node) if is_file(info))
