"""Which job specifications are valid in CJSL 1.15: which elements, in which order, with which attributes."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

DOCTYPE = "http://localhost:8080/spcue/dtd/cjsl-"
VERSIONS = frozenset(f"{number}.dtd" for number in ("1.10", "1.11", "1.12", "1.13", "1.14", "1.15"))
_NMTOKEN = re.compile(r"[\w.:-]+\Z")

# What may stand in an element, in this order: ? once or never, * any number, + at least once.
_CHILDREN = {
    "spec": "facility? dept? show shot user email? uid? job* depends*",
    "job": "paused? priority? maxretries? maxcores? maxgpus? autoeat? localbook? os? env* layers?",
    "layers": "layer+",
    "layer": (
        "cmd range chunk cores? threadable? memory? gpus? gpu? gpu_memory? timeout? timeout_llu? tags? limits? env* "
        "services? outputs*"
    ),
    "limits": "limit+",
    "services": "service+",
    "outputs": "output*",
    "env": "key*",
    "depends": "depend*",
    "depend": "depjob deplayer? depframe? onjob onlayer? onframe?",
}
_TEXTS = frozenset(name.rstrip("?*+") for children in _CHILDREN.values() for name in children.split()).difference(
    _CHILDREN
)
DEPENDS = frozenset(
    [f"{what}_ON_{on}" for what in ("JOB", "LAYER", "FRAME") for on in ("JOB", "LAYER", "FRAME")]
    + ["FRAME_BY_FRAME", "PREVIOUS_FRAME", "LAYER_ON_SIM_FRAME"],
)
_REQUIRED = {"job": {"name"}, "layer": {"name", "type"}, "output": {"name"}, "key": {"name"}, "depend": {"type"}}
_ALLOWED = {**_REQUIRED, "depend": {"type", "anyframe"}, "localbook": {"host", "cores", "memory", "threads", "gpu"}}
_WORDS = {("layer", "type"): frozenset({"Render", "Util", "Post"}), ("depend", "type"): DEPENDS}


class NotValidError(Exception):
    """What a validating parser says."""


class _Builder(ET.TreeBuilder):
    system = ""

    def doctype(self, _name: str, _pubid: str | None, system: str | None) -> None:
        self.system = system or ""


def read(text: str) -> ET.Element:
    """The root of a document that is valid.

    Raises:
        NotValidError: it is not.
    """
    builder = _Builder()
    parser = ET.XMLParser(target=builder)  # noqa: S314 - the tests' own documents
    try:
        parser.feed(text)
        root = parser.close()
    except ET.ParseError as error:
        raise NotValidError(f"org.jdom.input.JDOMParseException: {error}") from error
    if not builder.system.startswith(DOCTYPE) or builder.system.removeprefix(DOCTYPE) not in VERSIONS:
        raise NotValidError("org.jdom.input.JDOMParseException: Document is invalid: no grammar found.")
    _check(root)
    if root.tag != "spec":
        raise NotValidError(f'Document root element "{root.tag}", must match DOCTYPE root "spec".')
    return root


def _check(element: ET.Element) -> None:
    tag = str(element.tag)
    if tag not in _CHILDREN and tag not in _TEXTS:
        raise NotValidError(f'Element type "{tag}" must be declared.')
    _check_attributes(element, tag)
    names = [str(child.tag) for child in element]
    if tag in _TEXTS and names:
        raise NotValidError(f'The content of element type "{tag}" must match "(#PCDATA)*".')
    if tag in _CHILDREN:
        model = _CHILDREN[tag].split()
        pattern = "".join(f"(?:{name.rstrip('?*+')} ){name[len(name.rstrip('?*+')) :]}" for name in model)
        stray = (element.text or "").strip() or "".join((child.tail or "").strip() for child in element)
        if stray or not re.fullmatch(pattern, "".join(f"{name} " for name in names)):
            raise NotValidError(f'The content of element type "{tag}" must match "({",".join(model)})".')
    for child in element:
        _check(child)


def _check_attributes(element: ET.Element, tag: str) -> None:
    for name in sorted(_REQUIRED.get(tag, set()) - set(element.attrib)):
        raise NotValidError(f'Attribute "{name}" is required and must be specified for element type "{tag}".')
    for name, value in element.attrib.items():
        if name not in _ALLOWED.get(tag, set()):
            raise NotValidError(f'Attribute "{name}" must be declared for element type "{tag}".')
        words = _WORDS.get((tag, name))
        if words is not None and value not in words:
            raise NotValidError(f'Attribute "{name}" with value "{value}" must have a value from the list.')
        if not _NMTOKEN.match(value):
            raise NotValidError(f'Attribute value "{value}" of type NMTOKEN must be a name token.')
