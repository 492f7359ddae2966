"""Jobs of 10,000 frames on their way to farms: compiled, handed over, and as whole commands.

The bare counterparts: ``opencue.api`` with the finished document and the calls that make the same job of it, and
``deadline bundle submit`` with the same bundle. The farms are those of the tests, in processes of their own; what both
sides have made there is compared, and the time that the farm takes to make it is in both times.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from farm_doubles import DEADLINE, OPENCUE, Double, farm_double
from pairs import Result, alone, compare, show
from submit import command, frame_a_task, write_plate

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.deadline_cloud import DeadlineCloudFarm
from shotmill.farm_plugins.deadline_cloud.bundle import add_deadline_files
from shotmill.farm_plugins.opencue.farm import OpenCueFarm
from shotmill.farm_plugins.opencue.lower import layer_names, lower_job
from shotmill.farm_plugins.opencue.spec import write_spec
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings
from shotmill.schema.checks import check_spec
from shotmill.schema.job import JobSpec

BUILD_S = 1.0
ARTIST_S = 1.0
NO_DEARER = 1.1  # than the farm's own client
PAIRS = 7
FARM, QUEUE = "farm-" + "f" * 32, "queue-" + "a" * 32
CONFIG = f"""[defaults]
aws_profile_name = (default)
[profile-(default) defaults]
farm_id = {FARM}
[profile-(default) {FARM} defaults]
queue_id = {QUEUE}
[telemetry]
opt_out = true
"""
PYCUE = """
import json, sys
import opencue
opencue.Cuebot.setHosts([sys.argv[1]])
for line in sys.stdin:
    given = json.loads(line)
    (job,) = opencue.api.launchSpecAndWait(given["document"])
    job.setMaxRetries(given["retries"])
    for layer in job.getLayers():
        if layer.name() in given["outputs"]:
            layer.registerOutputPath(given["outputs"][layer.name()])
    job.addComment(given["subject"], given["message"])
    job.resume()
    print(job.id(), flush=True)
"""


@dataclass
class Outcomes:
    """What the farm has at the end of each run: the same jobs, whoever made them."""

    double: Double
    found: list[str] = field(default_factory=list)

    def collect(self) -> None:
        """Take what was made."""
        made = self.double.made()
        assert len(made) == 1, f"{len(made)} jobs were made of one"
        self.found.append(json.dumps(made, sort_keys=True))

    def check(self) -> None:
        """Both sides made the same job, each time.

        Raises:
            AssertionError: they did not.
        """
        assert len(set(self.found)) == 1, "the two sides made different jobs"
        self.found.clear()


def main() -> int:
    """Build, hand over, and submit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=10_000)
    frames = parser.parse_args().frames
    folder = Path(tempfile.mkdtemp())
    try:
        with farm_double(OPENCUE) as cue, farm_double(DEADLINE) as cloud:
            _sign_in(folder, cue, cloud)
            plate = write_plate(folder / "plate", frames)
            results = [*_built(folder, frames), *_opencue(folder, frames, plate, cue)]
            results += _deadline(folder, frames, plate, cloud)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return show(results)


def _sign_in(folder: Path, cue: Double, cloud: Double) -> None:
    """Let this process and its children know both farms, and nothing of this machine's own."""
    (folder / "deadline").write_text(CONFIG, encoding="utf-8")
    os.environ.update({
        "HOME": str(folder),
        "SHOTMILL_USER": "artist",
        "SHOTMILL_OPENCUE_HOSTS": cue.address,
        "SHOTMILL_OPENCUE_USER": "artist",
        "DEADLINE_CONFIG_FILE_PATH": str(folder / "deadline"),
        "DEADLINE_CLOUD_TELEMETRY_OPT_OUT": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # what is not imitated is not reached
        "AWS_ENDPOINT_URL_DEADLINE": cloud.address,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    })  # fmt: skip


def _built(folder: Path, frames: int) -> list[Result]:
    """Everything between a job and what a farm is sent."""
    settings = Settings(home=folder / "built", user="artist")
    spec = frame_a_task(frames)
    site = OpenCueFarm(settings).site

    def document() -> None:
        check_spec(spec)
        write_spec(lower_job(spec, Path("/jobs/J-22222222/bundle"), site))

    def bundle() -> None:
        check_spec(spec)
        made = write_bundle(spec, JobFolder(folder / "built" / uuid.uuid4().hex))
        add_deadline_files(spec, made)

    return [
        alone(f"OpenCue: spec of {frames:,} tasks, checked", document, goal_s=BUILD_S),
        alone(f"Deadline Cloud: bundle of {frames:,} tasks, on disk", bundle, goal_s=BUILD_S),
    ]


def _jobs(folder: Path, make: Callable[[], JobSpec], *, deadline: bool) -> Iterator[tuple[JobSpec, Path]]:
    """New jobs of the same content, each with its bundle on disk."""
    made = []
    for _ in range(2 * PAIRS + 2):
        spec = make()
        bundle = write_bundle(spec, JobFolder(folder / spec.id))
        if deadline:
            add_deadline_files(spec, bundle)
        made.append((spec, bundle))
    return iter(made)


