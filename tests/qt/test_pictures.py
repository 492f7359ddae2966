"""The docs' pictures of the dialog, the panel and the browser are drawn from what is there."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6 import QtGui
from qt_pictures import NAMES, draw_all

DOCS = Path(__file__).parents[2] / "docs"
MAX_BYTES = 120_000


def test_every_picture_of_the_docs_can_be_drawn_anew(tmp_path: Path) -> None:
    files = draw_all(tmp_path)
    assert tuple(file.name for file in files) == NAMES
    for file in files:
        drawn, kept = QtGui.QImage(str(file)), QtGui.QImage(str(DOCS / "images" / "hosts" / file.name))
        assert (drawn.width(), drawn.height()) == (kept.width(), kept.height())
        colours = {drawn.pixel(x, y) for x in range(0, drawn.width(), 3) for y in range(0, drawn.height(), 3)}
        assert len(colours) > 50, "nothing is drawn"
        assert file.stat().st_size < MAX_BYTES


def test_the_page_shows_them_all_and_no_other() -> None:
    shown = re.findall(r"\]\(images/hosts/([^)]+)\)", (DOCS / "hosts.md").read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(NAMES) == sorted(file.name for file in (DOCS / "images" / "hosts").iterdir())
