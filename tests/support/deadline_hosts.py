"""Programs around the Deadline Cloud service of the tests: the real worker agent, the real CLI, moto's S3 and logs."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import psutil
from deadline_service import FARM, FLEET, QUEUE, DeadlineService
from environments import Environment, environment

# The agent cannot live beside `deadline`: both pin deadline-job-attachments, and not the same.
AGENT_PINS = ("deadline-cloud-worker-agent==0.33.6", "deadline-job-attachments==0.1.3", "openjd-model==0.14.0")
MOTO_PINS = ("moto[server]==5.2.5",)
OPENJD_PINS = ("openjd-cli==0.8.0", "openjd-model==0.13.0", "openjd-sessions==0.13.0")
START_S = 60.0
COMMAND_S = 120.0
KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_REGION": "us-west-2",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # else requests go to management.127.0.0.1
    "DEADLINE_CLOUD_TELEMETRY_OPT_OUT": "true",
}
# What a program needs of the environment that tests run in.
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")


def agent_environment() -> Environment:
    """The worker agent's own virtual environment."""
    return environment("deadline-worker-agent", AGENT_PINS, resolve=True)


def moto_environment() -> Environment:
    """Moto's own virtual environment."""
    return environment("moto-server", MOTO_PINS, resolve=True)


def openjd_environment() -> Environment:
    """The OpenJD command line's own virtual environment."""
    return environment("openjd-cli", OPENJD_PINS, resolve=True)


