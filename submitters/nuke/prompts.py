"""What an artist drew becomes prompts of a roto: shapes of Roto nodes, points of Trackers, the Viewer's region.

Nuke's y grows upwards from the lower left corner, Shotmill's downwards from the upper left one; both count pixels of
the plate as it is stored. A node that stands behind one that moves pixels speaks of other pixels, and is refused.
"""

from __future__ import annotations

import re
from typing import Any, Iterator, NamedTuple, Tuple

import nuke
import nuke.rotopaint

from .gather import shifts_frames
from .problems import NukeProblem

ROTOS = ("Roto", "RotoPaint")
TRACKERS = ("Tracker4", "Tracker3")
STILL = (
    *ROTOS,
    *TRACKERS,
    "Dot",
    "NoOp",
    "Grade",
    "ColorCorrect",
    "OCIOColorSpace",
    "Colorspace",
    "Shuffle",
    "Shuffle2",
)
MOST_KEYS = 24  # prompts on more frames say nothing new, and each is found anew
STEPS = 12  # points along each part of a curve
TABLE = re.compile(r"\{\s*\{\s*\d+\s+(\d+)\s+(\d+)\s*\}")  # Tracker4: columns, tracks
TRACK_X, TRACK_Y = 2, 3  # columns of a track's place
TRACK_NAME = re.compile(r"\bname\s+(?:\"([^\"]*)\"|\{([^}]*)\}|(\S+))")
OLD_TRACKS = 4

Box = Tuple[float, float, float, float]
Point = Tuple[float, float]


class Said(NamedTuple):
    """What is said of one object on one frame: a box as left, top, right, bottom, or points; y down."""

    name: str
    frame: int
    box: Box | None = None
    points: tuple[Point, ...] = ()


def prompts_of(node: Any, read: Any) -> list[Said]:
    """What a Roto or Tracker says of a Read's picture.

    Raises:
        NukeProblem: it stands behind what moves pixels or frames, or its shapes are moved as a whole.
    """
    _check_way(node, read)
    height = read.format().height()
    if node.Class() in ROTOS:
        return [_flipped(one, height) for one in _shapes(node)]
    return [_flipped(one, height) for one in _tracks(node)]


def region_of(viewer: Any, read: Any, frame: int) -> list[Said]:
    """The Viewer's region of interest as a box; nothing where none is on.

    Raises:
        NukeProblem: the Read's frames are shifted.
    """
    if not viewer.roiEnabled():
        return []
    _check_frames(read)
    roi = viewer.roi()
    box = (float(roi["x"]), float(roi["y"]), float(roi["r"]), float(roi["t"]))
    return [_flipped(Said("region", frame, box), read.format().height())]


def as_words(said: list[Said]) -> list[str]:
    """Objects in the short text that people type, one a line; names are made legal, and apart."""
    lines: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for one in said:
        if one.name not in names:
            names[one.name] = _apart(legal(one.name), set(names.values()))
        lines.setdefault(names[one.name], []).append(_words(one))
    return [" ".join([name, *parts]) for name, parts in lines.items()]


