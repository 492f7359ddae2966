"""Addresses of published versions: what people type, what logs print, and what both mean.

::

    ADDRESS = [PROJECT ":"] ENTITY "/" PRODUCT ["@" WHICH]
    ENTITY  = SEQUENCE "/" SHOT  |  KIND "/" ASSET  |  SEQUENCE
    WHICH   = "v" NUMBER  |  POINTER                  (left out: latest)

``demo:sq010/sh010/thumbnail@v003`` is version 3 of the product ``thumbnail`` of shot ``sq010/sh010`` of project
``demo``; ``sq010/sh010/thumbnail`` is its latest one, in the project that the settings name. Zeros before a number
do not count. ``latest`` and ``approved`` are pointers; any name that is not ``v`` and digits is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import NameRuleError
from .names import check_name

LATEST = "latest"
APPROVED = "approved"
VERSION_DIGITS = 3
MAX_VERSION = 999_999
_NUMBER = re.compile(r"v(\d+)\Z")
_FORM = "write it as sq010/sh010/thumbnail@v003 or PROJECT:sq010/sh010/thumbnail"


@dataclass(frozen=True, slots=True)
class Address:
    """One version of one product, named.

    Attributes:
        entity: path of the shot, asset or sequence, as ``EntityRef.path`` gives it.
        which: the version's number, or the name of a pointer.
    """

    project: str
    entity: str
    product: str
    which: int | str = LATEST

    def __str__(self) -> str:
        which = f"v{self.which:0{VERSION_DIGITS}d}" if isinstance(self.which, int) else self.which
        return f"{self.project}:{self.entity}/{self.product}@{which}"

    @classmethod
    def parse(cls, text: str, *, project: str) -> Address:
        """Read an address.

        Args:
            text: as in the grammar above.
            project: the project of an address that names none.

        Raises:
            NameRuleError: it does not fit the grammar; shows the form that does.
        """
        before, colon, rest = text.strip().rpartition(":")
        path, at, which = rest.partition("@")
        parts = path.split("/")
        if (colon and not before) or (at and not which) or len(parts) not in {2, 3}:
            raise NameRuleError(f"{text[:200]!r} is no address of a version; {_FORM}", field="address")
        for part in parts:
            check_name(part, field="address")
        return cls(
            project=check_name(before or project, field="project"),
            entity="/".join(parts[:-1]),
            product=parts[-1],
            which=_which(which or LATEST),
        )


def _which(text: str) -> int | str:
    found = _NUMBER.match(text)
    if found is None:
        return check_name(text, field="version")
    number = int(found.group(1)[:12])
    if not 1 <= number <= MAX_VERSION:
        raise NameRuleError(f"there is no version {text!r}; versions count from v001", field="version")
    return number
