"""Results become nodes: Reads, Roto nodes, OCIO nodes; one step to undo, and nothing is selected or connected anew.

Each node remembers the product that it shows, in a hidden knob. A newer version of the product changes those nodes in
place: where they stand, what they are connected to and what they are called stays.
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator, NamedTuple

import nuke

from ...pipeline.exports.nuke_side import build_node, ensure_format, fill_node
from .results import Lut, Picture, Result

PRODUCT, VERSION = "shotmill_product", "shotmill_version"
ACROSS, DOWN = 110, 60  # between nodes of Nuke's graph
READ, LUT_IN, LUT, LUT_OUT, SHAPES = "picture", "lut_in", "lut", "lut_out", "roto"


class Applied(NamedTuple):
    """What happened: full names of nodes that were made, and of those that were changed in place."""

    made: tuple[str, ...]
    changed: tuple[str, ...]


class _Applying:
    """One apply: what is there, and where the next node goes."""

    def __init__(self, source: Any | None) -> None:
        self.source = source
        self.made: list[Any] = []
        self.changed: list[Any] = []
        self.known: dict[str, list[Any]] = {}
        for node in nuke.allNodes(recurseGroups=True):
            knob = node.knob(PRODUCT)
            if knob is not None:
                self.known.setdefault(str(knob.value()), []).append(node)

    def nodes(self, key: str, kind: str, result: Result) -> Iterator[Any]:
        """The nodes that show this part of a product, or a new one."""
        found = self.known.get(key)
        if not found:
            found = [self.place(getattr(nuke.nodes, kind)(), key)]
        else:
            self.changed += found
        for node in found:
            node[VERSION].setValue(result.version)
            node["label"].setValue(result.label)
            yield node

    def place(self, node: Any, key: str) -> Any:
        """Remember whose a new node is, and put it below the source."""
        for name in (PRODUCT, VERSION):
            knob = nuke.String_Knob(name, "")
            knob.setFlag(nuke.INVISIBLE)
            node.addKnob(knob)
        node[PRODUCT].setValue(key)
        column = len(self.made)
        if self.source is not None:
            down = self.source.ypos() + self.source.screenHeight() + DOWN
            node.setXYpos(self.source.xpos() + ACROSS * column, down)
        self.made.append(node)
        self.known[key] = [node]
        return node


def apply(results: Iterable[Result], source: Any | None) -> Applied:
    """Bring results in, beside and below their source, in its group; what fails half-way is taken back.

    Args:
        results: versions, as ``load`` read them.
        source: the node that they were made from; None: it is gone.
    """
    selected = {node.fullName() for node in nuke.allNodes(recurseGroups=True) if node.isSelected()}
    group = source.parent() if source is not None else nuke.root()
    nuke.Undo.begin()
    nuke.Undo.name("Shotmill results")
    group.begin()
    try:
        work = _Applying(source)
        for result in results:
            _apply(result, work)
    except Exception:
        group.end()
        nuke.Undo.cancel()
        raise
    group.end()
    nuke.Undo.end()
    for node in nuke.allNodes(recurseGroups=True):
        node.setSelected(node.fullName() in selected)
    names = [tuple(sorted(node.fullName() for node in nodes)) for nodes in (work.made, work.changed)]
    return Applied(*names)


def _apply(result: Result, work: _Applying) -> None:
    if result.picture is not None:
        for node in work.nodes(f"{result.key}#{READ}", "Read", result):
            _fill_read(node, result.picture)
            _call(node, result.name, work)
    if result.roto is not None:
        _apply_roto(result, result.roto, work)
    elif result.paste:
        _paste(result, work)
    if result.lut is not None:
        _apply_lut(result, result.lut, work)


def _call(node: Any, name: str, work: _Applying) -> None:
    """Name a new node; one that was there keeps the name that it has by now."""
    if node in work.made:
        node.setName(name)


def _fill_read(node: Any, picture: Picture) -> None:
    node["file"].setValue(picture.path)
    for name, value in (
        ("first", picture.first),
        ("origfirst", picture.first),
        ("last", picture.last),
        ("origlast", picture.last),
    ):
        if value is not None:
            node[name].setValue(value)
    node["raw"].setValue(picture.raw)
    if picture.raw or not picture.colourspace:
        return
    known = {str(value).replace("\\", "").partition("\t")[0] for value in node["colorspace"].values()}
    if picture.colourspace in known:
        node["colorspace"].setValue(picture.colourspace)


def _apply_roto(result: Result, roto: dict[str, Any], work: _Applying) -> None:
    """A Roto node for each object, filled anew where it is there."""
    format_name = ensure_format(roto["format"])
    for item in roto["objects"]:
        key = f"{result.key}#{SHAPES}:{item['name']}"
        if key not in work.known:
            node = work.place(build_node(item, format_name), key)
            node.setInput(0, work.source)
        else:
            work.changed += work.known[key]
        for node in work.known[key]:
            if node not in work.made:
                fill_node(node, item, format_name)
            node[VERSION].setValue(result.version)
            node["label"].setValue(result.label)


def _paste(result: Result, work: _Applying) -> None:
    """Nodes of one frame; those of an older version go, and the new ones stand in their places."""
    before = {node.fullName() for node in nuke.allNodes(recurseGroups=True)}
    old = work.known.pop(f"{result.key}#{SHAPES}", [])
    nuke.nodePaste(result.paste)
    fresh = [node for node in nuke.allNodes() if node.fullName() not in before]
    for index, node in enumerate(fresh):
        work.place(node, f"{result.key}#{SHAPES}")
        node[VERSION].setValue(result.version)
        node["label"].setValue(result.label)
        if index < len(old):
            _take_over(old[index], node)
        else:
            node.setInput(0, work.source)
    work.known[f"{result.key}#{SHAPES}"] = fresh
    for node in old:
        nuke.delete(node)


def _take_over(old: Any, node: Any) -> None:
    """Put a node where another stands: its place, its input, and whoever reads it."""
    node.setXYpos(old.xpos(), old.ypos())
    node.setInput(0, old.input(0))
    for other in nuke.allNodes(recurseGroups=True):
        for index in [index for index in range(other.inputs()) if other.input(index) == old]:
            other.setInput(index, node)


def _apply_lut(result: Result, lut: Lut, work: _Applying) -> None:
    """The LUT, between what brings colours into its space and back; connected to one another when they are new."""
    chain = []
    if lut.source:
        for node in work.nodes(f"{result.key}#{LUT_IN}", "OCIOColorSpace", result):
            node["in_colorspace"].setValue("scene_linear")
            node["out_colorspace"].setValue(lut.source)
            _call(node, f"{result.name}_in", work)
            chain.append(node)
    for node in work.nodes(f"{result.key}#{LUT}", "OCIOFileTransform", result):
        node["file"].setValue(lut.path)
        node["interpolation"].setValue("linear")
        _call(node, result.name, work)
        chain.append(node)
    if lut.back:
        for node in work.nodes(f"{result.key}#{LUT_OUT}", "OCIOColorSpace", result):
            node["in_colorspace"].setValue(lut.back)
            node["out_colorspace"].setValue("scene_linear")
            _call(node, f"{result.name}_out", work)
            chain.append(node)
    for above, below in zip(chain, chain[1:]):
        if below in work.made:
            below.setInput(0, above)
