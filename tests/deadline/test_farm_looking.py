"""How far a job on Deadline Cloud is, and what people may do about it."""

from __future__ import annotations

import pytest
from deadline_service import FARM, QUEUE, PuppetWorker
from deadline_user import FarmUser, states

from shotmill.farm_plugins.deadline_cloud.looking import STATES
from shotmill.schema.errors import EngineRefusedError
from shotmill.schema.states import State

CHUNKS = ["1-4", "5-7", "8-10"]  # balanced by OpenJD, whatever we would cut


def test_tasks_carry_the_chunks_that_the_farm_made(user: FarmUser) -> None:
    job = user.spec("1-10", chunk=4)
    found = user.look(user.made(job), job)
    assert [f"{task.step} {task.frames}" for task in found.tasks] == [*[f"work {one}" for one in CHUNKS], "publish 1"]
    assert {task.state for task in found.tasks} == {State.QUEUED}
    assert not found.ended


def test_tasks_of_one_frame_are_read_too(user: FarmUser) -> None:
    job = user.spec("1001-1009x4", chunk=1)
    found = user.look(user.made(job), job)
    assert [str(task.frames) for task in found.tasks] == ["1001", "1005", "1009", "1"]


def test_a_job_that_ran_through_has_ended(user: FarmUser) -> None:
    job = user.spec()
    made = user.made(job)
    PuppetWorker(user.service).work(lambda _step, _values: 0)
    found = user.look(made, job)
    assert set(states(found.tasks).values()) == {State.SUCCEEDED}
    assert (found.ended, found.cancelled) == (True, False)
    assert all(task.started and task.finished and task.attempts == 1 for task in found.tasks)


def test_a_failed_task_tells_its_exit_code_its_host_and_its_attempts(user: FarmUser) -> None:
    job = user.spec(retries=1)
    made = user.made(job)
    worker = PuppetWorker(user.service)
    worker.work(lambda _step, values: 65 if values["Frame"] == {"chunkInt": "5-7"} else 0)
    found = user.look(made, job)
    [failed] = [task for task in found.tasks if task.state is State.FAILED]
    assert (str(failed.frames), failed.exit_code, failed.host) == ("5-7", 65, worker.id)
    assert failed.attempts > 1
    assert found.ended  # the publish waits for ever


def test_a_running_task_tells_its_host_without_a_call_for_each(user: FarmUser) -> None:
    job = user.spec("1-60", chunk=1)
    made = user.made(job)
    workers = [PuppetWorker(user.service) for _ in range(3)]
    for worker in workers:
        [session] = worker.ask()["assignedSessions"].values()
        worker.begin(session["sessionActions"][0]["sessionActionId"])
    calls = len(user.service.called())
    running = [task for task in user.look(made, job).tasks if task.state is State.RUNNING]
    assert sorted(str(task.host) for task in running) == sorted(worker.id for worker in workers)
    assert all(task.started for task in running)
    assert len(user.service.called()) - calls < 10


def test_tasks_are_queued_again_as_asked_and_no_others(user: FarmUser) -> None:
    job = user.spec(retries=0)
    made = user.made(job)
    worker = PuppetWorker(user.service)
    worker.work(lambda _step, values: int(values["Frame"] == {"chunkInt": "5-7"}))
    asked = [task for task in user.look(made, job).tasks if str(task.frames) in {"1-4", "5-7"}]
    assert [task.state for task in asked] == [State.SUCCEEDED, State.FAILED]
    user.farm.retry(made, job, asked)
    again: list[object] = []

    def run(step: str, values: dict[str, object]) -> int:
        again.append((step, values["Frame"]))
        return 0

    worker.work(run)
    assert again == [("work", {"chunkInt": "1-4"}), ("work", {"chunkInt": "5-7"}), ("publish", {"int": "1"})]
    assert user.look(made, job).ended


def test_a_task_that_was_set_to_succeeded_by_hand_is_left_out_and_its_publish_is_let_go(user: FarmUser) -> None:
    job = user.spec(retries=0)
    made = user.made(job)
    worker = PuppetWorker(user.service)
    worker.work(lambda step, values: int(step == "publish" or values["Frame"] == {"chunkInt": "5-7"}))
    [failed] = [task for task in user.look(made, job).tasks if task.state is State.FAILED]
    step, _, task = failed.task_id.partition("/")
    ids = {"farmId": FARM, "queueId": QUEUE, "jobId": made.rpartition("/")[2], "stepId": step, "taskId": task}
    user.service.client().update_task(**ids, targetRunStatus="SUCCEEDED")
    by_hand = [task for task in user.look(made, job).tasks if task.holes]
    assert [(str(one.frames), one.state, one.message) for one in by_hand] == [
        ("5-7", State.SUCCEEDED, "set to succeeded by hand")
    ]
    worker.work(lambda step, _values: int(step == "publish"))
    publish = user.look(made, job).tasks[-1]
    assert publish.state is State.FAILED
    user.farm.let_go(made, job, [publish])
    worker.work(lambda _step, _values: 0)
    assert user.look(made, job).tasks[-1].state is State.SUCCEEDED


