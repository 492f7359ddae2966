"""Models on this machine: the workers of the local engine keep them from task to task and from job to job."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_studio import Studio
from kept_tasks import is_gone

from shotmill.pipeline.publish.verify import verify_folder, version_folders
from shotmill.schema.states import State

pytestmark = pytest.mark.slow


def pids(trace: Path) -> list[int]:
    return [int(line.split()[1]) for line in trace.read_text().splitlines()]


def loads(trace: Path) -> list[int]:
    return [int(pid) for pid in trace.with_suffix(".loads").read_text().split()]


def written(studio: Studio) -> list[str]:
    return sorted(path.read_text() for path in studio.settings.jobs_folder.glob("*/attempts/*/*/*/*.txt"))


@pytest.mark.measured
def test_one_worker_loads_a_model_once_for_all_tasks_of_two_jobs(embedded: Studio, tmp_path: Path) -> None:
    studio = embedded.tuned(cpu_slots=1)
    trace = tmp_path / "trace"
    for frames in ("1-4", "5-8"):
        made = studio.submit(frames=frames, model="m", trace=str(trace), publish=True)
        assert studio.wait(made).state is State.SUCCEEDED
    [worker] = set(pids(trace))
    assert loads(trace) == [worker]
    assert written(studio) == [f"m saw [{frame}]" for frame in range(1, 9)]
    assert [verify_folder(folder).files for folder in version_folders(studio.settings.projects_folder)] == [4, 4]


def test_a_model_that_a_task_failed_with_is_not_used_again(embedded: Studio, tmp_path: Path) -> None:
    studio = embedded.tuned(cpu_slots=1)
    trace = tmp_path / "trace"
    made = studio.submit(frames="1-3", model="m", trace=str(trace), action="fail", on=2, retries=0)
    assert studio.wait(made).state is State.FAILED
    assert len(set(pids(trace))) == 1
    assert len(loads(trace)) == 2


def test_an_idle_model_makes_room_for_whoever_gets_its_gpu(embedded: Studio, tmp_path: Path) -> None:
    studio = embedded.tuned(gpus=2)
    one, both, cold = (tmp_path / name for name in ("one", "both", "cold"))
    assert studio.wait(studio.submit(model="m", gpu=1, trace=str(one))).state is State.SUCCEEDED
    assert not is_gone(*pids(one))
    assert studio.wait(studio.submit(model="m", gpu=2, trace=str(both))).state is State.SUCCEEDED
    assert is_gone(*pids(one))
    assert studio.wait(studio.submit(model="m", gpu=1, warm=False, trace=str(cold))).state is State.SUCCEEDED
    assert is_gone(*pids(both))
