"""OpenCue as a farm: jobs are launched paused, set up, and let go; frames are looked at, never believed."""

from __future__ import annotations

import contextlib
import logging
import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ...pipeline.folders import JobFolder
from ...pipeline.settings import Settings
from ...schema.errors import BadRequestError, EngineRefusedError, EngineUnreachableError, MissingExtraError
from ...schema.frames import FrameSet
from ...schema.ids import job_handle
from ...schema.job import JobSpec
from ...schema.states import State
from ..engine import Capabilities
from ..farm import FarmJob, FarmTask
from .lower import CueSite, layer_names, lower_job
from .model import CueSpec, UnknownError
from .preflight import check_names, check_site
from .spec import write_spec

if TYPE_CHECKING:
    from .client import CueClient

log = logging.getLogger(__name__)

# Numbers of the protocol's enumerations.
FINISHED = 1
STATES = {
    0: State.QUEUED,  # WAITING
    1: State.QUEUED,  # SETUP
    2: State.RUNNING,
    3: State.SUCCEEDED,
    4: State.QUEUED,  # DEPEND
    5: State.BLOCKED,  # DEAD: there is no failed job on OpenCue, it waits for somebody
    6: State.SUCCEEDED,  # EATEN
    7: State.QUEUED,  # CHECKPOINT
}
DEAD, EATEN = 5, 6
# What Cuebot and RQD write where a frame did not end by itself.
WORDS = {
    33: "out of memory",
    137: "killed, or out of memory",
    256: "it could not be started on the host",
    286: "taken back, since somebody uses the host",
    287: "its log grew too large",
    299: "ended on the farm",
    301: "the host forgot it",
    302: "the host could not end it",
    399: "the host went down",
}


