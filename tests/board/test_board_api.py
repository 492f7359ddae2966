"""The board's API: what it answers, in how many statements, and that looking changes nothing."""

from __future__ import annotations

import hashlib
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from board_jobs import FailedJob, Row, Served, fill, many, served
from command_line import write_cut, write_frames
from specs import spec, step
from sqlalchemy import event

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import put_job
from shotmill.schema.ids import uuid7
from shotmill.schema.job import OutputSpec
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.states import State
from shotmill.submitters.board.seen import natural

# The most statements of one request, beginning and end of its transaction apart; whatever the number of rows.
STATEMENTS = {
    "/api/summary": 3,
    "/api/board": 6,
    "/api/board?state=failed&type=qc": 7,
    "/api/board?text=sh0040&user=maya": 6,
    "/api/jobs": 5,
    "/api/jobs?state=running": 6,
    "/api/jobs/JOB": 8,
    "/api/projects": 1,
    "/api/projects/demo/shots": 2,
    "/api/versions?latest=true": 2,
    "/api/types": 0,
}


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that a database is sent meanwhile."""
    found: list[str] = []

    def sent(*given: object) -> None:
        found.append(str(given[2]))

    event.listen(database.engine, "before_cursor_execute", sent)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", sent)


def test_a_request_takes_few_statements_however_many_jobs_there_are(settings: Settings, database: Database) -> None:
    [handle, *_] = fill(database, many(120))
    with served(settings, database) as board:
        board.ask("/api/summary")  # once, all that is there is read
        for path, most in STATEMENTS.items():
            with counted(database) as statements:
                answer = board.ask(path.replace("JOB", handle))
            assert answer.status == 200, (path, answer.body)
            assert len(statements) <= most, (path, statements)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        pytest.param("", 120, id="all shots, those without jobs too"),
        pytest.param("?sequence=sq0010", 20, id="a sequence"),
        pytest.param("?text=SH0040", 6, id="part of a name, in any case"),
        pytest.param("?project=other", 0, id="a project that has none"),
        pytest.param("?user=nobody", 0, id="somebody who has submitted nothing"),
        pytest.param("?type=qc&state=failed", 11, id="a type and a state"),
        pytest.param("?state=failed&state=blocked&user=maya", 37, id="either state, of one user"),
    ],
)
def test_shots_are_found(asked: str, count: int, large_enough: Served) -> None:
    page = large_enough.ask(f"/api/board{asked}").json
    assert page["total"] == count
    assert len(page["rows"]) == min(count, 100)


@pytest.fixture(scope="module")
def large_enough(tmp_path_factory: pytest.TempPathFactory, _migrated_sqlite: Path) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("enough")
    settings = Settings(home=home)
    shutil.copyfile(_migrated_sqlite, home / "shotmill.db")
    database = Database(settings.database_url)
    fill(database, many(120))
    with served(settings, database) as board:
        yield board
    database.dispose()


def test_every_page_has_its_rows_and_no_row_is_on_two(large_enough: Served) -> None:
    rows = [
        row
        for offset in range(0, 120, 50)
        for row in large_enough.ask(f"/api/board?limit=50&offset={offset}").json["rows"]
    ]
    names = [f"{row['group']}/{row['name']}" for row in rows]
    assert (len(names), names) == (120, sorted(set(names), key=natural))


def test_jobs_are_listed_newest_first_and_found_by_shot_name_or_handle(large_enough: Served) -> None:
    jobs = large_enough.ask("/api/jobs").json
    assert jobs["total"] == 600
    one = jobs["jobs"][7]
    for text in (one["handle"], one["name"], one["shots"][0]):
        assert one["handle"] in {job["handle"] for job in large_enough.ask(f"/api/jobs?text={text}").json["jobs"]}
    only = large_enough.ask("/api/jobs?state=failed&sequence=sq0020&type=qc").json["jobs"]
    assert {(job["state"], job["type"], job["shots"][0].split("/")[1]) for job in only} == {("failed", "qc", "sq0020")}


def test_the_newest_job_of_a_type_stands_for_a_shot(settings: Settings, sqlite_database: Database) -> None:
    with served(settings, sqlite_database) as board:
        [before] = fill(sqlite_database, [Row("qc", "demo/sq010/sh010", State.FAILED)])
        assert board.ask("/api/board").json["rows"][0]["cells"]["qc"]["handle"] == before
        out = _output("demo", "sh010")
        made = spec(step(outputs=(out,)), id=str(uuid7()), type="qc", user="noor")
        job, _ = put_job(sqlite_database, made, engine="local", folder="/none")
        assert board.ask("/api/board").json["rows"][0]["cells"]["qc"]["handle"] == job.handle
        assert board.ask("/api/board?state=failed").json["total"] == 0  # it stands elsewhere now
        assert board.ask("/api/board?user=maya").json["rows"][0]["cells"]["qc"]["handle"] == before


def _output(project: str, shot: str) -> OutputSpec:
    owner = EntityRef(project=project, kind=EntityKind.SHOT, parent="sq010", name=shot)
    return OutputSpec(product=shot, entity=owner, name="x", representation="jpg", extension="jpg")


def test_a_job_of_more_shots_than_its_event_names_is_seen_for_each(
    settings: Settings, sqlite_database: Database
) -> None:
    outputs = tuple(_output("demo", f"sh{number:04d}") for number in range(1203))
    put_job(sqlite_database, spec(step(outputs=outputs), id=str(uuid7())), engine="local", folder="/none")
    with served(settings, sqlite_database) as board:
        assert board.ask("/api/board").json["total"] == 1203
        assert board.ask("/api/jobs").json["jobs"][0]["count"] == 1203


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/api/jobs/J-NONE", 404, "E211", id="no such job"),
        pytest.param("/api/projects/none/shots", 404, "E211", id="no such project"),
        pytest.param(f"/api/files/{uuid.UUID(int=1)}", 404, "E211", id="no such file"),
        pytest.param(f"/api/thumbnails/{uuid.UUID(int=1)}", 404, "E211", id="no such picture"),
        pytest.param(f"/api/versions/{uuid.UUID(int=1)}/files", 404, "E211", id="no such version"),
        pytest.param("/api/files/1", 422, "E210", id="no id"),
        pytest.param("/api/board?state=odd", 422, "E210", id="no state"),
        pytest.param("/api/board?limit=100000", 422, "E210", id="more than a page"),
        pytest.param("/api/jobs/%00", 422, "E210", id="a NUL"),
        pytest.param("/api/nowhere", 404, "E200", id="no such address"),
    ],
)
def test_errors_are_those_of_the_tree(path: str, status: int, code: str, board: Served) -> None:
    answer = board.ask(path)
    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert answer.json["error"]["message"]


def test_a_method_that_is_not_taken_is_refused_with_those_that_are(board: Served) -> None:
    for path, methods in (("/api/summary", "GET"), ("/api/jobs", "GET, POST")):
        answer = board.ask(path, method="DELETE")
        assert (answer.status, answer.headers["Allow"]) == (405, methods)


def test_the_end_of_the_log_is_that_of_the_task_that_failed(board: Served, failed: FailedJob) -> None:
    log = board.ask(f"/api/jobs/{failed.handle}/log?lines=3").json
    assert (log["step"], log["frames"], log["cut"]) == ("work", "1", True)
    assert log["lines"][:2] == ["line 99", "line 100"]
    assert log["lines"][2].startswith("SHOTMILL E204")
    assert board.ask(f"/api/jobs/{failed.handle}/log?frames=2").status == 404


def test_a_job_is_told_with_its_verdict_and_what_to_do(board: Served, failed: FailedJob) -> None:
    found = board.ask(f"/api/jobs/{failed.handle}").json
    assert found["verdict"].startswith(f"{failed.handle} failed: SHOTMILL E204")
    assert f"shotmill retry {failed.handle}" in found["next"]
    assert [task["state"] for task in board.ask(f"/api/jobs/{failed.handle}/tasks").json["tasks"]] == [
        "failed",
        "succeeded",
    ]


def test_a_farms_job_leads_to_the_farms_own_page(settings: Settings, sqlite_database: Database) -> None:
    from shotmill.submitters.board import FarmPage  # noqa: PLC0415 - one use

    rows = [
        Row("qc", "demo/sq010/sh010", State.RUNNING, engine="deadline", engine_job_id="farm-1/queue-2/job-3"),
        Row("roto", "demo/sq010/sh010", State.RUNNING, engine="opencue", engine_job_id="show-shot-job"),
    ]
    page = FarmPage.parse("deadline=https://studio.example/farms/{farm}/queues/{queue}/jobs/{job}")
    there, cue = fill(sqlite_database, rows)
    with served(settings, sqlite_database, farm_pages={"deadline": page}) as board:
        found = board.ask(f"/api/jobs/{there}").json["farm"]
        assert found["url"] == "https://studio.example/farms/farm-1/queues/queue-2/jobs/job-3"
        assert board.ask(f"/api/jobs/{cue}").json["farm"] == {"engine": "opencue", "id": "show-shot-job", "url": ""}


def test_published_files_are_handed_out_by_their_ids(board: Served, picture: uuid.UUID) -> None:
    [row] = board.ask("/api/board").json["rows"]
    assert row["thumbnail"] == str(picture)
    shown = board.ask(f"/api/thumbnails/{picture}")
    assert (shown.headers["Content-Type"], shown.body[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    [file] = board.ask(f"/api/versions/{picture}/files").json["files"]
    saved = board.ask(f"/api/files/{file['id']}")
    assert (saved.body, saved.headers["Content-Type"]) == (shown.body, "application/octet-stream")
    assert saved.headers["Content-Disposition"] == "attachment; filename*=UTF-8''thumb.jpg"


def test_files_that_became_links_to_elsewhere_are_not_handed_out(
    board: Served, picture: uuid.UUID, tmp_path: Path
) -> None:
    [place] = board.board.studio.settings.projects_folder.rglob("thumb.jpg")
    secret = tmp_path / "secret"
    secret.write_text("of nobody's business")
    place.unlink()
    place.symlink_to(secret)
    answer = board.ask(f"/api/thumbnails/{picture}")
    assert (answer.status, answer.json["error"]["code"]) == (404, "E204")
    folder = place.parent
    place.unlink()
    folder.rename(tmp_path / "moved")
    (tmp_path / "moved" / "thumb.jpg").write_text("of nobody's business")
    folder.symlink_to(tmp_path / "moved")
    assert board.ask(f"/api/thumbnails/{picture}").status == 404


def _fingerprint(home: Path) -> dict[str, str]:
    """Everything that lies in a home, but what SQLite keeps of those who read."""
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and not path.name.endswith("-shm")]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_fact_20_get_never_changes_anything(board: Served, failed: FailedJob, picture: uuid.UUID) -> None:
    document = board.ask("/openapi.json").json
    [file] = board.ask(f"/api/versions/{picture}/files").json["files"]
    known = {"job": failed.handle, "project": "demo", "version": str(picture), "file": file["id"]}
    before = _fingerprint(board.board.studio.settings.home)
    paths = [path for path, methods in document["paths"].items() if "get" in methods]
    for path in [*paths, "/", "/board.js", "/board.css"]:
        place = re.sub(r"\{(\w+)\}", lambda found: known[found[1]], path)
        assert board.ask(place).status == 200, place
    assert len(paths) >= 13
    assert _fingerprint(board.board.studio.settings.home) == before


def test_a_project_is_made_and_a_cut_ingested_and_its_shots_listed(board: Served, tmp_path: Path) -> None:
    assert board.ask("/api/projects", {"code": "feature"}).status == 201
    cut = write_cut(tmp_path / "cut.otio", write_frames(tmp_path / "media", 1001, 1002, 1003)).read_text()
    body = {"file": "cut.otio", "content": cut}
    first = board.ask("/api/projects/feature/cuts/main", body, method="PUT").json
    assert (first["added"], first["shots"], first["online"], first["missing"]) == (True, 3, 2, 1)
    again = board.ask("/api/projects/feature/cuts/main", body, method="PUT").json
    assert (again["added"], again["version"]) == (False, 1)
    shots = board.ask("/api/projects/feature/shots?cut=main").json["shots"]
    assert [f"{one['sequence']}/{one['shot']}" for one in shots] == ["sq010/sh010", "sq010/sh020", "sq010/sh030"]
    assert board.ask("/api/board?project=feature").json["total"] == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"file": "cut.otio", "content": "{"}, "E209", id="no OTIO"),
        pytest.param({"file": "../../etc/passwd.otio", "content": "{}"}, "E210", id="a path that climbs"),
        pytest.param({"file": "cut.py", "content": "print()"}, "E210", id="no timeline"),
        pytest.param({"file": "cut.edl", "content": "TITLE: x\n"}, "E209", id="an EDL without a rate"),
        pytest.param({"file": "cut.otio", "content": "{}", "rate": "many"}, "E210", id="no rate"),
        pytest.param(
            {"file": "cut.xml", "content": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "E209", id="an entity"
        ),
    ],
)
def test_cuts_that_cannot_be_read_are_refused(body: dict[str, str], code: str, board: Served) -> None:
    answer = board.ask("/api/projects/demo/cuts/main", body, method="PUT")
    assert (answer.status, answer.json["error"]["code"]) == (422, code), answer.body


def test_a_submit_with_the_same_token_is_the_same_job(board: Served, tmp_path: Path) -> None:
    plate = write_frames(tmp_path / "media", 1001, 1002)
    body = {"type": "thumbnail", "plates": [str(plate)], "token": str(uuid.uuid4()), "shot": "sq010/sh010"}
    planned = board.ask("/api/plan", {name: value for name, value in body.items() if name != "token"}).json
    assert planned["publishes"] == ["local/sq010/sh010/thumbnail"]
    first, again = board.ask("/api/jobs", body), board.ask("/api/jobs", body)
    assert (first.status, again.status) == (201, 200)
    assert first.json["job"]["id"] == again.json["job"]["id"] == body["token"]
    assert (first.json["is_new"], again.json["is_new"]) == (True, False)
    listed = [job["handle"] for job in board.ask("/api/jobs?text=thumbnail").json["jobs"]]
    assert listed == [first.json["job"]["handle"]]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"type": "none"}, 422, "E112", id="no such type"),
        pytest.param({"type": "thumbnail", "plates": ["/no/such.mov"]}, 422, "E204", id="no such plate"),
        pytest.param({"type": "thumbnail", "plates": ["plate.mov"], "token": "x"}, 422, "E210", id="no token"),
        pytest.param({"type": "thumbnail", "odd": 1}, 422, "E210", id="an unknown field"),
        pytest.param({"type": "thumbnail", "plates": ["/tmp/a.mov"], "shot": "sh010"}, 422, "E210", id="no shot"),
        pytest.param({"type": "thumbnail", "plates": ["/tmp"], "engine": "none"}, 422, "E200", id="no such engine"),
    ],
)
def test_submits_that_cannot_be_are_refused(body: dict[str, object], status: int, code: str, board: Served) -> None:
    answer = board.ask("/api/jobs", body)
    assert (answer.status, answer.json["error"]["code"]) == (status, code), answer.body


def test_a_retry_may_be_looked_at_first_and_narrowed(board: Served, failed: FailedJob) -> None:
    path = f"/api/jobs/{failed.handle}/retry"
    assert board.ask(path, {"dry_run": True}).json["steps"] == {"work": 1}
    assert board.ask(path, {"only": "E313"}).json["steps"] == {}
    assert board.ask(path, {"only": "nothing"}).status == 422
    assert board.ask(f"/api/jobs/{failed.handle}").json["job"]["state"] == "failed"
    assert board.ask(f"/api/jobs/{failed.handle}/reconcile", {}).json == {"jobs": []}


def test_two_boards_over_one_database_agree(board: Served, failed: FailedJob) -> None:
    where = board.board.studio.settings, board.board.database
    with served(*where) as other:
        other.ask("/api/summary")
        assert board.ask(f"/api/jobs/{failed.handle}/retry", {}).json["kept"] == 1
        assert other.ask("/api/board").json["rows"][0]["cells"]["trial"]["state"] == "running"
        assert other.ask(f"/api/jobs/{failed.handle}/retry", {}).json["steps"] == {}
        assert other.ask("/api/summary", token=board.board.token).status == 401
