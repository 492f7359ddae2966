"""A publish that dies: ``python killed.py HOME DATABASE JOBFOLDER POINT NTH`` kills itself at the NTH pass of POINT.

POINT ``-`` publishes to the end. Prints ``published vNNN`` when it gets there.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.publish.faults import set_fault
from shotmill.pipeline.publish.runner import run_publish
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database


def main() -> None:
    home, url, folder, point, nth = sys.argv[1:]
    left = int(nth)

    def die(passed: str) -> None:
        nonlocal left
        left -= passed == point
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    if point != "-":
        set_fault(die)
    job = JobFolder(Path(folder))
    settings = Settings(home=Path(home), targets=("ftrack",))
    report = run_publish(job, job.read_spec(), settings, Database(url))
    sys.stdout.write(f"published v{report.versions[0].number:03d}\n")


if __name__ == "__main__":
    main()
