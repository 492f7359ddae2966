"""A bundle as it lies on disk: the template, and what may lie beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...schema.errors import InputMissingError
from .finding import Hit
from .reading import MAX_BYTES, MAX_LIST_BYTES, Source, UnreadableError, read_source

SUFFIXES = (".yaml", ".json")  # those that Deadline Cloud looks for
DOCUMENTS = ("template", "parameter_values", "asset_references")


@dataclass(frozen=True)
class Bundle:
    """What was read. A document that is missing or unreadable is an empty one.

    Attributes:
        path: what was asked for.
        template: the job or environment template.
        values, assets: what lies beside it for Deadline Cloud.
        unreadable: what could not be read, with why.
        doubled: documents that are there as YAML and as JSON.
    """

    path: Path
    template: Source
    values: Source
    assets: Source
    unreadable: tuple[Hit, ...] = ()
    doubled: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """All documents."""
        return (self.template, self.values, self.assets)

    @property
    def is_environment(self) -> bool:
        """Whether it is an environment template."""
        return "environment" in mapping(self.template.document)

    @property
    def extensions(self) -> frozenset[str]:
        """Extensions that the template asks for."""
        return frozenset(one for one in sequence(mapping(self.template.document).get("extensions")) if is_text(one))


def read_bundle(path: Path) -> Bundle:
    """Read a bundle's folder, or a template file with what lies beside it.

    Raises:
        InputMissingError: nothing is there, or the folder holds no template.
    """
    if path.is_dir():
        folder, chosen = path, _files(path, "template")
        if not chosen:
            raise InputMissingError(
                f"folder {path} holds no template.yaml or template.json; give the folder of a bundle, or a template",
                path=str(path),
            )
    elif path.exists():
        folder, chosen = path.parent, [path]
    else:
        raise InputMissingError(f"{path} is not there; give the folder of a bundle, or a template", path=str(path))
    beside = {name: _files(folder, name) for name in DOCUMENTS[1:]}
    if path.is_file() and path.stem != "template":
        beside = {name: [] for name in beside}  # a lone file of another name is no bundle
    files = {"template": chosen, **beside}
    unreadable: list[Hit] = []
    found = {name: _read(name, files[name], unreadable) for name in DOCUMENTS}
    doubled = tuple(name for name in DOCUMENTS if len(files[name]) > 1)
    template, values, assets = (found[name] for name in DOCUMENTS)
    return Bundle(path, template, values, assets, tuple(unreadable), doubled)


def _files(folder: Path, name: str) -> list[Path]:
    return [place for suffix in SUFFIXES if (place := folder / f"{name}{suffix}").exists()]


def _read(name: str, files: list[Path], unreadable: list[Hit]) -> Source:
    if not files:
        return Source(name, "", {})
    place = files[0]
    try:
        found = read_source(place, most=MAX_BYTES if name == "template" else MAX_LIST_BYTES)
    except UnreadableError as error:
        unreadable.append(Hit(place.name, "$", str(error)))
    except OSError as error:
        unreadable.append(Hit(place.name, "$", f"it cannot be read: {(error.strerror or str(error)).lower()}"))
    else:
        if isinstance(found.document, dict):
            return found
        unreadable.append(Hit(place.name, "$", f"it holds no mapping but {_kind(found.document)}"))
        return Source(place.name, found.text, {})
    return Source(place.name, "", {})


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return "a list" if isinstance(value, list) else "a single value"


def is_text(value: Any) -> bool:
    """Whether a value is text."""
    return isinstance(value, str)


def mapping(value: Any) -> Mapping[str, Any]:
    """A value that should be a mapping; an empty one where it is none."""
    return {str(key): inner for key, inner in value.items()} if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """A value that should be a list; an empty one where it is none."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """A value that should be text; empty where it is none."""
    return value if isinstance(value, str) else ""


def key_place(place: str, key: str) -> str:
    """The JSON path of a key."""
    return f"{place}.{key}" if re.fullmatch(r"[A-Za-z_]\w*", key) else f"{place}[{key[:80]!r}]"


def texts(value: Any, place: str = "$", *, skip: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """All texts in a document with their JSON paths, but not those below the keys of ``skip``."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in skip:
                yield from texts(inner, key_place(place, str(key)), skip=skip)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, f"{place}[{index}]", skip=skip)
