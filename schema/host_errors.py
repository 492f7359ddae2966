"""Errors of hosts (RV, Nuke, Blender) that ask Shotmill; see the tree in ``errors``.

Their client knows them by code alone: it imports nothing of Shotmill. ``submitters/client/errors.py`` has the codes.
"""

from __future__ import annotations

from .failure import EXIT_TRY_AGAIN, EXIT_UNAVAILABLE, EXIT_USAGE, ShotmillError


class HostError(ShotmillError):
    """A host could not ask Shotmill."""

    code = "E700"
    slug = "host"


class InstallationError(HostError):
    """Shotmill is not, or not any more, where the host looks for it."""

    code = "E701"
    slug = "installation"
    exit_code = EXIT_UNAVAILABLE


class ProtocolError(HostError):
    """The host's client and Shotmill speak different versions."""

    code = "E702"
    slug = "protocol"
    exit_code = EXIT_USAGE


class AnswerLostError(HostError):
    """Shotmill's process ended without an answer, or said something that is none."""

    code = "E703"
    slug = "answer-lost"
    exit_code = EXIT_TRY_AGAIN
    retryable = True


class AnswerLateError(HostError):
    """No answer came in time."""

    code = "E704"
    slug = "answer-late"
    exit_code = EXIT_TRY_AGAIN
    retryable = True


class EndedByHostError(HostError):
    """The host stopped asking before the answer came."""

    code = "E705"
    slug = "ended-by-host"
