"""Troubleshooting knows every code, and only those."""

from __future__ import annotations

import re
from pathlib import Path

from shotmill.schema import errors
from shotmill.schema.errors import ShotmillError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "troubleshooting.md"


def test_every_error_has_a_row_with_its_code_and_slug() -> None:
    rows = set(re.findall(r"^\| (E\d{3}) ([a-z-]+) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    kinds = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, ShotmillError)]
    assert rows == {(kind.code, kind.slug) for kind in kinds}
