"""Specs read back as Cuebot reads them: its units, its cuts, its order."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree as ET

from ...schema.errors import InputCorruptError
from ..plan_read import FRAMES, ReadNeeds, ReadPlan, ReadStep
from .lower import FRAME_TOKEN

_RANGE = re.compile(r"(-?\d+)(?:-(-?\d+)(?:x(\d+))?)?\Z")
_MIB_PER_GB = 1024
_POINTS = 100  # core points in a core


def read_cue(document: bytes) -> ReadPlan:
    """The plan that a spec of ours is.

    Raises:
        InputCorruptError: it is no XML, or no spec of Shotmill.
    """
    try:
        root = ET.fromstring(document.decode())  # noqa: S314 - expat itself bounds entities; there are none in specs
    except (ET.ParseError, UnicodeDecodeError) as error:
        raise InputCorruptError(f"this is no spec for OpenCue: {error}; submit the job again") from error
    steps: dict[str, ReadStep] = {}
    layers: dict[str, str] = {}
    for layer in root.iterfind("job/layers/layer"):
        name, found = layer.get("name", ""), _layer(layer)
        layers[name] = found.name
        steps[found.name] = _joined(steps[found.name], found, name) if found.name in steps else found
    after = _after(root, layers)
    return ReadPlan(
        tuple(replace(step, after=tuple(sorted(after[step.name]))) for step in steps.values()),
        {key.get("name", ""): (key.text or "").strip() for key in root.iterfind(".//env/key")},
    )


def _layer(layer: ET.Element) -> ReadStep:
    argv = [FRAMES if word == FRAME_TOKEN else word for word in shlex.split(_text(layer, "cmd"))]
    if "--step" not in argv[:-1]:
        raise InputCorruptError(f"layer {layer.get('name')!r} runs no task of Shotmill; submit the job again")
    frames, chunk = list(_frames(_text(layer, "range"))), int(_text(layer, "chunk"))
    gpus = int(_text(layer, "gpus") or 0)
    timeout = _text(layer, "timeout")
    return ReadStep(
        name=argv[argv.index("--step") + 1],
        after=(),
        chunks=tuple(tuple(frames[index : index + chunk]) for index in range(0, len(frames), chunk)),
        needs=ReadNeeds(
            cpu=_cores(_text(layer, "cores")),
            memory_mib=_mib(_text(layer, "memory")),
            gpu=gpus,
            gpu_memory_mib=_mib(_text(layer, "gpu_memory") or "0m") / max(gpus, 1),
        ),
        argv=tuple(argv),
        timeout_s=int(timeout) * 60 if timeout else None,
    )


def _joined(first: ReadStep, other: ReadStep, layer: str) -> ReadStep:
    """One step of two of its layers, which differ in frames alone."""
    if replace(other, chunks=first.chunks) != first:
        raise InputCorruptError(f"layer {layer!r} differs from others of step {first.name!r}; submit the job again")
    return replace(first, chunks=first.chunks + other.chunks)


def _after(root: ET.Element, layers: dict[str, str]) -> dict[str, set[str]]:
    """Steps that each step waits for: with all its layers, for all of theirs."""
    waits = {
        (_text(one, "deplayer"), _text(one, "onlayer"))
        for one in root.iterfind("depends/depend")
        if one.get("type") == "LAYER_ON_LAYER" and one.get("anyframe", "False") == "False"
    }
    of_step: dict[str, set[str]] = {}
    for layer, step in layers.items():
        of_step.setdefault(step, set()).add(layer)
    return {
        step: {
            other
            for other, others in of_step.items()
            if all((layer, before) in waits for layer in mine for before in others)
        }
        for step, mine in of_step.items()
    }


def _frames(text: str) -> Iterator[int]:
    """Frames in the order that Cuebot books them, doubles included."""
    for part in text.split(","):
        found = _RANGE.match(part)
        if not found:
            raise InputCorruptError(f"frame range {text[:80]!r} is not one that Cuebot reads; submit the job again")
        first = int(found[1])
        yield from range(first, int(found[2] or first) + 1, int(found[3] or 1))


def _cores(text: str) -> float:
    return float(text) if "." in text else int(text or _POINTS) / _POINTS


def _mib(text: str) -> float:
    """Memory in Cuebot's words: ``512m``, ``4g``; a bare number means gigabytes."""
    if text.endswith("m"):
        return float(text[:-1])
    return float(int(text.removesuffix("g") or 0) * _MIB_PER_GB)


def _text(element: ET.Element, name: str) -> str:
    return (element.findtext(name) or "").strip()
