"""The tests' Nuke has no name that Nuke has not: each is held to types-nuke 13.2.8.0, parsed, not imported."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import Any

import nuke
import pytest

STUBS = Path(next(iter(importlib.util.find_spec("nuke-stubs").submodule_search_locations)))  # type: ignore[arg-type, union-attr]
PLUG_IN = Path(__file__).resolve().parents[2] / "submitters" / "nuke"
OWN = {  # of the tests' Nuke alone: what its knobs hold, and where tests read what was set
    "Knob": {"start", "kind"},
    "AnimAttributes": {"constants", "keyed"},
    "AnimCurve": {"set", "times"},
    "CurveKnob": {"fresh"},
}


def parsed() -> tuple[set[str], dict[str, set[str]]]:
    """All names of modules, and of each class the names of its members, bases included."""
    names: set[str] = set()
    classes: dict[str, list[ast.ClassDef]] = {}
    for path in STUBS.glob("*.pyi"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names |= set(defined(node))
            if isinstance(node, ast.ClassDef):
                classes.setdefault(node.name, []).append(node)
    return names, {name: members(name, classes) for name in classes}


def defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return (
        [target.id for target in node.targets if isinstance(target, ast.Name)] if isinstance(node, ast.Assign) else []
    )


def members(name: str, classes: dict[str, list[ast.ClassDef]]) -> set[str]:
    found: set[str] = set()
    for one in classes.get(name, []):
        found |= {member for node in one.body for member in defined(node)}
        found |= {member for base in one.bases if isinstance(base, ast.Name) for member in members(base.id, classes)}
    return found


NAMES, MEMBERS = parsed()


def classes_of(*modules: Any) -> list[type]:
    """The classes that the tests' Nuke shows by a name of Nuke's."""
    found = {
        value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__.startswith("nuke") and not name.startswith("_")
    }
    return sorted(found, key=lambda one: one.__name__)


def test_types_nuke_was_read_whole() -> None:
    assert len(NAMES) > 500
    assert {"allNodes", "Undo", "executeInMainThread", "Shape"} <= NAMES


@pytest.mark.parametrize("module", [nuke, nuke.rotopaint], ids=["nuke", "rotopaint"])
def test_every_name_of_the_tests_nuke_is_one_of_nukes(module: Any) -> None:
    """Fact 12: an attribute that is not in the stub raises."""
    own = [
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", "").startswith("nuke") and not name.startswith("_")
    ]
    assert len(own) > 9
    assert set(own) - NAMES - {"touch", "world"} == set()
    with pytest.raises(AttributeError):
        _ = module.allnodes


@pytest.mark.parametrize("kind", classes_of(nuke, nuke.rotopaint), ids=lambda kind: kind.__name__)
def test_every_member_of_a_class_is_one_of_nukes(kind: type) -> None:
    public = {name for one in kind.__mro__[:-1] for name in vars(one) if not name.startswith("_")}
    own = set().union(*(OWN.get(one.__name__, set()) for one in kind.__mro__))
    assert public - own - MEMBERS[kind.__name__] == set()


@pytest.mark.parametrize("path", sorted(PLUG_IN.glob("*.py")), ids=lambda path: path.stem)
def test_the_plug_in_asks_nuke_for_names_that_it_has(path: Path) -> None:
    """Those of types-nuke, whether or not the tests' Nuke knows them."""
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))
    asked = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "nuke"
    }
    assert asked - NAMES - {"rotopaint"} == set()
