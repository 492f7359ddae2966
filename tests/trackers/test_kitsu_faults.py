"""Kitsu is told exactly once, whatever happens to the requests on the way."""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kitsu_server import PASSWORD, Fault, Kitsu, filled, serving
from kitsu_studio import KitsuStudio, in_stand_in
from letters import noted_letter, publication, published_letter, reviewed_letter, still

from shotmill.pipeline.outbox.letter import Letter
from shotmill.pipeline.outbox.pulled import PulledSequence, PulledShot
from shotmill.pipeline.trackers.kitsu import make
from shotmill.schema.errors import (
    ConfigError,
    DeliveryError,
    TargetBusyError,
    TargetRefusedError,
    TargetUnreachableError,
)

HTML = (("Content-Type", "text/html"),)
PAGE = b"<html><body>Bad Gateway</body></html>"


@pytest.fixture
def kitsu() -> Kitsu:
    return filled()


@pytest.fixture
def studio(kitsu: Kitsu) -> Iterator[KitsuStudio]:
    with serving(kitsu) as url, in_stand_in(kitsu, url) as production:
        yield production


@pytest.fixture
def letter(studio: KitsuStudio, tmp_path: Path) -> Letter:
    return published_letter(publication(still(tmp_path), entity=studio.shot), "kitsu")


def _told_until_done(studio: KitsuStudio, letter: Letter) -> int:
    """How many tries it took; what a try kept is known to the next."""
    kept: list[str] = []
    for attempts in range(5):
        again = _again(letter, attempts, kept)
        try:
            studio.target(password=PASSWORD).ensure(again)
        except TargetUnreachableError:
            continue
        return attempts + 1
    raise AssertionError("it was never told")


def _again(letter: Letter, attempts: int, kept: list[str]) -> Letter:
    told = letter.publication
    assert told is not None
    if letter.note is not None:
        return noted_letter(told, "kitsu", letter.note.text, remote_version=letter.remote_version or "")
    if letter.review is not None:
        return reviewed_letter(told, "kitsu", letter.review.status, remote_version=letter.remote_version or "")
    remote_id = kept[-1] if kept else None
    return published_letter(told, "kitsu", attempts=attempts, remote_id=remote_id, keep=kept.append)


def _requests(studio: KitsuStudio, kitsu: Kitsu, letter: Letter) -> int:
    """How many requests it takes when nothing is lost."""
    before = len(kitsu.asked)
    assert _told_until_done(studio, letter) == 1
    return len(kitsu.asked) - before


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(), id="answer lost"),
        pytest.param(Fault(done=False), id="request lost"),
        pytest.param(Fault(cut=True), id="half an answer"),
        pytest.param(Fault(status=502, headers=HTML, body=PAGE), id="done, but 502"),
        pytest.param(Fault(done=False, status=500, body=b"{}"), id="500"),
        pytest.param(Fault(done=False, status=200, headers=HTML, body=PAGE), id="a page in place of an answer"),
    ],
)
def test_one_comment_and_one_preview_whichever_request_fails(
    kitsu: Kitsu, studio: KitsuStudio, tmp_path: Path, fault: Fault
) -> None:
    def version(number: int) -> Letter:
        return published_letter(publication(still(tmp_path), entity=studio.shot, number=number), "kitsu")

    count = _requests(studio, kitsu, version(1))
    assert count == 11
    for number in range(1, count + 1):
        kitsu.faults = {len(kitsu.asked) + number: fault}
        assert _told_until_done(studio, version(number + 1)) == 2
    revisions = [studio.preview(comment)["revision"] for comment in studio.comments()]
    assert revisions == list(range(count + 1, 0, -1))
    assert {preview["status"] for preview in kitsu.all("preview-files")} == {"ready"}


@pytest.mark.parametrize("kind", ["note", "review"])
def test_one_comment_for_a_note_and_a_review_whichever_answer_is_lost(
    kitsu: Kitsu, studio: KitsuStudio, letter: Letter, kind: str
) -> None:
    told = letter.publication
    assert told is not None
    version = studio.target().ensure(letter)

    def fact(number: int) -> Letter:
        if kind == "note":
            return noted_letter(told, "kitsu", f"note {number}", remote_version=version)
        return reviewed_letter(
            told, "kitsu", ("approved", "rejected", "pending", "omitted")[number], remote_version=version
        )

    count = _requests(studio, kitsu, fact(0))
    for number in range(1, min(count, 3) + 1):
        kitsu.faults = {len(kitsu.asked) + count - number + 1: Fault()}
        assert _told_until_done(studio, fact(number)) == 2
    assert len(studio.comments()) == min(count, 3) + 2


