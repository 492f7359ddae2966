"""Runs the submitting process and ends it when it stays silent, so that no caller loads boto3 or waits for ever."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import IO, Any, Self

from ...schema.errors import EngineRefusedError, EngineUnreachableError, ShotmillError, error_kinds
from .hire import hire
from .order import SubmitOrder

MAX_WORDS = 300
Progress = Callable[[float | None, str], None]


class Clerk:
    """The submitting process: a context manager, asked one thing after another.

    It loads what it needs as soon as it is there, which takes half a second: start it early, and do other things.
    """

    def __init__(self) -> None:
        self._process = hire()
        self._patience = _Patience(0.0, "nothing was asked", 0.0)
        self._lines, self._errors = _read(self._process.stdout), _read(self._process.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()

    def end(self) -> None:
        """End it, whatever it does, and the programs it started, such as one that signs in."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # it leads a group of its own
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def ask_queue(self, farm: str, queue: str, *, timeout_s: float, attachments: bool = False) -> None:
        """Ask what the farm says of a queue, and do not wait for it.

        Args:
            farm: its id; empty: as ``deadline config`` says.
            queue: its id; empty: as ``deadline config`` says.
            timeout_s: seconds that the answer may take.
            attachments: whether files will travel with the job, for which more gets ready.
        """
        late = f"Deadline Cloud did not answer within {timeout_s:g} seconds"
        self._patience = _Patience(timeout_s, late, time.monotonic())
        asked = {"farm": farm, "queue": queue, "timeout_s": timeout_s / 2, "attachments": attachments}
        self._send({"ask": "queue", **asked})

    def queue_facts(self) -> Mapping[str, Any]:
        """What the farm says of the queue that was asked for: ``has_attachments``.

        Raises:
            EngineUnreachableError: it took too long, or the farm did not answer.
            EngineRefusedError: the farm said no.
        """
        return self._answer(self._patience)

    def submit(
        self,
        order: SubmitOrder,
        *,
        timeout_s: float,
        moving: bool = False,
        progress: Progress = lambda _done, _message: None,
    ) -> str:
        """Submit a job; the farm's id of it.

        Args:
            order: what to submit.
            timeout_s: seconds that it may take.
            moving: whether the time begins anew with each sign of life; files may be sent for hours.
            progress: told 0..1, or None where that is not known, and a sentence.

        Raises:
            EngineUnreachableError: it took too long, or the farm did not answer.
            EngineRefusedError: the farm said no.
        """
        late = (
            f"Deadline Cloud did not take the job within {timeout_s:g} seconds; "
            "it is looked for before it is sent again"
        )
        self._send({"ask": "submit", **asdict(order)})
        answer = self._answer(_Patience(timeout_s, late, time.monotonic(), moving), progress)
        return str(answer["job"])

    def _send(self, order: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        with suppress(BrokenPipeError):  # it has ended already, and says why
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()

    def _answer(self, patience: _Patience, progress: Progress = lambda _done, _message: None) -> Mapping[str, Any]:
        end = patience.since + patience.timeout_s
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                hint = "try again; deadline_timeout_s allows more time"
                raise EngineUnreachableError(patience.late, hint=hint) from None
            if line is None:
                raise _died(self._process, self._errors)
            answer: Mapping[str, Any] = json.loads(line)
            if answer["kind"] == "result":
                return answer
            if answer["kind"] == "error":
                raise _error_from(answer, error_kinds())
            _tell(progress, answer)
            if patience.moving:
                end = time.monotonic() + patience.timeout_s


@dataclass(frozen=True)
class _Patience:
    """How long an answer may take, what is said when it does not come, and whether words put that off."""

    timeout_s: float
    late: str
    since: float
    moving: bool = False


def _tell(progress: Progress, answer: Mapping[str, Any]) -> None:
    done = answer["done"]
    progress(None if done is None else float(done), str(answer["message"]))


def _error_from(answer: Mapping[str, Any], kinds: Mapping[str, type[ShotmillError]]) -> ShotmillError:
    kind = kinds.get(str(answer["code"]), EngineRefusedError)
    return kind(str(answer["message"]), hint=str(answer["hint"]))


def _died(process: subprocess.Popen[bytes], errors: queue.Queue[bytes | None]) -> EngineRefusedError:
    """The process ended without an answer: its installation is broken, or somebody ended it."""
    code = process.wait()
    said = [line.decode(errors="replace").strip() for line in iter(errors.get, None)]
    last = next((line for line in reversed(said) if line), "it said nothing")
    return EngineRefusedError(
        f"the process that submits ended with code {code}: {last[:MAX_WORDS]}",
        hint="pip install 'shotmill[deadline]', and submit again",
    )


def _read(stream: IO[bytes] | None) -> queue.Queue[bytes | None]:
    """A queue of the lines of a stream; None when it ends."""
    lines: queue.Queue[bytes | None] = queue.Queue()

    def read() -> None:
        try:
            for line in stream or ():
                lines.put(line)
        except ValueError:
            pass  # closed: nobody listens any more
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines
