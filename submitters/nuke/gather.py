"""What a script holds that a job could be made of: Reads, and what Writes have rendered.

Only looks: no knob is set, no file is opened, nothing is selected. All of it runs in Nuke's main thread.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping, NamedTuple

import nuke

from .colour import Colour, colour_of, colourspace_of
from .paths import PathMap, for_view, forward, has_views, hashes, is_absolute

READS = ("Read",)
WRITES = ("Write", "DeepWrite", "WriteGeo")
GEOMETRY = "WriteGeo"
SAVED, MODIFIED, UNTITLED = "saved", "modified", "untitled"


class Size(NamedTuple):
    """A format: size in pixels, and width of a pixel over its height."""

    name: str
    width: int
    height: int
    pixel_aspect: float


class Plate(NamedTuple):
    """A medium of the script.

    Attributes:
        node: full name, with the names of its groups.
        node_class: such as ``Read``.
        raw, evaluated: the file knob as typed, and as Nuke reads it.
        path: as Shotmill is given it: absolute, ``/``, ``#`` for the frame number.
        frames: such as ``1001-1100``, in the file's own numbering.
        view: whose file it is; empty: there is one for all views.
        colourspace: as its node says; empty: it says none.
        size: its format; None: the node has none.
        notes: what an artist should know before it is submitted.
    """

    node: str
    node_class: str
    raw: str
    evaluated: str
    path: str
    frames: str
    view: str = ""
    colourspace: str = ""
    size: Size | None = None
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The node and the view, which tell plates apart."""
        return f"{self.node} {self.view}" if self.view else self.node

    @property
    def is_output(self) -> bool:
        """Whether a Write makes it: what is submitted is the files that lie there."""
        return self.node_class in WRITES


class Scene(NamedTuple):
    """A script as far as jobs are concerned.

    Attributes:
        script: its path; empty: it was never saved.
        saved: ``saved``, ``modified`` since, or ``untitled``.
        frames: range of the root.
        rate: frames per second.
        proxy: whether the script shows proxies; plates are always those of full size.
    """

    nuke: str
    script: str
    saved: str
    frames: str
    rate: float
    views: tuple[str, ...]
    proxy: bool
    size: Size | None
    colour: Colour
    plates: tuple[Plate, ...]


def gather(
    environment: Mapping[str, str],
    *,
    paths: PathMap = PathMap(),  # noqa: B008 - it cannot be changed
    ranges: Mapping[str, str] | None = None,
    selected: bool = False,
) -> Scene:
    """Everything of the script, or what is selected of it.

    Args:
        environment: of Nuke's process.
        paths: what its folders are called where Shotmill runs.
        ranges: frames that the artist typed, by a plate's key; they are stronger than a Write's limit, which is
            stronger than the root's range.
        selected: whether only what is selected counts, and what lies in selected groups.

    Raises:
        NukeProblem: the OCIO config is not there.
    """
    root = nuke.root()
    views = tuple(nuke.views())
    found: list[Plate] = []
    for node in _nodes(selected=selected):
        found += _plates_of(node, root, views, paths)
    typed = ranges or {}
    plates = tuple(plate._replace(frames=typed.get(plate.key) or plate.frames) for plate in found)
    return Scene(
        nuke=nuke.NUKE_VERSION_STRING,
        script="" if root.name() == "Root" else forward(root.name()),
        saved=_saved(root),
        frames=frames_text(root["first_frame"].value(), root["last_frame"].value()),
        rate=float(root["fps"].value()),
        views=views,
        proxy=bool(root["proxy"].value()),
        size=_size(root["format"].value()),
        colour=colour_of(root, environment),
        plates=plates,
    )


def frames_text(first: float, last: float) -> str:
    """A range as people write it."""
    return f"{int(first)}-{int(last)}" if int(first) != int(last) else str(int(first))


def _nodes(*, selected: bool) -> Iterator[Any]:
    """Nodes that may hold media, groups and their groups included, by name."""
    everything = nuke.allNodes(recurseGroups=True)
    if selected:
        chosen = {node.fullName() for node in everything if node.isSelected()}
        everything = [node for node in everything if _is_below(node.fullName(), chosen)]
    wanted = [node for node in everything if node.Class() in READS + WRITES and not _is_off(node)]
    return iter(sorted(wanted, key=lambda node: (node.Class() not in READS, node.fullName())))


