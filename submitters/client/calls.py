"""One question to Shotmill: a child process, read by threads, so that the host never waits."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .errors import ANSWER_LATE, ClientError
from .lines import LineReader, not_found, not_started, value_of
from .tree import end_tree, own_group

READ = 64 * 1024  # bytes, as much as a pipe holds
KEPT_ERRORS = 16 * 1024  # bytes of the end of what the child says on standard error
LAST_WORDS_S = 1.0  # that standard error is waited for, once the child is gone
LOOK_S = 0.02


class Call:
    """A question that was asked; made by ``Client.start``. Any thread may use it.

    Args:
        find: says what is to be started, and in which environment; called in the thread that starts it.
        text: what the child is asked.
        silent_s: after how many seconds of silence it counts as lost; None: never.
    """

    def __init__(
        self, find: Callable[[], tuple[list[str], dict[str, str]]], text: bytes, *, silent_s: float | None
    ) -> None:
        self._find = find
        self._text = text
        self._silent_s = silent_s
        self._heard = time.monotonic()
        self._reader = LineReader()
        self._fresh: deque[dict[str, Any]] = deque()
        self._errors = b""
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread("shotmill-ask", self._run)

    def poll(self) -> list[dict[str, Any]]:
        """Lines that came since the last poll; never waits."""
        self._look_at_clock()
        found = []
        while self._fresh:
            found.append(self._fresh.popleft())
        return found

    @property
    def done(self) -> bool:
        """Whether the last line came."""
        self._look_at_clock()
        return self._over.is_set()

    @property
    def value(self) -> Any:
        """What the question was answered with.

        Raises:
            ClientError: Shotmill could not do it, could not be asked, or has not answered yet.
        """
        last = self._reader.last
        if last is None:
            code, slug = ANSWER_LATE
            raise ClientError(code, "Shotmill has not answered yet", "poll until done", slug=slug, retry=True)
        return value_of(last)

    @property
    def pid(self) -> int | None:
        """Of the child; None: it is not started yet."""
        process = self._process
        return None if process is None else process.pid

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the last line came; for scripts, never for a host's own thread.

        Returns:
            Whether it came.
        """
        ends = None if timeout_s is None else time.monotonic() + timeout_s
        while not self.done:
            left = LOOK_S if ends is None else min(LOOK_S, ends - time.monotonic())
            if left <= 0:
                return False
            self._over.wait(left)
        return True

    def cancel(self) -> None:
        """Stop asking: the child and all its children end. A job that is submitted already goes on."""
        self._end(self._reader.ended)

    def too_late(self, limit_s: float) -> None:
        """Stop asking since nobody wants to wait longer."""
        self._end(lambda: self._reader.late(limit_s))

    def _look_at_clock(self) -> None:
        limit = self._silent_s
        if limit is not None and not self._over.is_set() and time.monotonic() - self._heard > limit:
            self.too_late(limit)

    def _end(self, line: Any) -> None:
        with self._lock:
            self._take(line())
            process = self._process
        if process is not None and process.poll() is None:
            end_tree(process.pid)

    def _run(self) -> None:
        """Start the child and read it to its end; the work of one thread."""
        try:
            command, environment = self._find()
        except ClientError as fault:
            self._fail(not_found(fault))
            return
        try:
            with self._lock:
                if self._over.is_set():
                    return
                process = self._process = _started(command, environment)
        except (OSError, ValueError) as error:
            self._fail(not_started(command[0], str(error)))
            return
        self._thread("shotmill-say", self._say, process)
        errors = self._thread("shotmill-errors", self._read_errors, process)
        assert process.stdout is not None  # noqa: S101 - it was asked for
        with process.stdout as stream:
            for chunk in iter(lambda: os.read(stream.fileno(), READ), b""):
                with self._lock:
                    self._heard = time.monotonic()
                    self._take(self._reader.feed(chunk))
        code = process.wait()
        errors.join(LAST_WORDS_S)
        with self._lock:
            self._take(self._reader.close(code, self._errors.decode("utf-8", "replace"), python=command[0]))

    def _fail(self, line: dict[str, Any]) -> None:
        with self._lock:
            self._take(self._reader.fail(line))

    def _take(self, lines: Sequence[dict[str, Any]]) -> None:
        """Hand lines on; the lock is held."""
        self._fresh.extend(lines)
        if self._reader.last is not None:
            self._over.set()

    def _say(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        try:
            process.stdin.write(self._text)
            process.stdin.close()
        except OSError:  # it is gone, and how it ended says more
            return

    def _read_errors(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None  # noqa: S101 - it was asked for
        with process.stderr as stream:
            for chunk in iter(lambda: os.read(stream.fileno(), READ), b""):
                self._errors = (self._errors + chunk)[-KEPT_ERRORS:]

    def _thread(self, name: str, target: Any, *args: Any) -> threading.Thread:
        made = threading.Thread(target=target, name=name, args=args)
        made.daemon = True  # a host that closes does not wait for it
        made.start()
        return made


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=_standing(),
        creationflags=own_group(),
        start_new_session=True,
    )


def _standing() -> str:
    """A folder that is there, however the host was started."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    return home if os.path.isdir(home) else os.path.abspath(os.sep)  # noqa: PTH100, PTH112 - as above
