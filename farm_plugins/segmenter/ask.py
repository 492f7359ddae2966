"""Asks a home's segmenter; imports nothing heavy."""

from __future__ import annotations

import http.client
import json
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from ...schema.errors import EngineError, ShotmillError, error_kinds
from ...schema.segment import SegmentOut, SegmentRequest
from .place import HOST, Address, Place

HELLO_S = 5.0
ANSWER_S = 300.0  # the first click may load a model
MAX_ANSWER = 256 * 1024 * 1024


def living(place: Place) -> Address | None:
    """Where a segmenter is that answers; None: there is none, or another program has its port by now.

    Raises:
        ConfigError: others can read its token.
    """
    address = place.address()
    if address is None:
        return None
    try:
        status, _content = _talk(address, "GET", "/", timeout_s=HELLO_S)
    except (OSError, http.client.HTTPException):
        return None
    return address if status == http.client.OK else None


def ask(address: Address, request: SegmentRequest) -> SegmentOut:
    """The server's masks.

    Raises:
        ShotmillError: the server refused; the error is the one it met.
        EngineError: it went away, or what it answers is no answer.
    """
    try:
        status, content = _talk(address, "POST", "/segment", body=request.canonical(), timeout_s=ANSWER_S)
    except (OSError, http.client.HTTPException) as error:
        raise EngineError(
            f"the segmenter on port {address.port} broke off: {error}", hint="shotmill segment --serve"
        ) from error
    if status != http.client.OK:
        raise _as_ours(content)
    try:
        return SegmentOut.model_validate_json(content)
    except ValidationError as error:
        raise _strange(address) from error


def join(address: Address, pid: int) -> None:
    """Tell a segmenter of a host that asks it from now on; one that ends meanwhile is not told."""
    with suppress(OSError, http.client.HTTPException):  # the host meets that with its first click, which says so
        _talk(address, "POST", "/host", body=json.dumps({"pid": pid}).encode(), timeout_s=HELLO_S)


def send_away(address: Address) -> None:
    """Tell a segmenter to end.

    Raises:
        EngineError: it does not listen.
    """
    try:
        status, content = _talk(address, "POST", "/leave", body=b"{}", timeout_s=HELLO_S)
    except (OSError, http.client.HTTPException) as error:
        raise EngineError(f"the segmenter on port {address.port} does not answer: {error}") from error
    if status != http.client.OK:
        raise _as_ours(content)


def _talk(address: Address, method: str, path: str, *, body: bytes = b"", timeout_s: float) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, address.port, timeout=timeout_s)
    try:
        headers = {"Authorization": f"Bearer {address.token}", "Content-Type": "application/json"}
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        content = answer.read(MAX_ANSWER + 1)
        if len(content) > MAX_ANSWER:
            raise _strange(address)
        return answer.status, content
    finally:
        connection.close()


def _as_ours(content: bytes) -> ShotmillError:
    """The error that the server met."""
    try:
        said: dict[str, Any] = json.loads(content)
        kind = error_kinds().get(str(said["code"]), ShotmillError)
        return kind(str(said["message"]), hint=str(said.get("hint", "")), **dict(said.get("fields", {})))
    except (ValueError, KeyError, TypeError):
        return EngineError(f"the segmenter answers what is none: {content[:80]!r}", hint="shotmill segment --stop")


def _strange(address: Address) -> EngineError:
    return EngineError(
        f"the segmenter on port {address.port} answers what is none; it may be of another version",
        hint="shotmill segment --stop",
    )
