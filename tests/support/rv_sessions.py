"""RV's session files, written as RV writes them: one object a node, flat properties in components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

WIDTHS = {"points": 2, "min": 2, "max": 2, "position": 2, "startPos": 2, "endPos": 2, "color": 4, "borderColor": 4,
          "connections": 2}  # fmt: skip
Properties = Mapping[str, Sequence[Any]]


def session_text(*nodes: str) -> str:
    """A session of nodes, with RV's own head."""
    return "\n".join(["GTOa (4)", "", "# written for a test", *nodes, ""])


def node(name: str, protocol: str, properties: Properties) -> str:
    """One object; properties are named ``component.property``."""
    components: dict[str, list[str]] = {}
    for full, values in properties.items():
        component, _, name_ = full.rpartition(".")
        components.setdefault(component, []).append(f"        {_typed(name_, values)}")
    inside = [f"    {_word(each)}\n    {{\n" + "\n".join(lines) + "\n    }" for each, lines in components.items()]
    return f"{_word(name)} : {protocol} (1)\n{{\n" + "\n\n".join(inside) + "\n}\n"


def source(number: int, media: str, more: Properties | None = None) -> str:
    """A source group with its file."""
    group = f"sourceGroup{number:06d}"
    return node(group, "RVSourceGroup", {"ui.name": [media]}) + node(
        f"{group}_source", "RVFileSource", {"media.movie": [media], "group.fps": [0.0], **(more or {})}
    )


def connected(*pairs: tuple[str, str]) -> str:
    """What goes into what."""
    flat = [name for pair in pairs for name in pair]
    return node("connections", "connection", {"evaluation.connections": flat, "top.nodes": sorted({*flat})})


def _typed(name: str, values: Sequence[Any]) -> str:
    kind = "string" if any(isinstance(value, str) for value in values) else (
        "float" if any(isinstance(value, float) for value in values) else "int"
    )  # fmt: skip
    words = [_quoted(value) if isinstance(value, str) else repr(value) for value in values]
    width = WIDTHS.get(name, 1)
    if width == 1:
        return f"{kind} {name} = {words[0] if len(words) == 1 else '[ ' + ' '.join(words) + ' ]'}"
    elements = ["[ " + " ".join(words[at : at + width]) + " ]" for at in range(0, len(words), width)]
    return f"{kind}[{width}] {name} = [ {' '.join(elements)} ]"


def _word(text: str) -> str:
    return text if text.replace("_", "a").isalnum() and text.isascii() else _quoted(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