def legal(name: str) -> str:
    """A name of an object as Shotmill allows it: letters, digits, ``_`` and ``-``, first a letter or digit."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-")[:48] or "object"


def _apart(name: str, taken: Any) -> str:
    lowered = {one.lower() for one in taken}
    number, found = 2, name
    while found.lower() in lowered:
        found, number = f"{name}_{number}", number + 1
    return found


def _words(one: Said) -> str:
    words = [f"@{one.frame}"]
    if one.box is not None:
        words += ["box", ",".join(_number(value) for value in one.box)]
    words += [f"+{_number(x)},{_number(y)}" for x, y in one.points]
    return " ".join(words)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def _flipped(one: Said, height: float) -> Said:
    if one.box is not None:
        left, bottom, right, top = one.box
        return one._replace(box=(left, height - top, right, height - bottom))
    return one._replace(points=tuple((x, height - y) for x, y in one.points))


def _check_way(node: Any, read: Any) -> None:
    """Raises: NukeProblem: something between the plate and what was drawn moves pixels, or there is another plate."""
    _check_frames(read)
    at: Any = node
    while at is not None and at.fullName() != read.fullName():
        if at.Class() not in STILL:
            hint = f"draw on {read.name()} itself, above {at.name()}"
            raise NukeProblem(f"{node.name()} stands behind {at.name()} ({at.Class()}), whose pixels are others", hint)
        at = at.input(0)
    if at is None:
        raise NukeProblem(f"{node.name()} is not below {read.name()}", "connect it to the plate that it belongs to")


def _check_frames(read: Any) -> None:
    if shifts_frames(read):
        hint = "clear its 'frame' knob, and shift with a TimeOffset below it"
        raise NukeProblem(f"{read.name()} shows its frames at other times than their numbers", hint)


def _shapes(node: Any) -> Iterator[Said]:
    for layer, shape in _all_shapes(node["curves"].rootLayer):
        if not (layer.getTransform().isDefault() and shape.getTransform().isDefault()):
            raise NukeProblem(f"{node.name()}: {shape.name!r} or its layer is moved", "move its points instead")
        frames = _some(_key_frames(shape))
        for frame in frames:
            if shape.getVisible(frame) and len(shape) > 1:
                yield Said(shape.name, frame, _box(shape, frame))


def _all_shapes(layer: Any) -> Iterator[tuple[Any, Any]]:
    """Shapes with the layers that they lie in; strokes of a brush are none."""
    for element in layer:
        if isinstance(element, nuke.rotopaint.Layer):
            yield from _all_shapes(element)
        elif isinstance(element, nuke.rotopaint.Shape):
            yield layer, element


def _key_frames(shape: Any) -> list[int]:
    times = {round(time) for point in shape for time in point.center.getControlPointKeyTimes()}
    return sorted(times) or [nuke.frame()]


def _some(frames: list[int]) -> list[int]:
    """As many as there may be, the first and the last among them, evenly spread."""
    if len(frames) <= MOST_KEYS:
        return frames
    return [frames[round(index * (len(frames) - 1) / (MOST_KEYS - 1))] for index in range(MOST_KEYS)]


def _box(shape: Any, frame: int) -> Box:
    """Around the curve itself, not its handles: left, bottom, right, top."""
    points = list(_curve(shape, frame))
    across, up = [x for x, _ in points], [y for _, y in points]
    return (min(across), min(up), max(across), max(up))


def _curve(shape: Any, frame: int) -> Iterator[Point]:
    knots = [
        [part.getPosition(frame) for part in (point.center, point.leftTangent, point.rightTangent)] for point in shape
    ]
    for index, (start, _, leaves) in enumerate(knots):
        end, comes, _ = knots[(index + 1) % len(knots)]
        for step in range(STEPS):
            share = step / STEPS
            yield (
                _bezier(start.x, start.x + leaves.x, end.x + comes.x, end.x, share),
                _bezier(start.y, start.y + leaves.y, end.y + comes.y, end.y, share),
            )


def _bezier(start: float, leaves: float, comes: float, end: float, share: float) -> float:
    rest = 1 - share
    return rest**3 * start + 3 * rest**2 * share * leaves + 3 * rest * share**2 * comes + share**3 * end


def _tracks(node: Any) -> Iterator[Said]:
    """A point for each track, on the current frame."""
    frame = nuke.frame()
    if node.Class() == "Tracker3":
        for number in range(1, OLD_TRACKS + 1):
            if node[f"enable{number}"].value():
                place = node[f"track{number}"]
                yield Said(f"track{number}", frame, None, ((place.getValueAt(frame, 0), place.getValueAt(frame, 1)),))
        return
    table = node["tracks"]
    text = table.toScript()
    found = TABLE.search(text)
    if found is None:
        return
    columns, count = int(found.group(1)), int(found.group(2))
    names = ["".join(filter(None, groups)) for groups in TRACK_NAME.findall(text)]
    for index in range(count):
        x, y = (table.getValueAt(frame, columns * index + column) for column in (TRACK_X, TRACK_Y))
        yield Said(names[index] if index < len(names) else f"track{index + 1}", frame, None, ((x, y),))
