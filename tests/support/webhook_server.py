"""Somebody who listens to webhooks, by the receiver that the documentation shows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from chat_server import Answer, Asked, FaultyServer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "trackers" / "webhooks.md"
SECRET = "planted-1618033988749894848"  # noqa: S105 - planted


def documented() -> dict[str, Any]:
    """What the receiver in the documentation defines."""
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102 - our own documentation
    return names


class WebhookServer(FaultyServer):
    """Verifies what it gets, and keeps each fact once."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = Answer(b"", 429, (("Retry-After", "7"),))
        self.facts: dict[str, dict[str, Any]] = {}
        self.says = 204
        self.location = ""
        self._verify = documented()["verify"]

    def answer(self, asked: Asked) -> Answer:
        if self.says >= 300:
            return Answer(b"", self.says, (("Location", self.location),) if self.location else ())
        if not self._verify(SECRET.encode(), asked.headers, asked.body):
            return Answer(b"who are you?", 401, kind="text/plain")
        self.facts[asked.headers["idempotency-key"]] = json.loads(asked.body)
        return Answer(b"", self.says)
