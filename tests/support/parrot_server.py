"""A server that repeats all it was sent, in every way in which servers explain too much, and nobody's friend.

Its answers take turns: successes, refusals and breakdowns, in the words of each tracker and chat, with the request's
headers and body in every field that a client might show.
"""

from __future__ import annotations

from itertools import cycle
from typing import Any
from urllib.parse import unquote_plus

from chat_server import Answer, Asked, FaultyServer

STATUSES = (200, 400, 401, 403, 404, 422, 500, 503, 418)


class ParrotServer(FaultyServer):
    """One for all targets; ``heard`` is what it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self._statuses = cycle(STATUSES)

    def answer(self, asked: Asked) -> Answer:
        sent = " ".join([asked.path, *asked.headers.values(), unquote_plus(asked.body.decode(errors="replace"))])
        self.heard.append(sent)
        return Answer(_repeated(sent), next(self._statuses))


def _repeated(sent: str) -> dict[str, Any]:
    words = dict.fromkeys(("error", "content", "message", "errorType", "status", "needed", "details"), sent)
    return {"ok": False, "success": False, "exception": f"ServerError {sent}", "error_code": 1, **words}
