"""A spec as CJSL 1.15: the XML that Cuebot launches, the same bytes for the same spec.

Cuebot validates it against its DTD, in which the order of elements is fixed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from .model import CueDepend, CueJob, CueLayer, CueSpec, minutes

DOCTYPE = '<!DOCTYPE spec PUBLIC "SPI Cue  Specification Language" "http://localhost:8080/spcue/dtd/cjsl-1.15.dtd">'


def write_spec(spec: CueSpec) -> bytes:
    """The spec as XML: ASCII, one line an element, a final newline."""
    root = Element("spec")
    _text(root, "facility", spec.facility)
    _text(root, "show", spec.show)
    _text(root, "shot", spec.shot)
    _text(root, "user", spec.user)
    _text(root, "email", spec.email)
    _number(root, "uid", spec.uid)
    for job in spec.jobs:
        _job(root, job)
    if spec.depends:
        depends = SubElement(root, "depends")
        for depend in spec.depends:
            _depend(depends, depend)
    _indent(root)
    return b"\n".join([b'<?xml version="1.0"?>', DOCTYPE.encode(), tostring(root, encoding="us-ascii"), b""])


def _job(root: Element, job: CueJob) -> None:
    found = SubElement(root, "job", {"name": job.name})
    _text(found, "paused", _word(yes=job.paused))
    _number(found, "priority", job.priority)
    _number(found, "maxretries", job.spec_retries)
    _text(found, "autoeat", _word(yes=job.autoeat))
    _text(found, "os", job.os)
    _environment(found, job.env)
    layers = SubElement(found, "layers")
    for layer in job.layers:
        _layer(layers, layer)


def _layer(layers: Element, layer: CueLayer) -> None:
    found = SubElement(layers, "layer", {"name": layer.name, "type": layer.type})
    _text(found, "cmd", layer.cmd)
    _text(found, "range", str(layer.frames))
    _number(found, "chunk", layer.chunk)
    _text(found, "cores", f"{layer.cores:.1f}")  # without a point Cuebot reads hundredths of a core
    _text(found, "threadable", _word(yes=layer.threadable))
    _text(found, "memory", f"{layer.memory_mib}m")  # it reads whole gigabytes, but any number of megabytes
    if layer.gpus:
        _number(found, "gpus", layer.gpus)
        _text(found, "gpu_memory", f"{layer.gpu_memory_mib}m")
    _minutes(found, "timeout", layer.timeout_s)
    _minutes(found, "timeout_llu", layer.timeout_llu_s)
    _text(found, "tags", " | ".join(layer.tags))
    _list(found, "limits", layer.limits)
    _environment(found, layer.env)
    _list(found, "services", layer.services)
    if layer.outputs:
        outputs = SubElement(found, "outputs")
        for output in layer.outputs:
            SubElement(outputs, "output", {"name": output.name}).text = output.path


def _depend(depends: Element, depend: CueDepend) -> None:
    found = SubElement(depends, "depend", {"type": depend.type, "anyframe": _word(yes=depend.anyframe)})
    for name in ("depjob", "deplayer", "depframe", "onjob", "onlayer", "onframe"):
        _text(found, name, getattr(depend, name) or "")


def _text(parent: Element, name: str, text: str) -> None:
    """An element, where there is something to say."""
    if text:
        SubElement(parent, name).text = text


def _number(parent: Element, name: str, number: int | None) -> None:
    _text(parent, name, "" if number is None else str(number))


def _minutes(parent: Element, name: str, seconds: int | None) -> None:
    _number(parent, name, None if seconds is None else minutes(seconds))


def _list(parent: Element, name: str, texts: Sequence[str]) -> None:
    """``limits`` with each ``limit``: left out when empty, as an empty one is invalid."""
    if texts:
        found = SubElement(parent, name)
        for text in texts:
            SubElement(found, name.removesuffix("s")).text = text


def _environment(parent: Element, env: Mapping[str, str]) -> None:
    if env:
        found = SubElement(parent, "env")
        for name in sorted(env):
            SubElement(found, "key", {"name": name}).text = env[name]


def _word(*, yes: bool) -> str:
    return "True" if yes else "False"


def _indent(element: Element, depth: int = 0) -> None:
    """Break lines between elements, never inside a text."""
    for index, child in enumerate(element):
        _indent(child, depth + 1)
        last = index == len(element) - 1
        child.tail = "\n" + " " * (depth if last else depth + 1)
    if len(element):
        element.text = "\n" + " " * (depth + 1)
