"""What breaks between us and ftrack, at every single request: still one of everything afterwards."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import ftrack_api.exception
import pytest
from ftrack_server import KEY, Fault, World, demo_show
from ftrack_studio import FtrackStudio, ftrack_studio
from letters import noted_letter, sequence

from shotmill.pipeline.outbox.letter import Letter
from shotmill.pipeline.trackers.ftrack.session import as_ours
from shotmill.schema.errors import (
    DeliveryError,
    ShotmillError,
    TargetBusyError,
    TargetRefusedError,
    TargetUnreachableError,
)

FULL: dict[str, Any] = {"task_status": "Pending Review", "version_status": "In progress", "review_session": "Dailies"}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[FtrackStudio]:
    with ftrack_studio(tmp_path) as found:
        yield found


def lean_letter(studio: FtrackStudio) -> Letter:
    """One with everything, and few frames."""
    told = studio.told(sequence(studio.folder, 1001, 1001), studio.movie(), task="comp")
    thumbnail = studio.folder / "thumbnail.png"
    thumbnail.write_bytes(b"a picture")
    return studio.letter(replace(told, report=studio.folder / "report.html", thumbnail=thumbnail))


def picture_of(world: World) -> dict[str, Any]:
    """What is there, without ids that the server chose."""
    return {
        "counts": world.counts(),
        "versions": [(row["version"], row["is_published"]) for row in world.rows("AssetVersion")],
        "uploads": sorted(world.uploads.values()),
        "files": sorted(str(row["name"]) for row in world.rows("Component")),
        "task": [row["status_id"] == world.one("Status", name="Pending Review")["id"] for row in world.rows("Task")],
    }


def told_until_done(studio: FtrackStudio, letter: Letter) -> int:
    """Tell it as the worker does, again and again; returns how often that was."""
    for attempt in range(5):
        try:
            studio.target(**FULL).ensure(replace(letter, attempts=attempt, remote_id=next(iter(studio.kept), None)))
        except (TargetUnreachableError, TargetBusyError):
            continue
        return attempt + 1
    raise AssertionError("it never ends")


@pytest.mark.slow
def test_publish_fact_12_an_answer_lost_after_any_request_leaves_one_of_everything(studio: FtrackStudio) -> None:
    letter = lean_letter(studio)
    assert told_until_done(studio, letter) == 1
    whole, requests = picture_of(studio.server.world), studio.server.requests
    assert requests > 40
    for number in range(1, requests + 1):
        studio.server.empty(demo_show())
        studio.kept.clear()
        studio.server.faults[number] = Fault("lose")
        assert told_until_done(studio, letter) == 2, f"request {number} was not noticed to be lost"
        assert picture_of(studio.server.world) == whole, f"after request {number}: {studio.server.log[number - 1]}"


@pytest.mark.parametrize("sort", ["half", "drop"])
@pytest.mark.parametrize("number", [1, 2, 6, 14, 24, 36])
def test_half_an_answer_leaves_one_of_everything(studio: FtrackStudio, sort: Any, number: int) -> None:
    letter = studio.letter(studio.told(task="comp"))
    studio.server.faults[number] = Fault(sort)
    told_until_done(studio, letter)
    world = studio.server.world
    assert [len(world.rows(kind)) for kind in ("Asset", "AssetVersion", "ReviewSessionObject")] == [1, 1, 1]
    assert world.one("AssetVersion")["is_published"] is True


def test_a_note_whose_answer_is_lost_is_there_once(studio: FtrackStudio) -> None:
    target = studio.target()
    remote = target.ensure(studio.letter())
    letter = noted_letter(studio.told(), "tracker", "darker", remote_version=remote, frame=1001)
    studio.server.fail_next(Fault("lose"), after=5)
    with pytest.raises(TargetUnreachableError):
        target.ensure(letter)
    assert studio.server.log[-1].startswith("create Note")
    target.ensure(replace(letter, attempts=1))
    world = studio.server.world
    assert (len(world.rows("Note")), len(world.rows("Metadata"))) == (1, 1)


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        pytest.param(Fault("answer", 503), TargetUnreachableError, "HTTP 503", id="503 with a page"),
        pytest.param(Fault("answer", 500, body=b""), TargetUnreachableError, "HTTP 500", id="500 with nothing"),
        pytest.param(Fault("answer", 502), TargetUnreachableError, "HTTP 502", id="502 with a page"),
        pytest.param(Fault("answer", 200), TargetUnreachableError, "unexpected format", id="200 with a page"),
        pytest.param(Fault("answer", 200, body=b"[]"), TargetUnreachableError, "half an answer", id="an empty list"),
        pytest.param(Fault("answer", 200, body=b"[nu"), TargetUnreachableError, "unexpected format", id="cut JSON"),
        pytest.param(
            Fault("answer", 200, body=b'{"exception": "OperationalError", "content": "database is away"}'),
            TargetUnreachableError,
            "is not well: OperationalError",
            id="its database is away",
        ),
        pytest.param(Fault("answer", 429), TargetBusyError, "asks to wait", id="429 without a time"),
        pytest.param(Fault("answer", 404), TargetRefusedError, "HTTP 404", id="404: no ftrack there"),
        pytest.param(Fault("drop"), TargetUnreachableError, "cannot be reached", id="closed connection"),
        pytest.param(Fault("hang"), TargetUnreachableError, "did not answer in time", id="no answer"),
    ],
)
@pytest.mark.parametrize("after", [0, 3], ids=["at once", "in the midst"])
def test_what_goes_wrong_is_told(
    studio: FtrackStudio, fault: Fault, kind: type[DeliveryError], said: str, after: int
) -> None:
    studio.server.fail_next(fault, after=after)
    with pytest.raises(kind, match=said):
        studio.target(timeout_s=0.3 if fault.sort == "hang" else 10).ensure(studio.letter())
    studio.target().ensure(studio.letter(attempts=1))
    assert len(studio.server.world.rows("AssetVersion")) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_that_is_asked_for_is_passed_on(studio: FtrackStudio, status: int) -> None:
    studio.server.fail_next(Fault("answer", status, {"Retry-After": "17"}), after=2)
    with pytest.raises(TargetBusyError) as busy:
        studio.target().ensure(studio.letter())
    assert busy.value.wait_s == 17


def test_a_storage_that_turns_an_upload_away_is_tried_again(studio: FtrackStudio) -> None:
    target, letter = studio.target(), studio.letter()
    target.ensure(letter)
    upload = studio.server.log.index("upload") + 1
    studio.server.empty(demo_show())
    studio.server.faults[upload] = Fault("answer", 403, body=b"<Error>Request has expired</Error>")
    with pytest.raises(TargetUnreachableError, match="no longer open"):
        target.ensure(letter)
    target.ensure(replace(letter, attempts=1))
    assert len(studio.server.world.uploads) == 1


def test_a_thumbnail_whose_disk_is_away_is_tried_again(studio: FtrackStudio) -> None:
    target, letter, picture = studio.target(), studio.letter(), studio.folder / "sh010_thumbnail_v001.png"
    away = picture.rename(studio.folder / "away")
    with pytest.raises(TargetUnreachableError, match="cannot be read"):
        target.ensure(letter)
    away.rename(picture)
    target.ensure(replace(letter, attempts=1))
    assert list(studio.server.world.uploads.values()) == [picture.read_bytes()]


def test_publish_fact_12_a_server_that_is_down_is_told_when_it_returns(studio: FtrackStudio) -> None:
    letter = studio.letter()
    with pytest.raises(TargetUnreachableError, match="cannot be reached"):
        studio.target(server="http://127.0.0.1:9").ensure(letter)
    studio.target().ensure(replace(letter, attempts=1))
    assert len(studio.server.world.rows("AssetVersion")) == 1


def test_a_refused_commit_is_not_sent_again_with_the_next(studio: FtrackStudio) -> None:
    asset = "create Asset"
    studio.target().ensure(studio.letter())
    number = studio.server.log.index(asset) + 1
    studio.server.empty(demo_show())
    refusal = b'{"exception": "PermissionError", "content": "not yours to make"}'
    studio.server.faults[number] = Fault("answer", 200, body=refusal)
    with pytest.raises(TargetRefusedError, match="said no: PermissionError"):
        studio.target().ensure(studio.letter())
    assert studio.server.log.count(asset) == 1


def test_a_wrong_key_is_refused_and_never_shown(studio: FtrackStudio, caplog: pytest.LogCaptureFixture) -> None:
    wrong = "planted-wrong-key-77"
    caplog.set_level(logging.INFO)
    with pytest.raises(TargetRefusedError, match="is not valid") as refused:
        studio.target(secret=wrong).ensure(studio.letter())
    told = f"{refused.value} {refused.value.line()} {refused.value.__cause__} {caplog.text}"
    assert wrong not in told
    assert "***" in told


def test_the_key_is_nowhere_in_what_is_told_or_logged(studio: FtrackStudio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    studio.target(**FULL).ensure(studio.full_letter())
    assert KEY not in caplog.text
    assert KEY not in str(studio.server.world.tables)


def test_nothing_is_read_from_the_environment(
    studio: FtrackStudio, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "bait.py").write_text("raise SystemExit('a plug-in was loaded')")
    monkeypatch.setenv("FTRACK_SERVER", "http://127.0.0.1:9")
    monkeypatch.setenv("FTRACK_API_KEY", "not-ours")
    monkeypatch.setenv("FTRACK_API_USER", "nobody")
    monkeypatch.setenv("FTRACK_EVENT_PLUGIN_PATH", str(plugins))
    monkeypatch.setenv("FTRACK_API_SCHEMA_CACHE_PATH", str(tmp_path))
    studio.target().ensure(studio.letter())
    assert not list(tmp_path.glob("*.json"))


def test_a_letter_leaves_no_thread_and_no_connection(studio: FtrackStudio) -> None:
    target = studio.target()
    for number in range(1, 4):
        target.ensure(studio.letter(studio.told(number=number)))
    assert [one.name for one in threading.enumerate() if "ftrack_api" in repr(vars(one).get("_target"))] == []
    deadline = time.monotonic() + 10
    while studio.server.connections and time.monotonic() < deadline:
        time.sleep(0.02)  # the server sees a moment later that they were closed
    assert studio.server.connections == 0


def test_a_server_that_sends_us_elsewhere_is_not_followed(studio: FtrackStudio) -> None:
    studio.server.fail_next(Fault("answer", 307, {"Location": f"{studio.server.url}/elsewhere"}), after=1)
    with pytest.raises(TargetRefusedError, match=f"sends us to {studio.server.url}/elsewhere"):
        studio.target().ensure(studio.letter())
    assert studio.server.requests == 2  # the key went nowhere else


def test_two_workers_at_once_leave_one_of_everything(studio: FtrackStudio) -> None:
    letters = [studio.letter(studio.told(number=number, task="comp")) for number in (1, 2, 2, 1)]
    failed: list[ShotmillError] = []

    def tell(letter: Letter) -> None:
        try:
            studio.target(**FULL).ensure(letter)
        except ShotmillError as error:
            failed.append(error)

    workers = [threading.Thread(target=tell, args=(letter,)) for letter in letters]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    world = studio.server.world
    assert failed == []
    assert len(world.rows("Asset")) == 1
    assert sorted(row["version"] for row in world.rows("AssetVersion")) == [1, 2]
    assert len(world.rows("ReviewSessionObject")) == 2


def test_braces_in_what_ftrack_says_are_told_as_they_are() -> None:
    with (
        pytest.raises(TargetRefusedError, match=r"said no: no \{name\} in \{0\}"),
        as_ours("https://ftrack.studio", "key"),
    ):
        raise ftrack_api.exception.ServerError("no {name} in {0}")
