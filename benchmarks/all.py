"""Run every benchmark, one process each, and print its table.

How goals in seconds are judged on a machine that is slower than the one they were set on, ``pairs`` says.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pairs import MISSED

HERE = Path(__file__).resolve().parent
NOT_BENCHMARKS = {"all.py", "farm_doubles.py", "pairs.py"}


def main() -> int:
    """Run them in order; 1 where one broke, else 3 where one missed a goal, else 0."""
    ended: dict[int, list[str]] = {}
    for script in sorted(HERE.glob("*.py")):
        if script.name in NOT_BENCHMARKS:
            continue
        print(f"\n== {script.stem}", flush=True)
        status = subprocess.run([sys.executable, str(script)], check=False).returncode
        ended.setdefault(status if status in {0, MISSED} else 1, []).append(script.stem)
    for status, said in ((MISSED, "missed a goal"), (1, "broke")):
        if names := ended.get(status):
            print(f"\n{said}: {', '.join(names)}")
    return next((status for status in (1, MISSED) if status in ended), 0)


if __name__ == "__main__":
    raise SystemExit(main())
