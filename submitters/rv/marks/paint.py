"""What lies in an RVPaint node: strokes, shapes and texts of frames, without what was undone or deleted."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple, Sequence

from .place import Point

SHAPES = ("rect", "ellipse")
LINES = ("arrow", "line")
KINDS = ("pen", "text", *SHAPES, *LINES)
COMPONENT_PARTS = 4  # kind:id:frame:user
ERASES = 1  # pen.mode
GREY = (1.0, 1.0, 1.0, 1.0)
XY = 2


class Component(NamedTuple):
    """The name of a mark: ``pen:12:1001:ada.lovelace``; a user's name may hold colons and dots."""

    kind: str
    number: int
    frame: int
    user: str

    @classmethod
    def parse(cls, text: str) -> Component | None:
        """A component's name; None: it is no mark's."""
        parts = text.split(":", COMPONENT_PARTS - 1)
        if len(parts) != COMPONENT_PARTS or parts[0] not in KINDS:
            return None
        try:
            return cls(parts[0], int(parts[1]), int(parts[2]), parts[3])
        except ValueError:
            return None


class Mark(NamedTuple):
    """One thing that was drawn.

    Attributes:
        points: of a stroke in order; lower left and upper right of a shape; both ends of a line; a text's place. RV's
            coordinates.
        colour: red, green, blue, alpha.
        text: what was written.
        erases: it takes paint away.
    """

    kind: str
    frame: int
    user: str
    points: tuple[Point, ...]
    colour: tuple[float, ...]
    text: str = ""
    erases: bool = False


class Paint(NamedTuple):
    """The marks of a node, and what could not be read.

    Attributes:
        marks: by frame, then in the order in which they were drawn.
        problems: sentences for people.
    """

    marks: tuple[Mark, ...]
    problems: tuple[str, ...] = ()


def read_paint(properties: Mapping[str, Sequence[Any]]) -> Paint:
    """The marks of a paint node.

    Only what the order list of a frame names counts: undo takes a mark out of the list and leaves its properties.

    Args:
        properties: values by name without the node's own, such as ``pen:1:1001:ada.points``; flat lists as RV gives
            them, or lists of pairs.
    """
    components = _components(properties)
    marks: list[Mark] = []
    problems: list[str] = []
    for frame, names in _orders(components):
        for name in dict.fromkeys(names):
            values = components.get(name)
            if values is None:
                problems.append(f"frame {frame} lists {name!r}, which is not there")
            elif not _is_deleted(values):
                found = _mark(name, frame, values)
                problems.extend([] if found else [f"frame {frame}: {name!r} cannot be read"])
                marks.extend([found] if found else [])
    return Paint(tuple(marks), tuple(problems))


def _components(properties: Mapping[str, Sequence[Any]]) -> dict[str, dict[str, Sequence[Any]]]:
    """Values by component and name; the name stands after the last dot, for users' names may hold dots."""
    found: dict[str, dict[str, Sequence[Any]]] = {}
    for full, values in properties.items():
        component, _, name = full.rpartition(".")
        found.setdefault(component, {})[name] = values
    return found


def _orders(components: Mapping[str, Mapping[str, Sequence[Any]]]) -> Iterable[tuple[int, list[str]]]:
    found = []
    for component, values in components.items():
        kind, _, number = component.partition(":")
        if kind == "frame" and "order" in values and number.lstrip("-").isdigit():
            found.append((int(number), [str(name) for name in values["order"]]))
    return sorted(found)


def _is_deleted(values: Mapping[str, Sequence[Any]]) -> bool:
    return bool(_first(values, "softDeleted", 0))


def _mark(name: str, frame: int, values: Mapping[str, Sequence[Any]]) -> Mark | None:
    component = Component.parse(name)
    if component is None:
        return None
    points = _points(component.kind, values)
    if not points:
        return None
    erases = component.kind == "pen" and _first(values, "mode", 0) == ERASES
    text = str(_first(values, "text", "")) if component.kind == "text" else ""
    return Mark(component.kind, frame, component.user, points, _colour(component.kind, values), text, erases)


def _points(kind: str, values: Mapping[str, Sequence[Any]]) -> tuple[Point, ...]:
    names = {"pen": ("points",), "text": ("position",), "rect": ("min", "max"), "ellipse": ("min", "max")}
    found = [_pairs(values.get(name, ())) for name in names.get(kind, ("startPos", "endPos"))]
    if any(not pairs for pairs in found):
        return ()
    return tuple(point for pairs in found for point in pairs)


def _pairs(values: Sequence[Any]) -> list[Point]:
    """Points of a flat list, or of a list of pairs; none if a number is missing or is no number."""
    flat = [part for value in values for part in (value if isinstance(value, (list, tuple)) else (value,))]
    if len(flat) % XY or not all(_is_finite(part) for part in flat):
        return []
    return [(float(flat[i]), float(flat[i + 1])) for i in range(0, len(flat), XY)]


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and value == value and abs(value) < float("inf")  # noqa: PLR0124 - not NaN


def _colour(kind: str, values: Mapping[str, Sequence[Any]]) -> tuple[float, ...]:
    """A pen's and a text's colour; a shape's border, or its filling where that is clear."""
    names = ("color",) if kind in {"pen", "text"} else ("borderColor", "innerColor")
    found = [_flat(values.get(name, ())) for name in names]
    known = [colour for colour in found if len(colour) >= len(GREY) - 1]
    seen = [colour for colour in known if len(colour) < len(GREY) or colour[-1] > 0]
    return tuple((seen or known or [GREY])[0])


def _flat(values: Sequence[Any]) -> tuple[float, ...]:
    flat = [part for value in values for part in (value if isinstance(value, (list, tuple)) else (value,))]
    return tuple(float(part) for part in flat) if all(_is_finite(part) for part in flat) else ()


def _first(values: Mapping[str, Sequence[Any]], name: str, default: Any) -> Any:
    found = values.get(name, ())
    return found[0] if len(found) else default
