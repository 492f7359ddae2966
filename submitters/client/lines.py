"""The lines that Shotmill answers with: JSON objects, the last of them a result or an error."""

from __future__ import annotations

import json
from typing import Any

from .errors import ANSWER_LATE, ANSWER_LOST, ENDED, INSTALLATION, ClientError
from .place import MEND

MAX_LINE = 64 * 1024 * 1024  # bytes; a line beyond it is no answer of ours
SHOWN = 120
LAST = ("result", "error")
AGAIN = "ask again; the same request id never makes a second job"
NOT_INSTALLED = ("No module named shotmill", "No module named 'shotmill", "No Python at")


class LineReader:
    """Makes lines of bytes as they come; what is no answer becomes an error line.

    Attributes:
        last: the result or the error, once it came; nothing is read behind it.
    """

    def __init__(self) -> None:
        self.last: dict[str, Any] | None = None
        self._rest = b""

    def feed(self, chunk: bytes) -> list[dict[str, Any]]:
        """The lines that these bytes complete, in order."""
        if self.last is not None:
            return []
        pieces = (self._rest + chunk).split(b"\n") if b"\n" in chunk else [self._rest + chunk]
        self._rest = pieces.pop()
        found: list[dict[str, Any]] = []
        for piece in filter(bytes.strip, pieces):
            found.append(self._line(piece))
            if self._is_over():
                return found
        if len(self._rest) > MAX_LINE:
            found.append(self._end(_garbage(self._rest)))
        return found

    def close(
        self, exit_code: int | None, stderr: str = "", *, python: str = "Shotmill's Python"
    ) -> list[dict[str, Any]]:
        """The line that ends the answer, where the process ended without one.

        Args:
            exit_code: of the process; negative: the signal that killed it. None: not known.
            stderr: the last of what it said there.
            python: the interpreter that was started.
        """
        if self.last is not None:
            return []
        if self._rest.strip() and exit_code == 0:
            return [self._line(self._rest)]
        return [self._end(_lost(exit_code, stderr, python))]

    def late(self, limit_s: float) -> list[dict[str, Any]]:
        """The line that ends an answer which was waited for in vain."""
        what = f"Shotmill did not say anything for {limit_s:g} s"
        return [] if self.last is not None else [self._end(_error(ANSWER_LATE, what, AGAIN, retry=True))]

    def ended(self) -> list[dict[str, Any]]:
        """The line that ends an answer which the host does not want any more."""
        return [] if self.last is not None else [self._end(_error(ENDED, "the host stopped asking", ""))]

    def fail(self, line: dict[str, Any]) -> list[dict[str, Any]]:
        """An error that was found elsewhere, as the end of the answer."""
        return [] if self.last is not None else [self._end(line)]

    def _is_over(self) -> bool:
        return self.last is not None

    def _line(self, piece: bytes) -> dict[str, Any]:
        try:
            found = json.loads(piece.decode("utf-8"))
        except (ValueError, RecursionError):
            return self._end(_garbage(piece))
        if not isinstance(found, dict) or not isinstance(found.get("type"), str):
            return self._end(_garbage(piece))
        return self._end(found) if found["type"] in LAST else found

    def _end(self, line: dict[str, Any]) -> dict[str, Any]:
        self.last = line
        self._rest = b""
        return line


def value_of(line: dict[str, Any]) -> Any:
    """The value of the line that ends an answer.

    Raises:
        ClientError: it is an error.
    """
    if line.get("type") == "result" and line.get("ok") is True:
        return line.get("value")
    field = line.get("field")
    raise ClientError(
        str(line.get("code") or ANSWER_LOST[0]),
        str(line.get("message") or "Shotmill failed, and did not say why"),
        str(line.get("hint") or ""),
        slug=str(line.get("slug") or ANSWER_LOST[1]),
        field=field if isinstance(field, str) else None,
        retry=line.get("retry") is True,
    )


def not_started(python: str, reason: str) -> dict[str, Any]:
    """The line that ends an answer where the process could not be started."""
    return _error(INSTALLATION, f"Shotmill's Python {python} could not be started ({reason})", MEND)


def not_found(fault: ClientError) -> dict[str, Any]:
    """The line that ends an answer where there is nothing (any more) that could be started."""
    return _error((fault.code, fault.slug), fault.message, fault.hint)


def _lost(exit_code: int | None, stderr: str, python: str) -> dict[str, Any]:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    said = lines[-1][:SHOWN] if lines else ""
    if any(words in line for line in lines for words in NOT_INSTALLED):
        return _error(INSTALLATION, f"Shotmill is not installed (any more) where {python} is", MEND)
    how = "ended" if exit_code is None else f"ended with exit code {exit_code}"
    if exit_code is not None and exit_code < 0:
        how = f"was killed by signal {-exit_code}"
    why = f": {said}" if said else ""
    return _error(ANSWER_LOST, f"Shotmill's process {how} before it answered{why}", AGAIN, retry=True)


def _garbage(piece: bytes) -> dict[str, Any]:
    shown = ascii(piece[:SHOWN].decode("utf-8", "replace"))
    message = f"Shotmill's process said {shown}, which is no answer"
    return _error(ANSWER_LOST, message, "does SHOTMILL_PYTHON name the Python of Shotmill's environment?")


def _error(kind: tuple[str, str], message: str, hint: str, *, retry: bool = False) -> dict[str, Any]:
    code, slug = kind
    return {
        "type": "error", "code": code, "slug": slug, "message": message, "hint": hint, "field": None, "retry": retry
    }  # fmt: skip
