"""Run every benchmark, one process each, and print its table.

How goals in seconds are judged on a machine that is slower than the one they were set on, ``pairs`` says.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOT_BENCHMARKS = {"all.py", "farm_doubles.py", "pairs.py"}


def main() -> int:
    """Run them in order; the number of those that broke."""
    broken = 0
    for script in sorted(HERE.glob("*.py")):
        if script.name in NOT_BENCHMARKS:
            continue
        print(f"\n== {script.stem}", flush=True)
        broken += subprocess.run([sys.executable, str(script)], check=False).returncode != 0
    return broken


if __name__ == "__main__":
    raise SystemExit(main())
