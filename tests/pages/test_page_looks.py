"""The page as a browser shows it: light and dark, on a wide screen and on a phone."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from chromium import Tab
from page_jobs import Shelf
from page_looks import FAINT

WIDE, PHONE = 1200, 390
VIEWS = [
    pytest.param(
        name, width, dark, id=f"{name}, {'dark' if dark else 'light'}, {'phone' if width == PHONE else 'wide'}"
    )
    for name, width, dark in itertools.product(("published", "holed", "refused"), (WIDE, PHONE), (False, True))
]
# Elements that stick out of the screen to the right, or out of the box that they stand in.
OUTSIDE = """[...document.querySelectorAll('main *')].filter(one => one.checkVisibility()
  && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
  && !one.closest('.scroll')).map(one => one.outerHTML.slice(0, 80))"""
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"


def words(tab: Tab) -> str:
    return str(tab.value("document.body.innerText"))


def boxes(tab: Tab, what: str) -> list[Any]:
    """Left, top, width and height of elements."""
    script = f"[...document.querySelectorAll('{what}')].map(e => {{const r = e.getBoundingClientRect(); "
    return list(tab.value(script + "return [r.left, r.top, r.width, r.height].map(Math.round)})"))


@pytest.mark.parametrize(("name", "width", "dark"), VIEWS)
def test_a_page_is_shown_whole_and_can_be_read(
    name: str, width: int, dark: bool, shelf: Shelf, tab: Tab, tmp_path: Path
) -> None:
    tab.look(shelf.page(name), width=width, dark=dark)
    tab.value(OPEN_ALL)
    shot = tab.shoot(tmp_path / "page.png")
    assert (tab.problems, tab.asked) == ([], [])
    assert tab.value(OUTSIDE) == []
    assert tab.value("document.documentElement.scrollWidth") == width
    assert tab.value(FAINT) == []
    assert shot.stat().st_size > 50_000


@pytest.mark.parametrize("name", ["published", "holed", "refused"])
def test_dark_is_dark_and_light_is_light(name: str, shelf: Shelf, tab: Tab) -> None:
    ground = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number).reduce((a, b) => a + b)"
    assert tab.look(shelf.page(name), dark=True).value(ground) < 150
    assert tab.look(shelf.page(name), dark=False).value(ground) > 600


def test_what_was_published_stands_at_the_top(shelf: Shelf, tab: Tab) -> None:
    tab.look(shelf.page("published"))
    said = words(tab)
    assert said.startswith("Published\n")
    assert "comp v001 and thumbnail v001 of demo/sq010/sh010, published by maya, 20" in said
    assert f"from {shelf.jobs['published'].folder.root.name}" in said
    [[_, top, _, height]] = boxes(tab, "h1")
    assert top + height < 200


def test_every_picture_is_seen_in_its_shape(shelf: Shelf, tab: Tab) -> None:
    tab.look(shelf.page("published"))
    assert tab.value("[...document.images].every(one => one.complete && one.naturalWidth === 320)")
    shown = boxes(tab, "figure img")
    assert len(shown) == 5
    assert all(abs(width / height - 480 / 270) < 0.05 for _, _, width, height in shown)


def test_on_a_phone_pictures_stand_two_by_two(shelf: Shelf, tab: Tab) -> None:
    tab.look(shelf.page("published"), width=PHONE)
    assert len({left for left, *_ in boxes(tab, "figure img")}) == 2


def test_on_a_phone_rows_of_tables_are_lists(shelf: Shelf, tab: Tab) -> None:
    tab.look(shelf.page("published"), width=PHONE)
    cells = boxes(tab, "#checks tbody tr:first-child td")
    assert len({left for left, *_ in cells}) == 1
    assert sorted({top for _, top, *_ in cells}) == [top for _, top, *_ in cells]


def test_a_refusal_says_why_at_its_top_and_what_to_type(shelf: Shelf, tab: Tab) -> None:
    tab.look(shelf.page("refused"))
    [[_, top, _, _]] = boxes(tab, "#refused .cause")
    assert top < 300
    size = tab.value("parseFloat(getComputedStyle(document.querySelector('#refused .cause')).fontSize)")
    assert size >= 18
    handle = shelf.jobs["refused"].folder.root.name
    typed = tab.value("[...document.querySelectorAll('#refused .type')].map(e => e.innerText)")
    assert typed == [f"shotmill retry {handle}", f"shotmill explain {handle}"]
    assert "Nothing was published" in words(tab)


def test_a_refusal_names_what_is_wrong_with_each_frame(shelf: Shelf, tab: Tab) -> None:
    tab.look(shelf.page("refused"))
    rows = tab.value("[...document.querySelectorAll('#frames-at-fault tbody tr')].map(e => e.innerText)")
    assert [row.split("\t")[1:3] for row in rows] == [
        ["1005-1008", "no task has done them yet"],
        ["1002", "done, but no file was written"],
        ["1011", f"1011.exr has 1000 bytes; its receipt says {_size(shelf)}"],
    ]


def _size(shelf: Shelf) -> int:
    [receipt] = shelf.jobs["refused"].folder.root.glob("receipts/render/1009-1012.json")
    found = [line for line in receipt.read_text().split("}") if "1011.exr" in line]
    return int(found[0].split('"size": ')[1].split(",")[0])


def test_holes_are_named_and_seen(shelf: Shelf, tab: Tab) -> None:
    tab.look(shelf.page("holed"))
    said = words(tab)
    assert said.startswith("Published with holes\n")
    assert "lacks 1003,1005-1008" in said
    assert "frames 1005-1008: eaten on opencue, as noor saw" in said
    whole, *gone = boxes(tab, "#versions .strip, #versions .strip rect")
    left, width = whole[0], whole[2] / 12
    assert [(round((one[0] - left) / width), round(one[2] / width)) for one in gone] == [(2, 1), (4, 4)]


def test_waiting_running_and_publishing_stand_on_one_scale(shelf: Shelf, tab: Tab) -> None:
    tab.look(shelf.page("published"))
    names = tab.value("[...document.querySelectorAll('.bars > :nth-child(3n+1)')].map(e => e.innerText)")
    assert names == ["waited", "render", "still", "publish"]
    bars = boxes(tab, ".bars .track span")
    assert all(one[0] + one[2] <= after[0] + 2 for one, after in itertools.pairwise(bars))
    assert bars[1][2] / bars[2][2] == pytest.approx(3, abs=0.2)


def test_deliveries_say_how_far_they_are(shelf: Shelf, tab: Tab) -> None:
    tab.look(shelf.page("published"))
    rows = tab.value("[...document.querySelectorAll('#told tbody tr')].map(e => e.innerText.split('\\t').slice(0, 2))")
    assert rows[:3] == [["ftrack", "delivered"], ["shotgrid", "will be tried again"], ["slack", "waiting"]]
    assert "timed out after 20 s" in words(tab)


def test_what_it_was_made_from_is_told(shelf: Shelf, tab: Tab) -> None:
    tab.look(shelf.page("published")).value(OPEN_ALL)
    said, spec = words(tab), shelf.jobs["published"].spec
    for fact in (
        spec.id,
        spec.key,
        spec.inputs[0].fingerprint,
        spec.inputs[0].path,
        "ocio://default",
        str(spec.colour_config_hash),
    ):
        assert fact in said
    assert '"note": "<b>warm</b>"' in said


def test_files_stand_folded_with_their_checksums(shelf: Shelf, tab: Tab) -> None:
    tab.look(shelf.page("published"))
    assert "sh010_comp_v001.1003.exr" not in words(tab)
    tab.value(OPEN_ALL)
    manifest = next(shelf.settings.projects_folder.rglob("comp/v001/manifest.json")).read_text()
    checksum = manifest.split("sh010_comp_v001.1003.exr")[1].split('"checksum": "')[1][:32]
    row = next(line for line in words(tab).splitlines() if "sh010_comp_v001.1003.exr" in line)
    assert checksum in row


def test_the_browser_is_allowed_nothing_but_the_page_itself(shelf: Shelf, tab: Tab, tmp_path: Path) -> None:
    planted = (
        shelf.page("published")
        .read_text()
        .replace("</main>", "<img src='http://127.0.0.1:9/x.png'><script>document.title = 'ran'</script></main>")
    )
    page = tmp_path / "planted.html"
    page.write_text(planted)
    tab.look(page)
    assert tab.value("document.title") != "ran"
    assert len(tab.problems) == 2
    assert all("Content Security Policy" in problem for problem in tab.problems)
