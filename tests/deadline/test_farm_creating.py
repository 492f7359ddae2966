"""Jobs without files of their own are made without the ``deadline`` library, and as it makes them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from deadline_user import CONFIG, FarmUser

from shotmill.farm_plugins.deadline_cloud.apart import Clerk
from shotmill.farm_plugins.deadline_cloud.hire import engine_of, hire_early
from shotmill.schema.errors import EngineRefusedError
from shotmill.schema.job import JobSpec

NO_HOOKS: dict[str, Any] = {"version": "1.0"}

EARLY = "submit publish plate.png --engine deadline"


def configured(text: str) -> None:
    Path(os.environ["DEADLINE_CONFIG_FILE_PATH"]).write_text(CONFIG + text, encoding="utf-8")


def asked(user: FarmUser) -> dict[str, Any]:
    [call] = [call for call in user.service.calls if call.operation == "CreateJob"]
    return call.request


def hooked(place: Path, monkeypatch: pytest.MonkeyPatch, **hooks: Any) -> None:
    """Let the library run a studio's own hooks around each submission."""
    place.mkdir()
    (place / "hooks.json").write_text(json.dumps({**NO_HOOKS, **hooks}), encoding="utf-8")
    monkeypatch.setenv("DEADLINE_HOOKS_DIR", str(place))
    configured("[settings]\nallow_environment_hooks = true\nauto_accept = true\n")


def test_the_farm_is_asked_what_the_library_asks(
    user: FarmUser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = user.spec()
    user.launch(job)
    ours = asked(user)
    for kept in (user.service.world.jobs, user.service.world.tokens, user.service.calls):
        kept.clear()
    hooked(tmp_path / "hooks", monkeypatch)
    user.launch(job)
    assert "ListQueueEnvironments" in user.service.called()  # by the library
    assert asked(user) == ours


def test_hooks_that_deadline_config_allows_are_run(
    user: FarmUser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = tmp_path / "heard.json"
    hooked(tmp_path / "hooks", monkeypatch, postSubmission=[{"command": "tee", "args": [str(heard)]}])
    made = user.launch(user.spec())
    assert made.rpartition("/")[2] in heard.read_text(encoding="utf-8")


def test_hooks_that_nobody_allowed_are_not_run(user: FarmUser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = tmp_path / "heard.json"
    hooked(tmp_path / "hooks", monkeypatch, postSubmission=[{"command": "tee", "args": [str(heard)]}])
    configured("")
    user.launch(user.spec())
    assert not heard.exists()


def test_the_storage_profile_of_deadline_config_is_named(user: FarmUser) -> None:
    [section] = [line for line in CONFIG.splitlines() if line.startswith("[profile-(default) farm-")]
    configured(f"{section.replace(' defaults]', ' settings]')}\nstorage_profile_id = sp-{'0' * 32}\n")
    user.launch(user.spec())
    assert asked(user)["storageProfileId"] == f"sp-{'0' * 32}"


def test_a_job_that_takes_its_time_to_be_made_is_waited_for(user: FarmUser) -> None:
    user.service.options.creating_s = 0.5
    user.launch(user.spec())
    assert [job.lifecycle for job in user.service.jobs()] == ["CREATE_COMPLETE"]
    assert 2 < user.service.called().count("GetJob") < 8


def test_a_job_that_the_farm_cannot_make_says_why(user: FarmUser) -> None:
    job = user.spec()
    template = user.bundle(job) / "template.json"
    circle = json.loads(template.read_text(encoding="utf-8"))
    circle["steps"][0]["dependencies"] = [{"dependsOn": circle["steps"][1]["name"]}]
    template.write_text(json.dumps(circle), encoding="utf-8")
    with pytest.raises(EngineRefusedError, match=r"could not make the job: .* in a circle"):
        user.launch(job)


@pytest.mark.parametrize(
    ("words", "engine", "wanted"),
    [
        pytest.param(EARLY, "", True, id="named"),
        pytest.param("--home x submit publish --engine=deadline plate.png", "local", True, id="named with ="),
        pytest.param("submit publish plate.png", "deadline", True, id="of the setting"),
        pytest.param(f"{EARLY} --later", "", False, id="in the background"),
        pytest.param(f"{EARLY} --dry-run", "", False, id="not at all"),
        pytest.param("submit publish plate.png --engine opencue", "deadline", False, id="another farm"),
        pytest.param("status --engine deadline", "deadline", False, id="another command"),
    ],
)
def test_who_submits_is_started_early_where_it_is_needed(words: str, engine: str, wanted: bool) -> None:
    before = set(psutil.Process().children())
    hire_early(engine_of(words.split(), {"SHOTMILL_ENGINE": engine}))
    early = set(psutil.Process().children()) - before
    with Clerk():
        assert set(psutil.Process().children()) - before == early or not wanted
        assert bool(early) is wanted
    assert not set(psutil.Process().children()) - before


@pytest.mark.measured
def test_who_was_started_early_and_not_needed_ends_with_the_command() -> None:
    code = (
        "import psutil; from shotmill.farm_plugins.deadline_cloud.hire import hire_early; "
        "hire_early('deadline'); print(psutil.Process().children()[0].pid)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not psutil.pid_exists(int(ran.stdout))


@pytest.mark.measured
def test_the_deadline_library_is_not_loaded_for_a_job_without_files(user: FarmUser, job: JobSpec) -> None:
    code = f"""
import sys
from shotmill.farm_plugins.deadline_cloud.bundle import create_request
from shotmill.farm_plugins.deadline_cloud.order import SubmitOrder
from shotmill.farm_plugins.deadline_cloud.submitting import submit_order
from shotmill.pipeline.folders import JobFolder
from pathlib import Path
bundle = Path({str(user.bundle(job))!r})
spec = JobFolder.of_bundle(bundle).read_spec()
order = SubmitOrder(bundle=str(bundle), job=spec.id, name=spec.name, request=create_request(spec, bundle))
submit_order(order, lambda *_kind, **_values: None)
print(sorted({{"boto3", "deadline.client.api", "deadline.client.config", "yaml"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.fixture
def job(user: FarmUser) -> JobSpec:
    return user.spec()
