"""The delivery worker and the chats: whatever breaks for how long, rooms end with one thread for each job."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from chat_server import FAULTS, FaultyServer, serving
from letters import picture
from mail import Hours, Mail
from rocketchat_server import USER_ID, RocketChatServer
from slack_server import SlackServer
from wire_tracker import TOKEN

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import upgrade
from shotmill.schema.states import State

JOBS, VERSIONS = 3, 3
AN_HOUR_S = 3600
SECTIONS = {
    "slack": 'type = "slack"\nurl = "{url}/api/"\n',
    "rocketchat": f'type = "rocketchat"\nurl = "{{url}}"\nuser_id = "{USER_ID}"\n',
}


@pytest.fixture
def mail(settings: Settings, opened: Callable[[str], Database]) -> Mail:
    """An outbox."""
    settings.home.mkdir()
    database = opened(settings.database_url)
    upgrade(database)
    return Mail(settings.model_copy(update={"targets": ("wire",)}), database, Hours())


def speak(mail: Mail, server: FaultyServer, kind: str) -> None:
    """Write the targets file: a chat takes the place of the tracker."""
    rooms = 'channel = "renders"\nfailures_channel = "wranglers"\ncalls_per_s = 100\n'
    text = f'[wire]\ntoken = "env:WIRE_TOKEN"\n{SECTIONS[kind].format(url=server.url)}{rooms}'
    mail.settings.targets_path.parent.mkdir(parents=True, exist_ok=True)
    mail.settings.targets_path.write_text(text)
    picture(mail.settings.projects_folder / "demo" / "publish" / "v001" / "sh010.png")


def a_day(mail: Mail) -> None:
    """Jobs that publish and end, one of them badly, while a worker carries what it can."""
    worker = mail.worker()
    worker.once()
    jobs = [mail.job() for _ in range(JOBS)]
    for number in range(VERSIONS):
        for job in jobs:
            mail.publish(job=job, product=f"p{number}{str(job)[-4:]}")
            mail.move(job, State.RUNNING, done=number)
        worker.once()
        mail.clock.wait(worker.stopping, 60)
    for job in jobs:
        mail.move(job, State.SUCCEEDED, done=4)
    mail.move(jobs[0], State.FAILED, done=3, failure="SHOTMILL E204 input-missing")
    for _ in range(200):
        worker.once()
        if mail.clock.passed_s > AN_HOUR_S and {state for _, state in mail.states()} == {"delivered"}:
            break
        mail.clock.wait(worker.stopping, 300)
    assert {state for _, state in mail.states()} == {"delivered"}


def bad_hour(mail: Mail, server: FaultyServer) -> None:
    """For an hour nothing is done as asked, each time in another way."""
    dice = random.Random(17)
    server.mood = lambda: dice.choice(FAULTS) if mail.clock.passed_s < AN_HOUR_S else ""


@pytest.mark.slow
def test_slack_is_bad_for_an_hour_and_says_all_once_after_it(mail: Mail) -> None:
    with serving(SlackServer()) as server:
        server.token = TOKEN
        speak(mail, server, "slack")
        bad_hour(mail, server)
        a_day(mail)
        heads = server.said()
        assert sorted(server.words(one).split("\n")[1].split(",")[0] for one in heads) == [
            "failed", "succeeded", "succeeded"
        ]  # fmt: skip
        answers = [[server.words(one).split(" by ")[0] for one in server.said(thread=head["ts"])] for head in heads]
        assert [len(set(one)) for one in answers] == [len(one) for one in answers] == [VERSIONS] * JOBS
        assert all(one["files"] for head in heads for one in server.said(thread=head["ts"]))
        assert len(server.said("C0WRANGLE")) == 1
        assert len(server.messages) == JOBS + JOBS * VERSIONS + 1


@pytest.mark.slow
def test_rocket_chat_is_bad_for_an_hour_and_says_all_once_after_it(mail: Mail) -> None:
    with serving(RocketChatServer()) as server:
        server.token = TOKEN
        speak(mail, server, "rocketchat")
        bad_hour(mail, server)
        a_day(mail)
        heads = server.said()
        answers = [[one["msg"].split(" by ")[0] for one in server.said(thread=head["_id"])] for head in heads]
        assert [len(set(one)) for one in answers] == [len(one) for one in answers] == [VERSIONS] * JOBS
        assert all(one["files"] for head in heads for one in server.said(thread=head["_id"]))
        assert len(server.said("wranglers")) == 1
        assert len(server.messages) == JOBS + JOBS * VERSIONS + 1
