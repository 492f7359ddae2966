"""What was published, brought into RV: stacked over its plate at the right frames, and swapped for other versions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rv import commands, extra_commands

from .host import Plate, read

TAG = "shotmill"
PROPERTY = "shotmill.version"  # what a source that Shotmill opened shows; JSON
KEPT = ("id", "address", "project", "owner", "product", "version", "running")
OFFSET = "group.rangeOffset"
PICTURES = ("exr", "matte", "mattes", "movie", "mov", "mp4", "jpg", "jpeg", "png")  # the best first
MOVIES = (".mov", ".mp4", ".mxf", ".m4v", ".avi")
UP, DOWN, LATEST = "up", "down", "latest"


def picture_of(version: dict[str, Any]) -> dict[str, Any] | None:
    """The representation of a version that is to be looked at; None: it has no pictures."""
    if version.get("gone"):
        return None
    found = [one for one in version.get("representations") or () if one.get("path")]
    ranked = sorted((PICTURES.index(one["name"]), index) for index, one in enumerate(found) if one["name"] in PICTURES)
    return found[ranked[0][1]] if ranked else None


def rv_path(picture: dict[str, Any]) -> str:
    """The path of a representation as RV opens it: a sequence with its frames before its padding."""
    path = str(picture["path"])
    folder, slash, name = path.rpartition("/")
    if "#" not in name:
        return path
    head, _, rest = name.partition("#")
    width = 1 + len(rest) - len(rest.lstrip("#"))
    first, last = _ends(str(picture.get("frames") or ""))
    return f"{folder}{slash}{head}{first}-{last}{'@' * width}{rest.lstrip('#')}" if first else path


def _ends(frames: str) -> tuple[str, str]:
    """The first and the last frame of a list such as ``1001-1010,1020``; below 0 they have a sign."""
    parts = [part.partition("x")[0] for part in frames.split(",") if part]
    if not parts:
        return "", ""
    return _split(parts[0])[0], _split(parts[-1])[1]


def _split(part: str) -> tuple[str, str]:
    at = part.find("-", 1)
    return (part, part) if at < 0 else (part[:at], part[at + 1 :])


def neighbour(versions: Sequence[dict[str, Any]], shown: dict[str, Any], way: str) -> dict[str, Any] | None:
    """The version of the same product that is next above or below, or the latest; None: there is none."""
    same = [one for one in versions if all(one.get(key) == shown.get(key) for key in ("project", "owner", "product"))]
    same = [one for one in same if picture_of(one)]
    if way == LATEST:
        newest = max(same, key=lambda one: int(one["version"]), default=None)
        return None if newest is None or newest["version"] == shown["version"] else newest
    sign = 1 if way == UP else -1
    further = [one for one in same if (int(one["version"]) - int(shown["version"])) * sign > 0]
    return min(further, key=lambda one: abs(int(one["version"]) - int(shown["version"])), default=None)


def shown_version(node: str) -> dict[str, Any] | None:
    """What a source shows, if Shotmill opened it."""
    found = read(node, PROPERTY)
    if not found:
        return None
    try:
        known = json.loads(str(found[0]))
    except ValueError:
        return None
    return known if isinstance(known, dict) else None


def swap(node: str, version: dict[str, Any]) -> bool:
    """Show another version in a source; whether there is anything to show."""
    picture = picture_of(version)
    if picture is None:
        return False
    commands.setSourceMedia(node, [rv_path(picture)], TAG)
    remember(node, version)
    commands.redraw()
    return True


def stack(plate: Plate, version: dict[str, Any]) -> str:
    """Put a version over its plate, frame on frame; another version of what lies there already takes its place.

    Returns:
        The node of the source; empty: the version has nothing to look at.
    """
    picture = picture_of(version)
    if picture is None:
        return ""
    there = _lying(plate, version)
    if there:
        swap(there, version)
        return there
    [node] = commands.addSourcesVerbose([[rv_path(picture)]], TAG)
    remember(node, version)
    _align(node, plate, picture)
    extra_commands.setUIName(commands.nodeGroup(node), label_of(version))
    over = _stack_of(plate)
    _put_on_top(over, commands.nodeGroup(node))
    commands.setViewNode(over)
    commands.redraw()
    return str(node)


def preview(plate: Plate, path: str) -> None:
    """Put a mask over its plate; the next one takes its place."""
    version = {"id": "", "project": "", "owner": "preview", "product": "mask", "version": 0}
    stack(plate, {**version, "representations": [{"name": "png", "path": path, "frames": ""}]})


def lay(plate: Plate, piece: dict[str, Any]) -> str:
    """Put frames of a job that is at work over their plate, frame on frame; what is seen changes only for the first.

    Args:
        plate: that they were made from.
        piece: as ``watch`` tells frames that arrived.

    Returns:
        The node of the source; ``lift`` takes it away.
    """
    [node] = commands.addSourcesVerbose([[rv_path(piece)]], TAG)
    remember(node, {**piece, "id": "", "version": 0, "running": piece["job"]})
    _align(node, plate, piece)
    extra_commands.setUIName(commands.nodeGroup(node), "{owner}/{product} {frames}, {job} at work".format(**piece))
    is_first = not _stacks_over(plate)
    over = _stack_of(plate)
    _put_on_top(over, commands.nodeGroup(node))
    if is_first:
        commands.setViewNode(over)
    commands.redraw()
    return str(node)


def lift(node: str) -> None:
    """Take a source away that ``lay`` made, if nobody else did."""
    if not commands.nodeExists(node):
        return
    group = commands.nodeGroup(node)
    for over in commands.nodesOfType("RVStackGroup"):
        inputs = commands.nodeConnections(over, False)[0]
        if group in inputs:
            commands.setNodeInputs(over, [one for one in inputs if one != group])
    commands.deleteNode(group)
    commands.redraw()


def label_of(version: dict[str, Any]) -> str:
    """A version for people: ``sq010/sh010/roto v003``."""
    return "{}/{} v{:03d}".format(version.get("owner", ""), version.get("product", ""), int(version["version"]))


def remember(node: str, version: dict[str, Any]) -> None:
    """Write down at a source which version it shows."""
    kept = {key: version.get(key) for key in KEPT}
    _set(node, PROPERTY, [json.dumps(kept, sort_keys=True)])


def _set(node: str, name: str, values: list[Any]) -> None:
    full = f"{node}.{name}"
    is_text = isinstance(values[0], str)
    if not commands.propertyExists(full):
        commands.newProperty(full, commands.StringType if is_text else commands.IntType, 1)
    (commands.setStringProperty if is_text else commands.setIntProperty)(full, values, True)


def _align(node: str, plate: Plate, picture: dict[str, Any]) -> None:
    """Move a source so that its frame N lies on the plate's frame N."""
    is_movie = str(picture["path"]).lower().endswith(MOVIES)
    own_first = int(_ends(str(picture.get("frames") or ""))[0] or plate.own_first)
    starts = int(commands.sourceMediaInfo(node)["startFrame"]) if is_movie else own_first
    wanted = plate.first + own_first - plate.own_first
    if wanted != starts:
        _set(node, OFFSET, [wanted - starts])


