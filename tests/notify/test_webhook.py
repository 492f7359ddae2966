"""What somebody who listens gets: every fact, signed, as the documented receiver verifies it."""

from __future__ import annotations

import hmac
import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import ThreadingHTTPServer
from typing import Any

import jsonschema
import pytest
from chat_server import FAULTS, carry, each_fault, serving
from chats import Planted, failed_job, seen
from letters import job_letter, noted_letter, published_letter, reviewed_letter, sequence, still
from webhook_server import SECRET, WebhookServer, documented

from shotmill.pipeline.notify import webhook
from shotmill.pipeline.notify.webhook import Webhook
from shotmill.pipeline.outbox.letter import FactKind, Publication
from shotmill.schema.errors import (
    ConfigError,
    DeliveryError,
    SecretMissingError,
    TargetBusyError,
    TargetRefusedError,
    TargetUnreachableError,
)
from shotmill.schema.states import State
from shotmill.submitters.cli.commands.explain import schema_text


@pytest.fixture
def server() -> Iterator[WebhookServer]:
    with serving(WebhookServer()) as found:
        yield found


ANOTHER, SHORT = "another-secret-of-ours", "hunter2"


def target_of(url: str, *, secret: str = SECRET, timeout_s: float = 5.0, **more: Any) -> Webhook:
    return webhook.make("wall", {"url": url, "secret": "env:WALL", **more}, Planted(secret), timeout_s)


def hook(server: WebhookServer, **more: Any) -> Webhook:
    return target_of(f"{server.url}/planted-path?planted=query", **more)


def test_every_kind_of_fact_arrives_as_its_schema_says(server: WebhookServer, told_of: Publication) -> None:
    facts = [
        published_letter(told_of, "wall"),
        noted_letter(told_of, "wall", "edge flickers", remote_version="", frame=1003),
        reviewed_letter(told_of, "wall", "approved", remote_version=""),
        failed_job("wall"),
    ]
    for letter in facts:
        carry(hook(server), letter)
    hook(server).check()
    schema = json.loads(schema_text("webhook"))
    for document in server.facts.values():
        jsonschema.validate(document, schema)
    kinds = [document["kind"] for document in server.facts.values()]
    assert kinds == ["version-published", "note-written", "version-reviewed", "job-state", "ping"]


def test_a_version_tells_where_its_files_are(server: WebhookServer, told_of: Publication) -> None:
    folder = told_of.folder
    carry(hook(server), published_letter(replace(told_of, forms=(still(folder), sequence(folder))), "wall"))
    version = server.facts[f"version:{told_of.id}"]["version"]
    assert version["address"] == "demo:sq010/sh010/thumbnail@v001"
    assert [(form["path"], form["frames"], form["files"]) for form in version["forms"]] == [
        (f"{folder}/sh010_thumbnail_v001.png", None, 1),
        (f"{folder}/sh010_plate_v001.####.exr", "1001-1003", 3),
    ]


def test_the_signature_is_hmac_sha256_of_timestamp_and_body(server: WebhookServer, told_of: Publication) -> None:
    carry(hook(server), published_letter(told_of, "wall"))
    (asked,) = server.asked
    signed = asked.headers["shotmill-timestamp"].encode() + b"." + asked.body
    assert asked.headers["shotmill-signature"] == "v1=" + hmac.digest(SECRET.encode(), signed, "sha256").hex()
    assert abs(int(asked.headers["shotmill-timestamp"]) - time.time()) < 60


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fact_is_had_once_by_its_key_whatever_befalls_any_request(fault: str, told_of: Publication) -> None:
    letter = published_letter(told_of, "wall")

    def tell(server: WebhookServer) -> None:
        assert carry(hook(server), letter).remote_id == letter.fact

    for server in each_fault(WebhookServer, tell, "500" if fault == "html" else fault):
        assert list(server.facts) == [letter.fact]
        assert len({asked.body for asked in server.asked}) == 1


def test_each_state_of_a_job_is_news_and_the_same_state_is_not(server: WebhookServer) -> None:
    target = hook(server)
    running = job_letter("wall", State.RUNNING, done=2)
    for letter in (running, running, replace(running, job=replace(seen(running), state=State.SUCCEEDED))):
        carry(target, letter)
    assert [document["job"]["state"] for document in server.facts.values()] == ["running", "succeeded"]
    assert {asked.headers["shotmill-fact"] for asked in server.asked} == {running.fact}


