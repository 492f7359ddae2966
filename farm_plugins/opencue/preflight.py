"""What a job names and a Cuebot may lack: asked for before a launch, since Cuebot says little after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...schema.errors import EngineRefusedError
from .model import CueSpec

if TYPE_CHECKING:
    from .client import CueClient


def check_site(client: CueClient, cue: CueSpec) -> None:
    """Refuse what a Cuebot lacks: most of it would be lost without a word to us.

    Raises:
        EngineRefusedError: says what there is instead.
    """
    layers = cue.jobs[0].layers
    limits = {name for layer in layers for name in layer.limits}
    services = {name for layer in layers for name in layer.services}
    check_names(client, show=cue.show, facility=cue.facility, limits=limits, services=services)


def check_names(client: CueClient, *, show: str, facility: str | None, limits: set[str], services: set[str]) -> None:
    """Refuse names that a Cuebot does not know.

    Raises:
        EngineRefusedError: says what there is instead.
    """
    active = client.is_active_show(show)
    if active is None:
        raise EngineRefusedError(
            f"OpenCue has no show {show!r}; it has: {_some(client.active_shows())}; set opencue_show, or have it "
            "created",
            field="opencue_show",
        )
    if not active:
        raise EngineRefusedError(
            f"show {show!r} is switched off on OpenCue; have it switched on, or set opencue_show",
            field="opencue_show",
        )
    if facility and not client.has_facility(facility):
        raise EngineRefusedError(
            f"OpenCue has no facility {facility!r}; set opencue_facility, or leave it empty",
            field="opencue_facility",
        )
    _check_known("limit", limits, client.limits, "opencue_limits")
    _check_known("service", services, client.services, "opencue_service")


def _check_known(word: str, wanted: set[str], known: Callable[[], list[str]], field: str) -> None:
    if not wanted:
        return
    there = known()
    if missing := sorted(wanted.difference(there)):
        raise EngineRefusedError(
            f"OpenCue has no {word} {missing[0]!r}; it has: {_some(there)}; set {field}, or have it created",
            field=field,
        )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""  # noqa: PLR2004 - as many as a line holds
    return ", ".join(names[:20]) + more or "none"
