"""HTML from plain functions: every text is escaped unless it was made here."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

MAX_TEXT = 1500  # characters of one text; longer ones are cut, and say so
_VOID = frozenset({"br", "img", "meta", "hr"})
# What looks like a password in a text of somebody else's: in a URL, behind a word for it, or as a bearer's token.
_SECRETS = re.compile(
    r"(?P<url>://[^\s/:@]*:)[^\s/@]+(?=@)"
    r"|(?P<bearer>\bbearer\s+)[\w.~+/=-]{8,}"
    r"|(?P<name>\w*(?:password|passwd|secret|token|api[_-]?key)\w*(?:\\*[\"'])?\s*[=:]\s*(?:\\*[\"'])?)[^\s\"'&,;}]+",
    re.IGNORECASE,
)
HIDDEN = "(hidden)"


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Part = str | Html | None | Iterable["Part"]


def masked(text: str) -> str:
    """A text without what looks like a password in it."""
    return _SECRETS.sub(lambda found: (found["url"] or found["bearer"] or found["name"]) + HIDDEN, text)


def visible(text: str) -> str:
    """A text without what hides or turns parts of it: such characters are written as escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else _written(char) for char in text)


def _written(char: str) -> str:
    return " " if char.isspace() else char.encode("unicode_escape").decode()


def escaped(text: str) -> str:
    """Any text as HTML: no markup in it counts, nothing that hides or turns text is left, none is too long."""
    cut = text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]} … ({len(text) - MAX_TEXT} more characters)"
    return html.escape(visible(masked(cut)))


def tag(name: str, /, *parts: Part, **attributes: str | bool | None) -> Html:
    """One element.

    Args:
        name: such as ``p``.
        parts: what is in it; None is nothing.
        attributes: ``class_`` is ``class``; True is one without a value, None and False are left out.
    """
    given = "".join(_attribute(key, value) for key, value in attributes.items() if value not in {None, False})
    if name in _VOID:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{joined(parts)}</{name}>")


def _attribute(key: str, value: object) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(visible(str(value)))}"'


def joined(parts: Part) -> Html:
    """Parts one after the other."""
    if parts is None:
        return Html("")
    if isinstance(parts, Html):
        return parts
    if isinstance(parts, str):
        return Html(escaped(parts))
    return Html("".join(joined(part) for part in parts))


def table(titles: Sequence[str], rows: Iterable[Sequence[Part]], *, numbers: Sequence[int] = ()) -> Html:
    """A table; on a narrow screen each row stands as a list, its titles beside its cells.

    Args:
        titles: of its columns.
        rows: their cells.
        numbers: columns whose cells stand to the right.
    """
    kinds = ["n" if index in numbers else None for index in range(len(titles))]
    columns = list(zip(titles, kinds, strict=True))
    head = tag("tr", (tag("th", title, class_=kind, scope="col") for title, kind in columns))
    body = (
        tag(
            "tr",
            (tag("td", cell, class_=kind, data_l=title) for cell, (title, kind) in zip(row, columns, strict=True)),
        )
        for row in rows
    )
    return tag("div", tag("table", tag("thead", head), tag("tbody", body)), class_="scroll")


def folded(summary: Part, *parts: Part, is_open: bool = False) -> Html:
    """What is shown when somebody asks for it."""
    return tag("details", tag("summary", summary), *parts, open=is_open)
