"""The real client of ShotGrid against a site over HTTP on which anything can go wrong."""

from __future__ import annotations

import dataclasses
import logging
import socket
import ssl
import time
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import shotgrid_server
from letters import WHEN, noted_letter, publication, published_letter, reviewed_letter, sequence, still
from shotgrid_production import counts, production, rows
from shotgrid_server import KEY, SCRIPT, Site, halve, hang, lose, say, serving

from shotmill.pipeline.outbox.letter import Letter, Publication, PublishedForm, Source
from shotmill.pipeline.outbox.pulled import PulledNote, PulledShot
from shotmill.pipeline.trackers.shotgrid import ShotGrid, make
from shotmill.pipeline.trackers.shotgrid.client import Translator
from shotmill.schema.errors import DeliveryError, TargetBusyError, TargetRefusedError, TargetUnreachableError

PART = 20_000_000  # bytes; what is longer goes to the file store in parts


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving(production(tmp_path)) as found:
        yield found


def tracker(url: str, *, key: str = KEY, timeout_s: float = 5.0, **settings: Any) -> ShotGrid:
    section = {"server": url, "script": SCRIPT, "key": "env:SHOTGRID_KEY", "report_note": True, **settings}

    def secret(reference: str) -> str:
        return key if reference == "env:SHOTGRID_KEY" else ""

    return make("shotgrid", section, secret, timeout_s)


def told(folder: Path, *, size: int = 0) -> Publication:
    """A version of a picture and a sequence with a report; of a movie of so many bytes, too."""
    one = publication(still(folder), sequence(folder), *([movie(folder, size)] if size else []), task="comp")
    return dataclasses.replace(one, report=folder / "report.html")


def movie(folder: Path, size: int) -> PublishedForm:
    file = folder / "sh010_thumbnail_v001.mp4"
    with file.open("wb") as empty:
        empty.truncate(size)
    return dataclasses.replace(still(folder), name="mp4", pattern=file.name, files=(file,), size_bytes=size)


def carry(site: Site, letter: Letter, **settings: Any) -> tuple[str, list[DeliveryError]]:
    """Deliver as a worker does: again until it is done, each time with a client of its own."""
    errors: list[DeliveryError] = []
    kept: list[str] = [letter.remote_id] if letter.remote_id else []
    while True:
        again = dataclasses.replace(
            letter, attempts=len(errors), remote_id=kept[-1] if kept else None, keep=kept.append
        )
        with closing(tracker(site.url, **settings)) as client:
            try:
                return client.ensure(again), errors
            except (TargetUnreachableError, TargetBusyError) as error:
                errors.append(error)


def letters(one: Publication) -> list[Letter]:
    """A version, a note on it and its standing."""
    return [
        published_letter(one, "shotgrid"),
        noted_letter(one, "shotgrid", "matte is soft", remote_version="1", frame=1002),
        reviewed_letter(one, "shotgrid", "approved", remote_version="1"),
    ]


@pytest.mark.parametrize(
    ("size", "to_storage", "told_of", "fault"),
    [
        pytest.param(0, True, 1, lose, id="picture, no answer"),
        pytest.param(10, False, 1, lose, id="movie to the site, no answer"),
        pytest.param(10, True, 3, lose, id="movie to a file store, note and review, no answer", marks=pytest.mark.slow),
        pytest.param(10, True, 3, halve, id="same, half an answer", marks=pytest.mark.slow),
    ],
)
def test_whatever_answer_is_lost_there_is_one_of_everything(
    size: int, to_storage: bool, told_of: int, fault: Any, tmp_path: Path
) -> None:
    wanted = letters(told(tmp_path, size=size))[:told_of]
    with serving(production(tmp_path), to_storage=to_storage) as calm:
        for letter in wanted:
            carry(calm, letter)
    expected = counts(calm.base), rows(calm.base, "Version")

    for lost, asked in enumerate(calm.asked, start=1):
        with serving(production(tmp_path), to_storage=to_storage) as site:
            site.faults[lost] = fault
            errors = [error for letter in wanted for error in carry(site, letter)[1]]
            assert (counts(site.base), rows(site.base, "Version")) == expected, asked
            # the answer to a PUT is empty: nothing of it can be missing
            assert len(errors) == (0 if fault is halve and asked.startswith("PUT") else 1)

    assert len(calm.asked) >= 20


