"""A studio's own hooks and publish plug-ins: which there are, loading them, and calling hooks without trusting them.

``docs/hooks.md`` says how a studio writes them.
"""

from __future__ import annotations

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
