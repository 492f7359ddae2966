"""The board over 5,000 jobs of 1,000 shots: its API beside bare SQL, and its page in a browser.

``--pictures FOLDER`` writes the pictures of the docs there.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pairs import Result, alone, compare, show

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from board_jobs import Served, fail_one, fill, jpeg, many, publish_pictures, served
from chromium import Tab, chromium

from shotmill.pipeline.images import read_image, write_image
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import upgrade

SHOTS = 1000
GOAL_S = 0.100
LOAD_S = 2.0
RUNS = 15
# The jobs of one page with their counts, as SQL alone brings them.
BARE = """
SELECT j.handle, j.type, j.state, j.user, j.created, sum(t.done), sum(t.tasks), sum(t.failed)
FROM job j JOIN step t ON t.job_id = j.id WHERE j.handle IN (%s) GROUP BY j.id
"""
FILLED = "document.querySelectorAll('.rows .name').length > 0 && !document.querySelector('.rows > .row > .cell.soft')"


def main() -> int:
    """Print the table; 3 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home, user="maya")
        database = Database(settings.database_url)
        upgrade(database)
        job = fail_one(database, settings, name="trial-sq0010_sh0010").handle
        rows = many(SHOTS)
        fill(database, rows)
        publish_pictures(database, settings, sorted({row.shot for row in rows})[:100], jpeg(home / "picture.jpg"))
        with served(settings, database) as board, chromium() as browser:
            results = [*api(board, home / "shotmill.db"), *page(browser.tab(), board)]
            if given.pictures:
                pictures(browser.tab(), board, job, given.pictures)
        database.dispose()
    return show(results)


def api(board: Served, database: Path) -> list[Result]:
    """Requests over HTTP; beside them what SQLite alone takes for such a page."""
    bare = sqlite3.connect(database)

    def asked(path: str) -> Callable[[], object]:
        return lambda: board.ask(path).status == 200 or sys.exit(path)

    handles = [
        cell["handle"] for row in board.ask("/api/board?limit=40").json["rows"] for cell in row["cells"].values()
    ]
    statement = BARE % ",".join("?" * len(handles))
    paths = ("board?limit=40&text=sh0040", "board?limit=40&state=failed", "jobs?limit=40", "summary")
    found = [
        compare(
            "GET /api/board, 200 jobs / bare SQL for them",
            asked("/api/board?limit=40"),
            lambda: bare.execute(statement, handles).fetchall(),
        ),
        *(alone(f"GET /api/{path}", asked(f"/api/{path}"), goal_s=GOAL_S) for path in paths),
    ]
    bare.close()
    return found


def page(tab: Tab, board: Served) -> list[Result]:
    """What the page measures of itself, from the event until the rows are painted."""
    loads = []
    for _ in range(5):
        tab.look("about:blank")
        began = time.perf_counter()
        tab.look(board.page, width=1400, height=900)
        tab.until(FILLED)
        loads.append(time.perf_counter() - began)
    for number in range(RUNS):
        tab.value(f"document.getElementById('scroll').scrollTop = {(number * 13_577) % 57_000}")
        time.sleep(0.2)
        tab.until(FILLED)
    for number in range(RUNS):
        text = "" if number % 2 else f"sh00{number % 10 or 1}0"
        tab.value(
            f"(one => {{one.value = '{text}'; one.dispatchEvent(new Event('input'))}})(document.getElementById('text'))"
        )
        tab.until("document.getElementById('grid').ariaBusy === 'false'")
        time.sleep(0.2)
    tab.until(FILLED)
    print(
        f"rows in the page: {tab.value('document.querySelectorAll(`.rows > .row`).length')}, elements: "
        f"{tab.value('document.getElementsByTagName(`*`).length')}"
    )
    return [
        _of("page of 1,000 shots, until its rows are there", loads, LOAD_S),
        _of("scroll, until all rows are painted", _measured(tab, "board:scroll"), GOAL_S),
        _of("filter, until what it finds is painted", _measured(tab, "board:filter"), GOAL_S),
    ]


def _measured(tab: Tab, name: str) -> list[float]:
    script = f"performance.getEntriesByName('{name}').map(one => one.duration / 1000)"
    return list(tab.value(script))


def _of(name: str, times: list[float], goal_s: float) -> Result:
    return Result(name, statistics.median(times), 0.0, 0.0, max(times) / max(min(times), 1e-4), goal_s, min(times))


def pictures(tab: Tab, board: Served, job: str, folder: Path) -> None:
    """What the docs show."""
    for name, query, dark in (("board", "", False), ("board-job", "?view=jobs&state=failed", True)):
        tab.look("about:blank")
        tab.look(f"{board.url}/{query}#token={board.board.token}", width=1400, height=820, dark=dark)
        tab.until(FILLED)
        tab.until("[...document.images].every(one => one.complete)")
        if dark:
            tab.value(f"details('{job}', false)")
            tab.until("!document.getElementById('details').hidden")
        time.sleep(1)
        shot = tab.shoot(folder / f"{name}.png")
        write_image(folder / f"{name}.jpg", read_image(shot).pixels, quality=86)
        shot.unlink()


if __name__ == "__main__":
    raise SystemExit(main())
