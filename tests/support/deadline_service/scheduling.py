"""Which worker does what: one session for each step, as workers cannot run a second step in a session."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from . import moves
from .records import ON_A_WORKER, Action, Job, Session, Step, Task, Wire, Worker, new_id, now
from .shown import log_group
from .world import World

VCPU = "amount.worker.vcpu"
_BROKEN = frozenset({"FAILED", "CANCELED", "INTERRUPTED", "NEVER_ATTEMPTED"})


def give_work(world: World, worker: Worker) -> None:
    """Give a worker what it shall do next, and take away what is over."""
    for session in list(worker.sessions):
        if not session.open_actions:
            _go_on(world, session)
    mark_compatible(world)
    if worker.is_on:
        for step in _ready_steps(world):
            while any(task.status == "READY" for task in step.tasks) and _has_room(worker, step):
                _open_session(world, worker, step)


def lose_worker(world: World, worker: Worker) -> None:
    """A host died: what it did is begun again elsewhere, and counts as no failure."""
    worker.status = "NOT_RESPONDING"
    for session in list(worker.sessions):
        for action in session.open_actions:
            moves.report(action, {"completedStatus": "INTERRUPTED"})
        _end(session)
    mark_compatible(world)


def mark_compatible(world: World) -> None:
    """Tell apart tasks that some worker can run and those that none can; without workers nobody knows."""
    workers = [worker for worker in world.workers.values() if worker.is_on]
    for step in (step for job in world.jobs.values() for step in job.steps):
        fits = not workers or any(_fits(worker, step, {}) for worker in workers)
        for task in step.tasks:
            if task.status == "READY" and not fits:
                task.status = "NOT_COMPATIBLE"
            elif task.status == "NOT_COMPATIBLE" and fits:
                task.status = "READY"


def _ready_steps(world: World) -> Iterator[Step]:
    """Steps with tasks to run: the highest priority first, then the oldest job."""
    jobs = [job for job in world.jobs.values() if job.lifecycle == "CREATE_COMPLETE" and not job.stopped]
    jobs.sort(key=lambda job: -job.request["priority"])
    return (step for job in jobs for step in job.steps)


def _has_room(worker: Worker, step: Step) -> bool:
    job = step.job
    most = job.request.get("maxWorkerCount", -1)
    others = {session.worker.id for session in job.sessions if not session.ended and session.worker is not worker}
    if most >= 0 and len(others) >= most:
        return False
    return _fits(worker, step, _used(worker))


def _used(worker: Worker) -> dict[str, float]:
    used: dict[str, float] = {}
    for session in worker.sessions:
        for name, amount in _asked(session.step).items():
            used[name] = used.get(name, 0) + amount
    return used


def _fits(worker: Worker, step: Step, used: dict[str, float]) -> bool:
    for name, amount in _asked(step).items():
        if worker.amounts.get(name, 0) - used.get(name, 0) < amount:
            return False
    for one in step.requirements["attributes"]:
        has = set(worker.attributes.get(one["name"], []))
        if not has & set(one.get("anyOf", has)) or not set(one.get("allOf", [])) <= has:
            return False
    return True


def _asked(step: Step) -> dict[str, float]:
    """What a session takes of its worker; whoever asks for no cores takes one."""
    return {VCPU: 1.0} | {one["name"]: one.get("min", 0) for one in step.requirements["amounts"]}


def _open_session(world: World, worker: Worker, step: Step) -> None:
    job = step.job
    session = Session(new_id("session"), job, step, worker)
    job.sessions.append(session)
    worker.sessions.append(session)
    if job.request.get("attachments"):
        _add(session, {"syncInputJobAttachments": {}})
    for name in job.environments:
        _add(session, {"envEnter": {"environmentId": name}})
    if job.request.get("attachments") and step.after:
        _add(session, {"syncInputJobAttachments": {"stepId": step.id}})
    for name in step_environments(step):
        _add(session, {"envEnter": {"environmentId": name}})
    _add_tasks(world, session)
    if world.options.log_made:
        world.options.log_made(log_group(job), session.id)


def step_environments(step: Step) -> dict[str, Wire]:
    """Environments of a step by id."""
    return {f"STEP:{step.id}:{one['name']}": one for one in step.template.get("stepEnvironments", [])}


def _add(session: Session, definition: Wire, task: Task | None = None) -> None:
    number = len(session.actions)
    action = Action(f"{session.id.replace('session', 'sessionaction')}-{number}", session, definition, task)
    session.actions.append(action)
    if task:
        task.action, task.target = action, None
        task.attempts += 1
        task.become("ASSIGNED")


def _add_tasks(world: World, session: Session) -> None:
    ready = (task for task in session.step.tasks if task.status == "READY")
    for task in itertools.islice(ready, world.options.actions_at_once):
        definition = {"taskId": task.id, "stepId": session.step.id, "parameters": task.parameters}
        _add(session, {"taskRun": definition}, task)


def _go_on(world: World, session: Session) -> None:
    """The next tasks of the step, else out of the environments, else the end."""
    broken = any(action.status in _BROKEN for action in session.actions)
    if not session.leaving and not broken and session.worker.is_on and not session.job.stopped:
        _add_tasks(world, session)
    if session.open_actions:
        return
    entered = [action.definition["envEnter"] for action in session.actions if "envEnter" in action.definition]
    if entered and not session.leaving:
        session.leaving = True
        for one in reversed(entered):
            _add(session, {"envExit": dict(one)})
        return
    _end(session)


def _end(session: Session) -> None:
    session.ended = now()
    session.worker.sessions.remove(session)


def is_quiet(job: Job) -> bool:
    """Whether no worker does anything for a job."""
    return all(session.ended for session in job.sessions) and not any(task.status in ON_A_WORKER for task in job.tasks)
