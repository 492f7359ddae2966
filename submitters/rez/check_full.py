"""Rez's test of the whole: it answers a host."""

from __future__ import annotations

import json
import subprocess
import sys

asked = {"v": 1, "op": "ping", "id": "00000000-0000-4000-8000-000000000000", "args": {}, "host": {"app": "rez"}}
command = [sys.executable, "-I", "-m", "shotmill", "rpc"]
ran = subprocess.run(command, input=json.dumps(asked).encode() + b"\n", stdout=subprocess.PIPE, check=False)
answer = json.loads(ran.stdout.splitlines()[-1]) if ran.stdout else {}
print(answer)
raise SystemExit(0 if answer.get("ok") else 1)
