"""Publishes one job after another: ``python many.py HOME DATABASE JOBFOLDER...``."""

from __future__ import annotations

import sys
from pathlib import Path

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.publish.runner import run_publish
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database


def main() -> None:
    home, url, *folders = sys.argv[1:]
    settings, database = Settings(home=Path(home), targets=("ftrack",)), Database(url)
    for folder in folders:
        job = JobFolder(Path(folder))
        run_publish(job, job.read_spec(), settings, database)


if __name__ == "__main__":
    main()
