"""Errors as HTTP tells them: a status, and the error of our tree as JSON."""

from __future__ import annotations

import errno
import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Route

from ...pipeline.files import storage_error
from ...schema import errors
from ...schema.errors import ShotmillError
from ...schema.output import ErrorOut
from .documents import Problem

LOG = logging.getLogger(__name__)
# The first class that an error is one of decides.
STATUSES: tuple[tuple[type[ShotmillError], int], ...] = (
    (errors.AccessError, 403),
    (errors.NotFoundError, 404),
    (errors.UnknownJobTypeError, 422),
    (errors.InputTooLargeError, 413),
    (errors.BadRequestError, 422),
    (errors.MachineError, 422),
    (errors.WeightsError, 422),
    (errors.MissingExtraError, 501),
    (errors.NotAllowedError, 403),
    (errors.DiskFullError, 507),
    (errors.DatabaseDamagedError, 500),
    (errors.DatabaseError, 503),
    (errors.StorageError, 500),
    (errors.EngineUnreachableError, 503),
    (errors.EngineError, 409),
    (errors.PublishError, 409),
)
TOLD = {status: {"model": Problem} for status in (400, 401, 403, 404, 409, 413, 422, 500, 501, 503, 507)}


def status_of(error: ShotmillError) -> int:
    """The HTTP status of an error."""
    if "status" in error.fields:  # whoever refuses at the door knows better
        return int(error.fields["status"])
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def error_out(error: ShotmillError) -> ErrorOut:
    """An error as ``--json`` prints it."""
    fields = {name: value for name, value in error.fields.items() if name != "status"}
    return ErrorOut(
        code=error.code,
        slug=error.slug,
        message=error.message,
        hint=error.hint,
        fields=fields,
        retryable=error.retryable,
    )


def as_response(error: ShotmillError) -> JSONResponse:
    """An error as an answer."""
    status = status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004 - HTTP's own
    return JSONResponse(Problem(error=error_out(error)).model_dump(mode="json"), status, headers)


def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ShotmillError)  # noqa: S101 - registered for these
    return as_response(error)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - same
    first: dict[str, Any] = next(iter(error.errors()), {"loc": ("body",), "msg": "it is not valid"})
    where = ".".join(str(part) for part in first["loc"] if part not in {"body", "query", "path"}) or "body"
    return as_response(errors.ParamsError(f"{where[:200]}: {str(first['msg'])[:300]}", field=where[:200]))


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - same
    known = {404: "there is no such address", 405: "this address does not take that method"}
    made = errors.BadRequestError(
        known.get(error.status_code, str(error.detail)), hint="GET /openapi.json", status=error.status_code
    )
    answer = as_response(made)
    answer.headers.update(error.headers or {})
    if "allow" in answer.headers:  # it names those of the first route alone
        answer.headers["allow"] = ", ".join(_methods(request))
    return answer


def _methods(request: Request) -> list[str]:
    """All that an address takes."""
    mine = [
        route for route in request.app.routes if isinstance(route, Route) and route.path_regex.match(request.url.path)
    ]
    return sorted({method for route in mine for method in route.methods or ()})


def _system(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OSError)  # noqa: S101 - same
    from pathlib import Path  # noqa: PLC0415 - one use

    place = Path(str(error.filename or "the disk"))
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.EISDIR}:
        return as_response(errors.BadRequestError(f"{str(place)[:200]!r}: {(error.strerror or str(error)).lower()}"))
    return as_response(storage_error(place, error))


def _fault(_request: Request, error: Exception) -> JSONResponse:
    LOG.error("a fault of the board itself", exc_info=error)
    return as_response(ShotmillError(f"a fault of the board itself: {type(error).__name__}", hint="its log has more"))


def tell_problems(app: FastAPI) -> None:
    """Let an application answer with our errors."""
    kinds: dict[type[Exception], Any] = {
        ShotmillError: _ours,
        RequestValidationError: _invalid,
        HTTPException: _http,
        OSError: _system,
        Exception: _fault,
    }
    for kind, handler in kinds.items():
        app.add_exception_handler(kind, handler)
