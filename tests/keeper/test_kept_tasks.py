"""Tasks of a step with a model: done by one process that keeps it, with the same words, bytes and ends as by many."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from farm_bundles import receipts
from kept_tasks import FarmHost, is_gone, kept_on_host, until

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.records import count_attempts

pytestmark = [pytest.mark.slow, pytest.mark.measured]


def said(host: FarmHost, bundle: Path, frame: int = 1) -> tuple[int, list[str]]:
    """Its exit code, and its words without those that tell which attempt it was, and when; OpenJD's come last.

    What is printed reaches the farm by way of the log, and so a moment later.
    """
    ended = host.task(bundle, frame)
    lines = [line for line in ended.stdout.splitlines() if " shotmill.farm_plugins." not in line]
    return ended.returncode, sorted(lines, key=lambda line: line.startswith("openjd_"))


def files(bundle: Path) -> dict[str, bytes]:
    folder = JobFolder.of_bundle(bundle).root
    return {path.name: path.read_bytes() for path in folder.glob("attempts/*/*/*/*.txt")}


def test_warm_and_cold_tasks_write_the_same_and_say_the_same(host: FarmHost) -> None:
    warm, cold = host.bundle("warm", action="chatter"), host.bundle("cold", action="chatter")
    assert [said(host, warm, n) for n in (1, 2, 3)] == [said(host.cold(), cold, n) for n in (1, 2, 3)]
    assert files(warm) == files(cold) == {f"{n}.txt": f"m saw [{n}]".encode() for n in (1, 2, 3)}
    assert receipts(warm.parent) == receipts(cold.parent)
    assert len(set(host.pids())) == len(set(host.loads())) == 1 + 3


def test_a_task_that_fails_says_so_and_the_next_one_loads_anew(session_host: FarmHost) -> None:
    host = session_host
    warm, cold = host.bundle("warm", action="raise", on=1), host.bundle("cold", action="raise", on=1)
    code, lines = said(host, warm)
    assert (code, lines) == said(host.cold(), cold)
    assert code == 1
    assert "openjd_fail: SHOTMILL E310 task-failed" in lines[-1]
    assert [said(host, warm, n)[0] for n in (2, 3)] == [0, 0]
    keeper, other = host.pids()[:2]
    assert host.pids() == [keeper, other, keeper, keeper]
    assert host.loads() == [keeper, other, keeper]


def test_a_task_that_is_told_to_end_says_so_and_takes_its_model_along(host: FarmHost) -> None:
    bundle = host.bundle(action="talk", on=1)
    task = host.start(bundle)
    until(host.has_begun)
    [pid] = host.pids()
    task.send_signal(signal.SIGTERM)
    output, _ = task.communicate(timeout=20)
    assert task.returncode != 0
    assert "openjd_fail: SHOTMILL E312 cancelled" in output
    until(lambda: is_gone(pid))
    assert said(host, bundle, 2)[0] == 0


def test_a_task_whose_process_is_killed_runs_no_further(host: FarmHost) -> None:
    bundle = host.bundle(action="stubborn", on=1)
    task = host.start(bundle)
    until(host.trace.with_suffix(".child").exists)
    pids = [int(pid) for pid in host.trace.with_suffix(".child").read_text().split()]
    task.kill()
    task.communicate()
    until(lambda: all(is_gone(pid) for pid in pids))
    assert said(host, bundle, 2)[0] == 0


def test_a_keeper_that_dies_with_its_task_is_a_reason_to_try_again(cue_host: FarmHost) -> None:
    host = cue_host
    bundle = host.bundle(action="die-once")
    code, lines = said(host, bundle)
    assert code == 75
    assert "SHOTMILL E313 worker-lost" in lines[-1]
    assert count_attempts(JobFolder.of_bundle(bundle), "work", "1") == 1
    assert [said(host, bundle, n)[0] for n in (1, 2)] == [0, 0]
    assert len(host.loads()) == 2


def test_a_keeper_of_old_code_is_replaced(session_host: FarmHost, trial: Path) -> None:
    host = session_host
    bundle = host.bundle()
    assert said(host, bundle)[0] == 0
    module = trial / "studio_trial.py"
    module.write_text(module.read_text().replace(" saw ", " has seen "))
    assert said(host, bundle, 2)[0] == 0
    assert files(bundle) == {"1.txt": b"m saw [1]", "2.txt": b"m has seen [2]"}


def test_a_task_sees_the_environment_that_its_farm_gave_it_and_no_database(cue_host: FarmHost) -> None:
    host = cue_host
    bundle = host.bundle(action="environment")
    host.task(bundle, 1, FARM_SAYS="one", SHOTMILL_DATABASE="postgresql://me:secret@db/shots")
    seen = host.trace.with_suffix(".env").read_text().splitlines()
    assert "FARM_SAYS=one" in seen
    assert "secret" not in str(seen)
    host.task(bundle, 2, FARM_SAYS="two")
    assert "FARM_SAYS=two" in host.trace.with_suffix(".env").read_text().splitlines()
    assert len(set(host.pids())) == 1


def test_two_tasks_at_once_on_a_host_have_a_keeper_each(cue_host: FarmHost) -> None:
    bundle = cue_host.bundle(action="gate", on=1)
    first = cue_host.start(bundle)
    until(cue_host.has_begun)
    assert cue_host.task(bundle, 2).returncode == 0
    cue_host.trace.with_suffix(".open").touch()
    first.communicate(timeout=20)
    assert [cue_host.task(bundle, frame).returncode for frame in (3, 4)] == [0, 0]
    assert len(cue_host.loads()) == len(set(cue_host.pids())) == 2


def test_a_keeper_leaves_when_nobody_came_for_a_while(cue_host: FarmHost) -> None:
    bundle = cue_host.bundle()
    cue_host.more["SHOTMILL_KEEPER_IDLE_S"] = "8"  # a busy machine looks late
    assert cue_host.task(bundle).returncode == 0
    [pid] = cue_host.pids()
    [mine] = [one for one in kept_on_host(dict(os.environ)) if one["pid"] == pid]
    assert (mine["model"], mine["gpus"], mine["busy"]) == ("m", "", False)
    until(lambda: is_gone(pid))
    assert pid not in [one["pid"] for one in kept_on_host(dict(os.environ))]
    assert cue_host.task(bundle, 2).returncode == 0


def test_a_keeper_makes_room_on_its_gpu_for_another_model(cue_host: FarmHost) -> None:
    gpu = {"CUE_GPU_CORES": "GPU-11112222-shotmill"}
    one, other = cue_host.bundle("one", model="one"), cue_host.bundle("other", model="other")
    assert cue_host.task(one, 1, **gpu).returncode == 0
    assert cue_host.task(one, 2, **gpu).returncode == 0
    assert cue_host.task(other, 1, CUE_GPU_CORES="GPU-3333").returncode == 0  # elsewhere
    first, second, elsewhere = cue_host.pids()
    assert first == second
    assert not is_gone(first)
    assert cue_host.task(other, 1 + 1, **gpu).returncode == 0
    assert is_gone(first)
    assert not is_gone(elsewhere)


def test_a_place_that_others_may_enter_is_not_used(cue_host: FarmHost) -> None:
    bundle = cue_host.bundle()
    assert cue_host.task(bundle).returncode == 0
    [mine] = [one for one in Path(f"/tmp/shotmill-keepers-{os.geteuid()}").iterdir() if _pid(one) in cue_host.pids()]
    mine.chmod(0o777)
    ended = cue_host.task(bundle, 2)
    assert ended.returncode == 0
    assert "no keeper, so this task loads the model for itself" in ended.stdout
    mine.chmod(0o700)
    assert len(set(cue_host.pids())) == 2


def _pid(place: Path) -> int:
    facts = place / "facts.json"
    return int(json.loads(facts.read_text())["pid"]) if facts.exists() else 0
