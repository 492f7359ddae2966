"""Children that misbehave: what a host's client may find instead of Shotmill's Python."""

from __future__ import annotations

import shlex
import sys
import uuid
from pathlib import Path

CHILD = Path(__file__).with_name("child.sh")

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
    script = folder / "child.py"
    script.write_text(HEAD + PROGRAMS[program] + "\n", encoding="utf-8")
    return str(stand_in(folder / "python", f'exec {shlex.quote(sys.executable)} -E -s {shlex.quote(str(script))} "$@"'))


def stand_in(python: Path, script: str) -> Path:
    """Let this shell script be what hosts start as ``python``; it may be told anew while children start.

    A program that is open for writing, if only in a process that another thread has just forked, cannot be started,
    and one that starts cannot be written ("Text file busy"). So what is started is a link to one that stays as it is.
    """
    script_file = python.with_name(f"{python.name}.sh")
    fresh = python.with_name(f".{uuid.uuid4().hex}.sh")
    fresh.write_text(f"{script}\n", encoding="utf-8")
    fresh.replace(script_file)
    if not python.is_symlink():
        python.symlink_to(CHILD)
    return python
