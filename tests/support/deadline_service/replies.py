"""What the service says when it does not do what was asked; codes and fields are the service model's."""

from __future__ import annotations

from typing import Any


class ServiceError(Exception):
    """An error reply.

    Attributes:
        status: HTTP status.
        code: name of the exception in the service model.
        body: of the reply; ``message`` and what the model requires beside it.
    """

    def __init__(self, status: int, code: str, **body: Any) -> None:
        super().__init__(f"{code}: {body.get('message')}")
        self.status, self.code, self.body = status, code, body


def validation_error(message: str, *, reason: str = "OTHER") -> ServiceError:
    """The request is wrong."""
    return ServiceError(400, "ValidationException", message=message, reason=reason)


def not_found(kind: str, name: str) -> ServiceError:
    """There is no such thing."""
    message = f"Resource of type {kind} with id {name} does not exist."
    return ServiceError(404, "ResourceNotFoundException", message=message, resourceId=name, resourceType=kind)


def conflict(kind: str, name: str, message: str, *, status: str = "") -> ServiceError:
    """What was asked does not fit the status of a thing."""
    context = {"context": {"status": status}} if status else {}
    named = {"resourceId": name, "resourceType": kind, **context}
    return ServiceError(409, "ConflictException", message=message, reason="STATUS_CONFLICT", **named)


def throttled(retry_after_s: int = 0) -> ServiceError:
    """Too many requests."""
    more = {"retryAfterSeconds": retry_after_s} if retry_after_s else {}
    return ServiceError(429, "ThrottlingException", message="Rate exceeded", **more)


def denied() -> ServiceError:
    """The credentials do not allow it."""
    return ServiceError(403, "AccessDeniedException", message="User is not authorized to perform this operation.")


def internal_error() -> ServiceError:
    """The service failed; botocore tries again."""
    return ServiceError(500, "InternalServerErrorException", message="Internal server error.")
