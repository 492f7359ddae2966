"""How servers fail us: the same words for every chat and webhook, and never a secret among them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ...schema.errors import (
    SecretMissingError,
    TargetBusyError,
    TargetRefusedError,
    TargetUnreachableError,
)
from ..outbox.target import SecretReader
from .words import calm

MAX_SAID = 200  # of what a server says
LONGEST_WAIT_S = 86_400.0


@dataclass(frozen=True)
class Server:
    """A server as messages name it.

    Attributes:
        target: name of the section.
        place: host and port; never a path, which may hold a secret.
        secrets: what no message may hold.
    """

    target: str
    place: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def unreachable(self, what: str) -> TargetUnreachableError:
        """It did not answer, or not whole."""
        return TargetUnreachableError(
            f"{self.target}: {self.place} {self.said(what)}",
            hint=f"shotmill deliver tries again by itself; see whether {self.place} is up",
            target=self.target,
        )

    def busy(self, wait_s: float | None) -> TargetBusyError:
        """It asked for time."""
        asked = f" for {wait_s:.0f} s" if wait_s is not None else ""
        return TargetBusyError(
            f"{self.target}: {self.place} asked to wait{asked}",
            wait_s=wait_s,
            hint="shotmill deliver tries again by itself",
            target=self.target,
        )

    def refused(self, what: str, *, hint: str, error: str | None = None) -> TargetRefusedError:
        """It said no; ``error`` is its own word for why."""
        return TargetRefusedError(
            f"{self.target}: {self.place} {self.said(what)}",
            hint=hint,
            target=self.target,
            error=None if error is None else self.said(error),
        )

    def said(self, text: str) -> str:
        """What a server said, fit for a message: short, in one line, without our secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "...") if secret else text
        return calm(text, MAX_SAID)


def failed_how(error: BaseException) -> str:
    """What became of a connection, in words; what a library says of bad input may hold the input, and is left out."""
    if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
        return "did not answer in time"
    if isinstance(error, OSError):
        return f"cannot be reached: {error}"
    return f"did not answer whole ({type(error).__name__})"


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """Seconds that ``Retry-After`` asks for, in either of its two forms; None: it does not."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    try:
        wait_s = float(text) if text[:1].isdigit() else _seconds_until(text)
    except ValueError:
        return None
    return min(max(wait_s, 0.0), LONGEST_WAIT_S) if math.isfinite(wait_s) else None


def _seconds_until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()


def secret_of(secrets: SecretReader, reference: str, *, target: str) -> str:
    """A token that fits into a header.

    Raises:
        SecretMissingError: it is not there, or is no token.
    """
    found = secrets(reference).strip()
    if not found or not found.isascii() or not found.isprintable() or " " in found:
        raise SecretMissingError(
            f"{target}: what lies at {reference} is no token: it is empty, or holds blanks or other odd characters",
            hint=f"put the token where [{target}] of the targets file points to",
            target=target,
        )
    return found
