"""What a CJSL 1.15 document may hold, in which order: written from the facts of the format, to check what we write.

``?`` at most one, ``*`` any number, ``+`` at least one. An element that is not named here holds text alone.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

CHILDREN = {
    "spec": "facility? dept? show shot user email? uid? job* depends*",
    "job": "paused? priority? maxretries? maxcores? maxgpus? autoeat? localbook? os? env* layers?",
    "layers": "layer+",
    "layer": "cmd range chunk cores? threadable? memory? gpus? gpu? gpu_memory? timeout? timeout_llu? tags? limits? "
    "env* services? outputs*",
    "env": "key*",
    "limits": "limit+",
    "services": "service+",
    "outputs": "output*",
    "depends": "depend*",
    "depend": "depjob deplayer? depframe? onjob onlayer? onframe?",
}
REQUIRED = {"job": {"name"}, "layer": {"name", "type"}, "key": {"name"}, "output": {"name"}, "depend": {"type"}}
OPTIONAL = {"depend": {"anyframe"}}
LAYER_TYPES = {"Render", "Util", "Post"}
NMTOKEN = re.compile(r"[\w.:-]+")
DOCTYPE = re.compile(
    r'<!DOCTYPE spec PUBLIC "SPI Cue {2}Specification Language" "http://localhost:8080/spcue/dtd/cjsl-'
)


def faults(document: bytes) -> list[str]:
    """What a validating parser would refuse; empty: nothing."""
    text = document.decode("ascii")
    missing = [] if DOCTYPE.search(text) else ["no document type"]
    root = ET.fromstring(text)  # noqa: S314 - made here
    return missing + [fault for element in root.iter() for fault in _faults(element)]


def _faults(element: Element) -> list[str]:
    tag, found = element.tag, []
    children = " ".join(child.tag for child in element)
    if not _order(tag).fullmatch(f"{children} " if children else ""):
        found.append(f"{tag} holds: {children}")
    if tag in CHILDREN and any((part or "").strip() for part in (element.text, *(child.tail for child in element))):
        found.append(f"{tag} holds text")
    given, required = set(element.attrib), REQUIRED.get(tag, set())
    if not required <= given <= required | OPTIONAL.get(tag, set()):
        found.append(f"{tag} has attributes {given}")
    found += [f"{name}={value!r} is no token" for name, value in element.items() if not NMTOKEN.fullmatch(value)]
    if tag == "layer" and element.get("type") not in LAYER_TYPES:
        found.append(f"layer type {element.get('type')}")
    return found


def _order(tag: str) -> re.Pattern[str]:
    parts = []
    for word in CHILDREN.get(tag, "").split():
        name, many = (word[:-1], word[-1]) if word[-1] in "?*+" else (word, "")
        parts.append(f"(?:{name} ){many}")
    return re.compile("".join(parts))
