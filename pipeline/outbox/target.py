"""Who is told: the protocols of targets, and what they answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from .letter import FactKind, Letter
from .pulled import Pulled


@dataclass(frozen=True, slots=True)
class Checked:
    """What a target says when it is asked whether it would take a letter.

    Attributes:
        who: whom it knows us as.
        lines: what was looked at, one line each, for people.
    """

    server: str
    who: str
    lines: tuple[str, ...] = ()


class Target(Protocol):
    """A tracker, a chat or a webhook. One object serves one worker, letter by letter; it is never shared.

    Every method raises, and nothing else than:
        TargetUnreachableError: no answer, or half of one; what was asked may have happened.
        TargetBusyError: it asked to wait; nothing happened.
        TargetRefusedError: it said no.
    """

    @property
    def takes(self) -> frozenset[FactKind]:
        """The facts that it wants to hear of."""
        ...

    def ensure(self, letter: Letter) -> str:
        """Make the fact known there, or find that it is.

        Called again after any failure, and after a success whose answer was lost: it leaves one of everything. Where
        the target lets no id be chosen, it is looked for first if ``letter.attempts`` is not 0.

        Returns:
            What the target calls it.
        """
        ...

    def check(self) -> Checked:
        """Ask who we are there, and change nothing."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class Tracker(Target, Protocol):
    """A target that knows the production too."""

    def pull(self, project: str | None) -> Iterator[Pulled]:
        """What it knows of a project, or of all: projects first, then sequences, shots, assets, tasks; people anywhere.

        Args:
            project: code of the project; None: all that we may see.
        """
        ...


class TargetMaker(Protocol):
    """What an entry point of ``shotmill.trackers`` names: makes a target from its section of the targets file."""

    def __call__(self, name: str, section: dict[str, Any], secrets: SecretReader, timeout_s: float) -> Target:
        """A target.

        Args:
            name: of the section: what the setting ``targets`` calls it.
            section: its settings, as they stand in the file; the maker validates them, see ``read_section``.
            secrets: resolves a reference such as ``env:FTRACK_API_KEY`` to its value.
            timeout_s: how long one call may take.

        Raises:
            ConfigError: the section is wrong; names the key.
            SecretMissingError: a secret is not there.
        """
        ...


class SecretReader(Protocol):
    """Resolves references to secrets."""

    def __call__(self, reference: str) -> str:
        """The secret.

        Raises:
            SecretMissingError: it is not there.
            ConfigError: this is no reference; the text is not repeated, since it may be the secret itself.
        """
        ...
