"""Errors of telling trackers and chats; part of the one tree, which stands at the head of ``errors``."""

from __future__ import annotations

from .failure import EXIT_TRY_AGAIN, EXIT_UNAVAILABLE, ShotmillError


class DeliveryError(ShotmillError):
    """A tracker or a chat was not told."""

    code = "E600"
    slug = "delivery"
    exit_code = EXIT_UNAVAILABLE


class TargetUnreachableError(DeliveryError):
    """It did not answer, or not whole. What was asked of it may have happened all the same."""

    code = "E601"
    slug = "target-unreachable"
    exit_code = EXIT_TRY_AGAIN
    retryable = True


class TargetBusyError(DeliveryError):
    """It asked to be left alone for a while; nothing happened there.

    Args:
        message: as of every error.
        wait_s: seconds that it asked for; None: it did not say.
        hint: as of every error.
        fields: as of every error.
    """

    code = "E602"
    slug = "target-busy"
    exit_code = EXIT_TRY_AGAIN
    retryable = True

    def __init__(self, message: str, *, wait_s: float | None = None, hint: str = "", **fields: object) -> None:
        super().__init__(message, hint=hint, **fields)
        self.wait_s = wait_s


class TargetRefusedError(DeliveryError):
    """It said no: the same again would end the same. A person has to look."""

    code = "E603"
    slug = "target-refused"


class SecretMissingError(DeliveryError):
    """A password or a key is not where the targets file says it is."""

    code = "E604"
    slug = "secret-missing"
