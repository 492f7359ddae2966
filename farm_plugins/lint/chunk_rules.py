"""Chunks: what a script may not take for granted about the frames it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .bundle import Bundle, mapping, text
from .finding import Hit
from .template import Parameter, Step, expressions, step_scripts, steps, values_in

CHUNKING = "TASK_CHUNKING"
_RANGE_SPLIT = re.compile(
    r"""%%?-\*|\#\#?\*-|cut\s[^\n|;]{0,200}-d\s*['"]?-|IFS=['"]?-|split\(\s*['"]-['"]|partition\(\s*['"]-['"]|-split\s+['"]-['"]"""
    r"""|awk\s[^\n|;]{0,200}-F\s*['"]?-"""
)
_LIST_SPLIT = re.compile(
    r"""split\(\s*['"],['"]|IFS=['"]?,|-d\s*['"]?,|tr\s+['"]?,|//,/|-split\s+['"],['"]|-F\s*['"]?,"""
)


def chunk_extension(bundle: Bundle) -> Iterator[Hit]:
    """CHUNK[INT] that the template did not ask for."""
    for _step, parameter in _chunked(bundle):
        if CHUNKING not in bundle.extensions:
            yield Hit(bundle.template.name, parameter.place, f"{parameter.name} is CHUNK[INT] without {CHUNKING}")


def chunk_borders(bundle: Bundle) -> Iterator[Hit]:
    """Scripts that compute where a chunk ends."""
    for step, parameter in _chunked(bundle):
        size = mapping(parameter.given.get("chunks")).get("defaultTaskCount")
        for script in step_scripts(step):
            said = _computes_border(script.words, size)
            if said:
                yield Hit(
                    bundle.template.name, script.place, f"computes the end of a chunk of {parameter.name} from {said}"
                )


def _computes_border(words: str, size: object) -> str:
    """What of the chunks' size a script reckons with; empty where it does not."""
    named = {name for _line, one in expressions(text(size)) for name in values_in(one)}
    used = {name for _line, one in expressions(words) for name in values_in(one)}
    if named & used:
        return min(named & used)
    count = str(size).strip()
    if not re.fullmatch(r"\d{1,9}", count) or int(count) < 2:  # noqa: PLR2004 - chunks of one have no border
        return ""
    less = str(int(count) - 1)
    found = re.search(rf"\+\s*\(?\s*(?:{count}\s*-\s*1|{less})\b(?!\.)", words)
    return f"its size, {count}" if found else ""


def chunk_gaps(bundle: Bundle) -> Iterator[Hit]:
    """Scripts that take ``1-3,7`` for a range."""
    for step, parameter in _chunked(bundle):
        if mapping(parameter.given.get("chunks")).get("rangeConstraint") == "CONTIGUOUS":
            continue
        for script in step_scripts(step):
            if _RANGE_SPLIT.search(script.words) and not _LIST_SPLIT.search(script.words):
                what = f"takes {parameter.name} apart at '-', but its chunks are NONCONTIGUOUS, such as 1-3,7"
                yield Hit(bundle.template.name, script.place, what)


def _chunked(bundle: Bundle) -> Iterator[tuple[Step, Parameter]]:
    for step in steps(bundle):
        for parameter in step.parameters:
            if parameter.type == "CHUNK[INT]":
                yield step, parameter
