"""Each acceptance fact of the two farms, of publishing, roto and hosts is named by a test that proves it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
FACTS = {
    "opencue": frozenset(range(1, 16)),
    "deadline": frozenset(range(1, 16)),
    "publish": frozenset(range(1, 21)),
    "roto": frozenset(range(1, 21)),
    "host": frozenset(range(1, 21)),
}
OF_HOSTS = {"rv": "host", "nuke": "host", "board": "host"}
SAID = re.compile(r"(Roto|Host) facts? (\d+(?:(?:, | and )\d+)*)", re.IGNORECASE)
NAME = re.compile(r"test_(?:(opencue|deadline|publish|host|rv)_)?facts?_(\d+(?:_and_\d+)*)_\w+")


def named() -> Iterator[tuple[str, int]]:
    """Area and number of each fact that a test names; in an area's own folder the area goes without saying.

    Facts about roto, and many about hosts, stand in docstrings: one test often proves a part of several.
    """
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.FunctionDef):
                continue
            for of, said in SAID.findall(ast.get_docstring(node) or "") if node.name.startswith("test_") else ():
                yield from ((of.lower(), int(number)) for number in re.findall(r"\d+", said))
            found = NAME.fullmatch(node.name)
            if found:
                area = found[1] or path.parent.name
                area = OF_HOSTS.get(area, area)
                assert area in FACTS, f"{path}: {found[0]} does not say whose fact it is"
                yield from ((area, int(number)) for number in found[2].split("_and_"))


def test_each_acceptance_fact_is_named_by_a_test() -> None:
    """All areas in one test: each would read every file of the tests once more."""
    found: dict[str, set[int]] = {area: set() for area in FACTS}
    for area, number in named():
        found[area].add(number)
    assert found == FACTS
