"""The docs' pictures of the dialog, the panel and the browser are drawn from what is there."""

from __future__ import annotations

import re
from pathlib import Path

from drawn import check_drawn
from qt_pictures import NAMES, draw_all

DOCS = Path(__file__).parents[2] / "docs"


def test_every_picture_of_the_docs_can_be_drawn_anew(tmp_path: Path) -> None:
    files = draw_all(tmp_path)
    assert tuple(file.name for file in files) == NAMES
    check_drawn(files, DOCS / "images" / "hosts")


def test_the_page_shows_them_all_and_no_other() -> None:
    shown = re.findall(r"\]\(images/hosts/([^)]+)\)", (DOCS / "hosts.md").read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(NAMES) == sorted(file.name for file in (DOCS / "images" / "hosts").iterdir())
