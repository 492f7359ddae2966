"""What a Slack workspace shows after letters were told to it, whatever went wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from chat_server import FAULTS, carry, each_fault, serving
from chats import failed_job, seen, slack_target
from letters import job_letter, noted_letter, published_letter, reviewed_letter
from slack_server import TOKEN, SlackServer

from shotmill.pipeline.notify import slack
from shotmill.pipeline.notify.slack import Told
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


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with serving(SlackServer()) as found:
        yield found


def test_a_job_says_what_who_and_how_far(server: SlackServer) -> None:
    carry(slack_target(server), job_letter("slack", State.RUNNING, done=2))
    (head,) = server.said()
    assert server.words(head) == (
        "thumbnails of cut reel-1 by maya: thumbnail on local, demo\nrunning, 2 of 4 tasks done"
    )


def test_a_job_that_goes_on_changes_its_one_message(server: SlackServer) -> None:
    target = slack_target(server)
    told = carry(target, job_letter("slack", State.RUNNING, done=2))
    carry(target, replace(told, attempts=0, job=replace(seen(told), state=State.SUCCEEDED, tasks_done=4)))
    (head,) = server.said()
    assert server.words(head).endswith("succeeded, 4 of 4 tasks done")


def test_a_failed_job_says_which_command_to_type(server: SlackServer) -> None:
    carry(slack_target(server), failed_job("slack"))
    (head,) = server.said()
    assert 'hint="shotmill retry demo-7"' in server.words(head)


def test_wranglers_hear_of_a_failed_job_once_however_often_it_is_retried(server: SlackServer) -> None:
    target = slack_target(server)
    told = carry(target, failed_job("slack"))
    for state in (State.RUNNING, State.FAILED, State.RUNNING, State.FAILED):
        told = carry(target, replace(told, attempts=0, job=replace(seen(told), state=state)))
    assert [len(server.said(channel)) for channel in ("C0RENDERS", "C0WRANGLE")] == [1, 1]


def test_a_job_that_succeeds_is_no_news_for_wranglers(server: SlackServer) -> None:
    carry(slack_target(server), job_letter("slack", State.SUCCEEDED, done=4))
    assert server.said("C0WRANGLE") == []


def test_a_version_answers_in_the_thread_of_its_job_with_its_thumbnail(
    server: SlackServer, told_of: Publication
) -> None:
    target = slack_target(server)
    head = carry(target, job_letter("slack", State.RUNNING)).remote_id
    carry(target, published_letter(told_of, "slack", thread=head))
    (answer,) = server.said(thread=server.said()[0]["ts"])
    assert server.words(answer).startswith("published demo:sq010/sh010/thumbnail@v001 by maya: first look\nin /")
    assert told_of.thumbnail is not None
    assert [server.files[one["id"]]["content"] for one in answer["files"]] == [told_of.thumbnail.read_bytes()]


def test_a_version_of_no_job_is_a_message_of_its_own(server: SlackServer, told_of: Publication) -> None:
    carry(slack_target(server), published_letter(told_of, "slack"))
    assert len(server.said()) == 1


def test_a_version_without_a_thumbnail_is_told_in_words(server: SlackServer, told_of: Publication) -> None:
    carry(slack_target(server), published_letter(replace(told_of, thumbnail=None), "slack"))
    assert "files" not in server.said()[0]


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_a_workspace_that_takes_no_pictures_gets_the_words(
    server: SlackServer, told_of: Publication, method: str
) -> None:
    server.refuse[method] = "file_type_not_allowed"
    carry(slack_target(server), published_letter(told_of, "slack"))
    assert len(server.said()) == 1


def test_notes_and_judgements_answer_in_the_thread_of_the_version(server: SlackServer, told_of: Publication) -> None:
    target = slack_target(server)
    version = str(carry(target, published_letter(told_of, "slack")).remote_id)
    carry(target, noted_letter(told_of, "slack", "edge flickers", remote_version=version, frame=1003))
    carry(target, reviewed_letter(told_of, "slack", "rejected", remote_version=version))
    answers = [server.words(one) for one in server.said(thread=version.partition(":")[2])]
    assert answers == [
        "rosa on demo:sq010/sh010/thumbnail@v001, frame 1003: edge flickers",
        "demo:sq010/sh010/thumbnail@v001 is rejected, says rosa",
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_job_is_told_once_whatever_befalls_any_request(fault: str) -> None:
    def tell(server: SlackServer) -> None:
        target = slack_target(server)
        told = carry(target, job_letter("slack", State.RUNNING))
        carry(target, replace(failed_job("slack"), remote_id=told.remote_id))

    for server in each_fault(SlackServer, tell, fault):
        assert [len(server.said(channel)) for channel in ("C0RENDERS", "C0WRANGLE")] == [1, 1]
        assert "failed, 2 of 4 tasks done" in server.words(server.said()[0])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_version_and_its_picture_are_told_once_whatever_befalls_any_request(fault: str, told_of: Publication) -> None:
    def tell(server: SlackServer) -> None:
        target = slack_target(server)
        head = carry(target, job_letter("slack", State.RUNNING)).remote_id
        carry(target, published_letter(told_of, "slack", thread=head))

    for server in each_fault(SlackServer, tell, fault):
        (head,) = server.said()
        (answer,) = server.said(thread=head["ts"])
        assert len(answer["files"]) == 1
        assert len(server.messages) == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_a_note_is_told_once_whatever_befalls_any_request(fault: str, told_of: Publication) -> None:
    def tell(server: SlackServer) -> None:
        target = slack_target(server, pictures=False)
        version = carry(target, published_letter(told_of, "slack")).remote_id
        carry(target, noted_letter(told_of, "slack", "edge flickers", remote_version=str(version)))

    for server in each_fault(SlackServer, tell, fault):
        assert [len(server.said()), len(server.messages)] == [1, 2]


def test_a_message_is_found_beyond_the_first_page(server: SlackServer) -> None:
    target = slack_target(server)
    carry(target, job_letter("slack", State.RUNNING))
    for number in range(7):
        server._add("C0RENDERS", text=f"lunch {number}", blocks=[])
    server.page_size = 3
    carry(target, job_letter("slack", State.RUNNING, attempts=1))
    assert len(server.said()) == 8


def test_an_answer_that_never_comes_is_not_waited_for_and_the_message_is_found(server: SlackServer) -> None:
    server.faults[2] = "hang"  # the post, after the look for the channel's id
    carry(slack_target(server, timeout_s=0.3), job_letter("slack", State.RUNNING))
    assert len(server.said()) == 1


def test_a_picture_that_slack_is_still_scanning_is_waited_for(server: SlackServer, told_of: Publication) -> None:
    server.shown_after = 3
    target = slack_target(server)
    kept: list[str] = []
    with pytest.raises(TargetBusyError):
        target.ensure(published_letter(told_of, "slack", keep=kept.append))
    told = carry(target, published_letter(told_of, "slack", attempts=1, remote_id=kept[-1]))
    assert (told.remote_id, len(server.said())) == (f"C0RENDERS:{server.said()[0]['ts']}", 1)


def test_words_go_alone_when_slack_never_shows_the_picture(
    server: SlackServer, told_of: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack, "GIVE_UP_SHOWING_S", -1)
    server.shown_after = 99
    carry(slack_target(server), published_letter(told_of, "slack"))
    assert [one.get("text", "")[:9] for one in server.said()] == ["", "published"]  # the first is the one nobody sees


def test_a_message_that_somebody_took_away_is_not_posted_again(server: SlackServer) -> None:
    target = slack_target(server)
    told = carry(target, job_letter("slack", State.RUNNING))
    server.messages.clear()
    carry(target, replace(told, attempts=0))
    assert server.messages == []


@pytest.mark.parametrize("pictures", [True, False], ids=["with a picture", "in words"])
@pytest.mark.parametrize("attempts", [0, 1], ids=["at once", "after a failed try"])
def test_an_answer_to_a_message_that_somebody_took_away_is_a_message_of_its_own(
    server: SlackServer, told_of: Publication, pictures: bool, attempts: int
) -> None:
    target = slack_target(server, pictures=pictures)
    carry(target, published_letter(told_of, "slack", thread="C0RENDERS:1.000100", attempts=attempts))
    assert len(server.said()) == len(server.messages) == 1


def test_a_version_that_was_told_is_not_told_again(server: SlackServer, told_of: Publication) -> None:
    told = carry(slack_target(server), published_letter(told_of, "slack"))
    server.asked.clear()
    assert carry(slack_target(server), told).remote_id == told.remote_id
    assert server.asked == []


def test_a_picture_that_is_gone_at_the_next_try_is_left_out(server: SlackServer, told_of: Publication) -> None:
    letter = published_letter(replace(told_of, thumbnail=None), "slack", attempts=1, remote_id="file=F00000001 asked=1")
    server.files["F00000001"] = {"ts": None}
    carry(slack_target(server), letter)
    assert server.words(server.said()[0]).startswith("published ")


@pytest.mark.parametrize("method", ["files.info", "files.getUploadURLExternal", "chat.update"])
def test_a_scope_that_is_missing_is_said_whatever_needs_it(
    server: SlackServer, told_of: Publication, method: str
) -> None:
    server.refuse[method] = "missing_scope"
    target = slack_target(server)
    head = target.ensure(job_letter("slack", State.RUNNING))
    with pytest.raises(TargetRefusedError, match="missing_scope"):
        if method == "chat.update":
            target.ensure(job_letter("slack", State.RUNNING, remote_id=head))
        target.ensure(published_letter(told_of, "slack", remote_id="file=F00000001 asked=1"))


def test_a_section_says_which_facts_it_wants(server: SlackServer) -> None:
    assert slack_target(server, facts=["job-state"]).takes == {FactKind.JOB}


def test_a_busy_workspace_says_how_long_to_wait(server: SlackServer) -> None:
    server.faults[1] = "429"
    with pytest.raises(TargetBusyError) as busy:
        slack_target(server).ensure(job_letter("slack", State.RUNNING))
    assert busy.value.wait_s == 7


@pytest.mark.parametrize("error", ["internal_error", "fatal_error", "service_unavailable"])
def test_a_fault_of_slacks_own_is_tried_again(server: SlackServer, error: str) -> None:
    server.refuse["chat.postMessage"] = error
    with pytest.raises(TargetUnreachableError, match=error):
        slack_target(server).ensure(job_letter("slack", State.RUNNING))


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        pytest.param("token_revoked", "bot token", id="the token is void"),
        pytest.param("is_archived", "invite the app's bot", id="the channel is archived"),
        pytest.param("missing_scope", "scopes", id="a scope is missing"),
        pytest.param("msg_too_long", "api.slack.com", id="anything else"),
    ],
)
def test_a_no_is_final_and_says_what_to_do(server: SlackServer, error: str, hint: str) -> None:
    server.refuse["chat.postMessage"] = error
    with pytest.raises(TargetRefusedError, match=error) as refused:
        slack_target(server).ensure(job_letter("slack", State.RUNNING))
    assert hint in refused.value.hint


def test_a_server_that_is_down_is_unreachable() -> None:
    with serving(SlackServer()) as server:
        target = slack_target(server)
    with pytest.raises(TargetUnreachableError, match="cannot be reached"):
        target.ensure(job_letter("slack", State.RUNNING))


def test_a_channel_that_is_not_there_is_named(server: SlackServer) -> None:
    with pytest.raises(TargetRefusedError, match="no channel comp"):
        slack_target(server, channel="#comp").ensure(job_letter("slack", State.RUNNING))


def test_an_id_of_a_channel_is_not_looked_up(server: SlackServer) -> None:
    carry(slack_target(server, channel="C0RENDERS"), job_letter("slack", State.RUNNING))
    assert [asked.path for asked in server.asked] == ["/api/chat.postMessage"]


def test_check_says_who_we_are_and_posts_nothing(server: SlackServer) -> None:
    checked = slack_target(server).check()
    assert (checked.who, checked.lines) == (
        "shotmill",
        ("workspace Studio", "channel #renders", "channel #wranglers"),
    )
    assert server.messages == []


def test_check_says_how_to_invite_the_bot(server: SlackServer) -> None:
    with pytest.raises(TargetRefusedError) as refused:
        slack_target(server, channel="#secrets").check()
    assert refused.value.hint == "type there: /invite @shotmill"


def test_a_wrong_token_is_refused_and_never_repeated(server: SlackServer, caplog: pytest.LogCaptureFixture) -> None:
    wrong = "xoxb-planted-wrong-31415"
    with pytest.raises(TargetRefusedError, match="invalid_auth") as refused:
        slack_target(server, token=wrong).check()
    assert wrong not in refused.value.line() + repr(refused.value.__context__) + caplog.text


@pytest.mark.parametrize("fault", [*FAULTS, "hang"])
def test_no_fault_brings_the_token_into_a_message_or_log(
    server: SlackServer, fault: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    server.faults[1] = fault
    with pytest.raises(DeliveryError) as failed:
        slack_target(server, timeout_s=0.3).check()
    assert TOKEN not in failed.value.line() + caplog.text + "".join(capfd.readouterr())


def test_what_is_no_token_is_not_sent(server: SlackServer) -> None:
    odd = "xoxb-planted\r\nX-Evil: 1"
    with pytest.raises(SecretMissingError) as missing:
        slack_target(server, token=odd)
    assert "planted" not in missing.value.line()


def test_a_section_with_a_wrong_key_is_named_by_key(server: SlackServer) -> None:
    with pytest.raises(ConfigError, match="did you mean: channel"):
        slack_target(server, channels="x")


@pytest.mark.parametrize(
    "told",
    [Told(), Told("C1:1.2"), Told("C1:1.2", alarm="C2:3.4"), Told(file="F1", asked=17)],
    ids=lambda one: one.text,
)
def test_what_is_kept_reads_back(told: Told) -> None:
    assert Told.read(told.text) == told
