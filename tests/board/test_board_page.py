"""The board as a browser shows it: light and dark, with five thousand jobs, by keyboard, with hostile names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from board_jobs import HOSTILE, FailedJob, Row, Served, fill, served
from chromium import Tab
from page_looks import FAINT
from sqlalchemy import update

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.states import State
from shotmill.schema.tables import Job, JobStep

ROWS = "document.querySelectorAll('.rows > .row').length"
NODES = "document.getElementsByTagName('*').length"
FILLED = "document.querySelectorAll('.rows .name').length > 0 && !document.querySelector('.rows > .row > .cell.soft')"
LIVE = "document.getElementById('link').textContent === 'live'"
FOUND = "document.getElementById('grid').ariaBusy === 'false'"
COUNT = "document.getElementById('count').textContent"
HERE = "(document.activeElement.dataset || {}).at"
MOST_ROWS = 40  # that stand on a screen, with those beside it
MOST_NODES = 700


@pytest.fixture
def looked(large: Served, tab: Tab) -> Iterator[Tab]:
    """The page over 5,000 jobs."""
    yield opened(tab, large)
    tab.look("about:blank")  # nothing of it asks any more


def opened(tab: Tab, board: Served, query: str = "", **more: Any) -> Tab:
    tab.look("about:blank")
    tab.value("sessionStorage.clear()") if tab.value("location.origin") != "null" else None
    tab.look(f"{board.url}/{query}#token={board.board.token}", **more)
    tab.until(FILLED)
    tab.until(LIVE)
    return tab


def choose(tab: Tab, name: str, value: str) -> None:
    """Fill in a filter as a person does, and wait for what it finds."""
    kind = "input" if name == "text" else "change"
    tab.value(
        f"{{const one = document.getElementById('{name}'); one.value = {value!r}; "
        f"one.dispatchEvent(new Event('{kind}', {{bubbles: true}}));}}"
    )
    tab.until(FOUND)


def test_fact_20_a_thousand_shots_are_shown_with_few_elements_and_requests(looked: Tab) -> None:
    assert looked.value(COUNT) == "1000 rows"
    assert 10 < looked.value(ROWS) <= MOST_ROWS
    assert looked.value(NODES) < MOST_NODES
    asked = [url for url in looked.asked if "/api/board" in url]
    assert len(asked) <= 3  # what is on the screen, and what comes next


def test_fact_20_the_page_makes_no_outside_request(looked: Tab, large: Served) -> None:
    looked.value("document.querySelector('[data-job]').click()")
    looked.until("!document.getElementById('details').hidden")
    assert [url for url in looked.asked if not url.startswith((large.url, f"blob:{large.url}"))] == []
    assert looked.problems == []


def test_scrolling_through_five_thousand_jobs_keeps_the_page_small(large: Served, tab: Tab) -> None:
    opened(tab, large, "?view=jobs")
    assert tab.value(COUNT) == "5000 jobs"
    for place in range(1, 6):
        tab.value(f"document.getElementById('scroll').scrollTop = {place * 50_000}")
        tab.until(
            f"[...document.querySelectorAll('.rows > .row')].some(one => one.ariaRowIndex > {place * 50_000 // 58})"
        )
        tab.until(FILLED)
        assert tab.value(ROWS) <= MOST_ROWS
    assert len([url for url in tab.asked if "/api/jobs" in url]) <= 6 * 5
    assert tab.value(NODES) < MOST_NODES


def test_filters_ask_once_and_stick_in_the_address(looked: Tab, large: Served) -> None:
    looked.asked.clear()
    choose(looked, "text", "sh0040")
    assert looked.value(COUNT) == "50 rows"
    choose(looked, "type", "qc")
    choose(looked, "user", "noor")
    looked.value("document.querySelector('[data-state=failed]').click()")
    looked.until(FOUND)
    address, count = looked.value("location.search"), looked.value(COUNT)
    assert address == "?text=sh0040&type=qc&user=noor&state=failed"
    asked = [url for url in looked.asked if "/api/board" in url]
    assert len(asked) <= 2 * 4  # each change asks once, and once for what comes next
    opened(looked, large, address)
    assert looked.value(COUNT) == count
    chosen = "['text', 'type', 'user'].map(name => document.getElementById(name).value).join()"
    assert looked.value(chosen) == "sh0040,qc,noor"


def test_the_token_does_not_stay_in_the_address(looked: Tab) -> None:
    assert looked.value("location.href").endswith("/")
    assert (
        looked.value("document.documentElement.outerHTML").count(looked.value("sessionStorage.getItem('token')")) == 0
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("query", ["", "?view=jobs&state=failed&state=running"], ids=["shots", "jobs"])
def test_the_board_can_be_read(query: str, dark: bool, large: Served, tab: Tab, tmp_path: Path) -> None:
    opened(tab, large, query, width=1400, dark=dark)
    tab.value("document.querySelector('[data-job]').click()")
    tab.until("!document.getElementById('details').hidden")
    assert tab.value(FAINT) == []
    assert tab.problems == []
    assert tab.shoot(tmp_path / "board.png").stat().st_size > 50_000
    ground = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number).reduce((a, b) => a + b)"
    assert (tab.value(ground) < 150) is dark


def test_pictures_are_shown(looked: Tab) -> None:
    looked.until("[...document.images].filter(one => one.complete && one.naturalWidth === 192).length === 12")


def test_the_board_is_worked_by_keyboard_alone(looked: Tab) -> None:
    looked.press("/")
    assert looked.value("document.activeElement.id") == "text"
    looked.press("ArrowDown")
    assert looked.value(HERE) == "0:1"
    for key, place in (("ArrowDown", "1:1"), ("ArrowRight", "1:2"), ("ArrowUp", "0:2"), ("ArrowLeft", "0:1")):
        looked.press(key)
        assert looked.value(HERE) == place
    looked.press("End")
    looked.until(f"{HERE} === '999:1'")
    looked.press("ArrowRight")
    looked.press("Enter")
    looked.until("!document.getElementById('details').hidden")
    assert looked.value("document.activeElement.textContent") == "Close"
    looked.press("Escape")
    looked.until("document.getElementById('details').hidden")
    assert looked.value(HERE) == "999:2"
    looked.press("j")
    looked.until(f"{COUNT} === '5000 jobs'")
    looked.press("?")
    assert looked.value("document.getElementById('keys').hidden") is False
    looked.press("Escape")
    assert looked.value("document.getElementById('keys').hidden") is True


def test_everything_can_be_named_by_those_who_cannot_see_it(looked: Tab) -> None:
    nameless = (
        "[...document.querySelectorAll('button, input, select, a')].filter(one => !one.closest('dialog') "
        "&& !one.textContent.trim() && !one.ariaLabel && !one.labels?.length).length"
    )
    assert looked.value(nameless) == 0
    assert looked.value("document.getElementById('grid').ariaRowCount") == "1001"
    assert looked.value("document.querySelectorAll('[role=gridcell][tabindex=\"0\"]').length") == 1


def test_a_job_that_failed_is_run_again_from_the_page(board: Served, failed: FailedJob, tab: Tab) -> None:
    opened(tab, board)
    tab.value("document.querySelector('[data-job]').click()")
    tab.until("document.querySelector('#details pre')?.textContent.includes('line 100')")
    tab.press("r")
    tab.until("document.getElementById('said').textContent.includes('queued 1 task')")
    assert board.ask(f"/api/jobs/{failed.handle}").json["job"]["state"] == "running"
    tab.until("document.querySelector('.rows .pill').textContent === 'running'")
    tab.press("x")
    tab.until("document.getElementById('ask').open")
    tab.value("document.querySelector('#ask .bad').click()")
    tab.until("document.querySelector('.rows .pill').textContent === 'cancelled'")
    assert tab.problems == []


def test_progress_is_shown_as_it_happens(board: Served, failed: FailedJob, tab: Tab) -> None:
    opened(tab, board)
    tab.asked.clear()
    _let(board, failed, State.RUNNING, done=1)
    tab.until("document.querySelector('.rows progress')?.value === 0.5")
    assert tab.value("document.querySelector('[data-state=running]').textContent") == "1 running"
    _let(board, failed, State.SUCCEEDED, done=2)
    tab.until("document.querySelector('.rows .pill').textContent === 'succeeded'")
    fill_one = Row("qc", "other/sq010/sh020", State.QUEUED)
    fill(board.board.database, [fill_one])
    tab.until(f"{COUNT} === '2 rows'")  # a new job appears by itself


def _let(board: Served, job: FailedJob, state: State, *, done: int) -> None:
    with board.board.database.write() as connection:
        connection.execute(update(Job).where(Job.id == job.id).values(state=state, failure=None))
        connection.execute(update(JobStep).where(JobStep.job_id == job.id).values(state=state, done=done, failed=0))


def test_hostile_names_are_shown_as_text(settings: Settings, sqlite_database: Database, tab: Tab) -> None:
    turned = "safe\u202egpj.exe"
    rows = [Row("qc", "demo/sq010/sh010", State.QUEUED, user=HOSTILE, engine="opencue", engine_job_id=HOSTILE)]
    fill(sqlite_database, rows, name=HOSTILE)
    fill(sqlite_database, [Row("javascript:alert(1)", "<b>x/sq010/sh020", State.FAILED)], name=turned)
    with served(settings, sqlite_database) as board:
        for query in ("", "?view=jobs"):
            opened(tab, board, query)
            tab.value("document.querySelectorAll('[data-job]').forEach(one => one.click())")
            tab.until("!document.getElementById('details').hidden")
            time.sleep(0.05)
            assert tab.value("document.querySelectorAll('#grid b, img[src=x], script:not([src])').length") == 0
        text = tab.value("document.body.innerText")
        assert HOSTILE in text
        assert "safe\\u{202e}gpj.exe" in text
        assert (tab.value("document.title"), tab.problems) == ("Shotmill board", [])
        tab.look("about:blank")


def test_the_page_may_not_make_elements_of_text(looked: Tab) -> None:
    tried = "(() => { try { document.body.innerHTML = '<b>'; return 'made'; } catch (error) { return error.name; } })()"
    assert looked.value(tried) == "TypeError"
    looked.problems.clear()


def test_without_a_token_the_page_asks_for_one(board: Served, tab: Tab) -> None:
    tab.look(f"{board.url}/#token=wrong")
    tab.until("document.getElementById('door').open")
    tab.value(f"document.getElementById('key').value = {board.board.token!r}")
    tab.value("document.querySelector('#door button').click()")
    tab.until(FILLED)
    tab.until(LIVE)
    tab.look("about:blank")


def test_a_board_whose_database_is_down_says_so_and_recovers(board: Served, tab: Tab) -> None:
    opened(tab, board)
    home = board.board.studio.settings.home
    away = home.rename(home.with_name("away"))
    board.board.database.dispose()
    tab.until("document.getElementById('trouble').textContent.startsWith('E302')")
    away.rename(home)
    tab.until("document.getElementById('trouble').hidden")
    tab.until(FILLED)
    tab.look("about:blank")


def test_a_board_that_is_gone_is_told_of_and_found_again(
    settings: Settings, sqlite_database: Database, failed: FailedJob, tab: Tab
) -> None:
    del failed
    with served(settings, sqlite_database) as board:
        opened(tab, board)
        port = board.serving.port
    tab.until("document.getElementById('link').textContent.startsWith('not live')")
    with served(settings, sqlite_database, port=port, token=board.board.token):
        tab.until(LIVE)
        tab.look("about:blank")
