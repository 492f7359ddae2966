"""A studio's own hooks and publish plug-ins: which there are, loading them, and calling hooks without trusting them.

``docs/hooks.md`` says how a studio writes them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .calling import HookError, call_hook
    from .choice import Chosen, Offer, choose, offers
    from .loading import check_version, load
    from .value import FormSeen, HookCall, ProductSeen, VersionSeen, read_only

__all__ = [
    "Chosen",
    "FormSeen",
    "HookCall",
    "HookError",
    "Offer",
    "ProductSeen",
    "VersionSeen",
    "call_hook",
    "check_version",
    "choose",
    "load",
    "offers",
    "read_only",
]

_CHOICE = ("Chosen", "Offer", "choose", "offers")
_CALLING = ("HookError", "call_hook")
_LOADING = ("check_version", "load")


def __getattr__(name: str) -> Any:
    """Each name from its module when it is asked for: every submit chooses, few call."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = (
        "choice" if name in _CHOICE else "calling" if name in _CALLING else "loading" if name in _LOADING else "value"
    )
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
