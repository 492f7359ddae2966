"""Reading one question, and refusing what is none."""

from __future__ import annotations

import difflib
import json
import uuid
from typing import IO, Any, TypeVar

from pydantic import ValidationError

from ...schema import rpc as documents
from ...schema.base import Document
from ...schema.checks import MAX_DOCUMENT
from ...schema.errors import BadRequestError, ProtocolError
from ...schema.rpc import PROTOCOL, RpcRequest
from .table import OPERATIONS

SHOWN = 80
Kind = TypeVar("Kind", bound=Document)


def read_question(stream: IO[bytes]) -> bytes:
    """What the host sent: its first line where that is whole, else all until its end.

    Raises:
        BadRequestError: it is too long.
    """
    first = stream.readline(MAX_DOCUMENT + 1)
    text = first if _is_whole(first) else first + stream.read(MAX_DOCUMENT + 1)
    if len(text) > MAX_DOCUMENT:
        raise BadRequestError(f"the question has more than {MAX_DOCUMENT} bytes; ask for fewer plates at once")
    return text


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def parse_question(text: bytes) -> RpcRequest:
    """The question, checked.

    Raises:
        ProtocolError: the host speaks another version; names both.
        BadRequestError: it is no question, or not one that is known.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"the question is no JSON: {error}", hint="docs/rpc.md shows one") from error
    if not isinstance(found, dict):
        raise BadRequestError("the question must be one JSON object", hint="docs/rpc.md shows one")
    version = found.get("v")
    if version != PROTOCOL or isinstance(version, bool):
        raise ProtocolError(
            f"the host speaks version {str(version)[:SHOWN]} of the protocol, and this Shotmill speaks {PROTOCOL}",
            hint="install the host's client of this Shotmill again with shotmill install",
        )
    _check_text(found, "question")
    question = checked(RpcRequest, found)
    if question.op not in OPERATIONS:
        near = difflib.get_close_matches(question.op, OPERATIONS, n=3) or list(OPERATIONS)
        raise BadRequestError(f"there is no operation {question.op[:SHOWN]!r}; there is: {', '.join(near)}", field="op")
    _check_id(question.id)
    return question


def read_args(question: RpcRequest) -> Any:
    """The arguments of its operation.

    Raises:
        BadRequestError: names the one that is wrong.
    """
    kind: type[Document] = getattr(documents, OPERATIONS[question.op][2])
    return checked(kind, question.args)


def checked(kind: type[Kind], given: dict[str, Any]) -> Kind:
    """A document of what was sent.

    Raises:
        BadRequestError: names what is wrong with it.
    """
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        unknown = next((one for one in error.errors() if one["type"] == "extra_forbidden"), None)
        first = unknown or error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        if unknown is not None:
            near = difflib.get_close_matches(place, kind.model_fields, n=3) or list(kind.model_fields)
            reason = f"is not known; known: {', '.join(near) or 'none'}"
        raise BadRequestError(f"{place}: {reason}", field=place) from error


def _check_text(value: Any, place: str) -> None:
    """Bytes that are no text can neither be stored nor travel in a job."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise BadRequestError(
                f"{place} holds {value[:SHOWN]!a}, which is no text in UTF-8; rename the file", field=place
            )
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name, place)
            _check_text(inner, name)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner, place)


def _check_id(text: str) -> None:
    try:
        uuid.UUID(text)
    except ValueError as error:
        raise BadRequestError(
            f"id {text[:SHOWN]!r} is no UUID; make a new one for each question", field="id"
        ) from error
