"""From marks to prompts: each colour, or each text beside a shape, is an object; red says what is not it."""

from __future__ import annotations

from typing import Any, Iterable, NamedTuple, Sequence, Tuple

from .names import object_name, plain_label
from .paint import LINES, SHAPES, Mark
from .place import Box, Picture, Point, rounded
from .strokes import along, bounds_of, inside_of, is_closed, is_dot

THINNEST_PX = 0.5  # of a box; a thread is nothing to be cut out
RED, NOT_RED = 0.5, 0.4  # least red, and most of green and blue as a part of it
Colour = Tuple[int, ...]


class FrameMarks(NamedTuple):
    """What was drawn on one frame, in the plate's own numbering."""

    frame: int
    marks: Sequence[Mark]


class Prompts(NamedTuple):
    """What marks say.

    Attributes:
        objects: as the parameter ``objects`` of a roto takes them.
        problems: what was left out, and why; sentences for people.
    """

    objects: list[dict[str, Any]]
    problems: list[str]


class _Shape(NamedTuple):
    """A mark in pixels."""

    frame: int
    colour: Colour
    box: Box | None
    points: tuple[Point, ...]
    bounds: Box
    is_out: bool


class _Object:
    """What is said of one thing."""

    def __init__(self, name: str, label: str = "") -> None:
        self.name = name
        self.label = label
        self.shapes: list[_Shape] = []

    def distance(self, shape: _Shape) -> tuple[bool, float]:
        """How far a shape is: what is on the same frame is nearer than all that is not."""
        place = _middle(shape.bounds)
        same = [_gap(one.bounds, place) for one in self.shapes if one.frame == shape.frame and not one.is_out]
        return (not same, min(same or [_gap(one.bounds, place) for one in self.shapes]))


def make_prompts(picture: Picture, frames: Iterable[FrameMarks]) -> Prompts:
    """Prompts in pixels of the plate.

    A rectangle or an ellipse is a box; a pen stroke that goes around something is a box with a point inside; another
    stroke is three to five points along it, a click is one. Red says what is not the object. One colour is one object,
    on all frames; a text names the shape that it stands in, or the nearest.
    """
    if picture.turned:
        return Prompts([], ["marks are left out: " + picture.turned])
    problems: list[str] = []
    shapes: list[tuple[_Shape, str]] = []
    for one in sorted(frames, key=lambda found: found.frame):
        drawn = _shapes(picture, one, problems)
        shapes += _with_texts(picture, one, drawn, problems)
    objects = _objects(shapes)
    _add_red(objects, [shape for shape, _text in shapes if shape.is_out], problems)
    return Prompts([found for found in (_told(one, problems) for one in objects) if found], problems)


def is_red(colour: Sequence[float]) -> bool:
    """Whether a colour says that something is not the object."""
    red, green, blue = colour[:3]
    return red >= RED and max(green, blue) <= NOT_RED * red


def _shapes(picture: Picture, one: FrameMarks, problems: list[str]) -> list[_Shape]:
    found = []
    for mark in one.marks:
        if mark.kind == "text":
            continue
        if mark.erases or mark.kind in LINES:
            what = "an eraser's stroke" if mark.erases else f"an {mark.kind}" if mark.kind == "arrow" else "a line"
            problems.append(f"frame {one.frame}: {what} is no prompt")
            continue
        shape = _shape(picture, one.frame, mark)
        if shape is None:
            problems.append(f"frame {one.frame}: a {mark.kind} is thinner than a pixel or outside of the picture")
        else:
            found.append(shape)
    return found


def _shape(picture: Picture, frame: int, mark: Mark) -> _Shape | None:
    points = [picture.pixel(point) for point in mark.points]
    if mark.kind in SHAPES and is_dot(points):
        points = [_middle(bounds_of(points))]  # a click where a shape was meant to be drawn
    goes_around = len(points) > 1 and (mark.kind in SHAPES or is_closed(points))
    box = picture.clipped(bounds_of(points)) if goes_around else None
    if box is not None and min(box[2] - box[0], box[3] - box[1]) < THINNEST_PX:
        return None
    if goes_around and box is None:
        return None
    is_out = is_red(mark.colour)
    places = _places(picture, mark, points, box, is_out=is_out)
    if not places and (box is None or is_out):
        return None
    colour = tuple(round(part * 255) for part in mark.colour[:3])
    return _Shape(frame, colour, None if is_out else box, tuple(places), box or bounds_of(points), is_out)


