"""Asking Shotmill: a child process with a time limit, and its answer as one document or one sentence. Never blocks."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .config import CONFIG_FILE, Config, ConfigFaultError
from .qt import QtCore

KILL_AFTER_MS = 2000  # for a child that does not end when it is told to
SHOWN = 300  # characters of what a broken program says
NOT_FOUND = "E211"


@dataclass(frozen=True)
class Answer:
    """What Shotmill said: a document, or why there is none, with the mend, for people."""

    document: Any = None
    fault: str = ""


class Question(QtCore.QObject):
    """One question to Shotmill.

    Args:
        config: how it is reached.
        arguments: of the command, without ``--json``.
        parent: that outlives the question.
    """

    answered = QtCore.Signal(object)

    def __init__(self, config: Config, arguments: Sequence[str], parent: Any) -> None:
        super().__init__(parent)
        self._config = config
        self._arguments = [*arguments, "--json"]
        self._program = config.program[0]
        self._late = False
        self._process = QtCore.QProcess(self)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._error)
        self._timer = QtCore.QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._too_late)
        self._killer = QtCore.QTimer(self)
        self._killer.setSingleShot(True)
        self._killer.timeout.connect(self._process.kill)

    def ask(self) -> None:
        """Start the child; ``answered`` is sent once, from the event loop."""
        try:
            self._program, *before = self._config.located()
        except ConfigFaultError as fault:
            said = str(fault)  # the name of an exception is gone when its block ends
            QtCore.QTimer.singleShot(0, lambda: self._answer(Answer(fault=said)))
            return
        environment = QtCore.QProcessEnvironment()
        for name, value in self._config.child_environment(os.environ).items():
            environment.insert(name, value)
        self._process.setProcessEnvironment(environment)
        self._process.setStandardInputFile(QtCore.QProcess.nullDevice())
        self._process.start(self._program, [*before, *self._arguments])
        self._timer.start(int(self._config.timeout_s * 1000))

    def _too_late(self) -> None:
        self._late = True
        self._process.terminate()
        self._killer.start(KILL_AFTER_MS)

    def _error(self, error: Any) -> None:
        if error == QtCore.QProcess.FailedToStart:  # all others end in ``finished``
            reason = self._process.errorString()
            self._answer(Answer(fault=f"{self._program} cannot be started: {reason}; name another in {CONFIG_FILE}"))

    def _finished(self, exit_code: int, _status: Any = None) -> None:  # Qt 5 has a signal without the second, too
        out = bytes(self._process.readAllStandardOutput()).decode("utf-8", "replace")
        err = bytes(self._process.readAllStandardError()).decode("utf-8", "replace")
        if self._late:
            said = (
                f"Shotmill did not answer within {self._config.timeout_s:g} seconds; is its database or the farm down?"
            )
            self._answer(Answer(fault=f"{said} Try in a shell: {self._program} doctor"))
        elif self._process.exitStatus() != QtCore.QProcess.NormalExit:
            self._answer(Answer(fault=f"Shotmill was ended from outside; try again, or in a shell: {self._command()}"))
        else:
            self._answer(read_answer(exit_code, out, err, program=self._program))

    def _command(self) -> str:
        return " ".join([self._program, *self._arguments[:-1]])

    def _answer(self, answer: Answer) -> None:
        self._timer.stop()
        self.answered.emit(answer)
        self.deleteLater()


def read_answer(exit_code: int, out: str, err: str, *, program: str) -> Answer:
    """What a child said that came to its end."""
    if exit_code == 0:
        try:
            document = json.loads(out)
        except ValueError:
            document = None
        if isinstance(document, dict):
            return Answer(document)
        return Answer(fault=_broken(program, out or "nothing"))
    for line in reversed(err.splitlines()):
        told = _told(line)
        if told is not None:
            return Answer(fault=_sentence(told))
    last = (err.strip() or out.strip() or f"exit code {exit_code}").splitlines()[-1]
    return Answer(fault=_broken(program, last))


def _told(line: str) -> dict[str, Any] | None:
    """An error of Shotmill's own, if the line is one."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "message" in found else None


def _sentence(told: dict[str, Any]) -> str:
    parts = [str(told["message"]), str(told.get("hint") or "")]
    if told.get("code") == NOT_FOUND:
        parts.append(f"does {CONFIG_FILE} lead to the studio that submitted it?")
    return "; ".join(part for part in parts if part)


def _broken(program: str, said: str) -> str:
    return f"{program} is no Shotmill that works here ({said.strip()[:SHOWN]}); try in a shell: {program} doctor"