def test_a_request_whose_answer_is_lost_is_not_sent_again_behind_our_back(site: Site, tmp_path: Path) -> None:
    site.faults = {0: lose}
    with closing(tracker(site.url)) as client, pytest.raises(TargetUnreachableError):
        client.ensure(published_letter(told(tmp_path), "shotgrid"))
    assert len(site.asked) == 1


@pytest.mark.parametrize("path", ["/upload/api_get_upload_link_info", "PUT /store/", "/upload/api_link_file"])
@pytest.mark.parametrize("fault", [lose, say(500), say(503), say(404)], ids=["lost", "500", "503", "404"])
def test_no_request_of_an_upload_is_sent_again_behind_our_back(
    fault: Any, path: str, site: Site, tmp_path: Path
) -> None:
    letter = published_letter(told(tmp_path, size=10), "shotgrid")
    with serving(production(tmp_path)) as calm:
        carry(calm, letter)
    wanted = next(number for number, asked in enumerate(calm.asked, start=1) if asked.startswith(path))
    site.faults = {wanted: fault}
    with closing(tracker(site.url)) as client, pytest.raises(DeliveryError) as told_us:
        client.ensure(letter)
    assert len(site.asked) == wanted
    assert "signed-f0r-0nce" not in told_us.value.line()


def test_a_proxys_page_is_no_answer_to_an_upload(site: Site, tmp_path: Path) -> None:
    letter = published_letter(told(tmp_path, size=10), "shotgrid")
    with serving(production(tmp_path)) as calm:
        carry(calm, letter)
    site.faults = {calm.asked.index("/upload/api_link_file") + 1: say(200)}
    _number, errors = carry(site, letter)
    assert ["the answer to an upload is not the site's" in error.message for error in errors] == [True]
    assert counts(site.base) == counts(calm.base)


def test_a_certificate_that_nobody_trusts_needs_a_person() -> None:
    said = Translator("https://studio.example")(ssl.SSLCertVerificationError("self-signed certificate"), "find Shot")
    assert isinstance(said, TargetRefusedError)
    assert said.hint.startswith("set ca_certs in the targets file")


def test_a_long_movie_goes_to_the_file_store_in_parts(site: Site, tmp_path: Path) -> None:
    carry(site, published_letter(told(tmp_path, size=PART + 1), "shotgrid"))
    assert {path: len(content) for path, content in site.stored.items()} == {
        "/store/sh010_thumbnail_v001.mp4.1": PART,
        "/store/sh010_thumbnail_v001.mp4.2": 1,
    }
    assert rows(site.base, "Version")[0]["sg_uploaded_movie"]["name"] == "sh010_thumbnail_v001.mp4"


def test_a_picture_arrives_whole(site: Site, tmp_path: Path) -> None:
    one = told(tmp_path)
    carry(site, published_letter(one, "shotgrid"))
    assert one.thumbnail
    assert site.stored == {f"/upload/{one.thumbnail.name}": one.thumbnail.read_bytes()}


