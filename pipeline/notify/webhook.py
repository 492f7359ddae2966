"""Webhooks: each fact as one signed POST of JSON, for whatever else wants to know.

The receiver tells tries of one fact by ``Idempotency-Key``; all of them carry the same bytes. The signature is
HMAC-SHA256 over the timestamp, a dot and the body.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ...schema.errors import SecretMissingError
from ...schema.webhooks import WebhookOut
from ..outbox.letter import FactKind, Letter
from ..outbox.sections import SecretRef, TargetSection, read_section
from ..outbox.target import Checked, SecretReader
from .document import document_of
from .faults import Server, failed_how, wait_asked
from .sections import WebUrl

SIGNATURE, TIMESTAMP = "Shotmill-Signature", "Shotmill-Timestamp"
KEY, FACT = "Idempotency-Key", "Shotmill-Fact"
SCHEME = "v1="
MIN_SECRET = 16  # characters; shorter ones are guessed
OK, REDIRECTS, REFUSALS, SERVER_ERRORS = 200, 300, 400, 500
TIMED_OUT, TOO_EARLY, TOO_MANY, UNAVAILABLE = 408, 425, 429, 503


class WebhookSection(TargetSection):
    """Somebody who listens.

    Attributes:
        url: where facts are posted; no message repeats its path, which may be a secret.
        secret: what the signature is made with, such as ``env:WEBHOOK_SECRET``.
        insecure: whether plain http is allowed to other machines.
        facts: what is told there.
    """

    url: WebUrl
    secret: SecretRef
    insecure: bool = False
    facts: frozenset[FactKind] = Field(default=frozenset(FactKind))

    @model_validator(mode="after")
    def _check_url(self) -> Self:
        parts = urlsplit(self.url)
        if not parts.hostname or parts.username or parts.password or any(char <= " " for char in self.url):
            raise ValueError("the url names a host, and holds no user, password or blank")
        if parts.scheme == "http" and not self.insecure and not _is_loopback(parts.hostname):
            raise ValueError("the url is plain http, which anybody on the way can read; use https, or insecure = true")
        return self


def make(name: str, section: dict[str, Any], secrets: SecretReader, timeout_s: float) -> Webhook:
    """A target from its section of the targets file; see ``TargetMaker``."""
    found = read_section(WebhookSection, name, section)
    secret = secrets(found.secret)
    if len(secret) < MIN_SECRET:
        raise SecretMissingError(
            f"{name}: the secret at {found.secret} has less than {MIN_SECRET} characters",
            hint="make one by: python3 -c 'import secrets; print(secrets.token_hex(32))'",
            target=name,
        )
    parts = urlsplit(found.url)
    server = Server(name, parts.netloc, (secret, *filter(lambda path: path != "/", (parts.path, parts.query))))
    return Webhook(found, server, secret.encode(), timeout_s)


class Webhook:
    """One URL."""

    def __init__(self, section: WebhookSection, server: Server, secret: bytes, timeout_s: float) -> None:
        self._section = section
        self._server = server
        self._secret = secret
        self._timeout_s = timeout_s

    @property
    def takes(self) -> frozenset[FactKind]:
        """The facts of its section."""
        return self._section.facts

    def ensure(self, letter: Letter) -> str:
        """Post a fact; the receiver drops what it had before, by its key."""
        body = document_of(letter).canonical()
        key = letter.fact
        if letter.kind is FactKind.JOB:  # one fact with many states: each is news, but told twice it is not
            key += f":{hashlib.sha256(body).hexdigest()[:16]}"
        self._post(body, key=key, fact=letter.fact)
        return key

    def check(self) -> Checked:
        """Post a ping, signed as facts are."""
        body = WebhookOut(target=self._server.target, kind="ping", fact="ping").canonical()
        status = self._post(body, key=f"ping:{time.time_ns()}", fact="ping")
        return Checked(self._server.place, "a signed ping", (f"answered {status}",))

    def close(self) -> None:
        """Nothing is held: each post has a connection of its own."""

    def _post(self, body: bytes, *, key: str, fact: str) -> int:
        now = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "shotmill",
            KEY: key,
            FACT: fact,
            TIMESTAMP: now,
            SIGNATURE: signature(self._secret, now, body),
        }
        parts = urlsplit(self._section.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection = kind(parts.hostname or "", parts.port, timeout=self._timeout_s)
            try:
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                self._judge(answer.status, dict(answer.headers.items()))
                return answer.status
            finally:
                connection.close()
        except (OSError, HTTPException, ValueError) as error:
            raise self._server.unreachable(failed_how(error)) from None

    def _judge(self, status: int, headers: Mapping[str, str]) -> None:
        """Raises: DeliveryError: what the answer means, unless it is a yes."""
        if OK <= status < REDIRECTS:
            return
        wait_s = wait_asked(headers)
        if status == TOO_MANY or (status == UNAVAILABLE and wait_s is not None):
            raise self._server.busy(wait_s)
        if status >= SERVER_ERRORS or status in {TIMED_OUT, TOO_EARLY} or status < OK:
            raise self._server.unreachable(f"answered {status}")
        section = f"[{self._server.target}] of the targets file"
        if REDIRECTS <= status < REFUSALS:
            hint = f"redirects are not followed: put the final address as 'url' of {section}"
        else:
            hint = f"see the receiver's log; mend 'url' or 'secret' of {section}; then shotmill outbox retry"
        raise self._server.refused(f"answered {status}", hint=hint, error=str(status))


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """What ``Shotmill-Signature`` holds."""
    return SCHEME + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
