"""Targets that talk to the chat servers of tests, and letters for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from letters import job_letter
from rocketchat_server import TOKEN as ROCKETCHAT_TOKEN
from rocketchat_server import USER_ID, RocketChatServer
from slack_server import TOKEN as SLACK_TOKEN
from slack_server import SlackServer

from shotmill.pipeline.notify import rocketchat, slack
from shotmill.pipeline.notify.rocketchat import RocketChatTarget
from shotmill.pipeline.notify.slack import Slack
from shotmill.pipeline.outbox.letter import JobSeen, Letter
from shotmill.schema.states import State

FAILURE = (
    "SHOTMILL E204 input-missing frame=1042 path=/shows/demo/plate.1042.exr retryable=no "
    'cause="frame 1042 is not there" hint="shotmill retry demo-7"'
)


class Planted:
    """Resolves every reference to one secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def __call__(self, reference: str) -> str:  # noqa: ARG002 - there is one
        return self._secret


def slack_target(server: SlackServer, *, token: str = SLACK_TOKEN, timeout_s: float = 5.0, **more: Any) -> Slack:
    """The target of a Slack section."""
    section = {"token": "env:SLACK_TOKEN", "channel": "#renders", "failures_channel": "#wranglers"}
    section["url"] = f"{server.url}/api/"
    return slack.make("slack", {**section, **more}, Planted(token), timeout_s)


def rocketchat_target(
    server: RocketChatServer, *, token: str = ROCKETCHAT_TOKEN, timeout_s: float = 5.0, **more: Any
) -> RocketChatTarget:
    """The target of a Rocket.Chat section."""
    section = {"token": "env:ROCKETCHAT_TOKEN", "user_id": USER_ID, "url": server.url}
    section |= {"channel": "#renders", "failures_channel": "#wranglers"}
    return rocketchat.make("rocketchat", {**section, **more}, Planted(token), timeout_s)


def seen(letter: Letter) -> JobSeen:
    """The job of a letter about one."""
    assert letter.job is not None
    return letter.job


def failed_job(target: str, **more: Any) -> Letter:
    """The letter about a job that failed."""
    letter = job_letter(target, State.FAILED, done=2, **more)
    return replace(letter, job=replace(seen(letter), line=FAILURE))