def test_a_session_that_ends_during_an_upload_sends_the_whole_file_again(
    kitsu: Kitsu, studio: KitsuStudio, letter: Letter
) -> None:
    target = studio.target(password=PASSWORD)
    target.check()
    expired = Fault(done=False, status=401, body=b'{"message": "Signature has expired"}')
    kitsu.faults = {len(kitsu.asked) + 8: expired}
    target.ensure(letter)
    assert [place for place in kitsu.asked if "pictures" in place or "login" in place][-3:] == [
        next(place for place in kitsu.asked if "pictures" in place),
        "POST /auth/login",
        next(place for place in kitsu.asked if "pictures" in place),
    ]
    assert studio.preview(studio.comments()[0])["status"] == "ready"


@pytest.mark.parametrize(
    ("fault", "wait_s"),
    [
        pytest.param(Fault(done=False, status=429, headers=(("Retry-After", "7"),)), 7.0, id="429 with seconds"),
        pytest.param(Fault(done=False, status=429), None, id="429 alone"),
        pytest.param(Fault(done=False, status=503, headers=(("Retry-After", "9"),)), 9.0, id="503 with seconds"),
        pytest.param(
            Fault(done=False, status=429, headers=(("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),)),
            0.0,
            id="429 with a date that has passed",
        ),
        pytest.param(Fault(done=False, status=429, headers=(("Retry-After", "soon"),)), None, id="429 with a word"),
    ],
)
def test_a_server_that_asks_to_wait_is_left_alone_for_as_long(
    kitsu: Kitsu, studio: KitsuStudio, letter: Letter, fault: Fault, wait_s: float | None
) -> None:
    kitsu.always = fault
    with pytest.raises(TargetBusyError) as caught:
        studio.target().ensure(letter)
    assert caught.value.wait_s == wait_s
    assert len(kitsu.asked) == 1


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        pytest.param(Fault(status=503, headers=HTML, body=PAGE), TargetUnreachableError, "answered 503", id="503"),
        pytest.param(Fault(status=500, body=b'{"message": "no disk"}'), TargetUnreachableError, "no disk", id="500"),
        pytest.param(Fault(status=200, body=b"{"), TargetUnreachableError, "something else", id="half a document"),
        pytest.param(Fault(status=200, headers=HTML, body=PAGE), TargetUnreachableError, "for people", id="a page"),
        pytest.param(Fault(status=403), TargetRefusedError, "does not let", id="403"),
        pytest.param(Fault(status=404), TargetRefusedError, "no such place", id="404"),
        pytest.param(Fault(status=405), TargetRefusedError, "no such place", id="405"),
        pytest.param(Fault(status=413), TargetRefusedError, "so large a file", id="413"),
        pytest.param(
            Fault(status=422, body=b'{"message": "no e-mail"}'), TargetRefusedError, "no e-mail", id="422 with words"
        ),
        pytest.param(
            Fault(status=301, headers=(("Location", "https://kitsu.example/api"),)),
            TargetRefusedError,
            "it is at https://kitsu.example/api",
            id="moved",
        ),
    ],
)
def test_every_failure_is_one_of_ours_and_says_what(
    kitsu: Kitsu, studio: KitsuStudio, fault: Fault, error: type[DeliveryError], said: str
) -> None:
    kitsu.always = fault
    with pytest.raises(error, match=said) as caught:
        studio.target(password=PASSWORD).check()
    assert caught.value.hint
    assert PASSWORD not in f"{caught.value.__dict__} {caught.value}"


def test_a_server_that_hangs_is_given_up_in_time(kitsu: Kitsu, studio: KitsuStudio, letter: Letter) -> None:
    kitsu.always = Fault(hang_s=30.0)
    with pytest.raises(TargetUnreachableError, match="did not answer in time"):
        studio.target(timeout_s=0.2).ensure(letter)
    kitsu.over.set()


def test_a_slow_encoder_gets_its_time(kitsu: Kitsu, studio: KitsuStudio, letter: Letter) -> None:
    kitsu.faults = {9: Fault(hang_s=2.5, slow=True)}
    studio.target(timeout_s=1.5).ensure(letter)
    assert "pictures" in kitsu.asked[8]


def test_a_server_that_is_down_is_unreachable(kitsu: Kitsu) -> None:
    with serving(kitsu) as url, in_stand_in(kitsu, url) as studio:
        pass
    with studio.opened, pytest.raises(TargetUnreachableError, match="did not answer"):
        studio.target().check()


def test_a_preview_that_is_never_ready_is_looked_at_again_later(
    kitsu: Kitsu, studio: KitsuStudio, tmp_path: Path
) -> None:
    told = publication(still(tmp_path), entity=studio.shot)
    assert told.thumbnail is not None
    movie = told.thumbnail.with_suffix(".mp4")
    movie.write_bytes(b"\0\0\0\x20ftypisom")
    letter = published_letter(replace(told, movie=movie), "kitsu")
    kitsu.looks = 10_000
    with pytest.raises(TargetUnreachableError, match="still works on the preview"):
        studio.target(timeout_s=5.0, preview_timeout_s=0.3).ensure(letter)
    kitsu.looks = 1
    studio.target().ensure(letter)
    assert sum("pictures" in place for place in kitsu.asked) == 1


def test_no_secret_is_in_what_is_logged(
    kitsu: Kitsu, studio: KitsuStudio, letter: Letter, caplog: pytest.LogCaptureFixture
) -> None:
    half = Fault(status=200, body=b'{"login": true, "access_token": "planted-tok')
    with caplog.at_level(logging.DEBUG):
        studio.target(password=PASSWORD).ensure(letter)
        logging.getLogger("gazu").disabled = False  # as dictConfig leaves it, which uvicorn calls
        studio.target().check()
        kitsu.faults = {len(kitsu.asked) + 1: half}
        with pytest.raises(TargetUnreachableError):
            studio.target(password=PASSWORD).check()
    assert caplog.text
    assert not [secret for secret in (PASSWORD, "planted-tok", *studio.tokens.values()) if secret in caplog.text]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        pytest.param({"server": "kitsu.example"}, "server: this is no address", id="no address"),
        pytest.param({"server": "https://u:planted@k.example"}, "server: an address holds no user", id="secret in it"),
        pytest.param({"user": ""}, "user and password belong together", id="half an account"),
        pytest.param({"token": "env:T"}, "either user and password, or the token", id="both ways in"),
        pytest.param({"password": "planted"}, "a secret never stands in this file", id="a secret as it is"),
        pytest.param({"review": {"great": "done"}}, "no such standing", id="unknown standing"),
        pytest.param({"task_typ": "FX"}, "did you mean: task_type", id="a slip"),
    ],
)
def test_a_section_that_is_wrong_is_named_with_its_key(section: dict[str, object], said: str) -> None:
    whole = {"server": "https://k.example/api", "user": "a@b.example", "password": "env:P", **section}
    with pytest.raises(ConfigError, match=said) as caught:
        make("kitsu", whole, lambda reference: reference, 5.0)
    assert "planted" not in f"{caught.value.__dict__} {caught.value}"


def test_the_section_of_the_documentation_is_taken() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "trackers" / "kitsu.md"
    (block,) = re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    make("kitsu", tomllib.loads(block)["kitsu"], lambda reference: reference, 5.0).close()


def test_sequences_of_a_series_are_told_apart_by_their_episodes(kitsu: Kitsu, studio: KitsuStudio) -> None:
    project = kitsu.one("projects")
    project["production_type"] = "tvshow"
    kitsu.one("sequences")["parent_id"] = kitsu.add("episodes", name="e01", project_id=project["id"])["id"]
    other = kitsu.add("episodes", name="e02", project_id=project["id"])
    kitsu.add("sequences", name="sq010", project_id=project["id"], parent_id=other["id"])
    pulled = list(studio.target().pull(None))
    assert [row.code for row in pulled if isinstance(row, PulledSequence)] == ["e01_sq010", "e02_sq010"]
    assert [row.sequence for row in pulled if isinstance(row, PulledShot)] == ["e01_sq010"]
