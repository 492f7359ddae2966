"""``shotmill plan`` with an estimate, and what it leaves behind: nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from command_line import write_frames
from past import put_past
from sqlalchemy import select

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import ensure_schema
from shotmill.schema.tables import Attempt, Job, TaskRun
from shotmill.submitters.cli.commands.explain import schema_text
from shotmill.submitters.cli.root import invoke

Said = Callable[..., str]


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    return write_frames(tmp_path / "media", 1001, 1002)


@pytest.fixture
def said(capfd: pytest.CaptureFixture[str]) -> Said:
    """What a plan prints."""

    def run(*words: object) -> str:
        capfd.readouterr()
        assert invoke(["plan", "thumbnail", *map(str, words)]) == 0
        return capfd.readouterr().out

    return run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which three thumbnail jobs were done, at 3.6, 7.2 and 3.6 s a clip."""
    database = Database(Settings(home=tmp_path / "home").database_url)
    ensure_schema(database)
    for day, seconds in enumerate((18.0, 36.0, 18.0)):
        put_past(database, day, seconds, type="thumbnail")
    database.dispose()
    return tmp_path / "home"


def test_a_plan_says_hours_cost_and_how_good_that_is(said: Said, home: Path, plate: Path) -> None:
    (home / "shotmill.toml").write_text('cost_per_cpu_hour = 100.0\ncurrency = "EUR"\n', encoding="utf-8")
    lines = said(plate).splitlines()
    # one clip: 3.6 s is p50; p90 lies eight tenths of the way from 3.6 to 7.2 s
    assert "takes 0.0010 to 0.0018 CPU hours, cost 0.10 to 0.18 EUR (p50 to p90 of 3 jobs, 6 tasks)" in lines
    assert "not in it: publish, of which nothing is known" in lines
    # 3.6 was said for 7.2: half off; then 5.4 for 3.6: half off
    assert "past estimates were off by 50% (p50) and 50% (p90); 1 of 2 jobs took no more than their p90" in lines


def test_without_rates_there_is_no_cost(said: Said, home: Path, plate: Path) -> None:
    del home
    assert "cost" not in said(plate)
    assert json.loads(said(plate, "--json"))["estimate"]["cost"] is None


def test_the_estimate_in_json_fits_the_schema(said: Said, home: Path, plate: Path) -> None:
    del home
    printed = json.loads(said(plate, "--json"))
    jsonschema.validate(printed, json.loads(schema_text("plan")))
    assert printed["estimate"]["steps"][0]["seconds"]["p50"] == pytest.approx(3.6)


def test_a_plan_without_a_past_says_so_and_makes_no_database(said: Said, plate: Path, tmp_path: Path) -> None:
    assert "no estimate: no thumbnail job has been done here yet" in said(plate)
    assert json.loads(said(plate, "--json"))["estimate"] is None
    assert list(tmp_path.rglob("*.db*")) == []


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_plan_changes_no_byte_and_no_file(said: Said, home: Path, plate: Path, tmp_path: Path) -> None:
    before = everything(tmp_path)
    assert home / "shotmill.db" in before
    said(plate)
    said(plate, "--json")
    assert everything(tmp_path) == before


def test_a_plan_of_a_cut_makes_no_database_either(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert invoke(["plan", "thumbnail", "--cut", "main"]) == 64
    assert "there is no cut 'main'" in capfd.readouterr().err
    assert list(tmp_path.rglob("*.db*")) == []


def test_a_database_that_cannot_be_read_costs_only_the_estimate(
    plate: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOTMILL_DATABASE", "postgresql://nobody@127.0.0.1:9/none")
    assert invoke(["plan", "thumbnail", str(plate)]) == 0
    assert "note: no estimate: database" in capfd.readouterr().err


def test_a_plan_changes_no_row_of_a_server(
    said: Said, plate: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_past(database, 1, 18.0, type="thumbnail")
    monkeypatch.setenv("SHOTMILL_DATABASE", database.url.render_as_string(hide_password=False))
    before = rows(database)
    assert "p50 to p90 of 1 job" in said(plate)
    assert rows(database) == before


def rows(database: Database) -> list[object]:
    with database.read() as connection:
        return [connection.execute(select(table)).all() for table in (Job, TaskRun, Attempt)]
