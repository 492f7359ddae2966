"""What RV wants of a package, as its package manager reads it; it says nothing of what it does not understand."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

NAME = re.compile(r"(.*)-[0-9]+\.[0-9]+\.rvpkg")  # RV's own rule
REQUIRED = ("package", "version", "rv", "openrv", "description")
TEXTS = frozenset({*REQUIRED, "author", "organization", "contact", "url", "icon", "requires", "imageio", "movieio"})
SWITCHES = frozenset({"hidden", "system", "optional"})
LISTS = {
    "modes": frozenset({"file", "menu", "shortcut", "event", "load", "icon", "requires"}),
    "files": frozenset({"file", "location"}),
    "folders": frozenset({"folder", "location"}),
}
LOADS = ("immediate", "delay")
VERSION = re.compile(r"\d+(\.\d+)*")
PLACES = ("Python", "SupportFiles/$PACKAGE")
LONGEST = 255  # bytes of a name that RV reads
OLDEST = (3, 7)


def faults_of(file_name: str, names: Sequence[str], files: Mapping[str, bytes]) -> Iterator[str]:
    """Everything that RV would refuse, or leave out without a word.

    Args:
        file_name: of the package.
        names: of its entries, in order, as they stand.
        files: contents by name.
    """
    if not NAME.fullmatch(file_name):
        yield f"{file_name} is not named NAME-X.Y.rvpkg"
    yield from _names(names)
    if "PACKAGE" not in files:
        yield "PACKAGE is not at the root"
        return
    try:
        said = yaml.load(files["PACKAGE"], Loader=_Texts)  # noqa: S506 - a loader of plain texts
    except yaml.YAMLError as error:
        yield f"PACKAGE is no YAML: {error}"
        return
    if not isinstance(said, dict):
        yield "PACKAGE is no list of keys"
        return
    yield from _keys(said, file_name)
    yield from _entries(said, names, files)
    yield from _code(files)


class _Texts(yaml.BaseLoader):  # type: ignore[misc]  # yaml has no types
    """All values as the texts that RV sees; a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - yaml
        keys = [key.value for key, _value in node.value]
        twice = [key for key, count in Counter(keys).items() if count > 1]
        if twice:
            raise yaml.YAMLError(f"{twice[0]} stands there twice")
        return dict(super().construct_mapping(node, deep))


def _names(names: Sequence[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{name} is there {count} times"
        if name.startswith("/") or "\\" in name or ".." in name.split("/") or name.endswith("/"):
            yield f"{name!r} is no plain file name"
        if len(name.encode()) > LONGEST:
            yield f"{name[:40]}... is longer than {LONGEST} bytes"


def _keys(said: Mapping[str, Any], file_name: str) -> Iterator[str]:
    yield from (f"PACKAGE lacks {key}" for key in REQUIRED if not said.get(key))
    for key, value in said.items():
        if key in LISTS:
            yield from _list(key, value)
        elif key in SWITCHES:
            if value not in {"true", "false"}:
                yield f"{key} is {value!r}; RV knows 'true' alone"
        elif key not in TEXTS:
            yield f"RV knows no key {key}"
        elif not isinstance(value, str):
            yield f"{key} is no text"
    for key in ("rv", "openrv"):
        if not VERSION.fullmatch(str(said.get(key, ""))):
            yield f"{key} {said.get(key)!r} is no version"
    if not file_name.endswith(f"-{said.get('version')}.rvpkg"):
        yield f"version {said.get('version')!r} is not that of the file's name"


def _list(key: str, value: Any) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        yield f"{key} is no list of entries"
        return
    for one in value:
        yield from (f"RV knows no {inner} in {key}" for inner in one if inner not in LISTS[key])
        yield from (f"{inner} in {key} is no text" for inner, text in one.items() if not isinstance(text, str))


def _entries(said: Mapping[str, Any], names: Sequence[str], files: Mapping[str, bytes]) -> Iterator[str]:
    modes, others = (_dicts(said.get(key)) for key in ("modes", "files"))
    listed = [str(one.get("file", "")) for one in [*modes, *others]]
    if not modes:
        yield "there is no mode, so RV would load nothing"
    yield from (f"{name} is listed, but not there" for name in listed if name not in files)
    yield from (f"{name} is there, but not listed" for name in names if name not in {*listed, "PACKAGE"})
    for mode in modes:
        if mode.get("load") not in LOADS:
            yield f"mode {mode.get('file')} is loaded {mode.get('load')!r}; RV knows {' and '.join(LOADS)}"
        if not _makes_mode(files.get(str(mode.get("file")), b"")):
            yield f"mode {mode.get('file')} has no createMode()"
    places = [f"{one.get('location')}/{str(one.get('file')).rpartition('/')[2]}" for one in others]
    yield from (f"two files become {place}" for place, count in Counter(places).items() if count > 1)
    for one in others:
        if not str(one.get("location", "")).startswith(PLACES):
            yield f"{one.get('file')} goes to {one.get('location')!r}, not below {' or '.join(PLACES)}"


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _makes_mode(content: bytes) -> bool:
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return False
    return any(isinstance(one, ast.FunctionDef) and one.name == "createMode" for one in tree.body)


def _code(files: Mapping[str, bytes]) -> Iterator[str]:
    for name, content in files.items():
        if not name.endswith(".py"):
            continue
        try:
            ast.parse(content, feature_version=OLDEST)
        except (SyntaxError, ValueError) as error:
            yield f"{name} is no Python {'.'.join(map(str, OLDEST))}: {error}"