@dataclass(frozen=True)
class Amazon:
    """S3, STS and CloudWatch Logs, by moto."""

    url: str

    def client(self, name: str) -> Any:
        return boto3.client(
            name,
            endpoint_url=self.url,
            region_name=KEYS["AWS_REGION"],
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - moto asks for no secret
        )

    def objects(self, bucket: str, prefix: str = "") -> dict[str, datetime]:
        """When each object of a bucket was written, in whole seconds."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {one["Key"]: one["LastModified"] for page in pages for one in page.get("Contents", [])}

    def make_log(self, group: str, stream: str) -> None:
        """Make a log stream, as the service does for sessions."""
        logs = self.client("logs")
        for make, names in ((logs.create_log_group, {}), (logs.create_log_stream, {"logStreamName": stream})):
            with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
                make(logGroupName=group, **names)


@contextlib.contextmanager
def moto_server(logs: Path) -> Iterator[Amazon]:
    """Moto, for as long as the context lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command: list[str | Path] = [moto_environment().program("moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with logs.open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={**_kept(os.environ), **KEYS})
    try:
        _wait_for(port, server, logs)
        yield Amazon(f"http://127.0.0.1:{port}")
    finally:
        server.kill()
        server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes], logs: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert server.poll() is None, logs.read_text()
        assert time.monotonic() < deadline, "moto does not listen"
        time.sleep(0.05)


@dataclass(frozen=True)
class FarmSite:
    """A service, moto beside it, and a folder that all hosts see.

    Attributes:
        root: of everything that programs write.
    """

    service: DeadlineService
    amazon: Amazon
    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """What leads AWS's clients to this site; home folders and credentials are the site's own."""
        home = self.root / "aws-home"
        home.mkdir(exist_ok=True)
        endpoints = {
            "AWS_ENDPOINT_URL": self.amazon.url,
            "AWS_ENDPOINT_URL_DEADLINE": self.service.url,
            "AWS_ENDPOINT_URL_S3": self.amazon.url,
            "AWS_ENDPOINT_URL_STS": self.amazon.url,
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": self.amazon.url,
        }
        place = {"HOME": str(home), "DEADLINE_CONFIG_FILE_PATH": str(home / "deadline.ini")}
        return {**_kept(os.environ), **KEYS, **endpoints, **place}

    def configure(self) -> None:
        """Name farm and queue where ``deadline config set`` writes them."""
        defaults = {"[defaults]": "aws_profile_name = (default)", "[profile-(default) defaults]": f"farm_id = {FARM}"}
        defaults[f"[profile-(default) {FARM} defaults]"] = f"queue_id = {QUEUE}"
        text = "".join(f"{head}\n{line}\n" for head, line in defaults.items())
        Path(self.environment["DEADLINE_CONFIG_FILE_PATH"]).write_text(text)

    def share_nothing(self) -> str:
        """Give the queue job attachments; the bucket's name."""
        bucket = f"farm-{uuid.uuid4().hex}"
        place = {"LocationConstraint": KEYS["AWS_REGION"]}
        self.amazon.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        self.service.options.bucket = bucket
        return bucket

    def deadline(self, *arguments: object, cwd: Path | None = None, check: bool = True) -> str:
        """Run the real ``deadline`` command; what it printed."""
        program = Path(sys.executable).with_name("deadline")
        ended = subprocess.run(
            [program, *map(str, arguments)],
            env=self.environment,
            cwd=cwd or self.root,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=COMMAND_S,
            check=False,
        )
        assert not check or ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    def submit(self, bundle: Path, *more: object, cwd: Path | None = None) -> str:
        """Submit a bundle with the plain CLI; the job's id."""
        self.deadline("bundle", "submit", bundle, "--yes", *more, cwd=cwd)
        return self.service.jobs()[-1].id

    @contextlib.contextmanager
    def worker(self, name: str = "host") -> Iterator[Path]:
        """Run a real worker agent for as long as the context lasts; where its logs are."""
        place = self.root / name
        folders = {one: place / one for one in ("logs", "persistence", "sessions")}
        for folder in folders.values():
            folder.mkdir(parents=True)
        command: list[str | Path] = [
            agent_environment().program("deadline-worker-agent"),
            *("--farm-id", FARM, "--fleet-id", FLEET, "--run-jobs-as-agent-user", "--no-shutdown"),
            *("--logs-dir", folders["logs"], "--persistence-dir", folders["persistence"]),
            *("--session-root-dir", folders["sessions"], "--no-host-metrics-logging"),
        ]
        # `shotmill` is found beside the tests' Python, as on a host where it is installed.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        host = {**self.environment, **studio_environment(os.environ), "PATH": path}
        with (place / "agent.log").open("wb") as log:
            agent = subprocess.Popen(command, env=host, cwd=place, stdout=log, stderr=log)
        try:
            yield folders["logs"]
        finally:
            _end(agent)

    def wait(self, job_id: str, *, wait_s: float = COMMAND_S) -> str:
        """Wait until a job has ended and no worker does anything for it; its status."""
        job = self.service.world.jobs[job_id]
        deadline = time.monotonic() + wait_s
        while not job.is_over or any(not session.ended for session in job.sessions):
            assert time.monotonic() < deadline, self.situation()
            time.sleep(0.05)
        return job.status

    def situation(self) -> str:
        """All that tells why something did not happen."""
        tasks = [
            f"{task.step.name} {task.parameters} {task.status}" for job in self.service.jobs() for task in job.tasks
        ]
        actions = [
            f"{action.definition} {action.status} {action.reported}"
            for job in self.service.jobs()
            for action in job.actions
        ]
        logs = [path.read_text() for path in sorted(self.root.rglob("session-*.log"))]
        return "\n".join([*tasks, *actions, *logs, *map(str, self.service.failures)])


def studio_environment(parent: Mapping[str, str]) -> dict[str, str]:
    """What a worker host knows of the studio: where its home and database are; a job never says that."""
    return {name: value for name, value in parent.items() if name.startswith("SHOTMILL_") or name == "PYTHONPATH"}


def _kept(parent: Mapping[str, str]) -> dict[str, str]:
    return {name: parent[name] for name in _KEPT if name in parent}


def _end(agent: subprocess.Popen[bytes]) -> None:
    """End an agent and all that it started; it takes its time when it is asked."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [psutil.Process(agent.pid), *psutil.Process(agent.pid).children(recursive=True)]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
    agent.wait()
