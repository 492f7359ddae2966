"""A cut as a sequence in RV, and back."""

from __future__ import annotations

import json
from typing import Any

from rv import commands, extra_commands

from .host import Plate, read
from .otio import Edit, Shown, differences, shown_clips, with_edits

TAG = "shotmill"
CLIP, CUT, TEXT = "shotmill.clip", "shotmill.cut", "shotmill.otio"


def open_cut(project: str, cut: str, text: str) -> int:
    """Show a cut as a sequence of its own.

    Returns:
        How many of its clips have media.

    Raises:
        ValueError: the text is no timeline with a video track.
    """
    clips = shown_clips(text)
    if not any(one.path for one in clips):
        return 0
    nodes = commands.addSourcesVerbose([[_media(one)] for one in clips], TAG)
    for node, one in zip(nodes, clips):
        _keep(node, CLIP, json.dumps({"index": one.index, "document": one.document}))
        extra_commands.setUIName(commands.nodeGroup(node), one.name or one.path.rpartition("/")[2] or "gap")
    sequence = commands.newNode("RVSequenceGroup", "shotmillCut")
    commands.setNodeInputs(sequence, [commands.nodeGroup(node) for node in nodes])
    _keep(sequence, CUT, json.dumps({"project": project, "cut": cut}))
    _keep(sequence, TEXT, text)
    extra_commands.setUIName(sequence, f"Cut {cut}")
    _set_cuts(sequence, list(nodes), clips)
    commands.setViewNode(sequence)
    return sum(1 for one in clips if one.path)


def opened_cut() -> tuple[dict[str, Any], str, str] | None:
    """The cut in the view: what it is, its text when it was opened, and its sequence; None: the view is another."""
    node = commands.viewNode()
    known, text = read(node, CUT), read(node, TEXT)
    return (json.loads(str(known[0])), str(text[0]), node) if known and text else None


def changed_cut(node: str, text: str) -> str:
    """The cut as its sequence shows it now.

    Raises:
        ValueError: the sequence is empty, or the text it came from is no timeline.
    """
    edits = _edits(node)
    if not edits:
        raise ValueError("the sequence is empty")
    return with_edits(text, edits, commands.fps())


def told_changes(node: str, text: str) -> list[str]:
    """How a sequence differs from the cut that it was, a line for each clip."""
    return differences(shown_clips(text), _edits(node))


def _media(one: Shown) -> str:
    """What RV opens for a clip: its file, or black of its length."""
    return one.path or f"blank,start=1,end={max(1, one.length)},fps={one.rate:g}.movieproc"


def _set_cuts(sequence: str, nodes: list[str], clips: list[Shown]) -> None:
    """Say which frames of each source are shown, and when; an entry behind the last one ends it."""
    [inner] = extra_commands.nodesInGroupOfType(sequence, "RVSequence")
    rows, at = [], 1
    for index, (node, one) in enumerate(zip(nodes, clips)):
        plate = Plate(node)
        first = plate.first + (one.first if one.path else 0)
        length = one.length or plate.length
        rows.append((at, index, first, first + length - 1))
        at += length
    rows.append((at, 0, 0, 0))
    commands.setIntProperty(f"{inner}.mode.autoEDL", [0], True)
    for name, values in zip(("frame", "source", "in", "out"), zip(*rows)):
        commands.setIntProperty(f"{inner}.edl.{name}", list(values), True)


def _edits(sequence: str) -> list[Edit]:
    [inner] = extra_commands.nodesInGroupOfType(sequence, "RVSequence")
    starts, sources, first, last = ((read(inner, f"edl.{name}") or []) for name in ("frame", "source", "in", "out"))
    groups = commands.nodeConnections(sequence, False)[0]
    found = []
    for index in range(max(0, len(starts) - 1)):
        [node] = extra_commands.nodesInGroupOfType(groups[sources[index]], "RVFileSource")
        found.append(_edit(node, first[index], last[index]))
    return found


def _edit(node: str, first: int, last: int) -> Edit:
    plate, kept = Plate(node), read(node, CLIP)
    if not kept:
        moved = plate.first - plate.own_first
        return Edit(None, plate.media, first - moved, last - moved)
    known = json.loads(str(kept[0]))
    shown = Shown(known["document"])
    moved = plate.first if shown.path else plate.first - shown.first
    return Edit(known["document"], plate.media, first - moved, last - moved, int(known["index"]))


def _keep(node: str, name: str, value: str) -> None:
    full = f"{node}.{name}"
    if not commands.propertyExists(full):
        commands.newProperty(full, commands.StringType, 1)
    commands.setStringProperty(full, [value], True)
