"""Answering one question: read, check, do, tell."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ...schema.errors import BadRequestError, ProtocolError, ShotmillError
from ..studio import Studio
from .question import parse_question, read_args, read_question
from .speaker import Speaker, own_voice
from .table import OPERATIONS

DONE, FAILED, REFUSED = 0, 1, 2
ENDED = 143  # as of a shell: 128 and SIGTERM


@dataclass(frozen=True)
class Asking:
    """What an operation works with.

    Attributes:
        id: of the question.
        text: the question as it came, for the record.
    """

    studio: Studio
    speaker: Speaker
    id: str
    text: bytes


class _EndedError(BaseException):
    """The host does not want the answer any more."""


def serve(home: str | None) -> int:
    """Answer the question on standard input; the exit code: 0 done, 1 failed, 2 refused."""
    lead_group()
    signal.signal(signal.SIGTERM, _end)
    speaker = Speaker(own_voice())
    try:
        return answer(sys.stdin.buffer, speaker, Studio(home))
    except (_EndedError, KeyboardInterrupt):
        return ENDED


def lead_group() -> None:
    """Lead a group of processes, so that a host can end all of it, and its terminal's Ctrl-C ends none of it."""
    if hasattr(os, "setsid") and os.getpgid(0) != os.getpid():
        os.setsid()


def _end(_number: int, _frame: object) -> None:
    raise _EndedError


def answer(stream: IO[bytes], speaker: Speaker, studio: Studio) -> int:
    """Answer one question; the exit code."""
    try:
        text = read_question(stream)
        question = parse_question(text)
        args = read_args(question)
    except (BadRequestError, ProtocolError) as error:
        speaker.line(error_line(error))
        return REFUSED
    module, function, _args, _summary = OPERATIONS[question.op]
    try:
        operation = getattr(importlib.import_module(f"{__package__}.{module}"), function)
        value = operation(args, Asking(studio, speaker, question.id, text))
    except ShotmillError as error:
        speaker.line(error_line(error))
        return REFUSED if isinstance(error, BadRequestError) else FAILED
    except OSError as error:
        speaker.line(error_line(_as_ours(error)))
        return FAILED
    except Exception as error:  # noqa: BLE001 - the last line of defence: one line, and the traceback in a file
        speaker.line(_fault_line(error))
        return FAILED
    finally:
        studio.close()
    speaker.line({"type": "result", "ok": True, "value": value.model_dump(mode="json")})
    return DONE


def error_line(error: ShotmillError) -> dict[str, Any]:
    """An error as hosts hear it."""
    return {
        "type": "error",
        "code": error.code,
        "slug": error.slug,
        "message": error.message,
        "hint": error.hint,
        "field": error.fields.get("field"),
        "retry": error.retryable,
    }


def _as_ours(error: OSError) -> ShotmillError:
    from ...pipeline.files import storage_error

    return storage_error(Path(os.fsdecode(error.filename)) if error.filename is not None else Path("?"), error)


def _fault_line(error: Exception) -> dict[str, Any]:
    """A fault of our own: one line for the user, the traceback in a file that can be sent."""
    text = "".join(traceback.format_exception(error))
    print(text, file=sys.stderr)
    hint = "report it with what Shotmill wrote on standard error"
    try:
        handle, place = tempfile.mkstemp(prefix="shotmill-fault-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
        hint = f"report it with {place}"
    except OSError as full:
        print(f"and it could not be written down: {full}", file=sys.stderr)
    return error_line(ShotmillError(f"a fault of Shotmill itself: {type(error).__name__}: {error}", hint=hint))
