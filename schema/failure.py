"""The root of all errors, its exit codes, and a failure in one plain line, as it ends every log."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import ClassVar

# Exit codes of a task (sysexits.h). Never 33 or 137: OpenCue reads both as out of memory.
EXIT_DONE = 0
EXIT_TASK_ERROR = 1
EXIT_USAGE = 64
EXIT_BAD_DATA = 65
EXIT_UNAVAILABLE = 69
EXIT_TRY_AGAIN = 75


class ShotmillError(Exception):
    """The root of the tree.

    Args:
        message: what happened, to what, and why.
        hint: the next thing to do or the command to type; may be empty.
        fields: facts for the one-line form, such as ``frame``, ``path``, ``host``, ``attempt``.
    """

    code: ClassVar[str] = "E100"
    slug: ClassVar[str] = "error"
    exit_code: ClassVar[int] = EXIT_TASK_ERROR
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "", **fields: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fields: dict[str, str] = {name: str(value) for name, value in fields.items() if value is not None}

    def line(self, **more: object) -> str:
        """The failure in one plain line, as it ends every log.

        Args:
            more: facts known only to the caller, such as the attempt and the host.
        """
        facts = {**self.fields, **{name: str(value) for name, value in more.items() if value is not None}}
        return failure_line(
            self.code,
            self.slug,
            self.message,
            facts=facts,
            retryable=self.retryable,
            hint=self.hint,
        )


def failure_line(
    code: str,
    slug: str,
    message: str,
    *,
    facts: Mapping[str, str],
    retryable: bool,
    hint: str,
) -> str:
    """``SHOTMILL E204 input-missing frame=1042 path=... retryable=no cause="..." hint="..."``."""
    parts = [f"SHOTMILL {code} {slug}"]
    parts += [f"{name}={shlex.quote(one_line(value))}" for name, value in facts.items()]
    parts.append(f"retryable={'yes' if retryable else 'no'}")
    parts.append(f"cause={json.dumps(one_line(message), ensure_ascii=False)}")
    if hint:
        parts.append(f"hint={json.dumps(one_line(hint), ensure_ascii=False)}")
    return " ".join(parts)


def one_line(text: str) -> str:
    """Text without anything that breaks a line or drives a terminal."""
    return "".join(char if char.isprintable() else " " for char in text).strip()
