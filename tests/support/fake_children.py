"""Children that misbehave: what a host's client may find instead of Shotmill's Python."""

from __future__ import annotations

import sys
from pathlib import Path

HEAD = "import json, os, sys, time, signal, subprocess\nasked = json.loads(sys.stdin.readline())\n"
RESULT = '{"type": "result", "ok": true, "value": {"n": 1}}'
PROGRAMS = {
    "good": f"print('{RESULT}', flush=True)",
    "slow to end": f"print('{RESULT}', flush=True); time.sleep(600)",
    "crashed mid-line": 'os.write(1, b\'{"type": "progr\'); os.kill(os.getpid(), signal.SIGSEGV)',
    "garbage": "print('Traceback (most recent call last):', flush=True); time.sleep(600)",
    "not an object": "print('[1, 2]', flush=True); time.sleep(600)",
    "exit code": "print('disk of the moon is full', file=sys.stderr); sys.exit(3)",
    "silent end": "sys.exit(0)",
    "1 MB of errors": f"sys.stderr.write('x' * 1_000_000); sys.stderr.flush(); print('{RESULT}', flush=True)",
    "1 MB of errors and an end": "sys.stderr.write('y' * 1_000_000 + '\\nlast words\\n'); sys.exit(1)",
    "never answers": "time.sleep(600)",
    "has a child": (
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(json.dumps({'type': 'progress', 'stage': 'started', 'done': child.pid, 'total': 0}), flush=True)\n"
        "time.sleep(600)"
    ),
    "echo": "print(json.dumps({'type': 'result', 'ok': True, 'value': [asked, sys.argv, dict(os.environ)]}))",
    "no shotmill": "print(sys.executable + ': No module named shotmill', file=sys.stderr); sys.exit(1)",
}


def fake_python(folder: Path, program: str) -> str:
    """An interpreter that does one of the programs instead of ``-m shotmill rpc``; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    script, python = folder / "child.py", folder / "python"
    script.write_text(HEAD + PROGRAMS[program] + "\n", encoding="utf-8")
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -E -s "{script}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return str(python)
