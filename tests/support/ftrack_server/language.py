"""ftrack's query language: read strictly, so that a query which the product would not read fails here, too."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TOKENS = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([(),])|(<=|>=|!=|<|>|=)|([\w.:%@+*/-]+))')
Test = Callable[[Callable[[str], Any]], bool]
# Follows a dotted path from an entity: to a value, or to a list of further such functions.
WORDS = {"true": True, "false": False, "none": None}


class QueryError(Exception):
    """The text is no query."""


@dataclass
class Query:
    """What is asked for."""

    kind: str
    paths: list[str] = field(default_factory=list)
    test: Test = lambda _value: True
    order: list[tuple[str, bool]] = field(default_factory=list)
    offset: int = 0
    limit: int | None = None


def _like(value: Any, pattern: Any) -> bool:
    parts = [".*" if char == "%" else "." if char == "_" else re.escape(char) for char in str(pattern)]
    return value is not None and re.fullmatch("".join(parts), str(value), re.IGNORECASE | re.DOTALL) is not None


def _less(left: Any, right: Any) -> bool:
    return left is not None and right is not None and left < type(left)(right)


def _same(left: Any, right: Any) -> bool:
    """As the product's database compares: text without regard to case."""
    if isinstance(left, str) and right is not None:
        return left.casefold() == str(right).casefold()
    if isinstance(left, bool) or left is None or right is None:
        return left is right
    return float(left) == float(right) if isinstance(left, int | float) else left == right


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "is": _same,
    "=": _same,
    "is_not": lambda left, right: not _same(left, right),
    "!=": lambda left, right: not _same(left, right),
    "in": lambda left, right: any(_same(left, one) for one in right),
    "not_in": lambda left, right: not any(_same(left, one) for one in right),
    "like": _like,
    "not_like": lambda left, right: not _like(left, right),
    "<": _less,
    ">": lambda left, right: _less(right, left),
    "<=": lambda left, right: _less(left, right) or _same(left, right),
    ">=": lambda left, right: _less(right, left) or _same(left, right),
}


class Reader:
    """Reads one query, word by word."""

    def __init__(self, text: str) -> None:
        self._words = self._split(text)
        self._at = 0

    @staticmethod
    def _split(text: str) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = []
        at = 0
        while text[at:].strip():
            match = TOKENS.match(text, at)
            if match is None:
                raise QueryError(f"cannot read {text[at : at + 20]!r}")
            quoted, mark, operator, word = match.groups()
            if quoted is not None:
                found.append(("text", re.sub(r"\\(.)", r"\1", quoted[1:-1])))
            else:
                found.append(("word", mark or operator or word))
            at = match.end()
        return found

    def _sees(self, word: str) -> bool:
        return self._at < len(self._words) and self._words[self._at] == ("word", word)

    def _takes(self, word: str) -> bool:
        seen = self._sees(word)
        self._at += seen
        return seen

    def _next(self) -> tuple[str, Any]:
        if self._at >= len(self._words):
            raise QueryError("the query ends too early")
        self._at += 1
        return self._words[self._at - 1]

    def _word(self) -> str:
        sort, word = self._next()
        if sort != "word":
            raise QueryError(f"{word!r} stands where a name should")
        return str(word)

    def _wants(self, word: str) -> None:
        if not self._takes(word):
            raise QueryError(f"{word!r} is missing")

    def query(self) -> Query:
        """The whole text."""
        paths: list[str] = []
        if self._takes("select"):
            paths = [self._word()]
            while self._takes(","):
                paths.append(self._word())
            self._wants("from")
        made = Query(self._word(), paths)
        if self._takes("where"):
            made.test = self._any()
        if self._takes("order"):
            self._wants("by")
            made.order = [self._order()]
            while self._takes(","):
                made.order.append(self._order())
        if self._takes("offset"):
            made.offset = int(self._word())
        if self._takes("limit"):
            made.limit = int(self._word())
        if self._at < len(self._words):
            raise QueryError(f"{self._words[self._at][1]!r} stands where the query should end")
        return made

    def _order(self) -> tuple[str, bool]:
        path = self._word()
        descending = self._takes("descending") or self._takes("desc")
        if not descending:
            _ = self._takes("ascending") or self._takes("asc")
        return path, descending

    def _any(self) -> Test:
        tests = [self._all()]
        while self._takes("or"):
            tests.append(self._all())
        return lambda value: any(test(value) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._takes("and"):
            tests.append(self._one())
        return lambda value: all(test(value) for test in tests)

    def _one(self) -> Test:
        if self._takes("not"):
            wrong = self._one()
            return lambda value: not wrong(value)
        if self._takes("("):
            inner = self._any()
            self._wants(")")
            return inner
        path, operator = self._word(), self._word()
        if operator in {"has", "any"}:
            self._wants("(")
            inner = self._any()
            self._wants(")")
            return lambda value: any(inner(one) for one in value(path))
        if operator not in OPERATORS:
            raise QueryError(f"there is no operator {operator!r}")
        compare = OPERATORS[operator]
        right = self._list() if operator in {"in", "not_in"} else self._value()
        return lambda value: compare(value(path), right)

    def _list(self) -> list[Any]:
        self._wants("(")
        found = [self._value()]
        while self._takes(","):
            found.append(self._value())
        self._wants(")")
        return found

    def _value(self) -> Any:
        sort, word = self._next()
        return WORDS.get(word.lower(), word) if sort == "word" else word


def read_query(text: str) -> Query:
    """A query.

    Raises:
        QueryError: says what is wrong.
    """
    return Reader(text).query()
