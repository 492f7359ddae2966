"""The docs' pictures of RV are drawn from what the mode opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from drawn import check_drawn
from rv_host import Parrot, Rv

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def palette(rv: Rv) -> Iterator[None]:
    """RV's own looks are put back."""
    application = rv.application
    before = application.palette(), application.font(), application.style().objectName()
    yield
    application.setPalette(before[0])
    application.setFont(before[1])
    application.setStyle(before[2])


@pytest.mark.usefixtures("palette")
def test_every_picture_of_rv_can_be_drawn_anew(rv: Rv, parrot: Parrot, tmp_path: Path) -> None:
    from rv_pictures import NAMES, draw_all  # noqa: PLC0415 - after Qt was told to need no screen

    files = draw_all(rv, parrot, tmp_path)
    assert tuple(file.name for file in files) == NAMES
    shown = re.findall(r"\]\(images/rv/([^)]+)\)", (DOCS / "rv.md").read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(NAMES) == sorted(file.name for file in (DOCS / "images" / "rv").iterdir())
    check_drawn(files, DOCS / "images" / "rv")
