"""Kinds of targets by name: those that Shotmill brings, and those of other wheels.

A wheel offers one by an entry point of the group ``shotmill.trackers``: a ``TargetMaker``. A clash of names is an error
that names both.
"""

from __future__ import annotations

import difflib
import importlib
from typing import TYPE_CHECKING

from ...schema.errors import ConfigError, MissingExtraError
from ..entrypoints import offered, owner
from .secrets import Secrets

if TYPE_CHECKING:
    from .target import Target, TargetMaker
    from .targetsfile import TargetEntry

GROUP = "shotmill.trackers"
# Where each kind's maker is, and the extra that brings its client.
KINDS = {
    "ftrack": ("..trackers.ftrack", "ftrack"),
    "shotgrid": ("..trackers.shotgrid", "shotgrid"),
    "kitsu": ("..trackers.kitsu", "kitsu"),
    "slack": ("..notify.slack", "chat"),
    "rocketchat": ("..notify.rocketchat", "chat"),
    "webhook": ("..notify.webhook", ""),
}


def kind_names() -> list[str]:
    """All kinds that a section may be of; imports none of them."""
    return sorted({*KINDS, *offered(GROUP)})


def make_target(entry: TargetEntry, secrets: Secrets) -> Target:
    """The target of a section.

    Raises:
        ConfigError: its kind is unknown or claimed twice, or the section is wrong.
        MissingExtraError: the client that it needs is not installed.
        SecretMissingError: a secret is not there.
        DeliveryError: the target was asked who it is, and did not answer or said no.
    """
    maker = _maker(entry)
    try:
        return maker(entry.name, dict(entry.section), secrets, entry.pace.timeout_s)
    except ModuleNotFoundError as error:
        raise _missing(entry, error) from error


def _maker(entry: TargetEntry) -> TargetMaker:
    others = offered(GROUP).get(entry.kind, [])
    owners = (["Shotmill itself"] if entry.kind in KINDS else []) + [owner(point) for point in others]
    if len(owners) > 1:
        raise ConfigError(
            f"target kind {entry.kind!r} is claimed by {' and '.join(owners)}", hint="pip uninstall one of them"
        )
    if not owners:
        raise ConfigError(
            f"target {entry.name!r}: there is no kind {entry.kind!r}; {_near(entry.kind)}",
            hint=f'write type = "KIND" into [{entry.name}] of the targets file',
            target=entry.name,
        )
    try:
        if others:
            found: TargetMaker = others[0].load()
            return found
        built_in: TargetMaker = importlib.import_module(KINDS[entry.kind][0], __package__).make
    except ModuleNotFoundError as error:
        raise _missing(entry, error) from error
    return built_in


def _missing(entry: TargetEntry, error: ModuleNotFoundError) -> MissingExtraError:
    extra = KINDS.get(entry.kind, ("", ""))[1]
    install = f"pip install 'shotmill[{extra}]'" if extra else f"pip install {error.name}"
    return MissingExtraError(
        f"target {entry.name!r} needs {error.name}, which is not installed", hint=install, target=entry.name
    )


def _near(kind: str) -> str:
    near = difflib.get_close_matches(kind, kind_names(), n=3)
    return f"did you mean: {', '.join(near)}" if near else f"known: {', '.join(kind_names())}"
