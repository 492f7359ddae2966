"""Asking Shotmill from a host."""

from __future__ import annotations

import getpass
import json
import os
import platform
import uuid
from collections.abc import Mapping
from typing import Any

from .calls import Call
from .environment import scrubbed
from .errors import BAD_REQUEST, ClientError
from .place import VARIABLE, Place, find_place

PROTOCOL = 1
# Seconds of silence after which an operation counts as lost; watching may be silent for days.
SILENT_S: dict[str, float | None] = {"watch": None, "submit": 900.0, "plan": 900.0, "cut_write": 900.0, "retry": 900.0}
USUAL_SILENT_S = 120.0


class Request:
    """One question as text.

    Attributes:
        id: a UUID; the same one again never makes a second job.
        op: what is asked for.
        text: JSON, one line.
    """

    def __init__(self, id: str, op: str, text: str) -> None:  # noqa: A002 - what the protocol calls it
        self.id = id
        self.op = op
        self.text = text

    @property
    def data(self) -> bytes:
        """What is written to the child's standard input, which is closed after it."""
        return self.text.encode("utf-8") + b"\n"


class Client:
    """Asks Shotmill for a host.

    Args:
        app: name of the host, such as ``rv``.
        version: of the host.
        python: path of Shotmill's Python; None: as the variable SHOTMILL_PYTHON or ``client.json`` says.
        environ: of the host; None: this process's own.

    Raises:
        ClientError: nothing says where Shotmill is, or it is not there.
    """

    def __init__(
        self, app: str, version: str, *, python: str | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        self._environ = dict(os.environ if environ is None else environ)
        self._given = {**self._environ, VARIABLE: python} if python else self._environ
        self.place: Place = find_place(self._given)
        self._host = {"app": app, "version": version, "python": platform.python_version(), "user": _login()}

    def command(self) -> list[str]:
        """The argv of the child, for hosts with a process class of their own, such as QProcess."""
        return [self.place.python, "-I", "-X", "utf8", "-m", "shotmill", "rpc"]

    def environment(self, environ: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of the child: the host's, without its own Python, Qt and linker paths."""
        return {**scrubbed(self._environ if environ is None else environ), **self.place.environment}

    def request(self, op: str, args: Mapping[str, Any], id: str | None = None) -> Request:  # noqa: A002 - as above
        """A question as text.

        Args:
            op: such as ``submit``.
            args: of the operation; what JSON can hold.
            id: of an earlier question, to ask the very same again; None: a new one.

        Raises:
            ClientError: the arguments are nothing that JSON can hold.
        """
        chosen = id or str(uuid.uuid4())
        document = {"v": PROTOCOL, "op": op, "id": chosen, "args": dict(args), "host": self._host}
        try:
            return Request(chosen, op, json.dumps(document, allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            code, slug = BAD_REQUEST
            message = f"{op} was asked for with something that cannot be sent: {error}"
            raise ClientError(code, message, "mend the script that asked", slug=slug) from error

    def start(self, request: Request) -> Call:
        """Ask, and return at once; ``poll`` the call from a timer. Where Shotmill is gone, the call tells that."""
        silent_s = SILENT_S.get(request.op, USUAL_SILENT_S)
        return Call(self._found, request.data, silent_s=silent_s)

    def _found(self) -> tuple[list[str], dict[str, str]]:
        """Argv and environment of a child, in the thread that starts it: disks may be slow.

        Shotmill is looked for each time: a host runs for days, and what is removed is told, what is mended works.

        Raises:
            ClientError: as when the client was made.
        """
        self.place = find_place(self._given)
        return self.command(), self.environment()

    def ask(
        self,
        op: str,
        args: Mapping[str, Any] | None = None,
        *,
        timeout: float = 60.0,
        id: str | None = None,  # noqa: A002 - as above
    ) -> Any:
        """Ask, and wait for the answer: for scripts, never in a host's own thread.

        Raises:
            ClientError: Shotmill could not do it, could not be asked, or took longer than ``timeout`` seconds.
        """
        call = self.start(self.request(op, args or {}, id))
        if not call.wait(timeout):
            call.too_late(timeout)
        return call.value


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name anywhere, as in some containers
        return ""
