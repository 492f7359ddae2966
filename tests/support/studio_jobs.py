"""A studio's own job type, found by entry point, whose tasks do what a test tells them: succeed, fail, hang, print."""

from __future__ import annotations

from pathlib import Path

PACKAGE = '''
from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from pydantic import Field
from shotmill.schema.errors import InputMissingError, TaskCancelledError, TaskFailedError
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobType, Needs, OutputSpec, Params, Step, publish_step
from shotmill.schema.media import EntityRef
from shotmill.schema.task import FileMade, OutputMade, TaskContext, Written


class TrialParams(Params):
    """What the tasks do."""

    frames: FrameSet = FrameSet((1,))
    chunk: int = 1
    action: str = Field(default="write", description="what each task does")
    on: int = 0
    trace: str = ""
    retries: int = 2
    timeout_s: int = 60
    warm: bool = True
    cpu: int = 1
    memory_mib: int = 64
    gpu: int = 0
    publish: bool = False
    text: str = ""
    model: str = ""


class Speechless(Exception):
    """An error whose own words fail."""

    def __str__(self) -> str:
        raise ValueError("no words")


def steps(params: TrialParams) -> list[Step]:
    shot = EntityRef(project="demo", kind="shot", parent="sq010", name="sh010")
    output = OutputSpec(
        product="trial", entity=shot, name="trial", kind="document", representation="txt", extension="txt",
        frames=params.frames,
    )
    work = Step(
        name="work", task="work", frames=params.frames, chunk=params.chunk, retries=params.retries,
        timeout_s=params.timeout_s, warm=params.warm, model=params.model, outputs=(output,),
        needs=Needs(cpu=params.cpu, memory_mib=params.memory_mib, gpu=params.gpu),
    )
    return [work, publish_step("work")] if params.publish else [work]


class Model:
    """Is slow to load, and remembers the frames that it saw, as one for video does."""

    def __init__(self, params: TrialParams) -> None:
        with open(params.trace + ".loads", "a") as loads:
            loads.write(f"{os.getpid()}\\n")
        time.sleep(0.3)
        self.name, self.seen = params.model, []

    def reset(self) -> None:
        self.seen = []

    def see(self, frame: int) -> str:
        self.seen.append(frame)
        return f"{self.name} saw {self.seen}"


# A child in a session of its own, whose parent is gone; both ignore SIGTERM and wait for ever.
BROOD = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    with open(sys.argv[1] + ".new", "w") as pids:
        pids.write(f"{os.getpid()} {sys.argv[2]}")
    os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)
"""


def work(task: TaskContext[TrialParams]) -> Written:
    params = task.params
    if params.trace:
        with open(params.trace, "a") as trace:
            trace.write(f"{task.frames} {os.getpid()}\\n")
    model = task.tools.kept(params.model, lambda: Model(params), reset=Model.reset) if params.model else None
    if params.on == 0 or params.on in task.frames.frames:
        act(params, task)
    files = []
    for frame in task.frames:
        (task.staging / f"{frame}.txt").write_text(model.see(frame) if model else f"frame {frame}")
        files.append(FileMade(params.text if params.action == "name" else f"{frame}.txt", frame))
    task.progress(1.0, "done")
    form = "raw" if params.action == "unpromised" else "txt"
    return Written(outputs=[OutputMade(product="trial", representation=form, files=files)], done=task.frames)


def act(params: TrialParams, task: TaskContext[TrialParams]) -> None:
    first = not Path(params.trace + ".once").exists() if params.trace else True
    if params.action == "missing":
        raise InputMissingError("plate is gone", frame=task.frames.first, hint="bring it back")
    if params.action == "fail":
        raise TaskFailedError("it always fails")
    if params.action == "raise":
        raise RuntimeError("unexpected")
    if params.action == "read":
        Path(params.text).read_text()
    if params.action == "call":
        subprocess.run([params.text], check=True)
    if params.action == "lock-out":
        raise PermissionError(errno.EACCES, "Permission denied", str(task.staging / "1.txt"))
    if params.action == "worn-disk":
        raise OSError(errno.EIO, "Input/output error", str(task.staging / "1.txt"))
    if params.action == "spoil" and first:
        Path(params.trace + ".once").touch()
        spoiled = next(task.job_dir.glob("attempts/*/1/*/1.txt"))
        spoiled.chmod(0o644)
        spoiled.write_text("")
        (task.job_dir / "receipts" / "work" / "2.json").unlink()
    if params.action == "babble":
        name = os.fsdecode(b"plate_\\xff\\0.exr")
        task.progress(float("nan"), name)
        task.progress(0.5, Path(name))
        time.sleep(1.5)
        raise RuntimeError(name)
    if params.action == "speechless":
        raise Speechless
    if params.action == "fail-once" and first:
        Path(params.trace + ".once").touch()
        raise TaskFailedError("only the first time")
    if params.action == "die-once" and first:
        Path(params.trace + ".once").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if params.action == "hang":
        time.sleep(600)
    if params.action == "slow":
        time.sleep(0.3)
    while params.action == "talk":
        task.progress(0.0, str(time.monotonic()))
        time.sleep(0.02)
    heard = 0
    while params.action == "deaf" and heard < 3:
        try:
            task.progress(0.1, "deaf")
            time.sleep(0.01)
        except TaskCancelledError:
            heard += 1
            Path(f"{params.trace}.heard{heard}").touch()
    if params.action == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen([sys.executable, "-c", BROOD, params.trace + ".child", str(os.getpid())]).wait()
    if params.action == "gate":
        print("before the gate")
        subprocess.run(["echo", "a child speaks"], check=True)
        while not Path(params.trace + ".open").exists():
            time.sleep(0.02)
        print("behind the gate")
    if params.action == "chatter":
        for number in range(5000):
            print("line", number)
    if params.action == "print-environment":
        print(*(f"{name}={value}" for name, value in os.environ.items()), sep="\\n")
    if params.action == "span":
        began = time.monotonic()
        time.sleep(0.2)
        with open(params.trace + ".spans", "a") as spans:
            spans.write(f"{began} {time.monotonic()} {task.step.needs.cpu} {task.step.needs.memory_mib}\\n")
    if params.action == "environment":
        Path(params.trace + ".env").write_text("\\n".join(f"{k}={v}" for k, v in os.environ.items()))
    if params.action == "print":
        print(params.text * 1000)
    if params.action == "fill":
        free = os.statvfs(os.path.dirname(params.text))
        with open(params.text, "xb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, free.f_bavail * free.f_frsize)
    if params.action == "empty":
        (task.staging / "empty.txt").touch()


TASKS = {"work": work}
JOB = JobType(
    name="trial", summary="A trial", params=TrialParams, steps=steps, tasks="studio_trial", reads_pixels=False
)
'''
METADATA = "Metadata-Version: 2.1\nName: studio-trial\nVersion: 1.0\n"


def install_trial(site: Path) -> Path:
    """Install the job type ``trial`` into a folder that goes on PYTHONPATH."""
    info = site / "studio_trial-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "studio_trial.py").write_text(PACKAGE)
    (info / "METADATA").write_text(METADATA)
    (info / "entry_points.txt").write_text("[shotmill.jobs]\ntrial = studio_trial\n")
    return site
