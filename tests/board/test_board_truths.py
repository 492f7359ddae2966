"""What a board tells stays true: of odd names, faults, databases that went away, and events that come late."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from board_jobs import HOSTILE, FailedJob, Row, Served, fail_one, fill, jpeg, publish_pictures, served
from sqlalchemy import update

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.engines import enter
from shotmill.schema.states import State
from shotmill.schema.tables import Job
from shotmill.submitters.board.seen import Wanted


def test_hostile_names_travel_as_they_are(settings: Settings, sqlite_database: Database) -> None:
    fill(sqlite_database, [Row("qc", "demo/sq010/sh010", State.QUEUED)], name=HOSTILE)
    with served(settings, sqlite_database) as board:
        assert board.ask("/api/jobs").json["jobs"][0]["name"] == HOSTILE
        assert board.ask("/api/jobs?text=%3Cimg").json["total"] == 1


def test_the_openapi_document_needs_no_token_and_names_nothing_of_the_studio(board: Served, failed: FailedJob) -> None:
    answer = board.ask("/openapi.json", token="")
    assert answer.json["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    assert failed.handle not in json.dumps(answer.json)


def test_a_faults_details_stay_here(board: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr(board.board.seen, "look", broken)
    answer = board.ask("/api/summary")
    assert (answer.status, answer.json["error"]["code"]) == (500, "E100")
    assert "a secret" not in answer.body.decode()


def test_a_database_that_is_away_is_told_of_and_comes_back(
    settings: Settings, postgres_url: str, postgres_server: str
) -> None:
    from sqlalchemy import create_engine, text  # noqa: PLC0415 - one use

    from shotmill.pipeline.store.migrate import upgrade  # noqa: PLC0415 - same

    database = Database(postgres_url)
    upgrade(database)
    enter(database, version="test", slots={"home": str(settings.home)})
    job = fail_one(database, settings)
    name = str(database.url.database)
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with served(settings, database) as board, admin.connect() as connection:
        assert board.ask("/api/board").json["total"] == 1
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"), {"n": name}
        )
        for path, body in (("/api/board", None), (f"/api/jobs/{job.handle}/retry", {})):
            answer = board.ask(path, body)
            assert (answer.status, answer.json["error"]["code"]) == (503, "E302")
        assert board.ask("/", token="").status == 200
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
        assert board.ask("/api/board").json["rows"][0]["cells"]["trial"]["state"] == "failed"
    admin.dispose()
    database.dispose()


def test_a_submit_whose_event_comes_late_is_seen_all_the_same() -> None:
    from shotmill.submitters.board.queries import Ask  # noqa: PLC0415 - one use
    from shotmill.submitters.board.seen import Seen  # noqa: PLC0415 - same

    seen, shot = Seen(), ("demo/sq010/sh010",)
    seen._take([Ask(9, "J-NEW", "qc", "n", "demo", "maya", shot)])
    seen._take([Ask(4, "J-OLD", "qc", "n", "demo", "maya", shot), Ask(10, "J-MORE", "roto", "n", "demo", "maya", shot)])
    assert (seen.newest, list(seen.jobs)) == (
        {shot[0]: {"qc": "J-NEW", "roto": "J-MORE"}},
        ["J-OLD", "J-NEW", "J-MORE"],
    )
    assert [one.handle for one in seen.fitting_jobs(Wanted(), None)] == ["J-MORE", "J-NEW", "J-OLD"]


def test_pictures_of_shots_in_a_project_of_another_name_are_not_mixed_up(
    settings: Settings, sqlite_database: Database, tmp_path: Path
) -> None:
    shots = ["demo/sq010/sh010", "feature/sq010/sh010"]
    fill(sqlite_database, [Row("qc", shot, State.QUEUED) for shot in shots])
    made = publish_pictures(sqlite_database, settings, shots, jpeg(tmp_path / "picture.jpg"))
    with served(settings, sqlite_database) as board:
        rows = board.ask("/api/board").json["rows"]
    assert [(row["project"], row["thumbnail"]) for row in rows] == [
        ("demo", str(made[0])),
        ("feature", str(made[1])),
    ]


def test_states_are_those_of_the_database_right_now(board: Served, failed: FailedJob) -> None:
    board.ask("/api/board")
    with board.board.database.write() as connection:
        connection.execute(update(Job).where(Job.id == failed.id).values(state=State.QUEUED, failure=None))
    [row] = board.ask("/api/board?state=queued").json["rows"]
    assert (row["cells"]["trial"]["state"], row["cells"]["trial"]["code"]) == ("queued", "")
