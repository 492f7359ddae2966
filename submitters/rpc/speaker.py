"""The lines that a host hears."""

from __future__ import annotations

import json
import os
import select
import sys
from typing import IO, Any


class Speaker:
    """Writes JSON lines to the host; a host that is gone is not an error.

    Args:
        stream: binary; nobody else writes to it.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._gone = False

    @property
    def is_heard(self) -> bool:
        """Whether somebody still listens."""
        if not self._gone and hasattr(select, "poll"):
            ear = select.poll()
            try:
                ear.register(self._stream.fileno(), 0)  # errors are always told, and a pipe without a reader is one
                self._gone = any(told & (select.POLLERR | select.POLLNVAL) for _stream, told in ear.poll(0))
            except (OSError, ValueError):  # what is no pipe or file, such as memory in a test, cannot go away
                return True
        return not self._gone

    def line(self, document: dict[str, Any]) -> None:
        """Write one line."""
        if self._gone:
            return
        try:
            self._stream.write(json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
            self._stream.flush()
        except OSError:
            self._gone = True

    def progress(self, stage: str, done: int, total: int) -> None:
        """Tell how far one stage is."""
        self.line({"type": "progress", "stage": stage, "done": done, "total": total})

    def warning(self, message: str) -> None:
        """Tell what the host's user should know."""
        self.line({"type": "warning", "message": message})


def own_voice() -> IO[bytes]:
    """Standard output for answers alone: whatever else prints, libraries included, goes to standard error."""
    sys.stdout.flush()
    voice = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return voice
