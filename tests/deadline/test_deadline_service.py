"""The service that stands in for AWS Deadline Cloud keeps the rules that its clients rely on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from deadline_service import FARM, QUEUE, DeadlineService, PuppetWorker, denied

WHERE = {"farmId": FARM, "queueId": QUEUE}
RUN = {"script": {"actions": {"onRun": {"command": "true"}}}}
FRAMES = {
    "name": "Frame",
    "type": "CHUNK[INT]",
    "range": "1-10",
    "chunks": {"defaultTaskCount": 4, "rangeConstraint": "CONTIGUOUS"},
}
WORK = {"name": "work", "parameterSpace": {"taskParameterDefinitions": [FRAMES]}, **RUN}
PUBLISH = {"name": "publish", "dependencies": [{"dependsOn": "work"}], **RUN}
CHUNKS = ["1-4", "5-7", "8-10"]  # as the reference found by running openjd-model
Submit = Callable[..., dict[str, str]]


def template(*steps: dict[str, Any], **more: Any) -> str:
    head = {"specificationVersion": "jobtemplate-2023-09", "extensions": ["TASK_CHUNKING"], "name": "shots"}
    return json.dumps({**head, "steps": list(steps or (WORK, PUBLISH)), **more})


@pytest.fixture
def client(deadline_service: DeadlineService) -> Any:
    return deadline_service.client(retries={"total_max_attempts": 1})


@pytest.fixture
def submit(client: Any) -> Submit:
    """Makes a job; what names it in other calls."""

    def make(text: str = "", **more: Any) -> dict[str, str]:
        made = client.create_job(**WHERE, template=text or template(), templateType="JSON", **{"priority": 50, **more})
        return {**WHERE, "jobId": made["jobId"]}

    return make


def statuses(client: Any, job: dict[str, str]) -> dict[str, str]:
    return {step["name"]: step["taskRunStatus"] for step in client.list_steps(**job)["steps"]}


def test_a_dependent_step_runs_after_all_tasks_of_the_other(
    deadline_service: DeadlineService, client: Any, submit: Submit
) -> None:
    done: list[tuple[str, Any]] = []
    job = submit()

    def work(step: str, values: Any) -> int:
        done.append((step, values))
        return 0

    PuppetWorker(deadline_service).work(work)
    assert done == [*[("work", {"Frame": {"chunkInt": chunk}}) for chunk in CHUNKS], ("publish", {})]
    assert client.get_job(**job)["taskRunStatus"] == "SUCCEEDED"


def test_each_step_has_a_session_of_its_own(deadline_service: DeadlineService, client: Any, submit: Submit) -> None:
    job = submit()
    PuppetWorker(deadline_service).work(lambda _step, _values: 0)
    sessions = client.list_sessions(**job)["sessions"]
    actions = [client.list_session_actions(**job, sessionId=one["sessionId"])["sessionActions"] for one in sessions]
    assert [len(one) for one in actions] == [3, 1]


def test_a_dependent_step_does_not_run_when_a_task_fails(
    deadline_service: DeadlineService, client: Any, submit: Submit
) -> None:
    job = submit()
    PuppetWorker(deadline_service).work(lambda _step, values: int(values.get("Frame") == {"chunkInt": "5-7"}))
    assert client.get_job(**job)["taskRunStatus"] == "FAILED"
    assert statuses(client, job) == {"work": "FAILED", "publish": "PENDING"}


def test_a_failed_task_is_tried_again_as_often_as_the_job_allows(
    deadline_service: DeadlineService, client: Any, submit: Submit
) -> None:
    tried: list[str] = []
    job = submit(template(WORK), maxRetriesPerTask=2)

    def fail_second(_step: str, values: Any) -> int:
        tried.append(values["Frame"]["chunkInt"])
        return int(tried[-1] == "5-7")

    PuppetWorker(deadline_service).work(fail_second)
    assert sorted(tried) == ["1-4", "5-7", "5-7", "5-7", "8-10"]
    assert client.get_job(**job)["taskFailureRetryCount"] == 2


def test_a_failed_task_runs_again_when_it_is_requeued_and_the_job_ends(
    deadline_service: DeadlineService, client: Any, submit: Submit
) -> None:
    job, worker = submit(), PuppetWorker(deadline_service)
    worker.work(lambda _step, values: int(values.get("Frame") == {"chunkInt": "5-7"}))
    step = client.list_steps(**job)["steps"][0]["stepId"]
    [failed] = [one for one in client.list_tasks(**job, stepId=step)["tasks"] if one["runStatus"] == "FAILED"]
    client.update_task(**job, stepId=step, taskId=failed["taskId"], targetRunStatus="PENDING")
    worker.work(lambda _step, _values: 0)
    assert client.get_job(**job)["taskRunStatus"] == "SUCCEEDED"


def test_a_job_that_is_cancelled_ends_what_runs_and_begins_nothing(
    deadline_service: DeadlineService, client: Any, submit: Submit
) -> None:
    job, worker = submit(), PuppetWorker(deadline_service)
    [session] = worker.ask()["assignedSessions"].values()
    running = session["sessionActions"][0]["sessionActionId"]
    worker.begin(running)
    client.update_job(**job, targetTaskRunStatus="CANCELED")
    assert list(worker.ask()["cancelSessionActions"].values()) == [[running]]
    worker.ask({running: {"completedStatus": "CANCELED"}})
    assert statuses(client, job) == {"work": "CANCELED", "publish": "CANCELED"}


def test_what_a_dead_host_did_is_begun_again_and_counts_as_no_failure(
    deadline_service: DeadlineService, client: Any, submit: Submit
) -> None:
    job, worker = submit(), PuppetWorker(deadline_service)
    worker.begin(next(iter(worker.ask()["assignedSessions"].values()))["sessionActions"][0]["sessionActionId"])
    deadline_service.lose_worker(worker.id)
    PuppetWorker(deadline_service).work(lambda _step, _values: 0)
    found = client.get_job(**job)
    assert (found["taskRunStatus"], found["taskFailureRetryCount"]) == ("SUCCEEDED", 0)


def test_a_task_that_no_worker_can_run_is_not_compatible(
    deadline_service: DeadlineService, client: Any, submit: Submit
) -> None:
    job = submit(template({**WORK, "hostRequirements": {"amounts": [{"name": "amount.worker.gpu", "min": 1}]}}))
    PuppetWorker(deadline_service).ask()
    assert statuses(client, job) == {"work": "NOT_COMPATIBLE"}


def test_a_worker_is_given_as_many_steps_as_it_has_cores(deadline_service: DeadlineService, submit: Submit) -> None:
    submit()
    submit()
    assert len(PuppetWorker(deadline_service, cpu=2).ask()["assignedSessions"]) == 2


def test_the_same_client_token_makes_the_same_job(deadline_service: DeadlineService, submit: Submit) -> None:
    assert submit(clientToken="one") == submit(clientToken="one")
    assert len(deadline_service.jobs()) == 1


def test_a_client_token_with_other_parameters_is_refused(submit: Submit) -> None:
    submit(clientToken="one")
    with pytest.raises(ClientError, match="clientToken was used before"):
        submit(clientToken="one", priority=60)


def test_botocore_makes_one_job_although_the_reply_is_lost(deadline_service: DeadlineService) -> None:
    deadline_service.faults.lose_reply("CreateJob")
    deadline_service.client().create_job(**WHERE, template=template(), templateType="JSON", priority=50)
    assert (deadline_service.called(), len(deadline_service.jobs())) == (["CreateJob", "CreateJob"], 1)


def test_calls_are_throttled_on_demand(deadline_service: DeadlineService, client: Any, submit: Submit) -> None:
    job = submit()
    deadline_service.faults.throttle("GetJob")
    with pytest.raises(client.exceptions.ThrottlingException):
        client.get_job(**job)
    assert client.get_job(**job)["jobId"] == job["jobId"]


def test_calls_are_refused_on_demand(deadline_service: DeadlineService, client: Any) -> None:
    deadline_service.faults.refuse("GetQueue", denied())
    with pytest.raises(client.exceptions.AccessDeniedException):
        client.get_queue(**WHERE)


def test_a_service_that_stopped_refuses_connections_and_goes_on_where_it_was(
    deadline_service: DeadlineService, client: Any, submit: Submit
) -> None:
    job = submit()
    deadline_service.stop()
    with pytest.raises(EndpointConnectionError):
        client.get_job(**job)
    deadline_service.start()
    assert client.get_job(**job)["jobId"] == job["jobId"]


def test_a_template_with_a_circle_makes_a_job_that_failed_to_be_created(client: Any, submit: Submit) -> None:
    circle = template(
        {"name": "a", "dependencies": [{"dependsOn": "b"}], **RUN},
        {"name": "b", "dependencies": [{"dependsOn": "a"}], **RUN},
    )
    assert client.get_job(**submit(circle))["lifecycleStatus"] == "CREATE_FAILED"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        pytest.param({"priority": 101}, "at most 100", id="priority above the scale"),
        pytest.param({"nameOverride": "n" * 513}, "at most 512", id="name too long"),
        pytest.param({"clientToken": "c" * 65}, "at most 64", id="token too long"),
        pytest.param({"template": "{"}, "not JSON", id="template is no JSON"),
        pytest.param({"queueId": "queue-" + "0" * 32}, "does not exist", id="no such queue"),
    ],
)
def test_requests_that_the_service_model_forbids_are_refused(client: Any, asked: dict[str, Any], words: str) -> None:
    request = {**WHERE, "template": template(), "templateType": "JSON", "priority": 50, **asked}
    with pytest.raises(ClientError, match=words):
        client.create_job(**request)


def test_long_lists_come_in_pages(deadline_service: DeadlineService, client: Any, submit: Submit) -> None:
    deadline_service.options.page = 2
    job = submit()
    step = client.list_steps(**job)["steps"][0]["stepId"]
    pages = list(client.get_paginator("list_tasks").paginate(**job, stepId=step))
    assert [len(page["tasks"]) for page in pages] == [2, 1]


def test_tasks_are_found_by_their_status(client: Any, submit: Submit) -> None:
    job = submit()
    ready = {"stringFilter": {"name": "RUN_STATUS", "operator": "EQUAL", "value": "READY"}}
    found = client.search_tasks(
        farmId=FARM,
        queueIds=[QUEUE],
        jobId=job["jobId"],
        itemOffset=0,
        filterExpressions={"operator": "AND", "filters": [ready]},
    )
    assert [task["parameters"]["Frame"]["chunkInt"] for task in found["tasks"]] == CHUNKS


def test_a_batch_tells_what_it_did_not_find_beside_what_it_found(client: Any, submit: Submit) -> None:
    job = submit()
    unknown = {**job, "jobId": "job-" + "0" * 32}
    found = client.batch_get_job(identifiers=[job, unknown])
    assert [one["jobId"] for one in found["jobs"]] == [job["jobId"]]
    assert [one["code"] for one in found["errors"]] == ["ResourceNotFoundException"]
