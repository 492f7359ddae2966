"""Shotmill in Blender: scenes to the farm, and published frames back."""

from __future__ import annotations

from importlib import import_module

# In this order they are registered; each has ``register`` and ``unregister``.
PARTS = ("state", "forms", "operators", "panel", "asking", "checking")


def register() -> None:
    """Called by Blender when the extension is enabled."""
    for part in PARTS:
        import_module(f"{__name__}.{part}").register()


def unregister() -> None:
    """Called by Blender when the extension is disabled."""
    for part in reversed(PARTS):
        import_module(f"{__name__}.{part}").unregister()
