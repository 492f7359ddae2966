"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bundle import Bundle


class Severity(StrEnum):
    """How bad it is: an error is unsafe or does not run; a warning bites some day; a note is a habit worth having."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Hit:
    """One place that breaks a rule. ``place`` is a JSON path, or a line."""

    file: str
    place: str
    what: str


@dataclass(frozen=True)
class Rule:
    """One rule: ``why`` it matters and the ``fix`` are the same wherever it is broken."""

    code: str
    slug: str
    severity: Severity
    why: str
    fix: str
    find: Callable[[Bundle], Iterator[Hit]]


@dataclass(frozen=True)
class Finding:
    """One thing to mend; ``step`` is empty where it is of no step."""

    code: str
    slug: str
    severity: Severity
    file: str
    place: str
    step: str
    what: str
    why: str
    fix: str