def _is_below(name: str, chosen: Any) -> bool:
    """Whether a node or a group around it was chosen."""
    parts = name.split(".")
    return any(".".join(parts[:count]) in chosen for count in range(1, len(parts) + 1))


def _is_off(node: Any) -> bool:
    """Whether a node does nothing: disabled; or a Write that reads what it wrote, and so is a Read by another name."""
    switches = ("disable", "reading") if node.Class() in WRITES else ("disable",)
    knobs = [node.knob(name) for name in switches]
    return any(knob is not None and knob.value() for knob in knobs)


def _plates_of(node: Any, root: Any, views: tuple[str, ...], paths: PathMap) -> Iterator[Plate]:
    raw = str(node["file"].value() or "")
    evaluated = str(node["file"].getEvaluatedValue() or "")
    if not evaluated:
        return
    plate = Plate(
        node=node.fullName(),
        node_class=node.Class(),
        raw=raw,
        evaluated=evaluated,
        path=evaluated,
        frames=_frames(node, root),
        colourspace=colourspace_of(node),
        size=_size(node.format()) if node.Class() in READS else None,
        notes=tuple(_notes(node, root, evaluated)),
    )
    for view in _views(node, views) if has_views(evaluated) else ("",):
        path = for_view(evaluated, view) if view else evaluated
        yield plate._replace(path=_shotmill_path(path, root, paths), view=view)


def _views(node: Any, views: tuple[str, ...]) -> tuple[str, ...]:
    """The views that a Write writes; a Read has those of the script."""
    knob = node.knob("views")
    said = str(knob.value() or "").split() if knob is not None else []
    return tuple(view for view in views if view in said) or views


def _shotmill_path(path: str, root: Any, paths: PathMap) -> str:
    path = forward(path)
    if not is_absolute(path):
        folder = forward(str(root["project_directory"].getEvaluatedValue() or "")).rstrip("/")
        path = f"{folder}/{path}" if folder else path
    return paths.there(hashes(path))


def _frames(node: Any, root: Any) -> str:
    """A Read's own range; a Write's limit, else the root's range."""
    if node.Class() in READS:
        return frames_text(node["first"].value(), node["last"].value())
    limit = node.knob("use_limit")
    if limit is not None and limit.value():
        return frames_text(node["first"].value(), node["last"].value())
    return frames_text(root["first_frame"].value(), root["last_frame"].value())


def _notes(node: Any, root: Any, evaluated: str) -> Iterator[str]:
    said = node.knob("on_error")
    if said is not None and said.value() != "error":
        yield f"Nuke shows {said.value()} for frames that are missing; Shotmill stops at them"
    if node.Class() in READS and root["proxy"].value():
        yield "the script shows proxies; the plate of full size is submitted"
    if node.Class() == GEOMETRY:
        yield "geometry; job types that read pictures refuse it"
    if node.Class() in WRITES:
        yield "what lies on the disk is submitted; nothing is rendered"
    if not is_absolute(forward(evaluated)) and not root["project_directory"].value():
        yield "its path is relative, and the script has no project directory"
    if node.Class() in READS and shifts_frames(node):
        yield "its frames are shifted in Nuke; frames here are those of its files"


def shifts_frames(node: Any) -> bool:
    """Whether a Read shows its frames at other times than their numbers."""
    frame = node.knob("frame")
    return frame is not None and bool(str(frame.value() or "").strip())


def _size(found: Any) -> Size | None:
    if found is None:
        return None
    return Size(str(found.name() or ""), int(found.width()), int(found.height()), float(found.pixelAspect()))


def _saved(root: Any) -> str:
    if root.name() == "Root":
        return UNTITLED
    return MODIFIED if root.modified() else SAVED


def as_document(scene: Scene) -> dict[str, Any]:
    """A scene as JSON: what support is sent, and what tests compare."""
    document = dict(scene._asdict())
    document["size"] = scene.size and dict(scene.size._asdict())
    document["colour"] = dict(scene.colour._asdict())
    document["plates"] = [
        {**plate._asdict(), "size": plate.size and dict(plate.size._asdict()), "key": plate.key}
        for plate in scene.plates
    ]
    return document
