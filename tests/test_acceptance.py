"""Each acceptance fact of the two farms is named by a test that proves it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FACTS = frozenset(range(1, 16))
AREAS = {"opencue", "deadline"}
NAME = re.compile(r"test_(?:(opencue|deadline)_)?facts?_(\d+(?:_and_\d+)*)_\w+")


def named() -> Iterator[tuple[str, int]]:
    """Farm and number of each fact that a test names; in a farm's own folder the farm goes without saying."""
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            found = NAME.fullmatch(node.name) if isinstance(node, ast.FunctionDef) else None
            if found:
                farm = found[1] or path.parent.name
                assert farm in AREAS, f"{path}: {found[0]} does not say whose fact it is"
                yield from ((farm, int(number)) for number in found[2].split("_and_"))


@pytest.mark.parametrize("farm", sorted(AREAS))
def test_each_acceptance_fact_is_named_by_a_test(farm: str) -> None:
    assert {number for area, number in named() if area == farm} == FACTS
