"""A farm that is down, hung, strange or says no ends in one plain sentence, in time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from deadline_service import FARM, QUEUE, ServiceError
from deadline_user import SECRET, FarmUser

from shotmill.schema.errors import EngineError, EngineRefusedError, EngineUnreachableError, MissingExtraError
from shotmill.schema.job import JobSpec

Submitting = Callable[[FarmUser, JobSpec], object]
CALLS = [
    pytest.param(lambda user, job: user.launch(job), id="launch"),
    pytest.param(lambda user, job: user.farm.check(job), id="check"),
]
UNKNOWN_FARM = "farm-" + "0" * 32


def refused_with(code: str, words: str, status: int = 403) -> ServiceError:
    return ServiceError(status, code, message=words)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("code", "words", "said", "hint"),
    [
        pytest.param("ExpiredTokenException", "x", "has expired", "deadline auth login", id="expired"),
        pytest.param(
            "UnrecognizedClientException", "x", "does not know your cred", "deadline auth login", id="unknown"
        ),
        pytest.param("AccessDeniedException", "no GetQueue", "does not let you", "deadline auth status", id="denied"),
        pytest.param("ValidationException", "bad id", "bad id", "shotmill doctor", id="refused"),
    ],
)
def test_what_the_service_refuses_is_said_in_one_sentence(
    user: FarmUser, call: Submitting, code: str, words: str, said: str, hint: str
) -> None:
    user.service.faults.refuse("*", refused_with(code, words), times=100)
    with pytest.raises(EngineRefusedError, match=said) as caught:
        call(user, user.spec())
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("call", CALLS)
def test_a_machine_without_a_farm_says_how_to_choose_one(user: FarmUser, call: Submitting) -> None:
    Path(os.environ["DEADLINE_CONFIG_FILE_PATH"]).write_text("[telemetry]\nopt_out = true\n", encoding="utf-8")
    with pytest.raises(EngineRefusedError, match="no farm and no queue of Deadline Cloud is configured") as caught:
        call(user, user.spec())
    assert "deadline config gui" in caught.value.hint


@pytest.mark.parametrize("call", CALLS)
def test_nobody_signed_in_is_told_how(user: FarmUser, call: Submitting, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(EngineRefusedError, match="sign in") as caught:
        call(user, user.spec())
    assert "deadline auth login" in caught.value.hint


def test_a_farm_of_the_settings_goes_before_that_of_deadline_config(user: FarmUser) -> None:
    with pytest.raises(EngineRefusedError, match="no such farm"):
        user.tuned(deadline_farm=UNKNOWN_FARM, deadline_queue=QUEUE).launch(user.spec())
    assert {call.request["farmId"] for call in user.service.calls} == {UNKNOWN_FARM}
    assert FARM != UNKNOWN_FARM


@pytest.mark.parametrize("call", CALLS)
def test_a_farm_that_is_down_is_unreachable(user: FarmUser, call: Submitting) -> None:
    hasty = user.tuned(deadline_timeout_s=3.0)
    user.service.stop()
    began = time.monotonic()
    with pytest.raises(EngineUnreachableError):
        call(hasty, user.spec())
    assert time.monotonic() - began < 30  # and not the minutes of the SDK


@pytest.mark.parametrize("call", CALLS)
def test_a_farm_that_hangs_is_unreachable_in_time(user: FarmUser, call: Submitting) -> None:
    hasty = user.tuned(deadline_timeout_s=2.0)
    user.service.faults.hang()
    began = time.monotonic()
    with pytest.raises(EngineUnreachableError):
        call(hasty, user.spec())
    assert time.monotonic() - began < 30  # and not the minutes of the SDK


def test_a_farm_that_throttles_for_a_moment_is_waited_for(user: FarmUser) -> None:
    user.service.faults.throttle("*", times=3)
    user.launch(user.spec())
    assert len(user.service.jobs()) == 1


@pytest.mark.parametrize("call", CALLS)
def test_a_farm_that_throttles_for_ever_is_unreachable(user: FarmUser, call: Submitting) -> None:
    user.service.faults.throttle("*", times=10_000)
    with pytest.raises(EngineUnreachableError, match="throttling"):
        call(user.tuned(deadline_timeout_s=8.0), user.spec())  # half of it for a process to load boto3


def test_whoever_signs_in_again_is_heard_by_the_next_request(user: FarmUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(EngineRefusedError):
        user.farm.check(user.spec())
    keys = f"[default]\naws_access_key_id = AKIDTEST\naws_secret_access_key = {SECRET}\n"
    Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(keys, encoding="utf-8")
    user.farm.check(user.spec())


def test_secrets_that_the_service_repeats_are_not_repeated(user: FarmUser) -> None:
    words = f"the canonical string is x-amz-security-token:{SECRET} https://bob:hunter22@proxy"
    user.service.faults.refuse("*", refused_with("ValidationException", words, 400), times=100)
    for call in (user.launch, user.farm.check):
        with pytest.raises(EngineError) as caught:
            call(user.spec())
        assert SECRET not in caught.value.line()
        assert "hunter22" not in caught.value.line()


def test_a_broken_installation_is_named(user: FarmUser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken" / "deadline"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('half installed')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    with pytest.raises(MissingExtraError, match="half installed") as caught:
        user.launch(user.spec())
    assert "pip install 'shotmill[deadline]'" in caught.value.hint
