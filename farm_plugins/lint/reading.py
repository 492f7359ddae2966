"""Read a stranger's YAML or JSON: whole, small, and without ever running or unfolding it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...schema.names import plain_text

MAX_BYTES = 2_000_000  # twice what Deadline Cloud takes for a template
MAX_LIST_BYTES = 20_000_000  # asset_references name each frame: 100,000 of them with long paths
MAX_DEPTH = 60
MAX_NODES = 300_000  # with all that aliases stand for


class UnreadableError(Exception):
    """A file that is no document we would read; the words say why."""


@dataclass(frozen=True)
class Source:
    """One file of a bundle. ``repeated`` are keys that one mapping has twice, with their line."""

    name: str
    text: str
    document: Any
    repeated: tuple[tuple[str, int], ...] = ()


def read_source(path: Path, *, most: int = MAX_BYTES) -> Source:
    """Read one file of at most so many bytes.

    Raises:
        UnreadableError: it is no regular file, too large, too deep, unfolds to too much, or is no YAML or JSON.
        OSError: the system refuses.
    """
    text = _text(path, most)
    if path.suffix.lower() == ".json":
        document, repeated = _json(text)
    else:
        document, repeated = _yaml(text)
    _check_size(document)
    return Source(path.name, text, document, repeated)


def _text(path: Path, most: int) -> str:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UnreadableError("it is no file but a folder, a pipe or a device")
        content = stream.read(most + 1)
    if len(content) > most:
        raise UnreadableError(f"it is larger than {most} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"it is no text in UTF-8 (byte {error.start})") from None
    if "\0" in text:
        raise UnreadableError("it holds NUL bytes; it is no text")
    return text


def _json(text: str) -> tuple[Any, tuple[tuple[str, int], ...]]:
    repeated: list[tuple[str, int]] = []

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                repeated.append((key, 0))
            made[key] = value
        return made

    try:
        return json.loads(text, object_pairs_hook=mapping), tuple(repeated)
    except RecursionError:
        raise UnreadableError(f"it is nested deeper than {MAX_DEPTH}") from None
    except ValueError as error:
        raise UnreadableError(f"it is no JSON: {plain_text(str(error))[:200]}") from None


def _yaml(text: str) -> tuple[Any, tuple[tuple[str, int], ...]]:
    import yaml  # noqa: PLC0415 - slow

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        walk = _Walk()
        for event in yaml.parse(text, Loader=loader):
            walk.take(event)
        return yaml.load(text, Loader=loader), tuple(walk.repeated)  # noqa: S506 - both loaders are the safe one
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnreadableError(f"it is no YAML: {plain_text(str(error.problem or error.context))[:200]}{line}") from None
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        raise UnreadableError(f"it is no YAML: {' '.join(plain_text(str(error)).split())[:200]}") from None
    except RecursionError:
        raise UnreadableError(f"it is nested deeper than {MAX_DEPTH}") from None


@dataclass
class _Open:
    """A collection that has begun: its anchor, nodes so far, and the keys of a mapping."""

    anchor: str | None
    nodes: int = 1
    keys: set[str] | None = None
    children: int = 0


@dataclass
class _Walk:
    """Counts what a YAML text unfolds to while it is parsed, before anything is made of it."""

    repeated: list[tuple[str, int]] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _sizes: dict[str, int] = field(default_factory=dict)

    def take(self, event: Any) -> None:
        """Take the next event.

        Raises:
            UnreadableError: a bound is passed.
        """
        import yaml  # noqa: PLC0415 - loaded already

        if isinstance(event, yaml.ScalarEvent):
            self._key(event)
            self._add(event.anchor, 1)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._sizes:
                raise UnreadableError(f"alias {str(event.anchor)[:80]!r} stands for what it lies in, or for nothing")
            self._add(None, self._sizes[event.anchor])
        elif isinstance(event, yaml.CollectionStartEvent):
            keys = set[str]() if isinstance(event, yaml.MappingStartEvent) else None
            self._open.append(_Open(event.anchor, keys=keys))
            if len(self._open) > MAX_DEPTH:
                raise UnreadableError(f"it is nested deeper than {MAX_DEPTH}")
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self._open.pop()
            self._add(done.anchor, done.nodes)

    def _key(self, event: Any) -> None:
        around = self._open[-1] if self._open else None
        if around is None or around.keys is None or around.children % 2:
            return
        if event.value in around.keys and event.value != "<<":
            self.repeated.append((event.value, event.start_mark.line + 1))
        around.keys.add(event.value)

    def _add(self, anchor: str | None, nodes: int) -> None:
        if anchor is not None:
            self._sizes[anchor] = nodes
        if self._open:
            self._open[-1].nodes += nodes
            self._open[-1].children += 1
        if nodes > MAX_NODES or (self._open and self._open[-1].nodes > MAX_NODES):
            raise UnreadableError(f"it unfolds to more than {MAX_NODES} values")


def _check_size(document: Any) -> None:
    """Refuse what is nested too deep or holds too much; JSON has no events to count."""
    level, nodes = [document], 0
    for _depth in range(MAX_DEPTH + 1):
        nodes += len(level)
        if nodes > MAX_NODES:
            raise UnreadableError(f"it holds more than {MAX_NODES} values")
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise UnreadableError(f"it is nested deeper than {MAX_DEPTH}")


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list | set | tuple):
        yield from value
