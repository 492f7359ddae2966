"""Jobs whose hosts share no disk with us: what their tasks wrote is fetched, verified, put in its place and published.

What comes lies in a folder of its own first. Receipts count, here as everywhere: each is read, every file that it
speaks of is hashed, and only then files and receipt are linked into the job's folder, receipts after their files. No
file that is there is ever overwritten. Whoever dies in between leaves files that the next one goes on with.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ..pipeline.files import storage_error
from ..pipeline.folders import JobFolder
from ..pipeline.hashes import hash_file
from ..pipeline.receipts import keep_receipt, read_receipt
from ..schema.errors import EXIT_DONE, EngineError, InputCorruptError, ShotmillError, StorageError
from ..schema.job import PUBLISH_TASK, JobSpec, Step
from ..schema.receipts import Receipt
from ..schema.states import State
from .eaten import Looked, with_holes
from .farm import FarmJob, FarmTask
from .openjd import task_argv
from .reconcile import Known, look_into

if TYPE_CHECKING:
    from ..pipeline.settings import Settings
    from ..pipeline.store.farmed import FarmedTask

FETCHED = ".fetched"
LOCK = ".fetching"
STILL_AWAY = "done; shotmill wait, watch or reconcile brings its files home"
WAITING = frozenset({State.QUEUED, State.RUNNING})
Told = Callable[[str], None]


@runtime_checkable
class FarAway(Protocol):
    """A farm whose hosts may share no disk with us."""

    def is_apart(self, folder: JobFolder) -> bool:
        """Whether the job was handed over so that its files travel."""
        ...

    def fetch(self, engine_job_id: str, folder: JobFolder, into: Path, told: Told) -> None:
        """Put all that tasks wrote and that is not in the job's folder into another, under the same names.

        Raises:
            EngineUnreachableError, EngineRefusedError, StorageError: says what stands in the way.
        """
        ...


def work_of(spec: JobSpec) -> JobSpec:
    """What the hosts do of a job that is published here: all of it but the publish."""
    return spec.model_copy(update={"steps": tuple(step for step in spec.steps if step.task != PUBLISH_TASK)})


@contextlib.contextmanager
def only_one(folder: JobFolder) -> Iterator[bool]:
    """Whether nobody else fetches or publishes this job at the moment; they cannot while the context lasts."""
    try:
        with (folder.root / LOCK).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
    except OSError as error:
        raise storage_error(folder.root, error) from error


def is_missing(found: FarmJob, known: Mapping[str, Known]) -> bool:
    """Whether the farm has tasks that ran to their end, and whose receipts are not here."""
    return any(_is_away(task, known) for task in found.tasks)


def _is_away(task: FarmTask, known: Mapping[str, Known]) -> bool:
    here = known[task.step].settled if task.step in known else frozenset(task.frames)
    return task.state is State.SUCCEEDED and not task.holes and not here.issuperset(task.frames)


def with_away(found: FarmJob, known: Mapping[str, Known]) -> FarmJob:
    """The job as its farm sees it, where nobody has fetched yet: tasks that are done there are still on their way."""
    tasks = [
        replace(one, state=State.RUNNING, message=STILL_AWAY) if _is_away(one, known) else one for one in found.tasks
    ]
    return replace(found, tasks=tuple(tasks))


def bring_home(farm: FarAway, engine_job_id: str, spec: JobSpec, folder: JobFolder, told: Told) -> int:
    """Fetch what is missing, verify it, and put it in its place; how many receipts came.

    Raises:
        EngineUnreachableError, EngineRefusedError: the farm, or its bucket, did not give it.
        StorageError: the disk failed; a file here is another one than the farm's; or what came is not what its receipt
            says. Nothing of it counts as done.
    """
    into = folder.root / FETCHED
    farm.fetch(engine_job_id, folder, into, told)
    try:
        # A record or a receipt calls a task done, so what it speaks of comes before it.
        receipts = [_sound(path, spec, folder, into) for path in sorted((into / "receipts").rglob("*.json"))]
        _place(folder, into, "attempts")
        _place(folder, into, "publish")
        for receipt in receipts:
            keep_receipt(folder, receipt)
        _place(folder, into, "records")
        shutil.rmtree(into, ignore_errors=True)
    except OSError as error:
        raise storage_error(folder.root, error) from error
    return len(receipts)


def _sound(path: Path, spec: JobSpec, folder: JobFolder, into: Path) -> Receipt:
    """A receipt that came, and whose files are all here or came with it, unchanged."""
    again = f"shotmill wait {folder.root.name} fetches it anew; shotmill retry {folder.root.name} runs its task again"
    try:
        receipt = read_receipt(path)
    except InputCorruptError as error:
        path.unlink()
        raise StorageError(f"a receipt came back damaged from the farm: {error.message}", hint=again) from error
    if receipt.job != spec.id:
        path.unlink()
        raise StorageError(f"the farm gave back a receipt of another job: {path.name}", hint=again, path=path)
    for output in receipt.outputs:
        for file in output.files:
            name = Path(receipt.root) / file.path
            came, here = into / name, folder.root / name
            if not _is(came if came.exists() else here, file.checksum, file.size):
                came.unlink(missing_ok=True)
                raise StorageError(
                    f"{name} came back from the farm as something else than its receipt says; it does not count",
                    hint=again,
                    path=name,
                )
    return receipt


def _is(path: Path, checksum: str, size: int) -> bool:
    try:
        return not path.is_symlink() and hash_file(path) == (checksum, size)
    except OSError:
        return False


def _place(folder: JobFolder, into: Path, part: str) -> None:
    for path in sorted((into / part).rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        target = folder.root / path.relative_to(into)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target)
        except FileExistsError:
            if hash_file(target) != hash_file(path):
                raise StorageError(
                    f"{target} is there, and is another file than the farm's; it is not overwritten",
                    hint=f"move it away; then: shotmill wait {folder.root.name}",
                    path=target,
                ) from None


@dataclass(frozen=True)
class Came:
    """What an errand made of a job.

    Attributes:
        job: as its farm sees it, with what is not home yet on its way, and with the publish.
        problem: what kept it from being done; None: nothing.
    """

    job: FarmJob
    problem: ShotmillError | None = None


@dataclass(frozen=True)
class Errand:
    """Bringing one job home.

    Attributes:
        engine_job_id: its name on the farm.
        tasks: as they are stored.
        looked: what the farm says of it; nothing when it is being cancelled.
    """

    farm: FarAway
    engine_job_id: str
    spec: JobSpec
    folder: JobFolder
    tasks: Sequence[FarmedTask]
    looked: Looked

    def seen(self, found: FarmJob) -> Came:
        """The job when nobody brings anything."""
        return Came(self._with_publish(with_away(found, self._known())))

    def run(self, found: FarmJob, settings: Settings, told: Told) -> Came:
        """Fetch what is missing, and publish once all is here, unless somebody else is about it."""
        known = self._known()
        if not is_missing(found, known) and not self._may_publish(known):
            return Came(self._with_publish(found))
        try:
            with only_one(self.folder) as alone:
                if not alone:
                    return self.seen(found)
                if is_missing(found, known):
                    bring_home(self.farm, self.engine_job_id, self.spec, self.folder, told)
                failed = self._may_publish(self._known()) and not self._publish(settings, told)
        except (EngineError, StorageError) as error:
            return replace(self.seen(found), problem=error)
        return Came(self._with_publish(found, failed=failed))

    def _known(self) -> dict[str, Known]:
        """What lies in the job's folder, with the marks of frames that the farm was told to leave out."""
        known = {step.name: look_into(self.folder, step) for step in self.spec.steps}
        if not self.spec.allow_holes:
            return known
        return with_holes(self.folder, self.spec, known, self.looked, self.tasks)

    @property
    def _own(self) -> tuple[Step, FarmedTask] | None:
        """The publish, and how it is stored; None: the job is not published."""
        step = next((one for one in self.spec.steps if one.task == PUBLISH_TASK), None)
        task = next((one for one in self.tasks if step is not None and one.step == step.name), None)
        return (step, task) if step is not None and task is not None else None

    def _may_publish(self, known: Mapping[str, Known]) -> bool:
        """Whether the publish waits, and all frames before it are done, or are holes that the job allows."""
        if self._own is None or self.looked.found is None or self._own[1].state not in WAITING:
            return False
        before = (self.spec.step(name) for name in self._own[0].after)
        return all(known[one.name].settled.issuperset(one.frames) for one in before)

    def _publish(self, settings: Settings, told: Told) -> bool:
        """Publish in a process of its own, by the argv of every task; False: it was refused, or failed."""
        from .local.engine import settings_environment  # noqa: PLC0415 - only who publishes

        assert self._own is not None  # noqa: S101 - for the type checker
        told(f"publishing {self.folder.root.name}")
        step = self._own[0]
        command = [sys.executable, "-m", "shotmill"]
        argv = task_argv(command, bundle=str(self.folder.bundle), step=step.name, frames=str(step.frames))
        try:
            ended = subprocess.run(
                argv,
                env={**os.environ, **settings_environment(settings)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # its log lies in the job's folder
                stderr=subprocess.DEVNULL,
                timeout=step.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
        return ended.returncode <= EXIT_DONE  # whoever was killed is tried again by the next look

    def _with_publish(self, found: FarmJob, *, failed: bool = False) -> FarmJob:
        """The job as if its farm had the publish, too, which stands as it is stored or as it just ended."""
        if self._own is None:
            return found
        step, task = self._own
        state = State.FAILED if failed else task.state
        mine = FarmTask("home", step.name, step.frames, state, message="it is published where somebody looks")
        return replace(found, tasks=(*found.tasks, mine))
