"""Which operation a request asks for, and whether request and reply are as botocore's own service model says."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session
from botocore.utils import parse_timestamp
from botocore.validate import ParamValidator

from .replies import ServiceError, validation_error

Wire = dict[str, Any]
# Botocore has no types, and its lazy attributes are none that checkers understand.
OperationModel = Any
Shape = Any


@functools.cache
def service_model() -> Any:
    """Botocore's description of AWS Deadline Cloud."""
    return botocore.session.get_session().get_service_model("deadline")


@dataclass(frozen=True)
class Route:
    """Where requests of one operation arrive."""

    operation: OperationModel
    path: re.Pattern[str]
    verb: str


@functools.cache
def routes() -> tuple[Route, ...]:
    """All operations of the service."""
    found = []
    for name in service_model().operation_names:
        operation = service_model().operation_model(name)
        path = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", operation.http["requestUri"].split("?")[0])
        found.append(Route(operation, re.compile(path), operation.http["method"]))
    return tuple(found)


def find_route(verb: str, target: str) -> tuple[OperationModel, dict[str, str]]:
    """The operation that a request line asks for, and what stands in its path.

    Raises:
        ServiceError: there is no such operation.
    """
    path = urlsplit(target).path
    for route in routes():
        match = route.path.fullmatch(path) if route.verb == verb else None
        if match:
            return route.operation, {name: unquote(value) for name, value in match.groupdict().items()}
    raise validation_error(f"no operation for {verb} {path}", reason="UNKNOWN_OPERATION")


def read_request(operation: OperationModel, place: dict[str, str], target: str, headers: Wire, body: Wire) -> Wire:
    """All parameters of a request, in the service model's types.

    Raises:
        ServiceError: the model forbids them.
    """
    shape = operation.input_shape
    query = parse_qs(urlsplit(target).query)
    given: Wire = {}
    for name, member in shape.members.items():
        location = member.serialization.get("location", "")
        wire_name = member.serialization.get("name", name)
        if location == "uri":
            given[name] = place[wire_name]
        elif location == "header" and wire_name.lower() in headers:
            given[name] = headers[wire_name.lower()]
        elif location == "querystring" and wire_name in query:
            given[name] = _of_text(member, query[wire_name])
        elif not location and wire_name in body:
            given[name] = typed(member, body[wire_name])
    problem = ParamValidator().validate(given, shape)
    if problem.has_errors():
        raise validation_error(problem.generate_report(), reason="FIELD_VALIDATION_FAILED")
    if unlisted := _unlisted(shape, given, operation.name):
        raise validation_error(unlisted, reason="FIELD_VALIDATION_FAILED")
    return given


def checked_reply(operation: OperationModel, reply: Wire) -> Wire:
    """A reply, once the model allows it; this service may not say what the real one cannot."""
    shape = operation.output_shape
    problem = ParamValidator().validate(reply, shape)
    unlisted = _unlisted(shape, reply, operation.name) or _unknown(shape, reply, operation.name)
    wrong = problem.generate_report() or unlisted
    assert not wrong, f"{operation.name} may not reply {reply}: {wrong}"
    return reply


def typed(shape: Shape, value: Any) -> Any:
    """A value of a JSON body in Python's types."""
    if shape.type_name == "timestamp":
        return parse_timestamp(value)
    if shape.type_name == "list":
        return [typed(shape.member, one) for one in value]
    if shape.type_name == "map":
        return {name: typed(shape.value, one) for name, one in value.items()}
    if shape.type_name == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        members = shape.members
        return {name: typed(members[name], one) if name in members else one for name, one in value.items()}
    return value


def as_json(value: Any) -> Any:
    """What ``json.dumps`` does not know: times."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {value!r}")


def _of_text(shape: Shape, values: list[str]) -> Any:
    if shape.type_name == "list":
        return values
    return int(values[0]) if shape.type_name == "integer" else values[0]


def _children(shape: Any, value: Any, place: str) -> list[tuple[Any, Any, str]]:
    if shape.type_name == "list":
        return [(shape.member, one, f"{place}[{number}]") for number, one in enumerate(value)]
    if shape.type_name == "map":
        return [(shape.value, one, f"{place}.{name}") for name, one in value.items()]
    if shape.type_name == "structure" and not shape.is_document_type:
        known = [name for name in value if name in shape.members]
        return [(shape.members[name], value[name], f"{place}.{name}") for name in known]
    return []


def _unlisted(shape: Any, value: Any, place: str) -> str:
    """Botocore leaves enumerations and largest sizes to the service: what is wrong, or nothing."""
    if getattr(shape, "enum", None) and value not in shape.enum:
        return f"{place} is {value!r}, not one of {', '.join(shape.enum)}"
    most = shape.metadata.get("max")
    size = (
        value if shape.type_name in {"integer", "float", "double"} else len(value) if hasattr(value, "__len__") else 0
    )
    if most is not None and size > most:
        return f"{place} is {size}, at most {most} is allowed"
    return next(filter(None, (_unlisted(*child) for child in _children(shape, value, place))), "")


def _unknown(shape: Any, value: Any, place: str) -> str:
    if shape.type_name == "structure" and not shape.is_document_type:
        extra = sorted(set(value) - set(shape.members))
        if extra:
            return f"{place} has no {', '.join(extra)}"
    return next(filter(None, (_unknown(*child) for child in _children(shape, value, place))), "")


__all__ = ["ServiceError", "as_json", "checked_reply", "find_route", "read_request", "routes", "service_model"]