def test_sources_are_found_over_http_as_on_mockgun(site: Site, tmp_path: Path) -> None:
    first = told(tmp_path)
    number, _errors = carry(site, published_letter(first, "shotgrid"))
    sources = Source(first.id, first.address, number), Source(first.id, first.address, None)
    second = publication(sequence(tmp_path), number=2, sources=sources)
    carry(site, published_letter(second, "shotgrid"))
    assert [len(file["upstream_published_files"]) for file in rows(site.base, "PublishedFile")] == [0, 0, 2]


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        pytest.param(say(500), TargetUnreachableError, "answered 500", id="500 with HTML"),
        pytest.param(say(502), TargetUnreachableError, "answered 502", id="502 with HTML"),
        pytest.param(say(503), TargetUnreachableError, "answered 503", id="503 with HTML"),
        pytest.param(say(504), TargetUnreachableError, "answered 504", id="504 with HTML"),
        pytest.param(say(200), TargetUnreachableError, "the answer is text/html, not JSON", id="200 with HTML"),
        pytest.param(say(200, b"", "application/json"), TargetUnreachableError, "not JSON", id="200 with nothing"),
        pytest.param(say(200, b"{", "application/json"), TargetUnreachableError, "JSONDecodeError", id="broken JSON"),
        pytest.param(say(200, b"[]", "application/json"), TargetUnreachableError, "not JSON", id="a list"),
        pytest.param(say(403), TargetRefusedError, "answered 403", id="403"),
        pytest.param(say(404), TargetRefusedError, "answered 404", id="404"),
        pytest.param(say(301, Location="http://127.0.0.1:9/"), TargetRefusedError, "answered 301", id="301"),
        pytest.param(say(308, Location="http://127.0.0.1:9/"), TargetRefusedError, "answered 308", id="308"),
    ],
)
def test_what_goes_wrong_says_whether_a_retry_helps(
    fault: Any, kind: type[DeliveryError], words: str, site: Site, tmp_path: Path
) -> None:
    for at in (1, 2):  # the server's own version, and what is asked with the key
        before = len(site.asked)
        site.faults = {before + at: fault}
        with closing(tracker(site.url)) as client, pytest.raises(kind, match=words):
            client.ensure(published_letter(told(tmp_path), "shotgrid"))
        assert len(site.asked) == before + at  # the client did not ask again by itself
    assert counts(site.base)["Version"] == 0


@pytest.mark.parametrize(
    ("fault", "wait_s"),
    [
        pytest.param(say(429, Retry_After="7"), 7.0, id="429 with a time"),
        pytest.param(say(429), None, id="429 without a time"),
        pytest.param(say(503, Retry_After="30"), 30.0, id="503 with a time"),
        pytest.param(say(429, Retry_After="Sat, 21 Nov 2026 20:00:00 GMT"), None, id="429 with a date"),
    ],
)
def test_a_busy_site_is_left_alone_as_long_as_it_asked(
    fault: Any, wait_s: float | None, site: Site, tmp_path: Path
) -> None:
    site.faults = {3: fault}
    with closing(tracker(site.url)) as client, pytest.raises(TargetBusyError) as busy:
        client.ensure(published_letter(told(tmp_path), "shotgrid"))
    assert busy.value.wait_s == wait_s


def test_a_site_that_does_not_answer_is_given_up_in_time(site: Site, tmp_path: Path) -> None:
    site.faults = {0: hang}
    started = time.monotonic()
    with closing(tracker(site.url, timeout_s=0.2)) as client, pytest.raises(TargetUnreachableError, match="in time"):
        client.ensure(published_letter(told(tmp_path), "shotgrid"))
    assert time.monotonic() - started < 20.0  # and not the minute that the server takes


@pytest.mark.parametrize("path", ["/upload/api_get_upload_link_info", "PUT /store/", "/upload/api_link_file"])
def test_an_upload_that_hangs_is_given_up_in_time(path: str, site: Site, tmp_path: Path) -> None:
    letter = published_letter(told(tmp_path, size=10), "shotgrid")
    with serving(production(tmp_path)) as calm:
        carry(calm, letter)
    site.faults = {next(n for n, asked in enumerate(calm.asked, start=1) if asked.startswith(path)): hang}
    words = r"upload sh010_thumbnail_v001\.mp4 to Version 1: it did not answer in time"
    with closing(tracker(site.url, timeout_s=2.0)) as client, pytest.raises(TargetUnreachableError, match=words):
        client.ensure(letter)


def test_a_site_that_is_down_is_unreachable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with closing(tracker(f"http://127.0.0.1:{port}")) as client, pytest.raises(TargetUnreachableError, match="refused"):
        client.ensure(published_letter(told(tmp_path), "shotgrid"))


def test_a_wrong_key_is_refused_and_never_told(site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="shotgun_api3")
    wrong = tracker(site.url, key="pl4nted-s3cr3t")
    with closing(wrong), pytest.raises(TargetRefusedError, match="Can't authenticate script 'shotmill'") as refused:
        wrong.ensure(published_letter(told(tmp_path), "shotgrid"))
    assert "look at script and key" in refused.value.hint
    assert "pl4nted-s3cr3t" not in refused.value.line() + caplog.text