def test_a_cancelled_job_ends_and_can_be_queued_again(user: FarmUser) -> None:
    job = user.spec()
    made = user.made(job)
    user.farm.cancel(made, reason="the director\nchanged his mind")
    found = user.look(made, job)
    assert (found.ended, found.cancelled) == (True, True)
    assert user.service.jobs()[0].request["descriptionOverride"].endswith("cancelled: the director changed his mind")
    user.farm.retry(made, job, found.tasks)
    PuppetWorker(user.service).work(lambda _step, _values: 0)
    found = user.look(made, job)
    assert (found.ended, found.cancelled) == (True, False)


def test_cancelling_what_has_ended_changes_nothing(user: FarmUser) -> None:
    job = user.spec()
    made = user.made(job)
    PuppetWorker(user.service).work(lambda _step, _values: 0)
    user.farm.cancel(made, reason="too late")
    found = user.look(made, job)
    assert (found.ended, found.cancelled) == (True, False)
    assert "UpdateJob" not in user.service.called()


def test_a_job_that_is_gone_is_not_known(user: FarmUser) -> None:
    job = user.spec()
    user.made(job)
    assert user.farm.look(f"{FARM}/{QUEUE}/job-{'0' * 32}", job) is None
    user.farm.cancel(f"{FARM}/{QUEUE}/job-{'0' * 32}", reason="gone")


def test_a_job_that_was_archived_has_ended(user: FarmUser) -> None:
    job = user.spec()
    made = user.made(job)
    user.service.jobs()[0].lifecycle = "ARCHIVED"
    assert user.look(made, job).ended


def test_an_id_of_another_farm_is_refused(user: FarmUser) -> None:
    with pytest.raises(EngineRefusedError, match="is no job of Deadline Cloud"):
        user.farm.look("11111111-1111", user.spec())


def test_jobs_of_many_pages_are_read_whole(user: FarmUser) -> None:
    user.service.options.page = 7
    job = user.spec("1-60", chunk=1)
    assert len(user.look(user.made(job), job).tasks) == 61


def test_steps_that_are_done_are_read_once(user: FarmUser) -> None:
    job = user.spec(retries=0)
    made = user.made(job)
    PuppetWorker(user.service).work(lambda step, _values: int(step == "publish"))
    user.look(made, job)
    before = user.service.called().count("ListTasks")
    user.look(made, job)
    assert user.service.called().count("ListTasks") - before == 1


def test_a_task_that_is_queued_again_while_one_looks_is_looked_at_again(user: FarmUser) -> None:
    job = user.spec(retries=0)
    made = user.made(job)
    worker = PuppetWorker(user.service)
    worker.work(lambda step, _values: int(step == "publish"))
    first = next(iter(user.service.jobs()[0].tasks))
    user.service.faults.meanwhile("ListTasks", lambda: first.become("READY"))
    assert user.look(made, job).tasks[0].state is State.QUEUED
    worker.work(lambda _step, _values: 0)
    assert user.look(made, job).tasks[0].state is State.SUCCEEDED


def test_tasks_that_wait_for_a_person_are_blocked_and_say_so(user: FarmUser) -> None:
    job = user.spec()
    made = user.made(job)
    for task in user.service.jobs()[0].tasks:
        task.become("SUSPENDED" if task.step.name == "work" else "NOT_COMPATIBLE")
    found = user.look(made, job)
    assert {task.state for task in found.tasks} == {State.BLOCKED}
    assert {task.message for task in found.tasks} == {
        "suspended; somebody has to let it go on",
        "no fleet of the queue has what it needs",
    }


def test_every_status_of_the_service_has_a_state(user: FarmUser) -> None:
    statuses = user.service.client().meta.service_model.shape_for("TaskRunStatus").enum
    assert set(STATES) == set(statuses)


def test_a_log_that_cannot_be_read_is_empty(user: FarmUser) -> None:
    job = user.spec()
    made = user.made(job)
    assert user.farm.log(made, user.look(made, job).tasks[0]) == ""
    PuppetWorker(user.service).work(lambda _step, _values: 0)
    assert user.farm.log(made, user.look(made, job).tasks[0]) == ""
