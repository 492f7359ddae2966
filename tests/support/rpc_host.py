"""A host in tests: asks ``shotmill rpc`` in this process, and hears what a real host would."""

from __future__ import annotations

import io
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shotmill.submitters.rpc.serve import answer
from shotmill.submitters.rpc.speaker import Speaker
from shotmill.submitters.studio import Studio


@dataclass(frozen=True)
class Answered:
    """What a host heard: all lines, and the exit code."""

    lines: list[dict[str, Any]]
    exit_code: int

    @property
    def value(self) -> Any:
        """Of the result; an error fails the test."""
        assert self.lines[-1]["type"] == "result", self.lines[-1]
        return self.lines[-1]["value"]

    @property
    def error(self) -> dict[str, Any]:
        """The error; a result fails the test."""
        assert self.lines[-1]["type"] == "error", self.lines[-1]
        return self.lines[-1]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The lines of one kind."""
        return [line for line in self.lines if line["type"] == kind]


def question(op: str, args: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A question as the client writes it."""
    host = {"app": "rv", "version": "2025.1", "python": "3.11.9", "user": "ada"}
    return {"v": 1, "op": op, "id": str(uuid.uuid4()), "args": args or {}, "host": host, **more}


def ask_bytes(sent: bytes, home: Path) -> Answered:
    """The answer to whatever a host may send."""
    heard = io.BytesIO()
    code = answer(io.BytesIO(sent), Speaker(heard), Studio(str(home)))
    return Answered([json.loads(line) for line in heard.getvalue().splitlines()], code)


def ask(home: Path, op: str, args: dict[str, Any] | None = None, **more: Any) -> Answered:
    """The answer to one question."""
    return ask_bytes(json.dumps(question(op, args, **more)).encode() + b"\n", home)
