"""What a Rocket.Chat server shows after letters were told to it, whatever went wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from chat_server import FAULTS, Answer, Asked, carry, each_fault, serving
from chats import failed_job, rocketchat_target, seen
from letters import job_letter, noted_letter, published_letter, reviewed_letter
from rocketchat_server import TOKEN, RocketChatServer

from shotmill.pipeline.outbox.letter import FactKind, Publication
from shotmill.schema.errors import DeliveryError, TargetBusyError, TargetRefusedError, TargetUnreachableError
from shotmill.schema.states import State


@pytest.fixture
def server() -> Iterator[RocketChatServer]:
    with serving(RocketChatServer()) as found:
        yield found


def test_a_job_says_what_who_and_how_far(server: RocketChatServer) -> None:
    carry(rocketchat_target(server), job_letter("rocketchat", State.RUNNING, done=2))
    (head,) = server.said()
    assert head["msg"] == (
        "`thumbnails of cut reel-1` by `maya`: `thumbnail on local, demo`\n*running*, 2 of 4 tasks done"
    )


def test_a_job_that_goes_on_changes_its_one_message(server: RocketChatServer) -> None:
    target = rocketchat_target(server)
    told = carry(target, job_letter("rocketchat", State.RUNNING, done=2))
    carry(target, replace(told, attempts=0, job=replace(seen(told), state=State.SUCCEEDED, tasks_done=4)))
    (head,) = server.said()
    assert head["msg"].endswith("*succeeded*, 4 of 4 tasks done")


def test_wranglers_hear_of_a_failed_job_once_however_often_it_is_retried(server: RocketChatServer) -> None:
    target = rocketchat_target(server)
    told = carry(target, failed_job("rocketchat"))
    for state in (State.RUNNING, State.FAILED, State.RUNNING, State.FAILED):
        told = carry(target, replace(told, attempts=0, job=replace(seen(told), state=state)))
    assert [len(server.said(room)) for room in ("renders", "wranglers")] == [1, 1]
    assert 'hint="shotmill retry demo-7"' in server.said("wranglers")[0]["msg"]


def test_a_version_answers_in_the_thread_of_its_job_with_its_thumbnail(
    server: RocketChatServer, told_of: Publication
) -> None:
    target = rocketchat_target(server)
    head = carry(target, job_letter("rocketchat", State.RUNNING)).remote_id
    carry(target, published_letter(told_of, "rocketchat", thread=head))
    (answer,) = server.said(thread=head)
    assert answer["msg"].startswith("published `demo:sq010/sh010/thumbnail@v001` by `maya`: `first look`\nin `/")
    assert told_of.thumbnail is not None
    assert server.uploads[answer["file"]["_id"]]["content"] == told_of.thumbnail.read_bytes()


def test_a_version_of_no_job_is_a_message_of_its_own(server: RocketChatServer, told_of: Publication) -> None:
    carry(rocketchat_target(server), published_letter(told_of, "rocketchat"))
    assert len(server.said()) == 1


def test_an_answer_to_a_message_that_somebody_took_away_is_a_message_of_its_own(
    server: RocketChatServer, told_of: Publication
) -> None:
    carry(rocketchat_target(server), published_letter(told_of, "rocketchat", thread="gone"))
    assert len(server.said()) == 1


def test_a_server_that_takes_no_pictures_gets_the_words(server: RocketChatServer, told_of: Publication) -> None:
    server.refuse["rooms.media"] = "error-invalid-file-type"
    carry(rocketchat_target(server), published_letter(told_of, "rocketchat"))
    assert "file" not in server.said()[0]


def test_a_server_that_is_too_old_for_pictures_gets_the_words(server: RocketChatServer, told_of: Publication) -> None:
    server.missing = "rooms.media"
    carry(rocketchat_target(server), published_letter(told_of, "rocketchat"))
    assert "file" not in server.said()[0]


def test_what_is_no_rocket_chat_is_refused(server: RocketChatServer) -> None:
    server.missing = "me"
    with pytest.raises(TargetRefusedError, match="404") as refused:
        rocketchat_target(server).check()
    assert "mend 'url'" in refused.value.hint


@pytest.mark.parametrize("method", ["rooms.media", "rooms.mediaConfirm", "chat.sendMessage"])
def test_a_no_to_a_version_is_final(server: RocketChatServer, told_of: Publication, method: str) -> None:
    server.refuse[method] = "error-not-allowed"
    with pytest.raises(TargetRefusedError, match="error-not-allowed"):
        pictures = method != "chat.sendMessage"
        rocketchat_target(server, pictures=pictures).ensure(published_letter(told_of, "rocketchat"))


def test_a_version_that_was_told_is_not_told_again(server: RocketChatServer, told_of: Publication) -> None:
    told = carry(rocketchat_target(server), published_letter(told_of, "rocketchat"))
    server.asked.clear()
    assert carry(rocketchat_target(server), told).remote_id == told.remote_id
    assert server.asked == []


def test_a_job_whose_message_somebody_took_away_is_not_posted_again(server: RocketChatServer) -> None:
    target = rocketchat_target(server)
    told = carry(target, job_letter("rocketchat", State.RUNNING))
    server.messages.clear()
    carry(target, replace(told, attempts=0))
    assert server.messages == {}


def test_a_section_says_which_facts_it_wants(server: RocketChatServer) -> None:
    assert rocketchat_target(server, facts=["job-state"]).takes == {FactKind.JOB}


def test_notes_and_judgements_answer_in_the_thread_of_the_version(
    server: RocketChatServer, told_of: Publication
) -> None:
    target = rocketchat_target(server)
    version = str(carry(target, published_letter(told_of, "rocketchat")).remote_id)
    carry(target, noted_letter(told_of, "rocketchat", "edge flickers", remote_version=version, frame=1003))
    carry(target, reviewed_letter(told_of, "rocketchat", "approved", remote_version=version))
    assert [one["msg"] for one in server.said(thread=version)] == [
        "`rosa` on `demo:sq010/sh010/thumbnail@v001`, frame 1003: `edge flickers`",
        "`demo:sq010/sh010/thumbnail@v001` *is approved*, says `rosa`",
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_job_is_told_once_whatever_befalls_any_request(fault: str) -> None:
    def tell(server: RocketChatServer) -> None:
        target = rocketchat_target(server)
        told = carry(target, job_letter("rocketchat", State.RUNNING))
        carry(target, replace(failed_job("rocketchat"), remote_id=told.remote_id))

    for server in each_fault(RocketChatServer, tell, fault):
        assert [len(server.said(room)) for room in ("renders", "wranglers")] == [1, 1]
        assert "*failed*, 2 of 4 tasks done" in server.said()[0]["msg"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_version_and_its_picture_are_told_once_whatever_befalls_any_request(fault: str, told_of: Publication) -> None:
    def tell(server: RocketChatServer) -> None:
        target = rocketchat_target(server)
        head = carry(target, job_letter("rocketchat", State.RUNNING)).remote_id
        carry(target, published_letter(told_of, "rocketchat", thread=head))

    for server in each_fault(RocketChatServer, tell, fault):
        (head,) = server.said()
        (answer,) = server.said(thread=head["_id"])
        assert "file" in answer
        assert len(server.messages) == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_a_note_is_told_once_whatever_befalls_any_request(fault: str, told_of: Publication) -> None:
    def tell(server: RocketChatServer) -> None:
        target = rocketchat_target(server, pictures=False)
        version = carry(target, published_letter(told_of, "rocketchat")).remote_id
        carry(target, noted_letter(told_of, "rocketchat", "edge flickers", remote_version=str(version)))

    for server in each_fault(RocketChatServer, tell, fault):
        assert [len(server.said()), len(server.messages)] == [1, 2]


def test_an_answer_that_never_comes_is_not_waited_for_and_the_message_is_found(server: RocketChatServer) -> None:
    server.faults[2] = "hang"  # the post, after the look for the room's id
    carry(rocketchat_target(server, timeout_s=0.3), job_letter("rocketchat", State.RUNNING))
    assert len(server.said()) == 1


def test_a_post_that_a_forgotten_try_made_is_found(server: RocketChatServer) -> None:
    target = rocketchat_target(server)
    carry(target, job_letter("rocketchat", State.RUNNING))
    carry(target, job_letter("rocketchat", State.RUNNING))
    assert len(server.said()) == 1


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        pytest.param((), 9.0, id="as Rocket.Chat says it, in words"),
        pytest.param((("Retry-After", "4"),), 4.0, id="as a proxy says it, in a header"),
    ],
)
def test_a_busy_server_says_how_long_to_wait(
    server: RocketChatServer, headers: tuple[tuple[str, str], ...], wait_s: float
) -> None:
    server.busy = replace(server.busy, headers=headers)
    server.faults[1] = "429"
    with pytest.raises(TargetBusyError) as busy:
        rocketchat_target(server).ensure(job_letter("rocketchat", State.RUNNING))
    assert busy.value.wait_s == wait_s


@pytest.mark.parametrize(
    ("method", "error", "hint"),
    [
        pytest.param("rooms.info", "error-not-allowed", "invite our user", id="a room that we may not see"),
        pytest.param("chat.update", "error-message-editing-blocked", "bypass-time-limit", id="an old message"),
    ],
)
def test_a_no_is_final_and_says_what_to_do(server: RocketChatServer, method: str, error: str, hint: str) -> None:
    carry(rocketchat_target(server), job_letter("rocketchat", State.RUNNING))
    server.refuse[method] = error
    with pytest.raises(TargetRefusedError, match=error) as refused:
        rocketchat_target(server).ensure(job_letter("rocketchat", State.FAILED, attempts=1))
    assert hint in refused.value.hint


def test_a_room_that_is_not_there_is_refused(server: RocketChatServer) -> None:
    with pytest.raises(TargetRefusedError, match="does not match any channel"):
        rocketchat_target(server, channel="#comp").ensure(job_letter("rocketchat", State.RUNNING))


def test_an_id_of_a_room_will_do(server: RocketChatServer) -> None:
    carry(rocketchat_target(server, channel="GENERAL0000000001"), job_letter("rocketchat", State.RUNNING))
    assert len(server.said()) == 1


def test_a_server_that_is_down_is_unreachable() -> None:
    with serving(RocketChatServer()) as server:
        target = rocketchat_target(server)
    with pytest.raises(TargetUnreachableError, match="cannot be reached"):
        target.ensure(job_letter("rocketchat", State.RUNNING))


def test_a_redirect_is_not_followed_with_our_token(server: RocketChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(_asked: Asked) -> Answer:
        return Answer({}, 302, (("Location", f"{server.url}/elsewhere"),))

    monkeypatch.setattr(server, "answer", elsewhere)
    with pytest.raises(TargetRefusedError, match="sends us elsewhere"):
        rocketchat_target(server).check()
    assert len(server.asked) == 1


def test_check_says_who_we_are_and_posts_nothing(server: RocketChatServer) -> None:
    target = rocketchat_target(server)
    checked = target.check()
    target.close()
    assert (checked.who, checked.lines) == ("shotmill", ("channel #renders", "channel #wranglers"))
    assert server.messages == {}


def test_a_wrong_token_is_refused_and_never_repeated(
    server: RocketChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "planted-wrong-token-31415"
    with pytest.raises(TargetRefusedError, match="does not know our user or token") as refused:
        rocketchat_target(server, token=wrong).check()
    assert wrong not in refused.value.line() + repr(refused.value.__context__) + caplog.text


@pytest.mark.parametrize("fault", [*FAULTS, "hang"])
def test_no_fault_brings_the_token_into_a_message_or_log(
    server: RocketChatServer, fault: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    server.faults[1] = fault
    with pytest.raises(DeliveryError) as failed:
        rocketchat_target(server, timeout_s=0.3).check()
    assert TOKEN not in failed.value.line() + caplog.text + "".join(capfd.readouterr())