def _stack_of(plate: Plate) -> str:
    """The stack over a plate; made where there is none."""
    there = _stacks_over(plate)
    if there:
        return there[0]
    made = str(commands.newNode("RVStackGroup", "shotmillStack"))
    _set(made, "shotmill.plate", [plate.group])
    extra_commands.setUIName(made, "Shotmill: mattes over the plate")
    commands.setNodeInputs(made, [plate.group])
    [inner] = extra_commands.nodesInGroupOfType(made, "RVStack")
    commands.setIntProperty(f"{inner}.mode.strictFrameRanges", [1], True)
    commands.setStringProperty(f"{inner}.composite.type", ["over"], True)
    return made


def _stacks_over(plate: Plate) -> list[str]:
    stacks = commands.nodesOfType("RVStackGroup")
    return [str(node) for node in stacks if (read(node, "shotmill.plate") or [""])[0] == plate.group]


def _put_on_top(over: str, group: str) -> None:
    before = commands.nodeConnections(over, False)[0]
    commands.setNodeInputs(over, [group, *[one for one in before if one != group]])


def _lying(plate: Plate, version: dict[str, Any]) -> str:
    """The source over a plate that shows another version of the same product."""
    for over in _stacks_over(plate):
        for group in commands.nodeConnections(over, False)[0]:
            for node in extra_commands.nodesInGroupOfType(group, "RVFileSource"):
                shown = shown_version(node)
                if (
                    shown
                    and not shown.get("running")
                    and all(shown.get(key) == version.get(key) for key in ("project", "owner", "product"))
                ):
                    return str(node)
    return ""
