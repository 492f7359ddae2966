"""Acceptance fact 17 of publishing, at both chats."""

from __future__ import annotations

from dataclasses import replace

from chat_server import carry, serving
from chats import rocketchat_target, slack_target
from letters import job_letter, publication, published_letter
from rocketchat_server import RocketChatServer
from slack_server import SlackServer

from shotmill.pipeline.outbox.target import Target
from shotmill.schema.states import State

# The 2nd request is told to wait, the 4th gets an error page, and so on: each try of anything meets one of them.
BAD_DAY = {number: "429" if number % 4 else "500" for number in range(2, 60, 2)}
VERSIONS = [publication(number=number) for number in (1, 2, 3)]


def tell_a_batch(target: Target, name: str) -> str:
    """A job, three versions of it, and its end; the thread."""
    head = carry(target, job_letter(name, State.RUNNING), tries=30)
    for version in VERSIONS:
        carry(target, published_letter(version, name, thread=head.remote_id), tries=30)
    ended = carry(target, job_letter(name, State.SUCCEEDED, remote_id=head.remote_id, done=4), tries=30)
    assert ended.remote_id == head.remote_id
    return str(ended.remote_id)


def test_publish_fact_17_slack_shows_one_thread_for_a_batch_on_a_bad_day() -> None:
    with serving(SlackServer()) as server:
        server.faults = dict(BAD_DAY)
        thread = tell_a_batch(slack_target(server), "slack").partition(":")[2]
        (head,) = server.said()
        assert "succeeded, 4 of 4 tasks done" in server.words(head)
        answers = [server.words(one) for one in server.said(thread=thread)]
        assert [one.partition(" by ")[0] for one in answers] == [f"published {one.address}" for one in VERSIONS]


def test_publish_fact_17_rocket_chat_shows_one_thread_for_a_batch_on_a_bad_day() -> None:
    with serving(RocketChatServer()) as server:
        server.faults = dict(BAD_DAY)
        thread = tell_a_batch(rocketchat_target(server), "rocketchat")
        (head,) = server.said()
        assert "*succeeded*, 4 of 4 tasks done" in head["msg"]
        answers = [one["msg"].partition(" by ")[0] for one in server.said(thread=thread)]
        assert answers == [f"published `{one.address}`" for one in VERSIONS]


def test_two_chats_of_one_kind_are_told_apart() -> None:
    with serving(RocketChatServer()) as server:
        letter = job_letter("show-a", State.RUNNING)
        for name in ("show-a", "show-b"):
            carry(rocketchat_target(server), replace(letter, target=name))
        assert len(server.said()) == 2
