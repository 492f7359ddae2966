"""Runs the submitting process and ends it when it stays silent, so that no caller loads boto3 or waits for ever."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import IO, Any

from ...schema.errors import EngineRefusedError, EngineUnreachableError, error_kinds
from ..local.processes import end_family
from .submitting import SubmitOrder, error_from

MODULE = f"{__package__}.submitting"
MAX_WORDS = 300
Progress = Callable[[float | None, str], None]


def submit_apart(
    order: SubmitOrder,
    *,
    timeout_s: float,
    moving: bool = False,
    progress: Progress = lambda _done, _message: None,
) -> str:
    """Submit in a process of its own; the farm's id of the job.

    Args:
        order: what to submit.
        timeout_s: seconds that it may take.
        moving: whether the time begins anew with each sign of life; files may be sent for hours.
        progress: told 0..1, or None where that is not known, and a sentence.

    Raises:
        EngineUnreachableError: it took too long, or the farm did not answer.
        EngineRefusedError: the farm said no.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us; we end it
    )
    try:
        return _result(process, order, timeout_s=timeout_s, moving=moving, progress=progress)
    finally:
        if process.poll() is None:
            end_family(process, grace_s=0)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def _result(
    process: subprocess.Popen[bytes], order: SubmitOrder, *, timeout_s: float, moving: bool, progress: Progress
) -> str:
    assert process.stdin is not None  # noqa: S101 - for the type checker
    lines, errors = _read(process.stdout), _read(process.stderr)
    try:
        process.stdin.write(order.to_json().encode())
        process.stdin.close()
    except BrokenPipeError:
        pass  # it has ended already, and says why
    end = time.monotonic() + timeout_s
    while True:
        try:
            line = lines.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            raise EngineUnreachableError(
                f"Deadline Cloud did not take the job within {timeout_s:g} seconds; "
                "it is looked for before it is sent again",
                hint="try again; deadline_timeout_s allows more time",
            ) from None
        if line is None:
            raise _died(process, errors)
        answer = json.loads(line)
        if answer["kind"] == "result":
            return str(answer["job"])
        if answer["kind"] == "error":
            raise error_from(answer, error_kinds())
        _tell(progress, answer)
        if moving:
            end = time.monotonic() + timeout_s


def _tell(progress: Progress, answer: Mapping[str, Any]) -> None:
    done = answer["done"]
    progress(None if done is None else float(done), str(answer["message"]))


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
