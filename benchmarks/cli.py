"""Start-up of the command line and of what hosts start, against Python's own and against the other client's.

The other client is the ``deadline`` command beside this Python, on PATH, or given by --deadline.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

from pairs import alone, compare, show

PAIRS = 21
GOAL_S = 0.5


def run(*words: str | Path) -> Callable[[], object]:
    """The command as work to be timed; it must succeed."""
    return lambda: subprocess.run(list(map(str, words)), stdout=subprocess.DEVNULL, check=True)


def asked(op: str, home: Path) -> Callable[[], object]:
    """A question of a host, from the child's start to its end; it must be answered."""
    host = {"app": "rv", "version": "2025.1", "python": "3.11.9", "user": "maya"}
    words = [sys.executable, "-I", "-m", "shotmill", "--home", str(home), "rpc"]

    def ask() -> object:
        question = {"v": 1, "op": op, "id": str(uuid.uuid4()), "args": {}, "host": host}
        return subprocess.run(words, input=json.dumps(question).encode(), stdout=subprocess.DEVNULL, check=True)

    return ask


def main() -> int:
    """Start each command many times in turn."""
    beside = Path(sys.executable).parent
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deadline", default=shutil.which("deadline", path=str(beside)) or shutil.which("deadline"))
    deadline = parser.parse_args().deadline
    shotmill, bare = beside / "shotmill", run(sys.executable, "-c", "pass")
    home = Path(tempfile.mkdtemp())
    try:
        results = [
            compare("shotmill --help / python -c pass", run(shotmill, "--help"), bare, pairs=PAIRS, goal=4.0),
            compare("shotmill --version / python -c pass", run(shotmill, "--version"), bare, pairs=PAIRS),
            compare("shotmill jobs / python -c pass", run(shotmill, "--home", home, "jobs"), bare),
            compare("shotmill submit --help / python -c pass", run(shotmill, "submit", "thumbnail", "--help"), bare),
            alone("rpc ping, cold", asked("ping", home), goal_s=GOAL_S),
            alone("rpc describe, cold", asked("describe", home), goal_s=GOAL_S),
        ]
        if deadline is None:
            print("deadline --help is left out: pip install 'shotmill[deadline]', or say --deadline PATH")
        else:
            other = run(deadline, "--help")
            results.append(compare("shotmill --help / deadline --help", run(shotmill, "--help"), other, goal=0.2))
        status = show(results)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
