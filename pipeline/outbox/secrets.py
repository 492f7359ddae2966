"""Secrets of targets, by reference: ``env:VARIABLE`` or ``keyring:SERVICE/USER``. Only the delivery worker has them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...schema.errors import ConfigError, MissingExtraError, SecretMissingError

HIDDEN = "[secret]"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # anything else behind env: may be the secret itself
SHORTEST = 4  # characters; shorter ones would be found in any text


class Secrets:
    """Resolves references, and takes what it resolved out of any text.

    Args:
        environ: the environment of the worker.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known: set[str] = set()

    def __call__(self, reference: str) -> str:
        """The secret that a reference means.

        Raises:
            SecretMissingError: it is not there; names the reference.
            MissingExtraError: it is in a keyring, and the package that reads those is not installed.
            ConfigError: this is no reference; the text is not repeated, since it may be the secret itself.
        """
        scheme, _, rest = reference.partition(":")
        if scheme == "env" and _VARIABLE.fullmatch(rest):
            found = self._environ.get(rest)
        elif scheme == "keyring" and all(rest.rpartition("/")):
            found = _from_keyring(reference, *rest.rsplit("/", 1))
        else:
            raise ConfigError("a secret is named by env:VARIABLE or keyring:SERVICE/USER; this one is not")
        if not found:
            where = f"the variable {rest} is not set" if scheme == "env" else "the keyring does not have it"
            raise SecretMissingError(f"secret {reference}: {where}", hint=_mend(scheme, rest), reference=reference)
        self._known.add(found)
        return found

    def hide(self, text: str) -> str:
        """A text without any secret that was resolved: what servers answer may repeat what they were sent."""
        for secret in sorted(self._known.copy(), key=len, reverse=True):
            if len(secret) >= SHORTEST:
                text = text.replace(secret, HIDDEN)
        return text


def _from_keyring(reference: str, service: str, user: str) -> str | None:
    try:
        import keyring  # noqa: PLC0415 - only who keeps secrets there has it
        from keyring.errors import KeyringError  # noqa: PLC0415 - same
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"secret {reference} needs keyring, which is not installed", hint="pip install keyring"
        ) from error
    try:
        return keyring.get_password(service, user)
    except KeyringError as error:
        raise SecretMissingError(
            f"secret {reference}: the keyring of this machine does not open ({type(error).__name__})",
            hint="a service has no keyring of a desktop; use env:VARIABLE there",
            reference=reference,
        ) from error


def _mend(scheme: str, rest: str) -> str:
    if scheme == "env":
        return f"set {rest} in the environment of who runs shotmill deliver"
    service, user = rest.rsplit("/", 1)
    return f"keyring set {service} {user}"
