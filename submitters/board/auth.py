"""Who may ask a board: requests to its own address, of its own page or of no page, with its token.

A page of another site can let a browser send requests to this machine, and by a name of its own that leads here (DNS
rebinding) even read the answers. So the host that a request names must be loopback, its origin must be the board's own,
and what it asks of the API must hold the token, which no other site knows.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...pipeline.files import storage_error
from ...schema.errors import AccessError, InputTooLargeError, ShotmillError
from .place import TOKEN_BYTES
from .problems import as_response

if TYPE_CHECKING:
    from .place import Board

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MAX_BODY = 96 << 20  # bytes: a cut of 64 MiB as JSON
TOKEN = re.compile(r"[A-Za-z0-9_-]{32,200}\Z")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS = frozenset(
    {"/", "/board.js", "/board.css", "/favicon.ico", "/openapi.json"}
)  # these hold nothing of anybody's
_OURS = frozenset({"same-origin", "none"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def read_token(path: Path) -> str:
    """The token in a file, for who comes next; one is made and written, for the owner's eyes alone, unless it is there.

    Raises:
        AccessError: what the file holds is no token, or others may read it.
        StorageError: it cannot be read or written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _known_token(path)
    except OSError as error:
        raise storage_error(path, error) from error
    made = secrets.token_urlsafe(TOKEN_BYTES)
    with os.fdopen(handle, "w") as file:
        file.write(made + "\n")
    return made


def _known_token(path: Path) -> str:
    try:
        mode, found = path.stat().st_mode, path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise storage_error(path, error) from error
    if mode & 0o077:
        raise AccessError(f"others may read the token in {path}", hint=f"chmod 600 {path}", path=path)
    if not TOKEN.match(found):
        raise AccessError(
            f"{path} holds no token: 32 letters, digits, '_' and '-', or more",
            hint=f"rm {path}; a new one is made",
            path=path,
        )
    return found


def is_token(board: Board, given: object) -> bool:
    """Whether this is the board's token; how long it takes tells nothing about it."""
    return hmac.compare_digest(str(given).encode("utf-8", "replace"), board.token.encode())


class Guard:
    """Lets through what may be asked; everything else is refused before anything looks at it.

    Args:
        inner: the application behind it.
        board: whose token is asked for.
        port: that the board listens on.
    """

    def __init__(self, inner: Any, board: Board, port: int) -> None:
        self._inner, self._board = inner, board
        self._hosts = {f"{name}:{port}" for name in LOOPBACK} | (set(LOOPBACK) if port == 80 else set())  # noqa: PLR2004 - HTTP's own
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._inner(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if refused := self._refusal(scope, headers):
            await self._refuse(refused, scope, receive, send)
            return
        await self._inner(scope, _limited(receive), _with_headers(send))

    def _refusal(self, scope: Any, headers: Mapping[str, str]) -> ShotmillError | None:
        if headers.get("host", "").lower() not in self._hosts:
            return AccessError("the board answers to its own address only, such as 127.0.0.1", status="403")
        if headers.get("origin", "") not in {"", *self._origins}:
            return AccessError("the board answers no pages of other sites", status="403")
        if headers.get("sec-fetch-site", "none") not in _OURS and scope["path"] != "/":
            return AccessError("the board answers no pages of other sites", status="403")
        if scope["type"] == "websocket" or scope["path"] in OPEN_PATHS:
            return None  # a socket tells its token first of all, see ``live``
        if not is_token(self._board, headers.get("authorization", "").removeprefix("Bearer ")):
            return AccessError(
                "the board was not told its token",
                hint="send 'Authorization: Bearer TOKEN'; it printed it",
                status="401",
            )
        if int(headers.get("content-length", "0") or 0) > MAX_BODY:
            return InputTooLargeError(f"the request is larger than {MAX_BODY >> 20} MiB")
        if self._board.read_only and scope["method"] not in READING:
            return AccessError(
                "this board was started to look only", hint="start one without --read-only", status="403"
            )
        return None

    async def _refuse(self, error: ShotmillError, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await as_response(error)(scope, receive, _with_headers(send))


def _with_headers(send: Any) -> Any:
    async def sent(message: Any) -> None:
        if message["type"] == "http.response.start":
            ours = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            known = {name for name, _value in message["headers"]}
            kept = [] if b"cache-control" in known else [(b"cache-control", b"no-store")]
            message = {**message, "headers": [*message["headers"], *ours, *kept]}
        await send(message)

    return sent


def _limited(receive: Any) -> Any:
    """What is received, cut off where somebody sends more than they said."""
    count = 0

    async def received() -> Any:
        nonlocal count
        message = await receive()
        count += len(message.get("body") or b"")
        if count > MAX_BODY:
            raise InputTooLargeError(f"the request is larger than {MAX_BODY >> 20} MiB")
        return message

    return received