def test_a_redirect_is_not_followed(server: WebhookServer, told_of: Publication) -> None:
    server.says, server.location = 307, f"{server.url}/elsewhere"
    with pytest.raises(TargetRefusedError, match="answered 307") as refused:
        hook(server).ensure(published_letter(told_of, "wall"))
    assert ("not followed" in refused.value.hint, len(server.asked)) == (True, 1)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        pytest.param(400, TargetRefusedError, id="400: it does not like the fact"),
        pytest.param(404, TargetRefusedError, id="404: nobody is there"),
        pytest.param(408, TargetUnreachableError, id="408: too slow"),
        pytest.param(503, TargetUnreachableError, id="503: down, for nobody knows how long"),
    ],
)
def test_an_answer_means_what_the_page_says(
    server: WebhookServer, told_of: Publication, status: int, error: type[DeliveryError]
) -> None:
    server.says = status
    with pytest.raises(error, match=f"answered {status}"):
        hook(server).ensure(published_letter(told_of, "wall"))


def test_a_busy_receiver_says_how_long_to_wait(server: WebhookServer) -> None:
    server.faults[1] = "429"
    with pytest.raises(TargetBusyError) as busy:
        hook(server).check()
    assert busy.value.wait_s == 7


def test_a_receiver_that_is_down_is_unreachable() -> None:
    with serving(WebhookServer()) as server:
        target = hook(server)
    with pytest.raises(TargetUnreachableError, match="cannot be reached"):
        target.check()


@pytest.mark.parametrize("fault", ["lose", "500", "429", "hang"])
def test_no_fault_brings_secret_or_path_into_a_message_or_log(
    server: WebhookServer, fault: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    server.faults[1] = fault
    with pytest.raises(DeliveryError) as failed:
        hook(server, timeout_s=0.3).check()
    assert "planted" not in failed.value.line() + caplog.text + "".join(capfd.readouterr())


def test_check_is_refused_by_a_receiver_with_another_secret(server: WebhookServer) -> None:
    with pytest.raises(TargetRefusedError, match="answered 401"):
        hook(server, secret=ANOTHER).check()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://wall.studio/x", id="plain http to another machine"),
        pytest.param("https://user:planted@wall.studio/x", id="a password in the url"),
        pytest.param("https:///x", id="no host"),
        pytest.param("ftp://wall.studio/x", id="no web"),
        pytest.param("https://wall.studio/x y", id="a blank"),
    ],
)
def test_a_url_that_is_not_safe_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        target_of(url)
    assert "planted" not in refused.value.line()


@pytest.mark.parametrize(
    ("url", "more"),
    [
        pytest.param("https://wall.studio/x", {}, id="https"),
        pytest.param("http://localhost:8080/x", {}, id="this machine"),
        pytest.param("http://[::1]:8080/x", {}, id="this machine, by its other address"),
        pytest.param("http://wall.studio/x", {"insecure": True}, id="plain http, said to be wanted"),
    ],
)
def test_a_url_that_is_safe_or_wanted_is_taken(url: str, more: dict[str, Any]) -> None:
    assert target_of(url, **more).takes == frozenset(FactKind)


def test_a_section_says_which_facts_it_wants() -> None:
    assert target_of("https://wall.studio/x", facts=["job-state"]).takes == {FactKind.JOB}


def test_a_secret_that_is_guessed_is_refused() -> None:
    with pytest.raises(SecretMissingError, match="less than 16"):
        target_of("https://wall.studio/x", secret=SHORT)


def test_the_documented_receiver_has_each_fact_once(told_of: Publication, capsys: pytest.CaptureFixture[str]) -> None:
    receiver = documented()["Receiver"]
    receiver.secret = SECRET.encode()
    receiver.log_message = lambda *_args: None
    with ThreadingHTTPServer(("127.0.0.1", 0), receiver) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        target = target_of(f"http://127.0.0.1:{server.server_port}/")
        for _twice in range(2):
            carry(target, published_letter(told_of, "wall"))
        server.shutdown()
        thread.join()
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["fact"] == f"version:{told_of.id}"


@pytest.mark.parametrize(
    "spoiled",
    [
        pytest.param({"body": b"{}"}, id="another body"),
        pytest.param({"timestamp": "1"}, id="another time"),
        pytest.param({"age_s": 3600}, id="an old post, recorded"),
        pytest.param({"signature": "v1="}, id="no signature"),
    ],
)
def test_the_documented_receiver_refuses_what_is_not_ours(spoiled: dict[str, Any]) -> None:
    timestamp = str(int(time.time() - spoiled.get("age_s", 0)))
    signed = webhook.signature(SECRET.encode(), timestamp, b"[]")
    headers = http.client.HTTPMessage()
    headers["Shotmill-Timestamp"] = spoiled.get("timestamp", timestamp)
    headers["Shotmill-Signature"] = spoiled.get("signature", signed)
    assert not documented()["verify"](SECRET.encode(), headers, spoiled.get("body", b"[]"))