def test_a_site_that_repeats_the_key_is_not_repeated(site: Site, tmp_path: Path) -> None:
    echo = b'{"exception": true, "error_code": 104, "message": "bad: %s"}' % KEY.encode()
    site.faults = {2: say(200, echo, "application/json")}
    with closing(tracker(site.url)) as client, pytest.raises(TargetRefusedError, match=r"bad: \*\*\*") as refused:
        client.ensure(published_letter(told(tmp_path), "shotgrid"))
    printed = "".join(traceback.format_exception(refused.value))
    assert KEY not in refused.value.line() + printed


def test_all_that_is_logged_of_a_publish_does_not_hold_the_key(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="shotgun_api3")
    carry(site, published_letter(told(tmp_path, size=10), "shotgrid"))
    assert KEY not in caplog.text


def test_what_the_site_refuses_is_told_in_its_words(site: Site, tmp_path: Path) -> None:
    site.base._schema["Version"]["description"]["data_type"]["value"] = "number"
    with closing(tracker(site.url)) as client, pytest.raises(TargetRefusedError, match=r"Version\.description is of"):
        client.ensure(published_letter(told(tmp_path), "shotgrid"))


def test_a_picture_that_is_gone_is_refused_by_its_path(site: Site, tmp_path: Path) -> None:
    one = told(tmp_path)
    assert one.thumbnail
    one.thumbnail.unlink()
    with closing(tracker(site.url)) as client, pytest.raises(TargetRefusedError, match=str(one.thumbnail)):
        client.ensure(published_letter(one, "shotgrid"))


def test_proxies_of_the_environment_are_not_used(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert carry(site, published_letter(told(tmp_path, size=10), "shotgrid"))[1] == []


def test_a_proxy_of_the_section_is_used_for_all(site: Site, tmp_path: Path) -> None:
    proxy = site.url.removeprefix("http://")
    site.url = "http://studio.example"  # which nobody but the proxy can find
    assert carry(site, published_letter(told(tmp_path, size=10), "shotgrid"), proxy=proxy)[1] == []
    assert site.proxied == [
        "studio.example:80",
        "http://studio.example/upload/api_get_upload_link_info",
        "http://studio.example/store/sh010_thumbnail_v001.mp4?X-Signature=s1gned-f0r-0nce",
        "http://studio.example/upload/api_link_file",
    ]


def test_an_answer_may_be_compressed(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shotgrid_server, "COMPRESSED", True)
    assert carry(site, published_letter(told(tmp_path), "shotgrid"))[1] == []


def test_a_pull_reads_page_by_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shotgrid_server, "PAGE", 3)
    link = {"type": "Project", "id": 1}
    for number in range(20, 90, 10):
        values = {"code": f"sh{number:03d}", "project": link, "sg_sequence": {"type": "Sequence", "id": 1}}
        site.base.create("Shot", values)
    with closing(tracker(site.url)) as client:
        shots = [pulled.code for pulled in client.pull("demo") if isinstance(pulled, PulledShot)]
    assert shots == [f"sh{number:03d}" for number in range(10, 90, 10)]


def test_when_a_note_was_written_survives_the_wire(site: Site, tmp_path: Path) -> None:
    carry(site, published_letter(told(tmp_path), "shotgrid"))
    links = {"project": {"type": "Project", "id": 1}, "note_links": [{"type": "Version", "id": 1}]}
    site.base.create("Note", {"content": "lovely", "created_at": WHEN, **links})
    with closing(tracker(site.url)) as client:
        assert [one.created for one in client.pull("demo") if isinstance(one, PulledNote)] == [WHEN]


def test_a_check_says_who_and_what_was_looked_at(site: Site) -> None:
    before = counts(site.base)
    with closing(tracker(site.url)) as client:
        checked = client.check()
    assert (checked.server, checked.who) == (site.url, "script shotmill")
    assert checked.lines == ("version 8.70.0", "1 projects to be seen")
    assert counts(site.base) == before


def test_nothing_is_held_open_between_letters(site: Site, tmp_path: Path) -> None:
    with closing(tracker(site.url)) as client:
        client.ensure(published_letter(told(tmp_path), "shotgrid"))
        assert client._site.connection._connection is None  # type: ignore[attr-defined] # the real client's
