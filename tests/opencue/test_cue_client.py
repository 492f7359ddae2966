"""Calls to Cuebot: what happens when it is away, hangs, says no, or is another one."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from cue_studio import CueStudio
from cuebot import Cuebot

from shotmill.farm_plugins.opencue.client import CueClient
from shotmill.schema.errors import EngineError, EngineRefusedError, EngineUnreachableError


@pytest.fixture
def client(bot: Cuebot) -> Iterator[CueClient]:
    made = CueClient([bot.address], timeout_s=5, user="artist")
    yield made
    made.close()


def seconds(began: float) -> float:
    return time.monotonic() - began


def test_fact_15_a_server_that_is_down_is_told_at_once_in_one_sentence(studio: CueStudio, bot: Cuebot) -> None:
    bot.stop()
    began = time.monotonic()
    with pytest.raises(EngineUnreachableError, match=r"Cuebot at 127\.0\.0\.1:\d+ cannot be reached; ") as told:
        studio.submit()
    assert seconds(began) < 3
    assert told.value.exit_code == 75
    assert "\n" not in told.value.message


def test_fact_15_a_server_that_hangs_is_given_up_at_the_deadline(studio: CueStudio, bot: Cuebot) -> None:
    bot.faults.slow_s = 30
    began = time.monotonic()
    with pytest.raises(EngineUnreachableError, match=r"did not answer within 0\.5 s"):
        studio.tuned(opencue_timeout_s=0.5).submit()
    assert 0.4 < seconds(began) < 3


def test_fact_15_a_submit_after_the_farm_is_back_makes_one_job(studio: CueStudio, bot: Cuebot) -> None:
    bot.faults.lost += ["LaunchSpecAndWait"]
    bot.faults.down = True
    with pytest.raises(EngineUnreachableError):
        studio.submit()
    bot.faults.down = False
    made = studio.submit()
    assert studio.submit().job.id == made.job.id
    assert len(bot.bot.jobs) == 1


def test_fact_15_a_connection_survives_a_restart_of_the_server(client: CueClient, bot: Cuebot) -> None:
    client.greet()
    bot.stop()
    with pytest.raises(EngineUnreachableError):
        client.greet()
    bot.restart()
    ends = time.monotonic() + 60
    while True:
        try:
            client.greet()
            break
        except EngineUnreachableError:
            assert time.monotonic() < ends
            time.sleep(0.1)


def test_of_several_cuebots_the_first_that_answers_is_used(bot: Cuebot) -> None:
    with socket.socket() as taken:  # bound and never listened on: connections are refused
        taken.bind(("127.0.0.1", 0))
        away = f"127.0.0.1:{taken.getsockname()[1]}"
        client = CueClient([away, bot.address], timeout_s=5, user="artist")
        assert client.active_shows() == ["testing"]
        assert client.greet() == bot.address
        client.close()


def test_a_refusal_is_told_in_cuebots_own_words(client: CueClient) -> None:
    with pytest.raises(EngineRefusedError, match="refused LaunchSpecAndWait: Failed to launch and add job: Failed to"):
        client.launch(b"<spec/>")


def test_a_server_that_is_no_cuebot_of_today_is_told_as_such(client: CueClient, bot: Cuebot) -> None:
    job = client.job("none")
    assert job is None
    with pytest.raises(EngineRefusedError, match="has no call SetMaxCores; it is older"):
        client._jobs("SetMaxCores", _max_cores())
    assert bot.bot.jobs == []


def _max_cores() -> object:
    from opencue_proto import job_pb2  # noqa: PLC0415 - one use

    return job_pb2.JobSetMaxCoresRequest()


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    client = CueClient(["cuebot.invalid"], timeout_s=3, user="artist")
    with pytest.raises(EngineError, match=r"Cuebot at cuebot\.invalid:8443 "):
        client.greet()
    client.close()


def test_fact_15_nothing_of_opencue_is_imported_before_a_call_is_made() -> None:
    program = (
        "import sys\n"
        "import shotmill.farm_plugins.opencue.farm, shotmill.farm_plugins.opencue.host, shotmill.submitters.cli.main\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'grpc', 'opencue_proto', 'opencue'}))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""
