"""A server of publishes that die: everything is imported once, each publish runs in a forked process.

Reads one JSON list a line: HOME, DATABASE, JOBFOLDER, POINT, NTH, SECONDS. The publish kills itself at the NTH pass of
POINT (``-``: nowhere), or is killed after SECONDS (0: never). Answers with a JSON list: exit code, last words.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import pyblish.util

import shotmill.pipeline.publish.plugins
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.publish.faults import set_fault
from shotmill.pipeline.publish.runner import run_publish
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database


def publish(home: str, url: str, folder: str, point: str, nth: int) -> str:
    left = nth

    def die(passed: str) -> None:
        nonlocal left
        left -= passed == point
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    set_fault(die if point != "-" else None)
    job = JobFolder(Path(folder))
    settings = Settings(home=Path(home), targets=("wire",))
    report = run_publish(job, job.read_spec(), settings, Database(url))
    return f"published v{report.versions[0].number:03d}"


def child(words: int, asked: tuple[str, str, str, str, int]) -> None:
    code = 0
    try:
        said = publish(*asked)
    except BaseException:  # noqa: BLE001 - whatever it was, the parent wants to read it
        said, code = traceback.format_exc(), 1
    os.write(words, said.encode())
    os._exit(code)


def wait(pid: int, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while seconds and time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    if seconds:
        os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    sys.stderr.write(f"serving with {pyblish.util.__name__} and {shotmill.pipeline.publish.plugins.__name__}\n")
    for line in sys.stdin:
        *asked, seconds = json.loads(line)
        with tempfile.TemporaryFile() as words:
            pid = os.fork()
            if pid == 0:
                child(words.fileno(), tuple(asked))
            code = wait(pid, seconds)
            words.seek(0)
            sys.stdout.write(json.dumps([code, words.read().decode()]) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
