"""Shotmill's one line about a failure, as lines for people. No Qt."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator

_LINE = re.compile(r"(?P<before>.*?):? ?SHOTMILL (?P<code>E\d+) (?P<slug>\S+)(?P<facts>.*)", re.DOTALL)
_FACT = re.compile(r" (\w+)=(\"(?:[^\"\\]|\\.)*\"|'[^']*'|\S+)")
FIRST = ("cause", "hint")  # whole sentences; all others are facts


def told(text: str) -> tuple[str, str]:
    """A headline and what follows it; a text that holds no such line is the headline."""
    found = _LINE.match(text)
    if found is None:
        return text, ""
    facts = {name: _plain(value) for name, value in _FACT.findall(found["facts"])}
    return found["before"] or found["code"], "\n".join(_lines(found["code"], found["slug"], facts))


def _plain(value: str) -> str:
    try:
        return str(json.loads(value)) if value.startswith('"') else "".join(shlex.split(value))
    except ValueError:
        return value


def _lines(code: str, slug: str, facts: dict[str, str]) -> Iterator[str]:
    for name in FIRST:
        if facts.get(name):
            yield facts[name]
    yield ""
    rest = {"code": f"{code} {slug}", **{name: value for name, value in facts.items() if name not in FIRST}}
    width = max(map(len, rest))
    for name, value in rest.items():
        yield f"{name:<{width}}  {value}"
