"""Kitsu: versions become comments with a status and a preview on the task of their shot or asset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....schema.errors import MissingExtraError
from ...outbox.sections import read_section
from .section import KitsuSection

if TYPE_CHECKING:
    from ...outbox.target import SecretReader, Tracker

__all__ = ["KitsuSection", "make"]


def make(name: str, section: dict[str, Any], secrets: SecretReader, timeout_s: float) -> Tracker:
    """Kitsu as a target; nothing is asked of it yet. See ``TargetMaker``.

    Raises:
        ConfigError: the section is wrong; names the key.
        SecretMissingError: the password or the token is not there.
        MissingExtraError: Kitsu's client is not installed.
    """
    read = read_section(KitsuSection, name, section)
    password = secrets(read.password) if read.password else ""
    token = secrets(read.token) if read.token else ""
    try:
        from .told import KitsuTarget  # noqa: PLC0415 - gazu is imported by those alone who have a Kitsu
        from .wire import Account, Patience, Wire  # noqa: PLC0415 - same
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"target {name!r} needs {error.name}, which is not installed", hint="pip install 'shotmill[kitsu]'"
        ) from error
    patience = Patience(timeout_s, max(timeout_s, read.preview_timeout_s))
    wire = Wire(name, read.server, Account(read.user, password, token), patience)
    return KitsuTarget(read, wire)