def _places(picture: Picture, mark: Mark, points: list[Point], box: Box | None, *, is_out: bool) -> list[Point]:
    """Points that a mark stands for; none for a rectangle, which says all with its box."""
    if box is None:
        places = along(points, picture.height)
    elif mark.kind == "pen":
        places = [inside_of(points)]
    else:
        places = [_middle(box)] if is_out else []
    return [place for place in places if picture.holds(place)]


def _with_texts(
    picture: Picture, one: FrameMarks, drawn: list[_Shape], problems: list[str]
) -> list[tuple[_Shape, str]]:
    """Shapes with the text that names them."""
    texts = [(picture.pixel(mark.points[0]), plain_label(mark.text)) for mark in one.marks if mark.kind == "text"]
    named: dict[int, str] = {}
    wanted = [index for index, shape in enumerate(drawn) if not shape.is_out]
    for place, text in texts:
        free = [index for index in wanted if index not in named]
        if not free or not object_name(text):
            problems.append(f"frame {one.frame}: the text {text!r} names no shape")
            continue
        named[min(free, key=lambda index: _rank(drawn[index], place))] = text
    return [(shape, named.get(index, "")) for index, shape in enumerate(drawn)]


def _rank(shape: _Shape, place: Point) -> tuple[float, float]:
    """The nearest first; of those that hold the place, the smallest."""
    left, top, right, bottom = shape.bounds
    return (_gap(shape.bounds, place), (right - left) * (bottom - top))


def _objects(shapes: Sequence[tuple[_Shape, str]]) -> list[_Object]:
    """Objects in the order in which they were drawn, each with its shapes; red ones are not in them yet."""
    names: dict[Colour, list[str]] = {}
    for shape, text in shapes:
        if text and text not in names.setdefault(shape.colour, []):
            names[shape.colour].append(text)
    found: dict[str, _Object] = {}
    for shape, text in shapes:
        if shape.is_out:
            continue
        of_colour = names.get(shape.colour, [])
        label = text or (of_colour[0] if len(of_colour) == 1 else "")
        key = object_name(label).lower() if label else f"colour {shape.colour}"
        if key not in found:
            found[key] = _Object(object_name(label), label)
        found[key].shapes.append(shape)
    return _numbered(list(found.values()))


def _numbered(objects: list[_Object]) -> list[_Object]:
    taken = {one.name.lower() for one in objects}
    numbers = (name for name in (f"object{n}" for n in range(1, len(objects) + len(taken) + 2)) if name not in taken)
    for one in objects:
        one.name = one.name or next(numbers)
    return objects


def _add_red(objects: list[_Object], red: Sequence[_Shape], problems: list[str]) -> None:
    if red and not objects:
        problems.append("there are red marks only, which say what is not the object; draw on it in another colour")
        return
    given = [(min(objects, key=lambda one: one.distance(shape)), shape) for shape in red]
    for nearest, shape in given:
        nearest.shapes.append(shape)


def _told(one: _Object, problems: list[str]) -> dict[str, Any]:
    frames = sorted({shape.frame for shape in one.shapes})
    prompts = [_prompt(one, frame, problems) for frame in frames]
    found: dict[str, Any] = {"name": one.name, "prompts": prompts}
    if one.label and one.label != one.name:
        found["label"] = one.label
    return found


def _prompt(one: _Object, frame: int, problems: list[str]) -> dict[str, Any]:
    here = [shape for shape in one.shapes if shape.frame == frame]
    boxes = [shape.box for shape in here if shape.box is not None]
    if len(boxes) > 1:
        problems.append(
            f"frame {frame}: {len(boxes)} shapes of {one.name} became one box around all; "
            "give each a text or a colour of its own"
        )
    prompt: dict[str, Any] = {"frame": frame}
    points = [(shape, place) for shape in here for place in shape.points]
    if points:
        prompt["points"] = [
            {"x": rounded(place[0]), "y": rounded(place[1]), "inside": not shape.is_out} for shape, place in points
        ]
    if boxes:
        around = bounds_of([corner for box in boxes for corner in (box[:2], box[2:])])
        prompt["box"] = dict(zip(("left", "top", "right", "bottom"), map(rounded, around)))
    if all(shape.is_out for shape in here):
        prompt["corrects"] = True  # points outside alone say nothing of where the object is
    return prompt


def _middle(box: Box) -> Point:
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def _gap(box: Box, place: Point) -> float:
    """How far a place is from a box; 0 inside."""
    across = max(box[0] - place[0], 0.0, place[0] - box[2])
    down = max(box[1] - place[1], 0.0, place[1] - box[3])
    return float((across * across + down * down) ** 0.5)