class OpenCueFarm:
    """Keeps the farm protocol; see ``Farm``.

    Args:
        settings: of this machine; the names begin with ``opencue_``.
    """

    name = "opencue"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def client(self) -> CueClient:
        """The way to Cuebot.

        Raises:
            MissingExtraError: OpenCue's packages are not installed.
        """
        try:
            from .client import CueClient  # noqa: PLC0415 - heavy, and optional: gRPC
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                f"OpenCue needs {error.name}, which is not installed", hint="pip install 'shotmill[opencue]'"
            ) from error
        settings = self.settings
        if not settings.opencue_hosts:
            raise BadRequestError("no Cuebot is named; set opencue_hosts", field="opencue_hosts")
        return CueClient(settings.opencue_hosts, timeout_s=settings.opencue_timeout_s, user=settings.login)

    @property
    def site(self) -> CueSite:
        """Where jobs go, as the settings say."""
        settings = self.settings
        return CueSite(
            show=settings.opencue_show,
            facility=settings.opencue_facility,
            user=settings.opencue_user,
            service=settings.opencue_service,
            tags=settings.opencue_tags,
            limits=settings.opencue_limits,
            command=tuple(shlex.split(settings.opencue_command)),
        )

    def capabilities(self) -> Capabilities:
        """GPUs, cancel and retry."""
        return Capabilities(name=self.name, gpu=True, cancel=True, retry=True, warm=False)

    def greet(self) -> str:
        """Prove that Cuebot answers, and that it knows what the settings name.

        Raises:
            EngineUnreachableError, EngineRefusedError: says what stands in the way.
        """
        host, site = self.client.greet(), self.site
        services = {site.service} - {""}
        check_names(self.client, show=site.show, facility=site.facility, limits=set(site.limits), services=services)
        return f"Cuebot at {host} takes jobs of show {site.show}"

    def check(self, spec: JobSpec) -> None:
        """Refuse what Cuebot would refuse, clamp or lose; nothing is sent that changes anything.

        Raises:
            BadRequestError: names the field, Cuebot's rule and the fix.
            EngineRefusedError: Cuebot lacks the show, facility, limit or service, or has a job of that name.
        """
        cue = self._lowered(spec)
        check_site(self.client, cue)
        self._find(cue)

    def check_form(self, spec: JobSpec) -> None:
        """Refuse what every Cuebot would refuse, clamp or lose, without asking one.

        Raises:
            BadRequestError: names the field, Cuebot's rule and the fix.
        """
        self._lowered(spec)

    def _lowered(self, spec: JobSpec) -> CueSpec:
        bundle = JobFolder(self.settings.jobs_folder / job_handle(UUID(spec.id))).bundle
        return lower_job(spec, bundle, self.site)

    def launch(self, spec: JobSpec, bundle: Path) -> str:
        """Hand over a job; Cuebot's id of it. The same again, also after a lost reply, finds the same job."""
        cue = lower_job(spec, bundle, self.site)
        job = self._find(cue)
        if job is None:
            job = self._launched(cue)
        elif job.state == FINISHED or not job.is_paused:
            return str(job.id)
        self._set_up(job, cue, spec, bundle)
        return str(job.id)

    def look(self, engine_job_id: str, spec: JobSpec) -> FarmJob | None:
        """How far a job is, page by page; None: Cuebot keeps jobs for some days only."""
        try:
            return self._looked(engine_job_id, spec)
        except UnknownError:  # deleted since it was found
            return None

    def _looked(self, engine_job_id: str, spec: JobSpec) -> FarmJob | None:
        job = self._current(engine_job_id)
        if job is None:
            return None
        chunks = _chunks(self.client.layers(job))
        steps = layer_names(spec)
        tasks = tuple(
            _task(frame, steps[frame.layer_name], chunks[frame.layer_name][frame.number])
            for frame in self.client.frames(job)
            if frame.layer_name in steps and frame.number in chunks.get(frame.layer_name, {})
        )
        ended = job.state == FINISHED
        facts = {"name": job.name, "id": job.id, "paused": bool(job.is_paused), "logs": job.log_dir}
        cancelled = ended and any(task.state is not State.SUCCEEDED for task in tasks)
        return FarmJob(tasks, ended=ended, cancelled=cancelled, facts=facts)

    def cancel(self, engine_job_id: str, *, reason: str) -> None:
        """End a job; what ended already stays."""
        job = self._current(engine_job_id)
        if job is not None and job.state != FINISHED:
            with contextlib.suppress(UnknownError):  # deleted since it was found
                self.client.kill(job, reason=reason)

    def retry(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        """Run these again; running ones go on. A job that has ended is launched again, under its name.

        Raises:
            EngineRefusedError: Cuebot has no such job any more.
        """
        try:
            self._retry(engine_job_id, spec, tasks)
        except UnknownError as error:
            raise EngineRefusedError(
                f"Cuebot does not know job {engine_job_id} any more", hint="submit it again with --force"
            ) from error

    def _retry(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        job = self._current(engine_job_id)
        if job is None:
            raise UnknownError(f"Cuebot has no job {engine_job_id}")
        layers = {layer.name: layer for layer in self.client.layers(job)}
        if job.state == FINISHED:
            bundle = self._bundle_of(spec, [layer.command for layer in layers.values()])
            cue = lower_job(spec, bundle, self.site)
            self._set_up(self._launched(cue), cue, spec, bundle)
            return
        again = [task for task in tasks if task.state is not State.RUNNING]
        for step in spec.steps:  # who waits for what runs again has to wait once more
            for before in set(step.after) & {task.step for task in again}:
                if any(task.step == step.name for task in again):
                    self._wait_again(layers, layer_names(spec), step.name, before)
        self.client.retry(job, [task.task_id for task in again])

    def let_go(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        """Run these although frames before them were eaten: Cuebot lets who waits for an eaten frame wait for ever."""
        with contextlib.suppress(UnknownError):  # deleted since it was found
            self._let_go(engine_job_id, spec, tasks)

    def _let_go(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        job = self._current(engine_job_id)
        if job is None or job.state == FINISHED:
            return
        steps, wanted = layer_names(spec), {task.step for task in tasks}
        for layer in self.client.layers(job):
            if steps.get(layer.name) in wanted:
                self.client.drop_depends(layer)
        self.client.retry(job, [task.task_id for task in tasks if task.state not in {State.RUNNING, State.QUEUED}])

    def log(self, engine_job_id: str, task: FarmTask) -> str:
        """Nothing: RQD drops most of what a frame prints; Shotmill's own log has all of it."""
        del engine_job_id, task
        return ""

    def _find(self, cue: CueSpec) -> Any | None:
        """This very job, if Cuebot has it already.

        Raises:
            EngineRefusedError: it has another one of the same name, and that is not done.
        """
        name = cue.full_name(cue.jobs[0])
        job = self.client.newest_job(name)
        if job is None:
            return None
        ours = {layer.cmd for layer in cue.jobs[0].layers}
        theirs = {layer.command for layer in self.client.layers(job)} - {""}
        if theirs <= ours:
            return job
        if job.state == FINISHED:
            return None
        raise EngineRefusedError(
            f"OpenCue has another job {name} that is not done; kill it there, or submit again", hint="shotmill jobs"
        )

    def _launched(self, cue: CueSpec) -> Any:
        """Launch; where the answer is lost, look whether the job is there."""
        try:
            return self.client.launch(write_spec(cue))
        except EngineUnreachableError:
            job = self._find(cue)  # raises the same again while Cuebot is away
            if job is None or job.state == FINISHED:
                raise
            return job
        except EngineRefusedError as error:
            if "already pending" in error.message and (job := self._find(cue)) is not None:
                return job
            if "Incorrect result size" not in error.message:
                raise
            raise EngineRefusedError(
                f"Cuebot took job {cue.full_name(cue.jobs[0])} and could not launch it; why, it mails to its "
                "administrators alone: ask them",
                hint="shotmill doctor --engine opencue",
            ) from error

    def _set_up(self, job: Any, cue: CueSpec, spec: JobSpec, bundle: Path) -> None:
        """Give a paused job what a spec cannot say, and let it go."""
        folder = JobFolder.of_bundle(bundle)
        retries = cue.jobs[0].retries_after_launch
        if retries is not None:
            self.client.set_retries(job, retries)
        steps = layer_names(spec)
        for layer in self.client.layers(job):
            if layer.name in steps and spec.step(steps[layer.name]).outputs:
                self.client.register_output(layer, str(folder.root / "attempts" / steps[layer.name]))
        handle = job_handle(UUID(spec.id))
        subject = f"Shotmill {handle}"
        if subject not in self.client.comments(job):
            reports = folder.root / "publish"
            message = f"Logs and receipts: {folder.root}\nPublish report: {reports}\nshotmill explain {handle}"
            self.client.comment(job, subject, message)
        self.client.resume(job)
        log.info("launched %s on OpenCue as %s", handle, job.name)

    def _current(self, engine_job_id: str) -> Any | None:
        """The job of this id, or the one that was launched in its place when it was retried after its end."""
        job = self.client.job(engine_job_id)
        if job is None or job.state != FINISHED:
            return job
        return self.client.newest_job(job.name) or job

    def _bundle_of(self, spec: JobSpec, commands: Sequence[str]) -> Path:
        """Where the job's bundle lies: as its layers say, where Cuebot tells, else where this studio puts it."""
        for argv in map(shlex.split, commands):
            if "--bundle" in argv[:-1]:
                return Path(argv[argv.index("--bundle") + 1])
        return JobFolder(self.settings.jobs_folder / job_handle(UUID(spec.id))).bundle

    def _wait_again(self, layers: dict[str, Any], steps: dict[str, str], step: str, before: str) -> None:
        for name, layer in layers.items():
            for other, found in layers.items():
                if steps.get(name) == step and steps.get(other) == before:
                    self.client.wait_for(layer, found)


def _chunks(layers: Sequence[Any]) -> dict[str, dict[int, FrameSet]]:
    """The frames of each of Cuebot's frames, by layer and number: it names a chunk by its first frame."""
    return {layer.name: dict(_numbered(FrameSet.parse(layer.range).chunks(layer.chunk_size))) for layer in layers}


def _numbered(chunks: Sequence[FrameSet]) -> Iterator[tuple[int, FrameSet]]:
    for chunk in chunks:
        yield chunk.first, chunk


def _task(frame: Any, step: str, frames: FrameSet) -> FarmTask:
    begun = frame.start_time > 0
    ended = frame.stop_time > 0 and frame.exit_status >= 0
    word = WORDS.get(frame.exit_status, f"exit status {frame.exit_status}") if ended and frame.exit_status else ""
    if frame.state == EATEN:
        word = "eaten"
    return FarmTask(
        task_id=frame.id,
        step=step,
        frames=frames,
        state=STATES.get(frame.state, State.QUEUED),
        host=frame.last_resource.partition("/")[0] or None,
        attempts=frame.retry_count + 1 if begun else 0,
        exit_code=frame.exit_status if ended else None,
        message=word,
        holes=frame.state == EATEN,
        started=_moment(frame.start_time),
        finished=_moment(frame.stop_time),
    )


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
