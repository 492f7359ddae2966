"""Reads GTO text, the form of RV's session files; the grammar is that of RV's manual on GTO.

What RV itself takes is taken: comments, quoted and bare words, escapes, elements in brackets, ``...`` for what repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...pipeline.files import read_file
from ...schema.errors import BadRequestError

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 16  # of components; RV writes one
MAX_VALUES = 10_000_000
Value = float | int | str
TYPES = frozenset({"float", "double", "half", "int", "short", "byte", "bool", "string"})
_TOKEN = re.compile(
    r"(?P<space>[\s\0]+|\#[^\n]*)"
    r'|(?P<text>"(?:[^"\\]|\\.)*")'
    r"|(?P<more>\.\.\.)"
    r"|(?P<number>[+-]?(?:0x[0-9A-Fa-f]+(?![A-Za-z_])|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z_0-9.])|(?:inf|nan)\b))"
    r"|(?P<word>[A-Za-z_0-9]+)"
    r"|(?P<sign>[][{}():=,])",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4,})|([0-3][0-7][0-7])|(.))", re.DOTALL)
_PLAIN = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


@dataclass
class GtoObject:
    """One object of a file.

    Attributes:
        name, protocol: such as ``sourceGroup000000_source`` and ``RVFileSource``.
        properties: flat values by ``component.property``.
    """

    name: str
    protocol: str
    properties: dict[str, list[Value]] = field(default_factory=dict)


def read_gto(path: Path) -> dict[str, GtoObject]:
    """Objects of a file by their names.

    Raises:
        BadRequestError: it cannot be opened, is no GTO text, or is broken; names the line.
    """
    try:
        content = read_file(path, most=MAX_BYTES)
    except OSError as error:
        raise BadRequestError(f"session {path} cannot be read: {error.strerror or error}", path=path) from error
    if content[:2] == b"\x1f\x8b" or not content.lstrip().startswith(b"GTOa"):
        raise BadRequestError(
            f"{path} is no session in text form; save it in RV once more as .rv, without compression", path=path
        )
    try:
        return parse_gto(content.decode("utf-8", "surrogateescape"))
    except ValueError as error:
        raise BadRequestError(f"session {path} is broken: {error}; save it in RV once more", path=path) from error


def parse_gto(text: str) -> dict[str, GtoObject]:
    """Objects of a text.

    Raises:
        ValueError: says what was met, and on which line.
    """
    return _Reader(text).objects()


class _Reader:
    """Walks once over the tokens of a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split()
        self._kind = self._word = ""
        self._at = 0
        self._count = 0
        self._step()

    def objects(self) -> dict[str, GtoObject]:
        self._wanted("GTOa")
        self._version()
        found: dict[str, GtoObject] = {}
        while self._kind:
            name, protocol = self._name(), "object"
            if self._took(":"):
                protocol = self._name()
                self._version()
            one = found[name] = GtoObject(name, protocol)
            self._wanted("{")
            while not self._took("}"):
                self._component(one, "", 1)
        return found

    def _component(self, one: GtoObject, above: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self._wrong(f"components lie {depth} deep, {MAX_DEPTH} are read")
        name = above + self._name()
        self._meaning()
        self._wanted("{")
        while not self._took("}"):
            if self._kind == "word" and self._word in TYPES:
                self._property(one, name)
            else:
                self._component(one, f"{name}.", depth + 1)

    def _property(self, one: GtoObject, component: str) -> None:
        kind = self._next()
        width, size = self._dimensions()
        name = self._name()
        self._meaning()
        self._wanted("=")
        values = self._values(width, size)
        if any(isinstance(value, str) != (kind == "string") for value in values):
            raise self._wrong(f"{component}.{name} holds values that are not {kind}")
        one.properties[f"{component}.{name}"] = values

    def _dimensions(self) -> tuple[int, int | None]:
        """How many values an element has, and how many elements there are if that is said."""
        if not self._took("["):
            return 1, None
        width = self._integer()
        while self._took(","):
            width *= self._integer()
        self._wanted("]")
        if not self._took("["):
            return width, None
        size = self._integer()
        self._wanted("]")
        return width, size

    def _values(self, width: int, size: int | None) -> list[Value]:
        if not self._took("["):
            return [self._value()]
        found: list[Value] = []
        last: list[Value] = []
        while not self._took("]"):
            if self._took("..."):
                found += self._repeated(last, (size or 0) * width - len(found))
                continue
            last = self._element()
            found += last
            self._count += len(last)
        return found

    def _repeated(self, last: list[Value], missing: int) -> list[Value]:
        if not last or missing < 0 or missing > MAX_VALUES:
            raise self._wrong("'...' stands where nothing can be repeated")
        self._count += missing
        if self._count > MAX_VALUES:
            raise self._wrong(f"there are more than {MAX_VALUES} values")
        return last * (missing // len(last))

    def _element(self) -> list[Value]:
        if not self._took("["):
            return [self._value()]
        found = []
        while not self._took("]"):
            found.append(self._value())
        return found

    def _value(self) -> Value:
        if self._kind == "number":
            word = self._next()
            return _number(word)
        return self._name()

    def _integer(self) -> int:
        if self._kind != "number" or not self._word.isdecimal():
            raise self._wrong(f"{self._word[:40]!r} is no size")
        return int(self._next())

    def _version(self) -> None:
        if self._took("("):
            self._integer()
            self._wanted(")")

    def _meaning(self) -> None:
        if self._kind == "word" and self._word == "as":
            self._next()
            self._name()

    def _name(self) -> str:
        if self._kind == "text":
            return _unescaped(self._next()[1:-1])
        if self._kind != "word":
            raise self._wrong(
                f"{self._word[:40]!r} stands where a name belongs" if self._kind else "the end is missing"
            )
        return self._next()

    def _took(self, word: str) -> bool:
        if self._word != word or self._kind not in {"sign", "more"}:
            if not self._kind:
                raise self._wrong("the end is missing")
            return False
        self._step()
        return True

    def _wanted(self, word: str) -> None:
        if self._word != word:
            raise self._wrong(f"{self._word[:40]!r} stands where {word!r} belongs")
        self._step()

    def _next(self) -> str:
        word = self._word
        self._step()
        return word

    def _step(self) -> None:
        self._kind, self._word = next(self._tokens, ("", ""))

    def _split(self) -> Iterator[tuple[str, str]]:
        end = len(self._text)
        while self._at < end:
            found = _TOKEN.match(self._text, self._at)
            if found is None:
                raise self._wrong(f"{self._text[self._at]!r} belongs nowhere")
            self._at = found.end()
            if found.lastgroup != "space":
                yield str(found.lastgroup), found.group()

    def _wrong(self, what: str) -> ValueError:
        line = self._text.count("\n", 0, self._at) + 1
        return ValueError(f"line {line}: {what}")


def _number(word: str) -> float | int:
    if "x" in word.lower():
        return int(word, 16)
    try:
        return int(word)
    except ValueError:
        return float(word)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text

    def plain(found: re.Match[str]) -> str:
        if found.group(1):
            return chr(int(found.group(1)[-6:], 16) % 0x110000)
        if found.group(2):
            return chr(int(found.group(2), 8))
        return _PLAIN.get(found.group(3), found.group(3))

    return _ESCAPE.sub(plain, text)