def _opencue(folder: Path, frames: int, plate: Path, double: Double) -> list[Result]:
    settings = Settings(home=folder / "cue", user="artist", opencue_hosts=(double.address,), opencue_user="artist")
    farm, outcomes = OpenCueFarm(settings), Outcomes(double)
    jobs = _jobs(folder / "cue", lambda: frame_a_task(frames), deadline=False)
    request = _request(plate)
    plates = _jobs(folder / "plates", lambda: plan(request, settings).spec, deadline=False)
    orders = iter([_cue_order(*job, farm) for job in jobs][: PAIRS + 1])
    jobs = _jobs(folder / "cue", lambda: frame_a_task(frames), deadline=False)
    bare = iter([_cue_order(*job, farm) for job in plates][: PAIRS + 1])
    with _pycue(double.address) as ask:
        results = [
            compare(
                "OpenCue: engine hands the job over / pycue, warm",
                lambda: farm.launch(*next(jobs)),
                lambda: ask(next(orders)),
                pairs=PAIRS, after=outcomes.collect,
            )
        ]  # fmt: skip
    outcomes.check()
    results.append(
        compare(
            "command: submit --engine opencue / bare pycue script",
            command(folder / "artist", "submit", *_words(plate), "--engine", "opencue"),
            lambda: _launch_bare(double.address, next(bare)),
            pairs=PAIRS, after=outcomes.collect,
        )
    )  # fmt: skip
    outcomes.check()
    return [*results, _in_time(results[-1], "OpenCue"), _later(folder, plate, "opencue", outcomes)]


def _deadline(folder: Path, frames: int, plate: Path, double: Double) -> list[Result]:
    settings = Settings(home=folder / "cloud", user="artist")
    farm, outcomes = DeadlineCloudFarm(settings), Outcomes(double)
    jobs = _jobs(folder / "cloud", lambda: frame_a_task(frames), deadline=True)
    request = _request(plate)
    plates = _jobs(folder / "cloud", lambda: plan(request, settings).spec, deadline=True)
    results = [
        compare(
            "Deadline Cloud: engine hands it over / bundle submit",
            lambda: farm.launch(*next(jobs)),
            lambda: _bundle_submit(*next(jobs)),
            pairs=PAIRS, goal=NO_DEARER, after=outcomes.collect,
        )
    ]  # fmt: skip
    outcomes.check()
    words = ("submit", *_words(plate), "--engine", "deadline")
    results.append(
        compare(
            "command: submit --engine deadline / bundle submit",
            command(folder / "artist", *words), lambda: _bundle_submit(*next(plates)),
            pairs=PAIRS, after=outcomes.collect,
        )
    )  # fmt: skip
    outcomes.check()
    return [*results, _in_time(results[-1], "Deadline Cloud"), _later(folder, plate, "deadline", outcomes)]


def _later(folder: Path, plate: Path, engine: str, outcomes: Outcomes) -> Result:
    """What an artist waits for whose job is handed over in the background; each one arrives."""
    submit = command(folder / "artist", "submit", *_words(plate), "--engine", engine, "--later")
    times = []
    for _ in range(PAIRS + 1):
        began = time.perf_counter()
        submit()
        times.append(time.perf_counter() - began)
        while any(not log.stat().st_size for log in (folder / "artist" / "jobs").glob("*/handover.log")):
            time.sleep(0.05)  # it is on its way
        outcomes.collect()
    outcomes.check()
    times.pop(0)
    return Result(
        f"command: submit --engine {engine} --later",
        median(times),
        0.0,
        0.0,
        max(times) / min(times),
        ARTIST_S,
        min(times),
    )


def _in_time(result: Result, farm: str) -> Result:
    """The same command, beside what an artist waits for."""
    return Result(
        f"{farm}: the prompt is back, without --later", result.ours, 0.0, 0.0, result.spread, ARTIST_S, result.best
    )


def _request(plate: Path) -> SubmitRequest:
    return SubmitRequest("publish", plates=[str(plate)], params={"product": "plate"})


def _words(plate: Path) -> tuple[object, ...]:
    return ("publish", plate, "--param", "product=plate", "--force")


def _cue_order(spec: JobSpec, bundle: Path, farm: OpenCueFarm) -> str:
    """What a script has to be given to make the same job."""
    cue = lower_job(spec, bundle, farm.site)
    steps = layer_names(spec)
    outputs = {layer: str(bundle) for layer, step in steps.items() if spec.step(step).outputs}
    order = {
        "document": write_spec(cue).decode(),
        "retries": cue.jobs[0].retries_after_launch or cue.jobs[0].retries,
        "outputs": outputs,
        "subject": "Shotmill J-22222222",
        "message": str(bundle),
    }
    return json.dumps(order) + "\n"


@contextmanager
def _pycue(address: str) -> Iterator[Callable[[str], str]]:
    """OpenCue's own client, loaded, in a process of its own; launches what it is given."""
    with subprocess.Popen(
        [sys.executable, "-c", PYCUE, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def ask(order: str) -> str:
            stdin.write(order)
            stdin.flush()
            answer = stdout.readline()
            assert answer, "pycue launched nothing"
            return answer

        yield ask


def _launch_bare(address: str, order: str) -> None:
    subprocess.run([sys.executable, "-c", PYCUE, address], input=order, text=True, capture_output=True, check=True)


def _bundle_submit(spec: JobSpec, bundle: Path) -> None:
    """The plain command; it takes from ``deadline config`` what a bundle says of failures, so it is told."""
    retries = max(step.retries for step in spec.steps)
    failures = sum(len(step.chunks()) for step in spec.steps)
    more = ["--max-retries-per-task", str(retries), "--max-failed-tasks-count", str(failures)]
    program = Path(sys.executable).with_name("deadline")
    ran = subprocess.run([program, "bundle", "submit", "--yes", *more, str(bundle)], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr


if __name__ == "__main__":
    raise SystemExit(main())
