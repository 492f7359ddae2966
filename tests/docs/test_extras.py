"""Extras that documents and messages tell people to install are those that there are."""

from __future__ import annotations

import re
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = [
    "README.md",
    "CHANGELOG.md",
    "docs/*.md",
    *(f"{top}/**/*.py" for top in ("jobs", "submitters", "farm_plugins")),
]
PLACES += ["pipeline/**/*.py", "rv_package/**/*.py", "schema/**/*.py"]
_NAMED = re.compile(r"shotmill\[([a-z,-]+)\]")


def test_every_extra_that_people_are_told_of_is_one() -> None:
    known = set(metadata("shotmill").get_all("Provides-Extra") or [])
    texts = {path: path.read_text("utf-8") for place in PLACES for path in ROOT.glob(place)}
    told = {
        (path.name, extra)
        for path, text in texts.items()
        for found in _NAMED.findall(text)
        for extra in found.split(",")
    }
    assert len(told) > len(known)
    assert {name: extra for name, extra in told if extra not in known} == {}
